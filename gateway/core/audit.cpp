// gateway/core/audit.cpp: which answers matter, and how they are told to the log.
#include "gateway/core/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>

#include "schemas/identity/codec.hpp"

namespace kiroku::gateway {
namespace {

using identity::AuditOutcome;

constexpr std::string_view auditor = "gateway/audit";
constexpr std::size_t most_target_bytes = 500;
constexpr std::size_t most_agent_bytes = 200;
constexpr std::size_t most_address_bytes = 64;
constexpr int missing = 404;

/// Refusals of those who couldn't show who they are. An expired token is everyday life.
constexpr std::array<std::string_view, 3> failures{"invalid_token", "invalid_credentials", "invalid_refresh_token"};
constexpr std::array<std::string_view, 1> denials{"forbidden"};

std::optional<AuditOutcome> outcome_of(const Access& access, const Answer& answer) {
    const auto* const problem = std::get_if<Problem>(&answer);
    if (problem == nullptr) {
        return access.permission == Permission::read_events ? std::optional{AuditOutcome::allowed} : std::nullopt;
    }
    const auto is_among = [&](const auto& codes) {
        return std::ranges::find(codes, problem->refusal.code) != codes.end();
    };
    if (is_among(failures)) return AuditOutcome::failed;
    if (is_among(denials)) return AuditOutcome::denied;
    // What isn't there may be another one's: both are answered alike.
    return access.user && problem->refusal.status == missing ? std::optional{AuditOutcome::denied} : std::nullopt;
}

/// ASCII that can be seen, as much as there is room for: others' texts are no part of ours.
std::string plain(std::string_view text, std::size_t most) {
    std::string out{text.substr(0, most)};
    std::ranges::replace_if(
        out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

template <class Text>
std::optional<std::string> if_any(const Text& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>{text};
}

Instant clock_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

const Uuid trail_namespace = *Uuid::parse("7d0c4a63-6f0b-4b57-9a51-0f6f2a8c1e35");

}  // namespace

Access access_of(const Request& request, const Route& route) {
    return {.method = to_string(request.method),
            .pattern = route.pattern,
            .path = request.target.path,
            .address = request.client.text(),
            .user_agent = std::string{request.fields.find("user-agent").value_or("")},
            .request = request.id,
            .permission = route.permission};
}

void Audit::note(const Access& access, const Answer& answer, Instant now) {
    const auto outcome = outcome_of(access, answer);
    if (!outcome) return;
    const auto* const problem = std::get_if<Problem>(&answer);
    Kind kind{.principal = access.user ? "user/" + to_string(*access.user) : "anonymous",
              .action = fmt::format("{} {}", access.method, access.pattern),
              .outcome = *outcome,
              .reason = problem == nullptr ? "" : std::string{problem->refusal.code},
              .address = plain(access.address, most_address_bytes)};
    auto found = seen_.find(kind);
    if (found == seen_.end()) {
        if (seen_.size() >= limits_.kinds) {
            ++dropped_;
            return;
        }
        found = seen_.emplace(std::move(kind), Seen{}).first;
    }
    ++noted_;
    auto& seen = found->second;
    if (seen.count++ == 0) seen.first = now;
    seen.last = now;
    seen.target = plain(access.path, most_target_bytes);
    seen.user_agent = plain(access.user_agent, most_agent_bytes);
    seen.request = access.request;
    if (seen.told == Instant{}) tell(now);
}

void Audit::tell(Instant now, bool all) {
    for (auto at = seen_.begin(); at != seen_.end();) {
        auto& [kind, seen] = *at;
        const bool is_due = all || seen.told == Instant{} || now - seen.told >= limits_.together;
        if (is_due && seen.count == 0) {
            at = seen_.erase(at);
            continue;
        }
        if (is_due) {
            send(kind, seen);
            seen.count = 0;
            seen.told = now;
        }
        ++at;
    }
}

void Audit::send(const Kind& kind, const Seen& seen) {
    const auto whose = kind.principal == "anonymous" ? "address/" + kind.address : kind.principal;
    auto record = commands::command_record(uuid_v5(trail_namespace, whose),
                                           identity::AuditAccess{.principal = kind.principal,
                                                                 .action = kind.action,
                                                                 .target = seen.target,
                                                                 .outcome = kind.outcome,
                                                                 .reason = if_any(kind.reason),
                                                                 .address = if_any(kind.address),
                                                                 .user_agent = if_any(seen.user_agent),
                                                                 .count = seen.count,
                                                                 .first_at = seen.first,
                                                                 .last_at = seen.last});
    record.command = CommandId{random_uuid_v7()};
    record.hash = to_string(uuid_v5(record.command.value, record.data));
    record.correlation = seen.request;
    record.actor = auditor;
    send_(std::move(record), limits_.within, [undecided = undecided_](const commands::Answer& answer) {
        const bool is_kept = answer.outcome == commands::Answer::Outcome::decided && answer.reply.accepted();
        if (!is_kept) ++*undecided;
    });
}

Task<void> Audit::run() {
    for (;;) {
        timer_.expires_after(limits_.look);
        co_await timer_.async_wait(net::as_tuple(resume));
        tell(clock_now());
    }
}

}  // namespace kiroku::gateway
