// tests/unit/identity/sessions_test.cpp: logging in, staying logged in, and ending it here or everywhere.
#include "domain/identity/sessions.hpp"

#include "schemas/identity/codec.hpp"
#include "tests/support/given.hpp"

namespace kiroku::identity {
namespace {

using namespace std::chrono_literals;
using test::named;
using test::told;

const auto phone = named<SessionId>("phone");
const auto laptop = named<SessionId>("laptop");
const auto noon = test::at("2026-03-06T12:00:00Z");

SessionStarted started(SessionId id) { return {.session_id = id, .generation = Generation{1}}; }

RefreshRotated rotated(SessionId id, int generation, Instant when) {
    return {.session_id = id, .generation = Generation{generation}, .rotated_at = when};
}

RotateRefresh rotate(SessionId id, int generation) { return {.session_id = id, .generation = Generation{generation}}; }

RefreshReuseDetected reused(SessionId id, int presented, int current) {
    return {.session_id = id, .presented = Generation{presented}, .current = Generation{current}};
}

SessionRevoked revoked(SessionId id, RevocationReason reason) { return {.session_id = id, .reason = reason}; }

auto given(std::vector<SessionsEvent> history) { return test::given<Sessions>(std::move(history)); }

/// Logged in on so many devices, `device 0` first.
std::vector<SessionsEvent> logins(std::size_t count) {
    std::vector<SessionsEvent> history;
    for (std::size_t i = 0; i < count; ++i)
        history.emplace_back(started(named<SessionId>("device " + std::to_string(i))));
    return history;
}

}  // namespace

TEST_SUITE("identity/sessions") {
TEST_CASE("a session starts") { given({}).when(StartSession{phone}, told(noon)).then(started(phone)); }

TEST_CASE("a session that runs isn't started again") {
    given({started(phone)}).when(StartSession{phone}, told(noon)).then_nothing();
}

TEST_CASE("the 50th session displaces nobody, the 51st the one that was started first") {
    const auto oldest = named<SessionId>("device 0");
    given(logins(max_live_sessions - 1)).when(StartSession{phone}, told(noon)).then(started(phone));
    given(logins(max_live_sessions))
        .when(StartSession{phone}, told(noon))
        .then(revoked(oldest, RevocationReason::displaced), started(phone))
        .when(rotate(oldest, 1), told(noon))
        .then_refused(Refusal::session_not_live);
}

TEST_CASE("a good token is traded for the next one") {
    given({started(phone)})
        .when(rotate(phone, 1), told(noon))
        .then(rotated(phone, 2, noon))
        .when(rotate(phone, 2), told(noon + 15min))
        .then(rotated(phone, 3, noon + 15min));
}

TEST_CASE("a token of no live session is refused") {
    given({}).when(rotate(phone, 1), told(noon)).then_refused(Refusal::session_not_live);
    given({started(phone), revoked(phone, RevocationReason::logout)})
        .when(rotate(phone, 1), told(noon))
        .then_refused(Refusal::session_not_live);
    given({started(laptop)}).when(rotate(phone, 1), told(noon)).then_refused(Refusal::session_not_live);
}

TEST_CASE(
    "the parent of the good token stays quiet for 10 s to the millisecond, for the client whose answer got lost") {
    const auto history = given({started(phone), rotated(phone, 2, noon)});
    history.when(rotate(phone, 1), told(noon)).then_nothing();
    history.when(rotate(phone, 1), told(noon + refresh_grace)).then_nothing();
    history.when(rotate(phone, 1), told(noon + refresh_grace + 1ms))
        .then(reused(phone, 1, 2), revoked(phone, RevocationReason::refresh_reuse));
}

TEST_CASE("the grace is counted from the last rotation, and never renewed by being used") {
    given({started(phone), rotated(phone, 2, noon)})
        .when(rotate(phone, 1), told(noon + 9s))
        .then_nothing()
        .when(rotate(phone, 1), told(noon + 11s))
        .then(reused(phone, 1, 2), revoked(phone, RevocationReason::refresh_reuse));
    given({started(phone), rotated(phone, 2, noon)})
        .when(rotate(phone, 2), told(noon + 9s))
        .then(rotated(phone, 3, noon + 9s))
        .when(rotate(phone, 2), told(noon + 19s))
        .then_nothing();
}

TEST_CASE("a grandparent gives the thief away, even within the grace") {
    given({started(phone), rotated(phone, 2, noon), rotated(phone, 3, noon + 1s)})
        .when(rotate(phone, 1), told(noon + 2s))
        .then(reused(phone, 1, 3), revoked(phone, RevocationReason::refresh_reuse));
}

TEST_CASE("a generation that was never given out gives the thief away") {
    given({started(phone)})
        .when(rotate(phone, 2), told(noon))
        .then(reused(phone, 2, 1), revoked(phone, RevocationReason::refresh_reuse));
}

TEST_CASE("after reuse neither the thief nor the owner goes on, other sessions do") {
    const auto after = given({started(phone), started(laptop), rotated(phone, 2, noon)})
                           .when(rotate(phone, 1), told(noon + 1h))
                           .then(reused(phone, 1, 2), revoked(phone, RevocationReason::refresh_reuse));
    after.when(rotate(phone, 2), told(noon + 1h)).then_refused(Refusal::session_not_live);
    after.when(rotate(laptop, 1), told(noon + 1h)).then(rotated(laptop, 2, noon + 1h));
}

TEST_CASE("logging out ends this session only") {
    given({started(phone), started(laptop)})
        .when(RevokeSession{phone}, told(noon))
        .then(revoked(phone, RevocationReason::logout))
        .when(rotate(laptop, 1), told(noon))
        .then(rotated(laptop, 2, noon));
}

TEST_CASE("logging out where nobody is logged in: nothing") {
    given({}).when(RevokeSession{phone}, told(noon)).then_nothing();
    given({started(phone), revoked(phone, RevocationReason::displaced)})
        .when(RevokeSession{phone}, told(noon))
        .then_nothing();
}

TEST_CASE("logging out everywhere ends each session that is left") {
    given({started(phone), started(laptop), revoked(phone, RevocationReason::logout),
           started(named<SessionId>("tablet"))})
        .when(RevokeAllSessions{}, told(noon))
        .then(revoked(laptop, RevocationReason::logout_everywhere),
              revoked(named<SessionId>("tablet"), RevocationReason::logout_everywhere));
}

TEST_CASE("logging out everywhere when logged in nowhere: nothing") {
    given({}).when(RevokeAllSessions{}, told(noon)).then_nothing();
}
}

}  // namespace kiroku::identity
