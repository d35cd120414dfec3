// tests/unit/projections/identity_and_challenges_test.cpp: accounts, catalogue and sessions from their events.
#include "projections/challenges/challenge_catalogue.hpp"
#include "projections/challenges/challenge_sessions.hpp"
#include "projections/gamification/xp_history.hpp"
#include "projections/identity/accounts.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/gamification/codec.hpp"
#include "schemas/identity/codec.hpp"
#include "tests/support/happened.hpp"

using namespace kiroku;
using test::at;
using test::happened;
using test::named;
using test::on;

namespace {

const auto mika = named<UserId>("mika");
constexpr std::string_view noon = "2026-03-06T12:00:00Z";
constexpr std::string_view later = "2026-03-06T12:25:00Z";

}  // namespace

TEST_SUITE("accounts") {
using namespace kiroku::identity;

TEST_CASE("a claim says whose an address is, a registration who that is") {
    const auto claim = named<EmailClaimId>("mika@example.org");
    const auto story = happened(on(claim, noon,
                                   EmailClaimed{.email_claim_id = claim,
                                                .user_id = mika,
                                                .email = "mika@example.org",
                                                .display_name = "Mika",
                                                .timezone = "Asia/Tokyo",
                                                .credential = "sealed"}),
                                on(mika, later,
                                   UserRegistered{.email_claim_id = claim,
                                                  .email = "mika@example.org",
                                                  .display_name = "Mika",
                                                  .timezone = "Asia/Tokyo",
                                                  .credential = "sealed"}));
    story.then<EmailClaimFold>({{.email_claim = claim, .user = mika}});
    story.then<AccountFold>({{.user = mika,
                              .email_claim = claim,
                              .email = "mika@example.org",
                              .display_name = "Mika",
                              .timezone = "Asia/Tokyo",
                              .credential = "sealed",
                              .registered_at = at(later),
                              .roles = {}}});
}

TEST_CASE("roles come, once each and in order, and go") {
    const auto granted = [](Role role) { return on(mika, later, RoleGranted{.role = role}); };
    const auto analyst = happened(granted(Role::operator_), granted(Role::analyst), granted(Role::analyst));
    CHECK(analyst.row<AccountFold>(mika).roles == std::vector<std::string>{"analyst", "operator"});
    const auto revoked = on(mika, later, RoleRevoked{.role = Role::analyst});
    const auto no_more = happened(granted(Role::operator_), granted(Role::analyst), revoked);
    CHECK(no_more.row<AccountFold>(mika).roles == std::vector<std::string>{"operator"});
}
}

TEST_SUITE("challenge_catalogue") {
using namespace kiroku::challenges;

TEST_CASE("a challenge is there as it was made") {
    const auto tomato = named<ChallengeId>("tomato");
    const ChallengeCreated created{.challenge_type = ChallengeType::custom,
                                   .title = "One calm tomato",
                                   .description = "25 minutes on one thing.",
                                   .difficulty = Difficulty{5},
                                   .estimated_duration = Minutes{25},
                                   .instructions = {"Choose \"one\" task.", "Start, {breathe}."},
                                   .success_criteria = RawJson{R"({"phases":1})"},
                                   .rewards = {RawJson{R"({"kind":"badge"})"}},
                                   .created_by = "user",
                                   .owner = mika};
    happened(on(tomato, noon, created))
        .then<CatalogueFold>({{.challenge = tomato,
                               .type = ChallengeType::custom,
                               .title = "One calm tomato",
                               .description = "25 minutes on one thing.",
                               .difficulty = Difficulty{5},
                               .estimated_duration = Minutes{25},
                               .instructions = {"Choose \"one\" task.", "Start, {breathe}."},
                               .success_criteria = RawJson{R"({"phases":1})"},
                               .rewards = {RawJson{R"({"kind":"badge"})"}},
                               .is_active = true,
                               .created_by = "user",
                               .owner = mika,
                               .created_at = at(noon),
                               .updated_at = at(noon)}});
}
}

