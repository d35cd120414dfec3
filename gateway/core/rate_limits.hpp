// gateway/core/rate_limits.hpp: how much anybody may ask, kept as one moment for each who asks (GCRA).
//
// A bucket of `quota` requests that fills up again within `window`, for each class of routes and each user, or each
// address where nobody is signed in. One of several gateways gives a share of it away, so that all of them together
// give, in any time t, at most quota * (1 + t / window) requests, and one more for each gateway but the first
// (rounding). A client that always meets the same gateway gets that share only.
//
// Memory is fixed. Where a new name finds its four places taken, the one that is nearest to a full bucket is
// forgotten, so nobody is helped by it whose own bucket is empty: to make theirs be forgotten they need four others
// that are emptier and fall together with it, by a hash whose key they don't know. That takes about as many users or
// addresses as the table has places, and who has those has as many buckets anyway.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/core/client_address.hpp"
#include "infra/crypto/short_hash.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku::gateway {

struct Problem;

enum class RateClass : std::uint8_t {
    unlimited,  ///< what operators and programs read: health, metrics, keys, contract
    auth,       ///< registering, logging in, refreshing: by address
    login,      ///< tries at one account's password, from anywhere
    command,    ///< what changes something: by user
    read,       ///< what doesn't: by user
    stream,     ///< WebSockets by address, streams of answers by user
    denied,     ///< tokens that aren't believed, or don't suffice: by address
};
inline constexpr std::size_t rate_classes = 7;
std::string_view to_string(RateClass rate);

struct RatePolicy {
    std::int64_t quota = 0;  ///< 0: no limit
    std::chrono::seconds window{60};
};

struct RateSettings {
    std::array<RatePolicy, rate_classes> policies;
    int gateways = 1;            ///< that share the work
    std::size_t sets = 1 << 16;  ///< of four places, 64 bytes; a power of two

    /// What is in force if nobody says otherwise.
    static RateSettings usual();

    /// "off", or changes to the usual: "auth=120/60,read=0": quota per seconds, 0 for no limit; "all" for every class.
    /// The error says what is wrong.
    static std::expected<RateSettings, std::string> parse(std::string_view text);
};

/// Used on the io thread only.
class RateLimits {
public:
    using Clock = std::chrono::steady_clock;

    /// Whether one more is allowed, and how it stands after it.
    struct Verdict {
        RateClass rate = RateClass::unlimited;
        bool allowed = true;
        std::int64_t remaining = 0;
        std::chrono::seconds full_in{0};
        std::chrono::seconds retry_in{0};  ///< if it isn't allowed; at least 1
    };

    explicit RateLimits(const RateSettings& settings);

    /// Takes one out of the bucket of `who`, if there is one.
    Verdict take(RateClass rate, const Uuid& who, Clock::time_point now);
    /// The bucket of an address is that of its network: a /64 of IPv6.
    Verdict take(RateClass rate, const ClientAddress& from, Clock::time_point now);
    /// Looks whether one is there, and leaves it.
    Verdict look(RateClass rate, const ClientAddress& from, Clock::time_point now);

    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11).
    void tell(const Verdict& verdict, std::vector<std::pair<std::string_view, std::string>>& headers) const;

    /// 429, with `Retry-After`. Doesn't hold the headers of `tell`.
    [[nodiscard]] static Problem refusal(const Verdict& verdict);

    /// Buckets that were not full and had to make room.
    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

private:
    struct Place {
        std::uint64_t name = 0;    // 0: nobody's
        std::int64_t full_at = 0;  // nanoseconds of Clock
    };
    struct alignas(64) Set {
        std::array<Place, 4> places;
    };
    struct Share {
        std::int64_t quota = 0;
        std::int64_t interval = 0;  // nanoseconds between two requests for ever
        std::string policy;         // the header's value
    };

    Verdict decide(RateClass rate, char kind, const std::array<std::uint8_t, 16>& who, Clock::time_point now,
                   bool take);
    Place* find(std::uint64_t name);
    Place& make(std::uint64_t name, std::int64_t now);

    crypto::ShortHash hash_;
    std::array<Share, rate_classes> shares_;
    std::vector<Set> sets_;
    std::uint64_t forgotten_ = 0;
};

}  // namespace kiroku::gateway
