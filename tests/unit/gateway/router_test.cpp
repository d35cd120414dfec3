// tests/unit/gateway/router_test.cpp: which route a request finds, and what handlers are given.
#include "gateway/core/router.hpp"

#include <doctest/doctest.h>

#include <set>

#include "gateway/routes.hpp"

using namespace kiroku;
using namespace kiroku::gateway;

namespace {

Task<Answer> nothing(Request, Services) { co_return Response{}; }

Router small() {
    Router router;
    router.get("/me", Permission::own_account, nothing);
    router.get("/challenges", Permission::see_challenges, nothing);
    router.post("/challenges", Permission::create_challenges, nothing);
    router.post("/challenges/{id}/sessions", Permission::train, nothing);
    return router;
}

}  // namespace

TEST_SUITE("gateway/router") {
TEST_CASE("a path and a method find their route, and what stands in the braces") {
    const Router router = small();
    CHECK(router.find(Method::get, "/me").route->permission == Permission::own_account);
    CHECK(router.find(Method::head, "/me").route->permission == Permission::own_account);
    const auto found = router.find(Method::post, "/challenges/42/sessions");
    REQUIRE(found.route != nullptr);
    CHECK(found.route->pattern == "/challenges/{id}/sessions");
    CHECK(found.path_values == std::vector<std::string>{"42"});
}

TEST_CASE("nearly right is not found") {
    const Router router = small();
    for (const std::string_view path : {"/", "/m", "/mee", "/me/", "//me", "/me/x", "/challenges//sessions",
                                        "/challenges/42", "/challenges/42/sessions/", "/ME"}) {
        CAPTURE(path);
        const auto found = router.find(Method::post, path);
        CHECK(found.route == nullptr);
        CHECK(found.allow.empty());
    }
}

TEST_CASE("the wrong method is told which ones there are") {
    const Router router = small();
    CHECK(router.find(Method::remove, "/challenges").allow == "GET, HEAD, POST, OPTIONS");
    CHECK(router.find(Method::get, "/challenges/42/sessions").allow == "POST, OPTIONS");
    CHECK(router.allowed_on("/me") == "GET, HEAD, OPTIONS");
    CHECK(router.allowed_on("/nowhere").empty());
}

TEST_CASE("the list of routes is whole: no pattern twice, an answer each, a body for what is posted") {
    Router router;
    add_all_routes(router);
    std::set<std::string> seen;
    for (const Route& route : router.routes()) {
        const std::string line = std::string{to_string(route.method)} + " " + route.pattern;
        CAPTURE(line);
        CHECK(seen.insert(line).second);
        CHECK_FALSE(route.answers.empty());
        CHECK(route.body.empty() == (route.method == Method::get));
        const bool is_open = route.pattern.starts_with("/auth/") && !route.pattern.starts_with("/auth/logout");
        const bool is_operations =
            std::set<std::string>{"/healthz", "/readyz", "/metrics", "/.well-known/jwks.json", "/ws"}.contains(
                route.pattern);
        const bool is_contract = route.tag == "contract";
        CHECK((route.permission == Permission::open) == (is_open || is_operations || is_contract));
    }
    CHECK(seen.contains("POST /challenge-sessions/{id}/complete"));
    CHECK(seen.contains("GET /leaderboards/global"));
}

TEST_CASE("only known roles give permissions") {
    const std::vector<std::string> learner{"learner"}, nobody{}, unknown{"root", "Learner"};
    CHECK(allows(learner, Permission::train));
    CHECK_FALSE(allows(nobody, Permission::train));
    CHECK_FALSE(allows(unknown, Permission::train));
    CHECK(allows(nobody, Permission::open));
}
}
