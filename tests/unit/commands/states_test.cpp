// tests/unit/commands/states_test.cpp: what `kiroku state` shows of each aggregate.
#include <doctest/doctest.h>

#include "commands/challenges/states.hpp"
#include "commands/contexts.hpp"
#include "commands/gamification/states.hpp"
#include "commands/identity/states.hpp"
#include "schemas/core/json.hpp"

using namespace kiroku;

namespace {

template <class State>
std::string shown(const State& state) {
    std::string out;
    write_state(out, state);
    return out;
}

const Uuid somebody = *Uuid::parse("0195677c-1d80-7a3e-9c51-2f6b8d4e0a17");
const Uuid something = *Uuid::parse("0195677c-1d80-7a3e-9c51-2f6b8d4e0a18");

}  // namespace

TEST_SUITE("commands/states") {
TEST_CASE("a learner: level, counts, streaks that ever began, achievements") {
    gamification::Learner learner;
    learner.total_xp = Xp{120};
    learner.tally = {.completed_by_type = {2, 0, 1, 0}, .perfect = 1, .hard = 0, .focus_seconds = 4500};
    learner.streaks[gamification::StreakType::daily] =
        gamification::StreakStanding{gamification::StreakType::daily, StreakCount{2}, StreakCount{3},
                                     LocalDate{std::chrono::year{2026} / 3 / 6}, "Europe/Berlin"};
    learner.unlocked = {"first_steps", "early_bird"};
    learner.recorded = {EventId{somebody}, EventId{something}};
    CHECK(shown(learner) ==
          R"({"totalXp":120,"level":2,"activities":2,"completed":3,"completedByType":{"pomodoro":2,)"
          R"("distraction_drill":0,"real_life_task":1,"custom":0},"perfect":1,"hard":0,"focusSeconds":4500,"streaks":[)"
          R"({"streakType":"daily","count":2,"longest":3,"localDate":"2026-03-06","timezone":"Europe/Berlin"}],)"
          R"("achievements":["early_bird","first_steps"]})");
}

TEST_CASE("a session: its stage, and of the rest what there is") {
    CHECK(shown(challenges::ChallengeSession{}) == R"({"stage":"not_started","distractionEvents":[]})");
    challenges::ChallengeSession session;
    session.stage = challenges::ChallengeSession::Stage::in_progress;
    session.current_phase = "focus \"deep\"";
    session.data = RawJson{R"({"timer":3})"};
    CHECK(
        shown(session) ==
        R"({"stage":"in_progress","currentPhase":"focus \"deep\"","distractionEvents":[],"sessionData":{"timer":3}})");
    CHECK(shown(challenges::Challenge{}) == "{}");
}

TEST_CASE("accounts: whose address, what roles, which sessions live") {
    CHECK(shown(identity::EmailClaim{UserId{somebody}}) == R"({"holder":"0195677c-1d80-7a3e-9c51-2f6b8d4e0a17"})");
    CHECK(shown(identity::User{}) == R"({"roles":[]})");
    identity::Sessions sessions{
        {{SessionId{somebody}, Generation{3}}, {SessionId{something}, Generation{1}, Instant{}}}};
    CHECK(shown(sessions) == R"({"live":[{"id":"0195677c-1d80-7a3e-9c51-2f6b8d4e0a17","generation":3},)"
                             R"({"id":"0195677c-1d80-7a3e-9c51-2f6b8d4e0a18","generation":1,)"
                             R"("rotatedAt":"1970-01-01T00:00:00.000Z"}]})");
    CHECK(shown(identity::AuditTrail{}) == "{}");
}
}
