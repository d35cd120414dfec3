// tests/unit/gateway/contract_test.cpp: the contract tells of every route, event and message there is, and of no other.
#include <doctest/doctest.h>

#include <set>

#include "commands/client/command_record.hpp"
#include "gateway/contract/event_catalogue.hpp"
#include "gateway/contract/openapi.hpp"
#include "gateway/contract/refusals.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/core/codec.hpp"
#include "schemas/identity/types.hpp"
#include "tests/unit/gateway/house.hpp"

using namespace kiroku;
using namespace kiroku::test;
using gateway::Method;
using gateway::Permission;
using gateway::Route;
using gateway::Router;

namespace {

gateway::Task<gateway::Answer> nothing(gateway::Request, gateway::Services) { co_return gateway::Response{}; }

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

bool holds(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }

const gateway::contract::CataloguedEvent* find(const std::vector<gateway::contract::CataloguedEvent>& events,
                                               std::string_view name) {
    const auto found = std::ranges::find(events, name, &gateway::contract::CataloguedEvent::name);
    return found == events.end() ? nullptr : &*found;
}

std::set<std::string_view> codes_of(const Route& route) {
    std::set<std::string_view> codes;
    for (const auto& [status, refusals] : gateway::contract::refusals_of(route)) {
        for (const auto& refusal : refusals) {
            CHECK(refusal.status == status);
            CHECK(codes.insert(refusal.code).second);
        }
    }
    return codes;
}

/// All that there is.
struct Whole {
    Whole() { gateway::add_all_routes(router); }

    Router router;
    std::vector<projections::ReadModel> models = projections::all_read_models();
    std::vector<commands::Policy> policies = commands::all_policies();
    gateway::contract::Parts parts{router, commands::context_names, models, policies};
};

}  // namespace

