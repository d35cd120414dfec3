// gateway/challenges/routes.cpp: what you can practise, and how practising goes.
#include "gateway/challenges/routes.hpp"

#include "gateway/challenges/handlers.hpp"
#include "gateway/pages.hpp"
#include "schemas/challenges/http/codec.hpp"
#include "schemas/http/types.hpp"

namespace kiroku::gateway {

using namespace challenges::http;

void add_challenge_routes(Router& router) {
    constexpr std::string_view challenge = "challenges/http/challenge.v1";
    router.get("/challenges", Permission::see_challenges, list_challenges)
        .query(page_parameters({choice("type", {"pomodoro", "distraction_drill", "real_life_task", "custom"}),
                                integer("difficulty", 1, 5)}))
        .reads({"challenge_catalogue"})
        .gives<ChallengesResponse>(200);
    router.get("/challenges/{id}", Permission::see_challenges, one_challenge)
        .reads({"challenge_catalogue"})
        .gives(200, challenge);
    router.post("/challenges", Permission::create_challenges, create_challenge)
        .takes("challenges/http/create_challenge_request.v1")
        .gives(201, challenge);
    router.post("/challenges/{id}/sessions", Permission::train, start_session)
        .reads({"challenge_catalogue"})
        .gives<Session>(201);
    router.get("/challenge-sessions/{id}", Permission::train, one_session)
        .reads({"challenge_sessions"})
        .gives<Session>(200);
    router.post("/challenge-sessions/{id}/progress", Permission::train, record_progress)
        .gives<RecordProgressResponse>(200);
    router.post("/challenge-sessions/{id}/complete", Permission::train, complete_session)
        .gives<CompleteSessionResponse>(200)
        .gives<CompleteSessionResponse>(202);
    router.post("/challenge-sessions/{id}/abandon", Permission::train, abandon_session)
        .gives<Session>(200)
        .gives<kiroku::http::Accepted>(202);
}

}  // namespace kiroku::gateway
