// tests/unit/challenges/challenge_session_test.cpp: an attempt, from its start to its one end.
#include "domain/challenges/challenge_session.hpp"

#include "schemas/challenges/codec.hpp"
#include "tests/support/given.hpp"

namespace kiroku::challenges {
namespace {

using namespace std::chrono_literals;
using test::named;
using test::told;

const auto mika = named<UserId>("mika");
const auto noor = named<UserId>("noor");
const auto tomato = named<ChallengeId>("One Tomato");
const auto noon = test::at("2026-03-06T12:00:00Z");
constexpr auto two_days = Seconds{48 * 3600};

StartSession start() {
    return {.challenge_id = tomato,
            .user_id = mika,
            .challenge_type = ChallengeType::pomodoro,
            .difficulty = Difficulty{2},
            .timezone = "Europe/Berlin"};
}

SessionStarted started() {
    return {.challenge_id = tomato,
            .user_id = mika,
            .challenge_type = ChallengeType::pomodoro,
            .difficulty = Difficulty{2},
            .timezone = "Europe/Berlin",
            .current_phase = "started",
            .started_at = noon};
}

CompleteSession complete(std::optional<Instant> occurred_at = {}) {
    return {.user_id = mika,
            .performance_score = PerformanceScore{92},
            .completion_time = Seconds{1500},
            .occurred_at = occurred_at,
            .occurred_within = two_days};
}

SessionCompleted completed(Instant occurred_at) {
    return {.user_id = mika,
            .challenge_id = tomato,
            .challenge_type = ChallengeType::pomodoro,
            .difficulty = Difficulty{2},
            .performance_score = PerformanceScore{92},
            .completion_time = Seconds{1500},
            .occurred_at = occurred_at,
            .timezone = "Europe/Berlin"};
}

SessionAbandoned abandoned(Instant occurred_at) {
    return {.user_id = mika,
            .challenge_id = tomato,
            .challenge_type = ChallengeType::pomodoro,
            .difficulty = Difficulty{2},
            .occurred_at = occurred_at,
            .timezone = "Europe/Berlin"};
}

DistractionEvent distraction(std::string kind, std::chrono::minutes after) {
    return {.at = noon + after, .kind = std::move(kind), .note = "and gone"};
}

RecordProgress progress(std::optional<std::string> phase, std::vector<DistractionEvent> distractions = {},
                        std::optional<RawJson> data = {}) {
    return {.user_id = mika,
            .current_phase = std::move(phase),
            .distraction_events = std::move(distractions),
            .session_data = std::move(data)};
}

SessionProgressed progressed(std::optional<std::string> phase, std::vector<DistractionEvent> distractions = {},
                             std::optional<RawJson> data = {}) {
    return {.user_id = mika,
            .current_phase = std::move(phase),
            .distraction_events = std::move(distractions),
            .session_data = std::move(data)};
}

auto given(std::vector<ChallengeSessionEvent> history) { return test::given<ChallengeSession>(std::move(history)); }

}  // namespace

TEST_SUITE("challenges/challenge_session") {
TEST_CASE("a session starts") { given({}).when(start(), told(noon)).then(started()); }

TEST_CASE("a session that was started needn't be again, not even after its end") {
    given({started()}).when(start(), told(noon + 1h)).then_nothing();
    given({started(), completed(noon)}).when(start(), told(noon + 1h)).then_nothing();
}

TEST_CASE("one id isn't two sessions") {
    auto other_user = start();
    other_user.user_id = noor;
    given({started()}).when(other_user, told(noon)).then_refused(Refusal::session_exists);
    auto other_challenge = start();
    other_challenge.challenge_id = named<ChallengeId>("Deep Field");
    given({started()}).when(other_challenge, told(noon)).then_refused(Refusal::session_exists);
}

TEST_CASE("a session needs a time zone that there is") {
    auto nowhere = start();
    nowhere.timezone = "Atlantis/Poseidonis";
    given({}).when(nowhere, told(noon)).then_refused(Refusal::unknown_timezone);
}

TEST_CASE("progress is recorded") {
    given({started()})
        .when(progress("focus", {distraction("phone", 5min)}, RawJson{R"({"left":1200})"}), told(noon))
        .then(progressed("focus", {distraction("phone", 5min)}, RawJson{R"({"left":1200})"}));
}

TEST_CASE("only what is new in it is recorded") {
    given({started(), progressed("focus", {distraction("phone", 5min)}, RawJson{R"({"left":1200})"})})
        .when(progress("break", {distraction("phone", 5min), distraction("door", 7min), distraction("door", 7min)},
                       RawJson{R"({"left":1200})"}),
              told(noon))
        .then(progressed("break", {distraction("door", 7min)}));
}

TEST_CASE("progress with nothing new in it: nothing") {
    given({started()}).when(progress({}), told(noon)).then_nothing();
    given({started()}).when(progress("started"), told(noon)).then_nothing();
    given({started(), progressed("focus", {distraction("phone", 5min)}, RawJson{"{}"})})
        .when(progress("focus", {distraction("phone", 5min)}, RawJson{"{}"}), told(noon))
        .then_nothing();
}

TEST_CASE("a session keeps so many distractions and no more") {
    std::vector<DistractionEvent> many;
    for (std::size_t i = 0; i < max_distractions; ++i) many.push_back(distraction("noise", std::chrono::minutes{i}));
    const auto full = given({started(), progressed({}, many)});
    full.when(progress({}, {distraction("phone", 1min)}), told(noon)).then_refused(Refusal::too_many_distractions);
    full.when(progress({}, many), told(noon)).then_nothing();
    many.pop_back();
    given({started(), progressed({}, many)})
        .when(progress({}, {distraction("phone", 1min)}), told(noon))
        .then(progressed({}, {distraction("phone", 1min)}));
}

TEST_CASE("a session is completed now, if nothing else is said") {
    given({started()}).when(complete(), told(noon + 25min)).then(completed(noon + 25min));
}

TEST_CASE("what was done offline counts for when it was done, be it before the session's start") {
    given({started()}).when(complete(noon + 25min), told(noon + 9h)).then(completed(noon + 25min));
    given({started()}).when(complete(noon - 1h), told(noon + 9h)).then(completed(noon - 1h));
}

TEST_CASE("as far back as the command allows, and not a millisecond further") {
    given({started()}).when(complete(noon - 48h), told(noon)).then(completed(noon - 48h));
    given({started()}).when(complete(noon - 48h - 1ms), told(noon)).then_refused(Refusal::occurred_too_long_ago);
}

TEST_CASE("a clock that is a little ahead means now; the future is refused") {
    given({started()}).when(complete(noon + 5s), told(noon)).then(completed(noon));
    given({started()}).when(complete(noon + 5s + 1ms), told(noon)).then_refused(Refusal::occurred_in_the_future);
}

TEST_CASE("a session is abandoned") {
    given({started()}).when(AbandonSession{mika}, told(noon + 3min)).then(abandoned(noon + 3min));
}

TEST_CASE("a session is abandoned for a reason, if the learner tells one") {
    auto for_a_reason = abandoned(noon + 3min);
    for_a_reason.reason = AbandonReason::too_hard;
    given({started()}).when(AbandonSession{mika, AbandonReason::too_hard}, told(noon + 3min)).then(for_a_reason);
    CHECK(abandoned(noon).reason == AbandonReason::unspecified);
}

TEST_CASE("to a user who says they are another one, it is as if there were no session") {
    auto by_noor = told(noon);
    by_noor.user = noor;
    given({}).when(start(), by_noor).then_refused(Refusal::session_not_found);
    given({started()}).when(progress("focus"), by_noor).then_refused(Refusal::session_not_found);
    given({started()}).when(complete(), by_noor).then_refused(Refusal::session_not_found);
    given({started()}).when(AbandonSession{mika}, by_noor).then_refused(Refusal::session_not_found);
    auto by_mika = told(noon);
    by_mika.user = mika;
    given({started()}).when(complete(), by_mika).then(completed(noon));
}

TEST_CASE("abandoned already: nothing") {
    given({started(), abandoned(noon)}).when(AbandonSession{mika}, told(noon + 1h)).then_nothing();
}

TEST_CASE("what isn't there, or is somebody else's, isn't found") {
    auto of_noor = started();
    of_noor.user_id = noor;
    for (const auto& history : {std::vector<ChallengeSessionEvent>{}, std::vector<ChallengeSessionEvent>{of_noor}}) {
        given(history).when(progress("focus"), told(noon)).then_refused(Refusal::session_not_found);
        given(history).when(complete(), told(noon)).then_refused(Refusal::session_not_found);
        given(history).when(AbandonSession{mika}, told(noon)).then_refused(Refusal::session_not_found);
    }
}

TEST_CASE("what is completed stays completed: the second device is told so") {
    const auto done = given({started(), completed(noon)});
    done.when(complete(), told(noon + 1s)).then_refused(Refusal::session_already_completed);
    done.when(progress("focus"), told(noon + 1s)).then_refused(Refusal::session_already_completed);
    done.when(AbandonSession{mika}, told(noon + 1s)).then_refused(Refusal::session_already_completed);
}

TEST_CASE("what is abandoned can't go on") {
    const auto over = given({started(), abandoned(noon)});
    over.when(complete(), told(noon + 1s)).then_refused(Refusal::session_abandoned);
    over.when(progress("focus"), told(noon + 1s)).then_refused(Refusal::session_abandoned);
}
}

}  // namespace kiroku::challenges
