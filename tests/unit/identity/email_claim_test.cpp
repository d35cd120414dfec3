// tests/unit/identity/email_claim_test.cpp: an address has one account.
#include "domain/identity/email_claim.hpp"

#include "schemas/identity/codec.hpp"
#include "tests/support/given.hpp"

namespace kiroku::identity {
namespace {

using test::named;
using test::told;

const auto address = named<EmailClaimId>("mika@example.org");
const auto noon = told("2026-03-06T12:00:00Z");

ClaimEmail claim_by(std::string_view user) {
    return {.email_claim_id = address,
            .user_id = named<UserId>(user),
            .email = "mika@example.org",
            .display_name = "Mika",
            .timezone = "Europe/Berlin",
            .credential = "c2VhbGVk"};
}

EmailClaimed claimed_by(std::string_view user) {
    return {.email_claim_id = address,
            .user_id = named<UserId>(user),
            .email = "mika@example.org",
            .display_name = "Mika",
            .timezone = "Europe/Berlin",
            .credential = "c2VhbGVk"};
}

auto given(std::vector<EmailClaimEvent> history) { return test::given<EmailClaim>(std::move(history)); }

}  // namespace

TEST_SUITE("identity/email_claim") {
TEST_CASE("a free address is claimed") { given({}).when(claim_by("mika"), noon).then(claimed_by("mika")); }

TEST_CASE("an address that somebody has is refused") {
    given({claimed_by("mika")}).when(claim_by("noor"), noon).then_refused(Refusal::email_taken);
}

TEST_CASE("who has the address already need not claim it again") {
    given({claimed_by("mika")}).when(claim_by("mika"), noon).then_nothing();
}

TEST_CASE("two registrations race for one address: the first one gets it") {
    given({})
        .when(claim_by("mika"), noon)
        .then(claimed_by("mika"))
        .when(claim_by("noor"), noon)
        .then_refused(Refusal::email_taken);
}

TEST_CASE("a time zone that isn't one is refused") {
    for (const auto* timezone : {"Mars/Olympus", "CET+1", "europe/berlin", "localtime", ""}) {
        CAPTURE(timezone);
        auto claim = claim_by("mika");
        claim.timezone = timezone;
        given({}).when(claim, noon).then_refused(Refusal::unknown_timezone);
    }
}
}

}  // namespace kiroku::identity
