// gateway/challenges/finish.cpp: ending a session, and what that came to.
#include <algorithm>

#include "gateway/challenges/handlers.hpp"
#include "gateway/challenges/session_answers.hpp"
#include "gateway/core/commands.hpp"
#include "gateway/core/consequences.hpp"
#include "gateway/core/etag.hpp"
#include "gateway/core/reads.hpp"
#include "gateway/core/settings.hpp"
#include "gateway/gamification/standing.hpp"
#include "gateway/pages.hpp"
#include "gateway/services.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/challenges/http/codec.hpp"
#include "schemas/http/codec.hpp"

namespace kiroku::gateway {
namespace {

using namespace challenges;
using challenges::http::AbandonSessionRequest;
using challenges::http::CompleteSessionRequest;
using challenges::http::CompleteSessionResponse;
using Clock = std::chrono::steady_clock;
using FoundSession = std::expected<std::optional<projections::Shown<ChallengeSessionRow>>, Problem>;

Task<FoundSession> read_session(ChallengeSessionId id, UserId learner, Services services) {
    const auto query = [learner, id](postgres::Read& read) { return session_of(read, learner, id); };
    co_return co_await services.reads.run(query);
}

bool is_over(const FoundSession& session) {
    return session && *session && (*session)->status != SessionStatus::in_progress;
}

/// An ended session never changes, so it doesn't matter how it is seen to be over. Null: not in time.
Task<std::optional<challenges::http::Session>> ended_session(ChallengeSessionId id, UserId learner,
                                                             std::string position, Clock::time_point until,
                                                             Services services) {
    auto session = co_await read_session(id, learner, services);
    if (!is_over(session)) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        const std::vector<std::string> sessions{"challenge_sessions"};
        const auto parsed = log::Position::parse(position);
        if (!parsed || left.count() <= 0) co_return std::nullopt;
        const auto lagging = co_await services.reads.reach(sessions, *parsed, left);
        if (lagging) co_return std::nullopt;
        session = co_await read_session(id, learner, services);
    }
    if (!is_over(session)) co_return std::nullopt;
    co_return shown(**session);
}

template <class Body>
Response answer_with(const Body& body, int status, const std::string& position, const log::Reply& decided) {
    return Response{.status = status,
                    .body = json::encode(body),
                    .etag = tag_after(decided.events),
                    .position = position,
                    .replayed = decided.replayed};
}

}  // namespace

Task<Answer> complete_session(Request request, ChallengeSessionId session, CompleteSessionRequest body,
                              Services services) {
    const auto until = Clock::now() + services.settings.caused_deadline;
    const auto intent = services.intents.begin(request, caller_name(request), json::encode(body));
    if (!intent) co_return intent.error();
    const UserId learner = request.user().user;
    const CompleteSession command{
        .user_id = learner,
        .performance_score = body.performance_score,
        .completion_time = body.completion_time,
        .occurred_at = body.occurred_at,
        .occurred_within = Seconds{std::chrono::seconds{services.settings.occurred_within}.count()}};
    const auto decided = co_await services.commands.send(session.value, command, *intent);
    if (!decided) co_return decided.error();

    const auto earned = co_await services.consequences.of(SessionCompleted::type, *decided, request.id);
    CompleteSessionResponse answer{.position = joint_position(decided->position, earned.get())};
    if (earned) answer.reward = reward_of(earned->events, services.rules);
    answer.session = co_await ended_session(session, learner, decided->position, until, services);
    const int status = answer.reward && answer.session ? 200 : 202;
    co_return answer_with(answer, status, answer.position, *decided);
}

Task<Answer> abandon_session(Request request, ChallengeSessionId session, AbandonSessionRequest body,
                             Services services) {
    const auto until = Clock::now() + services.settings.caused_deadline;
    const auto intent = services.intents.begin(request, caller_name(request), json::encode(body));
    if (!intent) co_return intent.error();
    const UserId learner = request.user().user;
    const AbandonSession command{.user_id = learner, .reason = body.reason};
    const auto decided = co_await services.commands.send(session.value, command, *intent);
    if (!decided) co_return decided.error();

    const auto counted = co_await services.consequences.of(SessionAbandoned::type, *decided, request.id);
    const std::string position = joint_position(decided->position, counted.get());
    auto answer = co_await ended_session(session, learner, decided->position, until, services);
    if (!answer) {
        const kiroku::http::Accepted accepted{.position = position};
        co_return answer_with(accepted, 202, position, *decided);
    }
    answer->position = position;
    co_return answer_with(*answer, 200, position, *decided);
}

Task<Answer> one_session(Request request, ChallengeSessionId session, Services services) {
    const auto row = co_await read_session(session, request.user().user, services);
    if (!row) co_return row.error();
    if (!*row) co_return Problem{info_of(Refusal::session_not_found), RawJson{"{}"}};
    co_return Response{.body = json::encode(shown(**row)), .etag = version_tag((*row)->version, (*row)->incomplete)};
}

Task<Answer> list_sessions(Request request, Services services) {
    const auto page = read_page(request, session_orders.front(), services.cursors);
    if (!page) co_return page.error();
    const auto query = [learner = request.user().user, page = *page](postgres::Read& read) {
        return sessions_of(read, learner, page);
    };
    const auto rows = co_await services.reads.run(query);
    if (!rows) co_return rows.error();
    challenges::http::SessionsResponse body{.items = {},
                                            .next_cursor = cursor_behind(rows->next, request, services.cursors)};
    for (const auto& row : rows->rows) body.items.push_back(shown(row));
    co_return page_answer(body, request);
}

}  // namespace kiroku::gateway
