// tests/unit/identity/user_test.cpp: an account is opened once, by whoever got the address.
#include "domain/identity/user.hpp"

#include "domain/identity/policy.hpp"
#include "schemas/identity/codec.hpp"
#include "tests/support/given.hpp"

namespace kiroku::identity {
namespace {

using test::named;
using test::told;

const auto noon = told("2026-03-06T12:00:00Z");

RegisterUser register_with(std::string_view address) {
    return {.email_claim_id = named<EmailClaimId>(address),
            .email = std::string{address},
            .display_name = "Mika",
            .timezone = "Asia/Tokyo",
            .credential = "c2VhbGVk"};
}

UserRegistered registered_with(std::string_view address) {
    return {.email_claim_id = named<EmailClaimId>(address),
            .email = std::string{address},
            .display_name = "Mika",
            .timezone = "Asia/Tokyo",
            .credential = "c2VhbGVk"};
}

auto given(std::vector<UserEvent> history) { return test::given<User>(std::move(history)); }

}  // namespace

TEST_SUITE("identity/user") {
TEST_CASE("a user registers") { given({}).when(register_with("mika@a.org"), noon).then(registered_with("mika@a.org")); }

TEST_CASE("another address for the same account is refused") {
    given({registered_with("mika@a.org")})
        .when(register_with("mika@b.org"), noon)
        .then_refused(Refusal::already_registered);
}

TEST_CASE("registered already: nothing") {
    given({registered_with("mika@a.org")}).when(register_with("mika@a.org"), noon).then_nothing();
}

TEST_CASE("a role is granted, and revoked") {
    given({registered_with("mika@a.org")})
        .when(GrantRole{.role = Role::analyst}, noon)
        .then(RoleGranted{.role = Role::analyst});
    given({registered_with("mika@a.org"), RoleGranted{.role = Role::analyst}})
        .when(RevokeRole{.role = Role::analyst}, noon)
        .then(RoleRevoked{.role = Role::analyst});
}

TEST_CASE("roles of nobody are refused") {
    given({}).when(GrantRole{.role = Role::analyst}, noon).then_refused(Refusal::unknown_user);
    given({}).when(RevokeRole{.role = Role::analyst}, noon).then_refused(Refusal::unknown_user);
}

TEST_CASE("a role that is there is granted, one that isn't is revoked: nothing") {
    given({registered_with("mika@a.org"), RoleGranted{.role = Role::analyst}})
        .when(GrantRole{.role = Role::analyst}, noon)
        .then_nothing();
    given({registered_with("mika@a.org"), RoleGranted{.role = Role::analyst}})
        .when(RevokeRole{.role = Role::operator_}, noon)
        .then_nothing();
}

TEST_CASE("a role that was revoked can be granted again") {
    given({registered_with("mika@a.org"), RoleGranted{.role = Role::operator_}, RoleRevoked{.role = Role::operator_}})
        .when(GrantRole{.role = Role::operator_}, noon)
        .then(RoleGranted{.role = Role::operator_});
}

TEST_CASE("whenever an address is claimed, its claimant registers with it") {
    const auto mika = named<UserId>("mika");
    const EmailClaimed claimed{.email_claim_id = named<EmailClaimId>("mika@a.org"),
                               .user_id = mika,
                               .email = "mika@a.org",
                               .display_name = "Mika",
                               .timezone = "Asia/Tokyo",
                               .credential = "c2VhbGVk"};
    const auto outgoing = whenever(claimed, named<EventId>("claimed"));
    REQUIRE(outgoing.has_value());
    CHECK(*outgoing == Outgoing<UserCommand>{.aggregate = mika.value, .command = register_with("mika@a.org")});
}

TEST_CASE("what a policy sends has one id for each event, and another for each policy") {
    const auto one = named<EventId>("one");
    CHECK(policy_command_id(one, register_user_policy) == policy_command_id(one, register_user_policy));
    CHECK(policy_command_id(one, register_user_policy) !=
          policy_command_id(named<EventId>("two"), register_user_policy));
    CHECK(policy_command_id(one, register_user_policy) != policy_command_id(one, "identity.welcome"));
}
}

}  // namespace kiroku::identity
