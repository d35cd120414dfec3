// gateway/core/guests.hpp: how many connections each address has, so that nobody takes all of them.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>

#include "gateway/core/client_address.hpp"
#include "infra/crypto/short_hash.hpp"

namespace kiroku::gateway {

/// Used on the io thread only.
class Guests {
public:
    explicit Guests(std::size_t most) : most_{most} {}

    /// A seat for one more of that network, which is free again when it is dropped (also after this object went); null:
    /// they have as many as they may.
    [[nodiscard]] std::shared_ptr<const void> seat(const ClientAddress& from);

private:
    struct Hash {
        std::size_t operator()(const ClientAddress& address) const;
        crypto::ShortHash hash;
    };
    using Seats = std::unordered_map<ClientAddress, std::weak_ptr<const void>, Hash>;

    std::size_t most_;
    std::shared_ptr<Seats> seats_ = std::make_shared<Seats>();
};

}  // namespace kiroku::gateway
