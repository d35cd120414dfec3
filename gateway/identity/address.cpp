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
                      is_plain_text(address) && !has_invisible(address, false);
    if (!fits) return std::nullopt;
    return address;
}

bool has_invisible(std::string_view text, bool joiners) {
    const auto range = [&](std::string_view before, unsigned char first, unsigned char last) {
        for (auto at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
            const auto next = static_cast<unsigned char>(text.substr(at + before.size()).front());
            const bool joins = before == "\xE2\x80" && (next == 0x8C || next == 0x8D);
            if (next >= first && next <= last && !(joiners && joins)) return true;
        }
        return false;
    };
    return range("\xC2", 0xAD, 0xAD) || range("\xCD", 0x8F, 0x8F) || range("\xD8", 0x9C, 0x9C) ||  // soft hyphen, …
           range("\xE2\x80", 0x8B, 0x8F) || range("\xE2\x80", 0xA8, 0xAE) ||  // of no width, of lines and direction
           range("\xE2\x81", 0xA0, 0xAF) || range("\xEF\xBB", 0xBF, 0xBF) ||  // joiners of words, marks of byte order
           range("\xF3\xA0", 0x80, 0x81);                                     // tags
}

EmailClaimId claim_on(std::string_view normal_address, const crypto::Secret& key) {
    return EmailClaimId{crypto::keyed_uuid(key, normal_address)};
}

}  // namespace kiroku::gateway
