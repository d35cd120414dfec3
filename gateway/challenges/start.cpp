// gateway/challenges/start.cpp: beginning a session and telling how it goes.
#include "gateway/challenges/handlers.hpp"
#include "gateway/challenges/session_answers.hpp"
#include "gateway/challenges/shelf.hpp"
#include "gateway/core/commands.hpp"
#include "gateway/core/etag.hpp"
#include "gateway/core/reads.hpp"
#include "gateway/services.hpp"
#include "projections/challenges/challenge_catalogue.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/challenges/http/codec.hpp"

namespace kiroku::gateway {
namespace {

using namespace challenges;

/// From the shelf, or from the catalogue onto the shelf. Somebody else's own challenge is not found.
Task<std::expected<ShelvedChallenge, Problem>> look_up(ChallengeId id, UserId learner, Services services) {
    if (const auto* shelved = services.shelf.find(id, learner)) co_return *shelved;
    const auto query = [learner, id](postgres::Read& read) { return challenge_for(read, learner, id); };
    const auto row = co_await services.reads.run(query);
    if (!row) co_return std::unexpected(row.error());
    if (!*row) co_return std::unexpected(Problem{info_of(Refusal::challenge_not_found), RawJson{"{}"}});
    const ShelvedChallenge challenge{(*row)->type, (*row)->difficulty, (*row)->owner};
    services.shelf.put(id, challenge);
    co_return challenge;
}

}  // namespace

Task<Answer> start_session(Request request, ChallengeId challenge, http::StartSessionRequest body, Services services) {
    const auto intent = services.intents.begin(request, caller_name(request), json::encode(body));
    if (!intent) co_return intent.error();
    const auto found = co_await look_up(challenge, request.user().user, services);
    if (!found) co_return found.error();
    const ChallengeSessionId id{intent->new_id("challenge_session")};
    const StartSession command{.challenge_id = challenge,
                               .user_id = request.user().user,
                               .challenge_type = found->type,
                               .difficulty = found->difficulty,
                               .timezone = request.user().timezone};
    const auto decided = co_await services.commands.send(id.value, command, *intent);
    if (!decided) co_return decided.error();
    const auto started = find_event<SessionStarted>(decided->events);
    if (!started) co_return Problem{CoreRefusal::internal_error};
    auto session = shown(id, *started);
    session.position = decided->position;
    Response response{
        .status = 201, .body = json::encode(session), .position = decided->position, .replayed = decided->replayed};
    response.etag = tag_after(decided->events);
    response.headers.emplace_back("Location", "/challenge-sessions/" + to_string(id));
    co_return response;
}

Task<Answer> record_progress(Request request, ChallengeSessionId session, http::RecordProgressRequest body,
                             Services services) {
    const auto intent = services.intents.begin(request, caller_name(request), json::encode(body));
    if (!intent) co_return intent.error();
    const RecordProgress command{.user_id = request.user().user,
                                 .current_phase = std::move(body.current_phase),
                                 .distraction_events = std::move(body.distraction_events),
                                 .session_data = std::move(body.session_data)};
    const auto decided = co_await services.commands.send(session.value, command, *intent);
    if (!decided) co_return decided.error();
    http::RecordProgressResponse answer{
        .id = session, .status = SessionStatus::in_progress, .distraction_events = {}, .position = decided->position};
    if (auto progressed = find_event<SessionProgressed>(decided->events)) {
        answer.current_phase = std::move(progressed->current_phase);
        answer.distraction_events = std::move(progressed->distraction_events);
        answer.session_data = std::move(progressed->session_data);
    }
    co_return Response{.body = json::encode(answer),
                       .etag = tag_after(decided->events),
                       .position = decided->position,
                       .replayed = decided->replayed};
}

}  // namespace kiroku::gateway