TEST_SUITE("challenge_sessions") {
using namespace kiroku::challenges;

const auto session = named<ChallengeSessionId>("session");
const auto tomato = named<ChallengeId>("tomato");

SessionStarted started() {
    return {.challenge_id = tomato,
            .user_id = mika,
            .challenge_type = ChallengeType::pomodoro,
            .difficulty = Difficulty{2},
            .timezone = "Asia/Tokyo",
            .current_phase = "started",
            .started_at = at(noon)};
}

ChallengeSessionRow running() {
    ChallengeSessionRow row{};
    row.session = session;
    row.user = mika;
    row.challenge = tomato;
    row.challenge_type = ChallengeType::pomodoro;
    row.difficulty = Difficulty{2};
    row.current_phase = "started";
    row.started_at = at(noon);
    row.updated_at = at(noon);
    row.version = 1;  // as all events of these tests
    return row;
}

TEST_CASE("a session begins in progress") { happened(on(session, noon, started())).then<SessionFold>({running()}); }

TEST_CASE("progress adds distractions, and replaces phase and data only where told") {
    const DistractionEvent phone{.at = at(noon), .kind = "phone", .note = "a \"call\""};
    const DistractionEvent noise{.at = at(later), .kind = "noise"};
    auto expected = running();
    expected.current_phase = "focus";
    expected.session_data = RawJson{R"({"left":840})"};
    expected.distraction_events = {phone, noise};
    expected.updated_at = at(later);
    happened(on(session, noon, started()),
             on(session, noon,
                SessionProgressed{.user_id = mika,
                                  .current_phase = "focus",
                                  .distraction_events = {phone},
                                  .session_data = RawJson{R"({"left":840})"}}),
             on(session, later, SessionProgressed{.user_id = mika, .distraction_events = {noise}}))
        .then<SessionFold>({expected});
}

TEST_CASE("completed and abandoned") {
    auto completed = running();
    completed.status = SessionStatus::completed;
    completed.completed_at = at(later);
    completed.performance_score = PerformanceScore{92};
    completed.completion_time = Seconds{1500};
    completed.updated_at = at(later);
    happened(on(session, noon, started()), on(session, later,
                                              SessionCompleted{.user_id = mika,
                                                               .challenge_id = tomato,
                                                               .challenge_type = ChallengeType::pomodoro,
                                                               .difficulty = Difficulty{2},
                                                               .performance_score = PerformanceScore{92},
                                                               .completion_time = Seconds{1500},
                                                               .occurred_at = at(later),
                                                               .timezone = "Asia/Tokyo"}))
        .then<SessionFold>({completed});

    auto abandoned = running();
    abandoned.status = SessionStatus::abandoned;
    abandoned.abandoned_at = at(later);
    abandoned.abandon_reason = AbandonReason::no_time;
    abandoned.updated_at = at(later);
    happened(on(session, noon, started()), on(session, later,
                                              SessionAbandoned{.user_id = mika,
                                                               .challenge_id = tomato,
                                                               .challenge_type = ChallengeType::pomodoro,
                                                               .difficulty = Difficulty{2},
                                                               .occurred_at = at(later),
                                                               .timezone = "Asia/Tokyo",
                                                               .reason = AbandonReason::no_time}))
        .then<SessionFold>({abandoned});

    abandoned.abandon_reason = AbandonReason::unspecified;
    happened(on(session, noon, started()), on(session, later,
                                              SessionAbandonedV1{.user_id = mika,
                                                                 .challenge_id = tomato,
                                                                 .challenge_type = ChallengeType::pomodoro,
                                                                 .difficulty = Difficulty{2},
                                                                 .occurred_at = at(later),
                                                                 .timezone = "Asia/Tokyo"}))
        .then<SessionFold>({abandoned});
}
}

TEST_SUITE("xp_history") {
using namespace kiroku::gamification;

TEST_CASE("each award is a row") {
    const XpAwarded award{.award_id = named<AwardId>("award"),
                          .source_event_id = named<EventId>("source"),
                          .rule = "session_completed",
                          .rules_version = RulesVersion{3},
                          .amount = Xp{37},
                          .total_xp = Xp{140},
                          .reason = "Pomodoro completed",
                          .occurred_at = at(noon)};
    happened(on(mika, later, award))
        .then_recorded<XpHistory>({{.award = award.award_id,
                                    .user = mika,
                                    .source_event = award.source_event_id,
                                    .rule = "session_completed",
                                    .rules_version = RulesVersion{3},
                                    .amount = Xp{37},
                                    .total_xp = Xp{140},
                                    .reason = "Pomodoro completed",
                                    .occurred_at = at(noon),
                                    .recorded_at = at(later)}});
}
}