TEST_SUITE("gateway/contract") {
TEST_CASE("each route is an operation, with a name of its own, and there are no others") {
    const Whole given;
    const std::string document = gateway::contract::openapi(given.router);
    std::set<std::string_view> names;
    for (const Route& route : given.router.routes()) {
        CAPTURE(route.pattern);
        CHECK(holds(document, fmt::format("\"{}\":{{", route.pattern)));
        CHECK(holds(document, fmt::format("\"operationId\":\"{}\"", route.name)));
        CHECK(names.insert(route.name).second);
        CHECK_FALSE(route.name.empty());
        CHECK(route.summary.ends_with('.'));
        CHECK_FALSE(route.tag.empty());
    }
    CHECK(count(document, "\"responses\":{") == given.router.routes().size());
    for (const Route& route : given.router.routes()) {
        for (const auto next : route.next) CHECK(names.contains(next));
    }
}

TEST_CASE("a route that names a schema that there isn't is found out at start") {
    Router router;
    router.get("/x", Permission::open, nothing).called("showX", "Nonsense.").gives(200, "challenges/http/nonsense.v1");
    CHECK_THROWS_WITH(gateway::contract::openapi(router), "there is no schema of type challenges/http/nonsense.v1");
}

TEST_CASE("a route without a name is promised to nobody") {
    Router router;
    router.get("/x", Permission::open, nothing).takes("bank.count.v1");
    CHECK_FALSE(holds(gateway::contract::openapi(router), "/x"));
}

TEST_CASE("refusals follow from what a route's line says, its own come on top") {
    Router router;
    router.get("/open", Permission::open, nothing);
    router.get("/mine/{id}", Permission::own_account, nothing).reads({"progress"}).query({gateway::integer("n", 1, 2)});
    router.post("/do", Permission::open, nothing)
        .takes("identity/http/login_request.v1")
        .refuses(identity::Refusal::invalid_credentials);
    const auto open = codes_of(router.routes()[0]);
    const auto mine = codes_of(router.routes()[1]);
    const auto post = codes_of(router.routes()[2]);
    for (const auto* code : {"internal_error", "overloaded", "malformed_request", "unknown_parameter"}) {
        CHECK(open.contains(code));
    }
    for (const auto* code : {"unauthenticated", "forbidden", "not_found", "invalid_parameter", "projection_lagging"}) {
        CAPTURE(code);
        CHECK(mine.contains(code));
        CHECK_FALSE(open.contains(code));
    }
    for (const auto* code : {"invalid_credentials", "invalid_request", "idempotency_key_reused", "deadline_exceeded"}) {
        CAPTURE(code);
        CHECK(post.contains(code));
        CHECK_FALSE(mine.contains(code));
    }
    CHECK_FALSE(post.contains("unauthenticated"));
}

TEST_CASE("the messages' description has each event, command and WebSocket message") {
    const Whole given;
    const gateway::Contract contract{given.parts};
    for (const auto& component : schemas::components()) {
        CAPTURE(component.name);
        const bool is_told = component.kind == "event" || component.kind == "command" || !component.union_name.empty();
        CHECK(holds(contract.asyncapi.text, fmt::format("\"#/components/messages/{}\"", component.name)) == is_told);
    }
}

TEST_CASE("the catalogue has each event once, with who reads it") {
    const Whole given;
    const auto events = gateway::contract::catalogued_events(given.parts);
    std::size_t written = 0;
    for (const auto& event : events) written += event.versions.size();
    CHECK(written ==
          static_cast<std::size_t>(std::ranges::count(schemas::components(), "event", &schemas::Component::kind)));
    const auto* awarded = find(events, "gamification.xp_awarded");
    REQUIRE(awarded != nullptr);
    const std::vector<std::string> readers{"the decider of gamification: learner's own state", "read model progress",
                                           "read model xp_history", "read model leaderboard",
                                           "gateways push it on the channels me and leaderboard:global"};
    CHECK(awarded->readers == readers);
    const auto* completed = find(events, "challenges.session_completed");
    REQUIRE(completed != nullptr);
    CHECK(std::ranges::count(completed->readers, "policy gamification.record_activity") == 1);
    const std::string text = gateway::contract::catalogue_as_markdown(given.parts);
    const std::string page = gateway::contract::catalogue_as_html(given.parts);
    const auto* abandoned = find(events, "challenges.session_abandoned");
    REQUIRE(abandoned != nullptr);
    CHECK(abandoned->versions.size() == 2);
    CHECK(std::ranges::count(abandoned->readers, "policy gamification.record_activity") == 1);
    CHECK(holds(text,
                "- versions: v1, v2\n- upcasters: v1 becomes v2 when it is read (schemas/challenges/upcasts.hpp)\n"));
    CHECK(holds(page, "<dd>v1 becomes v2 when it is read (schemas/challenges/upcasts.hpp)</dd>"));
    for (const auto& event : events) {
        CHECK(count(text, fmt::format("### {}\n", event.name)) == 1);
        CHECK(count(page, fmt::format("<article id=\"{}\">", event.name)) == 1);
    }
}

TEST_CASE("a command's record is what its envelope's schema says") {
    const auto record = commands::command_record(uuid_v5({}, "session"), challenges::AbandonSession{});
    const auto read = json::decode<CommandEnvelope>(log::write_command(record));
    REQUIRE(read);
    CHECK(read->type == "challenges.abandon_session.v1");
    CHECK(read->partitionkey == record.id);
}

TEST_CASE("documents are open to all, and whoever has a copy is told so") {
    House given;
    for (const auto* path : {"/openapi.json", "/asyncapi.json", "/catalogue", "/docs", "/docs/swagger-ui.css"}) {
        CAPTURE(path);
        const auto first = given.get(path);
        CHECK(first.status == 200);
        CHECK(first.body.size() > 200);
        CHECK(first.header("Cache-Control") == "public, max-age=300");
        const auto again = given.get(path, fmt::format("If-None-Match: {}\r\n", first.header("ETag")));
        CHECK(again.status == 304);
        CHECK(again.body.empty());
        CHECK(again.header("ETag") == first.header("ETag"));
        CHECK(given.get(path, "If-None-Match: \"another\"\r\n").status == 200);
    }
    CHECK(given.get("/docs/nothing.js").status == 404);
}

TEST_CASE("the pages may load nothing but what is served here") {
    House given;
    for (const auto* path : {"/catalogue", "/docs", "/docs/messages"}) {
        CAPTURE(path);
        const auto page = given.get(path);
        CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
        CHECK(page.header("Content-Security-Policy")
                  .starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        CHECK_FALSE(holds(page.body, "src=\"http"));
        CHECK_FALSE(holds(page.body, "href=\"http"));
        CHECK_FALSE(holds(page.body, "<script>"));
    }
}
}
