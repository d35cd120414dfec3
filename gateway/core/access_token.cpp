// gateway/core/access_token.cpp: the short-lived ES256 tokens that say who asks.
//
// A token is believed only if its header is, byte for byte, the one that we write for one of our own keys. So nothing
// in a header is ever interpreted: no algorithm is chosen by it, no key fetched for it, and `none`, HS256 or extra
// members simply are not ours.
#include "gateway/core/access_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <unordered_map>

#include "infra/crypto/base64url.hpp"
#include "infra/crypto/key_set.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::size_t most_bytes = 8 * 1024;

std::int64_t seconds_of(Instant instant) {
    return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

std::string header_for(const crypto::SigningKey& key) {
    return crypto::base64url(fmt::format(R"({{"alg":"ES256","typ":"at+jwt","kid":"{}"}})", key.id()));
}

struct HashFingerprint {
    std::size_t operator()(const crypto::Fingerprint& print) const noexcept {
        std::size_t hash = 0;
        std::memcpy(&hash, print.data(), sizeof hash);
        return hash;
    }
};

}  // namespace

struct AccessTokens::Remembered {
    struct Header {
        std::string text;
        const crypto::SigningKey* key;
    };
    std::vector<Header> headers;  // the one that we write comes first
    std::unordered_map<crypto::Fingerprint, Caller, HashFingerprint> callers;
    std::deque<std::pair<std::string, std::string>> issued;  // signed part and signature, latest first
    crypto::Secret print_key = crypto::Secret::random();
    Instant next_sweep{};

    const std::string& signature_of(const std::string& part, const crypto::SigningKey& key, std::size_t most) {
        const auto before = std::ranges::find(issued, part, [](const auto& one) { return one.first; });
        if (before != issued.end()) return before->second;
        issued.emplace_front(part, crypto::base64url(key.sign(part)));
        if (issued.size() > most) issued.pop_back();
        return issued.front().second;
    }

    void make_room(std::size_t most, Instant now) {
        if (callers.size() < most) return;
        if (now >= next_sweep) {
            std::erase_if(callers, [&](const auto& entry) { return entry.second.expires <= now; });
            next_sweep = now + std::chrono::seconds{1};
        }
        if (callers.size() >= most) callers.erase(callers.begin());
    }
};

AccessTokens::AccessTokens(const crypto::KeySet& keys, Settings settings)
    : settings_{std::move(settings)}, keys_{keys}, remembered_{std::make_unique<Remembered>()} {
    for (const auto& key : keys_.verifying()) remembered_->headers.push_back({header_for(key), &key});
}

AccessTokens::~AccessTokens() = default;

std::string AccessTokens::issue(const Caller& caller, Instant issued_at) {
    const std::int64_t now = seconds_of(issued_at);
    const identity::AccessToken claims{
        .iss = settings_.issuer,
        .aud = settings_.audience,
        .sub = caller.user,
        .sid = caller.session,
        .iat = now,
        .exp = now + settings_.life.count(),
        .zoneinfo = caller.timezone,
        .roles = caller.roles,
        .org = caller.organization.empty() ? std::nullopt : std::optional{caller.organization}};
    const std::string part = remembered_->headers.front().text + "." + crypto::base64url(json::encode(claims));
    return part + "." + remembered_->signature_of(part, keys_.signing(), settings_.most_issued_remembered);
}

std::expected<Caller, TokenProblem> AccessTokens::verify(std::string_view token, Instant now) {
    if (token.size() > most_bytes) return std::unexpected(TokenProblem::malformed);
    const auto print = crypto::fingerprint(remembered_->print_key, token);
    if (const auto known = remembered_->callers.find(print); known != remembered_->callers.end()) {
        if (now < known->second.expires + settings_.leeway) return known->second;
        return std::unexpected(TokenProblem::expired);
    }
    auto caller = check(token, now);
    if (!caller) return caller;
    remembered_->make_room(settings_.most_remembered, now);
    remembered_->callers.emplace(print, *caller);
    return caller;
}

std::expected<Caller, TokenProblem> AccessTokens::check(std::string_view token, Instant now) const {
    const auto first = token.find('.');
    const auto second = token.find('.', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) return std::unexpected(TokenProblem::malformed);
    const auto header = std::ranges::find(remembered_->headers, token.substr(0, first), &Remembered::Header::text);
    if (header == remembered_->headers.end()) return std::unexpected(TokenProblem::unknown_header);
    const auto signature = crypto::from_base64url(token.substr(second + 1));
    const auto payload = crypto::from_base64url(token.substr(first + 1, second - first - 1));
    if (!signature || !payload) return std::unexpected(TokenProblem::malformed);
    if (!header->key->verify(token.substr(0, second), *signature))
        return std::unexpected(TokenProblem::wrong_signature);
    const auto claims = json::decode<identity::AccessToken>(*payload);
    if (!claims || claims->iss != settings_.issuer || claims->aud != settings_.audience) {
        return std::unexpected(TokenProblem::wrong_claims);
    }
    if (claims->iat > seconds_of(now + settings_.leeway)) return std::unexpected(TokenProblem::not_yet_valid);
    const Instant expires{std::chrono::seconds{claims->exp}};
    if (now >= expires + settings_.leeway) return std::unexpected(TokenProblem::expired);
    return Caller{claims->sub, claims->sid, claims->zoneinfo, claims->roles, expires, claims->org.value_or("")};
}

}  // namespace kiroku::gateway
