// gateway/core/etag.cpp: the tag by which a copy of what was answered is known.
#include "gateway/core/etag.hpp"

#include <fmt/format.h>

#include <charconv>

#include "infra/crypto/base64url.hpp"
#include "infra/crypto/secret.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::size_t tag_bytes = 15;  // of a hash of 32: no two answers share them by chance

std::string_view without_weakness(std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; }

/// The next entity tag of a list, with its quotes; empty: there is none. What isn't one is passed over.
std::string_view take_tag(std::string_view& list) {
    const auto begin = list.find('"');
    if (begin == std::string_view::npos) return list = {};
    const auto end = list.find('"', begin + 1);
    if (end == std::string_view::npos) return list = {};
    const auto tag = list.substr(begin, end - begin + 1);
    list.remove_prefix(end + 1);
    return tag;
}

}  // namespace

std::string content_tag(std::string_view body) {
    const auto digest = crypto::sha256(body);
    return fmt::format("W/\"{}\"", crypto::base64url(crypto::view(digest).substr(0, tag_bytes)));
}

std::string version_tag(std::int64_t version, bool incomplete) {
    return fmt::format("\"{}{}\"", version, incomplete ? "-incomplete" : "");
}

std::string tag_after(const std::vector<log::ReplyEvent>& events) {
    return events.empty() ? std::string{} : version_tag(events.back().version.value);
}

bool names(std::string_view if_none_match, std::string_view tag) {
    if (if_none_match == "*") return true;
    const auto wanted = without_weakness(tag);
    while (!if_none_match.empty()) {
        const auto one = take_tag(if_none_match);
        if (!one.empty() && one == wanted) return true;
    }
    return false;
}

std::optional<Precondition> read_if_match(std::string_view text) {
    if (text == "*") return Precondition{};
    constexpr std::int64_t no_version = -1;
    const bool weak = text.starts_with("W/");
    auto rest = without_weakness(text);
    const auto tag = take_tag(rest);
    if (tag.empty() || tag.size() != without_weakness(text).size()) return std::nullopt;
    std::int64_t version = 0;
    const auto digits = tag.substr(1, tag.size() - 2);
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    const bool whole = failed == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
    return Precondition{whole && !weak ? version : no_version};
}

}  // namespace kiroku::gateway
