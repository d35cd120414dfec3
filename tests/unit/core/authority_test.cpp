// tests/unit/core/authority_test.cpp: who may send which command, and that there is none of which nobody has thought.
#include "domain/core/authority.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "commands/contexts.hpp"
#include "schemas/catalog.hpp"

using namespace kiroku;

namespace {

constexpr std::string_view mika = "user/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17";
constexpr Principal learner{mika, "learner"}, analyst{mika, "learner,analyst"}, nobody{"anonymous", ""};

bool has_permission(std::string_view command) {
    const auto found = std::ranges::find(authorities(), command, &Authority::command);
    return found != authorities().end() && found->permission.has_value();
}

}  // namespace

TEST_SUITE("core/authority") {
TEST_CASE("every command there is stands in the table once, and nothing else does") {
    std::vector<std::string_view> commands;
    for (const auto& entry : schemas::catalog())
        if (entry.kind == "command") commands.push_back(entry.type.substr(0, entry.type.rfind('.')));
    std::vector<std::string_view> listed;
    for (const auto& authority : authorities()) listed.push_back(authority.command);
    std::ranges::sort(commands);
    std::ranges::sort(listed);
    CHECK(commands == listed);
}

TEST_CASE("what policies send is for them alone") {
    for (const auto& policy : commands::all_policies()) {
        CAPTURE(policy.name);
        const auto type = policy.name + ".v1";
        CHECK(may_send({"policy/" + policy.name, ""}, type));
        CHECK_FALSE(may_send({"policy/another", ""}, type));
        CHECK_FALSE(may_send(analyst, type));
        CHECK_FALSE(may_send({"operator/ana", ""}, type));
        CHECK_FALSE(may_send(nobody, type));
    }
}

TEST_CASE("users may do what their roles let them") {
    CHECK(may_send(learner, "challenges.complete_session.v1"));
    CHECK(may_send(learner, "challenges.complete_session.v2"));
    CHECK(may_send(analyst, "challenges.create_challenge.v1"));
    CHECK(may_send(learner, "identity.revoke_all_sessions.v1"));
    CHECK_FALSE(may_send({mika, ""}, "challenges.complete_session.v1"));
    CHECK_FALSE(may_send({mika, "analyst"}, "challenges.complete_session.v1"));
    CHECK_FALSE(may_send({mika, "learners,lear"}, "challenges.complete_session.v1"));
    CHECK_FALSE(may_send({"user/mika", "learner"}, "challenges.complete_session.v1"));
    CHECK_FALSE(may_send({"", "learner"}, "challenges.complete_session.v1"));
    CHECK_FALSE(may_send(analyst, "identity.grant_role.v1"));
    CHECK_FALSE(may_send(analyst, "identity.audit_access.v1"));
}

TEST_CASE("who isn't signed in may only come in") {
    for (const auto& authority : authorities()) {
        CAPTURE(authority.command);
        const bool is_open = has_permission(authority.command) && *authority.permission == Permission::open;
        CHECK(may_send(nobody, std::string{authority.command} + ".v1") == is_open);
    }
}

TEST_CASE("operators grant roles and load the catalogue; the gateway keeps records") {
    CHECK(may_send({"operator/ana", ""}, "identity.grant_role.v1"));
    CHECK(may_send({"operator/catalogue", ""}, "challenges.create_challenge.v1"));
    CHECK_FALSE(may_send({"operator/ana", ""}, "challenges.complete_session.v1"));
    CHECK(may_send({"gateway/audit", ""}, "identity.audit_access.v1"));
    CHECK_FALSE(may_send({"gateway/audit2", ""}, "identity.audit_access.v1"));
    CHECK_FALSE(may_send({"operators", ""}, "identity.grant_role.v1"));
}

TEST_CASE("a command that nobody has heard of is nobody's") {
    CHECK_FALSE(may_send(analyst, "challenges.erase_everything.v1"));
    CHECK_FALSE(may_send(analyst, ""));
}

TEST_CASE("only users have a user's id") {
    CHECK(learner.user() == UserId{*Uuid::parse("0195677c-1d80-7a3e-9c51-2f6b8d4e0a17")});
    CHECK_FALSE(Principal{"operator/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17", ""}.user());
    CHECK_FALSE(nobody.user());
}
}
