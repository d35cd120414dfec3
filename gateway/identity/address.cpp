// gateway/identity/address.cpp: when two e-mail addresses are the same one.
#include "gateway/identity/address.hpp"

#include <algorithm>

#include "gateway/core/target.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::size_t most_bytes = 254;
constexpr std::size_t most_local_bytes = 64;
constexpr std::string_view blank = " \t\r\n";

bool is_domain(std::string_view domain) {
    return domain.find('.') != std::string_view::npos && !domain.starts_with('.') && !domain.ends_with('.') &&
           domain.find("..") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> normal_address(std::string_view typed) {
    const auto begin = typed.find_first_not_of(blank);
    if (begin == std::string_view::npos) return std::nullopt;
    std::string address{typed.substr(begin, typed.find_last_not_of(blank) - begin + 1)};
    std::ranges::transform(address, address.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    const auto at = address.find('@');
    const bool fits = address.size() <= most_bytes && at != std::string::npos && at > 0 && at <= most_local_bytes &&
                      address.find('@', at + 1) == std::string::npos &&
                      is_domain(std::string_view{address}.substr(at + 1)) && address.find(' ') == std::string::npos &&
                      is_plain_text(address);
    if (!fits) return std::nullopt;
    return address;
}

EmailClaimId claim_on(std::string_view normal_address, const crypto::Secret& key) {
    return EmailClaimId{crypto::keyed_uuid(key, normal_address)};
}

}  // namespace kiroku::gateway
