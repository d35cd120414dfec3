// gateway/core/guests.cpp: how many connections each address has, so that nobody takes all of them.
#include "gateway/core/guests.hpp"

namespace kiroku::gateway {

std::size_t Guests::Hash::operator()(const ClientAddress& address) const {
    return hash({reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()});
}

std::shared_ptr<const void> Guests::seat(const ClientAddress& from) {
    auto& taken = (*seats_)[from.network()];
    if (const auto shared = taken.lock()) {
        const auto others = static_cast<std::size_t>(shared.use_count()) - 1;
        return others < most_ ? shared : nullptr;
    }
    const std::shared_ptr<const void> first{
        static_cast<const void*>(seats_.get()),
        [seats = seats_, network = from.network()](const void*) { seats->erase(network); }};
    taken = first;
    return first;
}

}  // namespace kiroku::gateway
