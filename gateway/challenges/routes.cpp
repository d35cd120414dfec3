// gateway/challenges/routes.cpp: what you can practise, and how practising goes.
#include "gateway/challenges/routes.hpp"

#include "gateway/challenges/handlers.hpp"
#include "gateway/pages.hpp"
#include "schemas/challenges/http/codec.hpp"
#include "schemas/challenges/types.hpp"
#include "schemas/http/types.hpp"

namespace kiroku::gateway {

using namespace challenges::http;

void add_challenge_routes(Router& router) {
    using enum challenges::Refusal;
    constexpr std::string_view challenge = "challenges/http/challenge.v1";
    router.about("challenges");
    router.get("/challenges", Permission::see_challenges, list_challenges)
        .called("listChallenges", "The catalogue, and one's own challenges.")
        .query(page_parameters({catalogue_orders.begin(), catalogue_orders.end()},
                               {choice("type", {"pomodoro", "distraction_drill", "real_life_task", "custom"}),
                                integer("difficulty", 1, 5)}))
        .reads({"challenge_catalogue"})
        .gives<ChallengesResponse>(200)
        .tagged();
    router.get("/challenges/{id}", Permission::see_challenges, one_challenge)
        .called("showChallenge", "One of them.")
        .reads({"challenge_catalogue"})
        .gives(200, challenge)
        .tagged()
        .refuses(challenge_not_found);
    router.post("/challenges", Permission::create_challenges, create_challenge)
        .called("createChallenge", "A challenge of one's own.")
        .takes("challenges/http/create_challenge_request.v1")
        .gives(201, challenge)
        .leads_to({"showChallenge", "startSession"})
        .refuses(challenge_exists);
    router.post("/challenges/{id}/sessions", Permission::train, start_session)
        .called("startSession", "Begins to practise a challenge.")
        .reads({"challenge_catalogue"})
        .gives<Session>(201)
        .leads_to({"showSession", "recordProgress", "completeSession", "abandonSession"})
        .refuses(challenge_not_found, session_exists, unknown_timezone);
    router.get("/challenge-sessions", Permission::train, list_sessions)
        .called("listSessions", "One's own sessions.")
        .query(page_parameters({session_orders.begin(), session_orders.end()}))
        .reads({"challenge_sessions"})
        .gives<SessionsResponse>(200)
        .tagged();
    router.get("/challenge-sessions/{id}", Permission::train, one_session)
        .called("showSession", "A session of one's own.")
        .reads({"challenge_sessions"})
        .gives<Session>(200)
        .tagged()
        .refuses(session_not_found);
    router.post("/challenge-sessions/{id}/progress", Permission::train, record_progress)
        .called("recordProgress", "Tells how a session goes.")
        .gives<RecordProgressResponse>(200)
        .if_match()
        .refuses(session_not_found, session_already_completed, session_abandoned, too_many_distractions);
    router.post("/challenge-sessions/{id}/complete", Permission::train, complete_session)
        .called("completeSession", "Ends a session with success, and tells what was earned. 202: as far as is known.")
        .gives<CompleteSessionResponse>(200)
        .gives<CompleteSessionResponse>(202)
        .if_match()
        .refuses(session_not_found, session_already_completed, session_abandoned, occurred_too_long_ago,
                 occurred_in_the_future);
    router.post("/challenge-sessions/{id}/abandon", Permission::train, abandon_session)
        .called("abandonSession", "Gives a session up. 202: it is, and can be seen in a moment.")
        .gives<Session>(200)
        .gives<kiroku::http::Accepted>(202)
        .if_match()
        .refuses(session_not_found, session_already_completed);
}

}  // namespace kiroku::gateway
