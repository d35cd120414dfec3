// domain/challenges/challenge_session.cpp: what may happen in an attempt, and when it may have happened.
#include "domain/challenges/challenge_session.hpp"

#include <algorithm>

#include "domain/core/local_time.hpp"

namespace kiroku::challenges {
namespace {

using Stage = ChallengeSession::Stage;

constexpr std::string_view first_phase = "started";
constexpr auto unspecified = AbandonReason::unspecified;

/// Why this user can't go on with the session; nothing if they can.
std::optional<Refusal> obstacle(const ChallengeSession& session, UserId user, const DecisionContext& context) {
    if (!session.started || session.started->user_id != user) return Refusal::session_not_found;
    if (context.is_foreign(user)) return Refusal::session_not_found;
    switch (session.stage) {
        case Stage::completed: return Refusal::session_already_completed;
        case Stage::abandoned: return Refusal::session_abandoned;
        case Stage::not_started:
        case Stage::in_progress: return std::nullopt;
    }
    return std::nullopt;
}

/// When it counts as done: as the client says, if that can be.
std::expected<Instant, Refusal> occurrence(const CompleteSession& command, Instant now) {
    const Instant claimed = command.occurred_at.value_or(now);
    if (claimed > now + clock_tolerance) return std::unexpected(Refusal::occurred_in_the_future);
    if (claimed < now - std::chrono::seconds{command.occurred_within.value}) {
        return std::unexpected(Refusal::occurred_too_long_ago);
    }
    return std::min(claimed, now);
}

bool is_among(const std::vector<DistractionEvent>& distractions, const DistractionEvent& one) {
    return std::ranges::find(distractions, one) != distractions.end();
}

std::vector<DistractionEvent> unknown_of(const std::vector<DistractionEvent>& told, const ChallengeSession& session) {
    std::vector<DistractionEvent> unknown;
    for (const auto& one : told) {
        if (!is_among(session.distractions, one) && !is_among(unknown, one)) unknown.push_back(one);
    }
    return unknown;
}

/// The value, unless it is what is known already.
template <class T>
std::optional<T> if_new(const std::optional<T>& told, const std::optional<T>& known) {
    return told == known ? std::nullopt : told;
}

}  // namespace

Decision<ChallengeSessionEvent, Refusal> decide(const ChallengeSession& session, const StartSession& command,
                                                const DecisionContext& context) {
    if (context.is_foreign(command.user_id)) return std::unexpected(Refusal::session_not_found);
    if (session.started) {
        const bool same =
            session.started->user_id == command.user_id && session.started->challenge_id == command.challenge_id;
        if (same) return {};
        return std::unexpected(Refusal::session_exists);
    }
    if (!is_timezone(command.timezone)) return std::unexpected(Refusal::unknown_timezone);
    return std::vector<ChallengeSessionEvent>{SessionStarted{.challenge_id = command.challenge_id,
                                                             .user_id = command.user_id,
                                                             .challenge_type = command.challenge_type,
                                                             .difficulty = command.difficulty,
                                                             .timezone = command.timezone,
                                                             .current_phase = std::string{first_phase},
                                                             .started_at = context.now}};
}

Decision<ChallengeSessionEvent, Refusal> decide(const ChallengeSession& session, const RecordProgress& command,
                                                const DecisionContext& context) {
    if (const auto why = obstacle(session, command.user_id, context)) return std::unexpected(*why);
    auto distractions = unknown_of(command.distraction_events, session);
    if (session.distractions.size() + distractions.size() > max_distractions) {
        return std::unexpected(Refusal::too_many_distractions);
    }
    const auto phase = if_new(command.current_phase, session.current_phase);
    const auto data = if_new(command.session_data, session.data);
    if (!phase && !data && distractions.empty()) return {};
    return std::vector<ChallengeSessionEvent>{SessionProgressed{.user_id = command.user_id,
                                                                .current_phase = phase,
                                                                .distraction_events = std::move(distractions),
                                                                .session_data = data}};
}

Decision<ChallengeSessionEvent, Refusal> decide(const ChallengeSession& session, const CompleteSession& command,
                                                const DecisionContext& context) {
    if (const auto why = obstacle(session, command.user_id, context)) return std::unexpected(*why);
    const auto occurred_at = occurrence(command, context.now);
    if (!occurred_at) return std::unexpected(occurred_at.error());
    const auto& started = *session.started;
    return std::vector<ChallengeSessionEvent>{SessionCompleted{.user_id = started.user_id,
                                                               .challenge_id = started.challenge_id,
                                                               .challenge_type = started.challenge_type,
                                                               .difficulty = started.difficulty,
                                                               .performance_score = command.performance_score,
                                                               .completion_time = command.completion_time,
                                                               .occurred_at = *occurred_at,
                                                               .timezone = started.timezone}};
}

Decision<ChallengeSessionEvent, Refusal> decide(const ChallengeSession& session, const AbandonSession& command,
                                                const DecisionContext& context) {
    const auto why = obstacle(session, command.user_id, context);
    if (why == Refusal::session_abandoned) return {};
    if (why) return std::unexpected(*why);
    const auto& started = *session.started;
    return std::vector<ChallengeSessionEvent>{SessionAbandoned{.user_id = started.user_id,
                                                               .challenge_id = started.challenge_id,
                                                               .challenge_type = started.challenge_type,
                                                               .difficulty = started.difficulty,
                                                               .occurred_at = context.now,
                                                               .timezone = started.timezone,
                                                               .reason = command.reason.value_or(unspecified)}};
}

ChallengeSession evolve(ChallengeSession session, const ChallengeSessionEvent& event) {
    std::visit(overload{
                   [&](const SessionStarted& e) {
                       session.stage = Stage::in_progress;
                       session.started = e;
                       session.current_phase = e.current_phase;
                   },
                   [&](const SessionProgressed& e) {
                       if (e.current_phase) session.current_phase = e.current_phase;
                       if (e.session_data) session.data = e.session_data;
                       session.distractions.insert(session.distractions.end(), e.distraction_events.begin(),
                                                   e.distraction_events.end());
                   },
                   [&](const SessionCompleted&) { session.stage = Stage::completed; },
                   [&](const SessionAbandoned&) { session.stage = Stage::abandoned; },
               },
               event);
    return session;
}

}  // namespace kiroku::challenges
