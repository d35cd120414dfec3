// gateway/core/rate_limits.cpp: how much anybody may ask, kept as one moment for each who asks (GCRA).
#include "gateway/core/rate_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "gateway/core/problem.hpp"

namespace kiroku::gateway {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::array all_classes{RateClass::unlimited, RateClass::auth,   RateClass::login, RateClass::command,
                                 RateClass::read,      RateClass::stream, RateClass::denied};
static_assert(all_classes.size() == rate_classes);

constexpr std::int64_t most_quota = 1'000'000'000;
constexpr std::int64_t longest_window = 24 * 60 * 60;

constexpr std::size_t place_of(RateClass rate) { return static_cast<std::size_t>(rate); }

seconds seconds_of(std::int64_t ns) { return std::chrono::ceil<seconds>(nanoseconds{ns}); }

std::optional<std::int64_t> number_in(std::string_view text, std::int64_t least, std::int64_t most) {
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = failed == std::errc{} && end == text.data() + text.size();
    return whole && number >= least && number <= most ? std::optional{number} : std::nullopt;
}

/// "120/60", or "0".
std::optional<RatePolicy> policy_in(std::string_view text) {
    if (text == "0") return RatePolicy{};
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto quota = number_in(text.substr(0, slash), 1, most_quota);
    const auto window = number_in(text.substr(slash + 1), 1, longest_window);
    if (!quota || !window) return std::nullopt;
    return RatePolicy{*quota, seconds{*window}};
}

bool change(RateSettings& settings, std::string_view name, const RatePolicy& policy) {
    bool known = false;
    for (const auto rate : all_classes) {
        if (rate == RateClass::unlimited || (name != "all" && name != to_string(rate))) continue;
        settings.policies[place_of(rate)] = policy;
        known = true;
    }
    return known;
}

}  // namespace

std::string_view to_string(RateClass rate) {
    switch (rate) {
        case RateClass::unlimited: return "unlimited";
        case RateClass::auth: return "auth";
        case RateClass::login: return "login";
        case RateClass::command: return "command";
        case RateClass::read: return "read";
        case RateClass::stream: return "stream";
        case RateClass::denied: return "denied";
    }
    return "";
}

RateSettings RateSettings::usual() {
    RateSettings settings;
    change(settings, "auth", {120, seconds{60}});
    change(settings, "login", {10, seconds{600}});
    change(settings, "command", {600, seconds{60}});
    change(settings, "read", {1'200, seconds{60}});
    change(settings, "stream", {600, seconds{60}});
    change(settings, "denied", {300, seconds{60}});
    return settings;
}

std::expected<RateSettings, std::string> RateSettings::parse(std::string_view text) {
    if (text == "off") return RateSettings{};
    auto settings = usual();
    while (!text.empty()) {
        const auto one = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const auto equals = one.find('=');
        const auto policy = policy_in(equals == std::string_view::npos ? "" : one.substr(equals + 1));
        if (!policy) return std::unexpected(fmt::format("\"{}\" is not CLASS=QUOTA/SECONDS or CLASS=0", one));
        if (!change(settings, one.substr(0, equals), *policy))
            return std::unexpected(fmt::format("there is no class \"{}\" of routes", one.substr(0, equals)));
    }
    return settings;
}

RateLimits::RateLimits(const RateSettings& settings) {
    bool any = false;
    for (const auto rate : all_classes) {
        const auto& policy = settings.policies[place_of(rate)];
        if (policy.quota == 0) continue;
        any = true;
        auto& share = shares_[place_of(rate)];
        const std::int64_t gateways = settings.gateways;
        share.quota = (policy.quota + gateways - 1) / gateways;
        share.interval = std::max<std::int64_t>(1, nanoseconds{policy.window}.count() / policy.quota * gateways);
        share.policy = fmt::format(R"("{}";q={};w={})", to_string(rate), share.quota,
                                   std::max<std::int64_t>(1, seconds_of(share.quota * share.interval).count()));
    }
    if (any) sets_.resize(settings.sets);
}

RateLimits::Verdict RateLimits::take(RateClass rate, const Uuid& who, Clock::time_point now) {
    return decide(rate, 'u', who.bytes, now, true);
}

RateLimits::Verdict RateLimits::take(RateClass rate, const ClientAddress& from, Clock::time_point now) {
    return decide(rate, 'a', from.network().bytes, now, true);
}

RateLimits::Verdict RateLimits::look(RateClass rate, const ClientAddress& from, Clock::time_point now) {
    return decide(rate, 'a', from.network().bytes, now, false);
}

RateLimits::Verdict RateLimits::decide(RateClass rate, char kind, const std::array<std::uint8_t, 16>& who,
                                       Clock::time_point now, bool take) {
    const Share& share = shares_[place_of(rate)];
    if (share.quota == 0) return {};
    std::array<char, 18> text{static_cast<char>(rate), kind};
    std::ranges::copy(who, text.begin() + 2);
    const std::uint64_t name = hash_({text.data(), text.size()}) | 1U;
    const std::int64_t at = nanoseconds{now.time_since_epoch()}.count();
    const std::int64_t span = share.quota * share.interval;

    Place* place = find(name);
    std::int64_t full_at = place == nullptr ? at : std::max(at, place->full_at);
    Verdict verdict{.rate = rate};
    verdict.allowed = full_at + share.interval - at <= span;
    if (!verdict.allowed) {
        verdict.retry_in = std::max(seconds{1}, seconds_of(full_at + share.interval - span - at));
    } else if (take) {
        full_at += share.interval;
        (place == nullptr ? make(name, at) : *place).full_at = full_at;
    }
    verdict.remaining = (span - (full_at - at)) / share.interval;
    verdict.full_in = seconds_of(full_at - at);
    return verdict;
}

RateLimits::Place* RateLimits::find(std::uint64_t name) {
    for (auto& place : sets_[(name >> 1) & (sets_.size() - 1)].places) {
        if (place.name == name) return &place;
    }
    return nullptr;
}

RateLimits::Place& RateLimits::make(std::uint64_t name, std::int64_t now) {
    auto& places = sets_[(name >> 1) & (sets_.size() - 1)].places;
    auto& place = *std::ranges::min_element(places, {}, &Place::full_at);
    if (place.name != 0 && place.full_at > now) ++forgotten_;
    place = {name, now};
    return place;
}

void RateLimits::tell(const Verdict& verdict, std::vector<std::pair<std::string_view, std::string>>& headers) const {
    if (verdict.rate == RateClass::unlimited) return;
    headers.emplace_back("RateLimit-Policy", shares_[place_of(verdict.rate)].policy);
    headers.emplace_back("RateLimit", fmt::format(R"("{}";r={};t={})", to_string(verdict.rate), verdict.remaining,
                                                  verdict.full_in.count()));
}

Problem RateLimits::refusal(const Verdict& verdict) {
    Problem problem{CoreRefusal::too_many_requests,
                    RawJson{fmt::format(R"({{"policy":"{}"}})", to_string(verdict.rate))}};
    problem.retry_after_seconds = static_cast<int>(verdict.retry_in.count());
    return problem;
}

}  // namespace kiroku::gateway
