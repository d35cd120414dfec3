// tests/integration/projections/queries_test.cpp: what the screens ask, from real tables.
#include <doctest/doctest.h>

#include <set>

#include "projections/challenges/challenge_catalogue.hpp"
#include "projections/challenges/challenge_sessions.hpp"
#include "projections/gamification/leaderboard.hpp"
#include "projections/gamification/progress.hpp"
#include "projections/gamification/xp_history.hpp"
#include "projections/identity/accounts.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/identity/codec.hpp"
#include "tests/support/awards.hpp"
#include "tests/support/projected.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using projections::Keyset;
using projections::Order;
using test::at;
using test::award;
using test::mika;
using test::named;
using test::noon;
using test::on;
using test::ProjectedWorld;
using test::RunningProjectors;

namespace {

const auto ayo = named<UserId>("ayo");
const auto noor = named<UserId>("noor");
const auto zed = named<UserId>("zed");

test::Happened registered(const UserId& user, const EmailClaimId& claim, std::string name) {
    return on(user, noon,
              identity::UserRegistered{.email_claim_id = claim,
                                       .email = "x@example.org",
                                       .display_name = std::move(name),
                                       .timezone = "UTC",
                                       .credential = "sealed"});
}

test::Happened claimed(const EmailClaimId& claim, const UserId& user) {
    return on(claim, noon,
              identity::EmailClaimed{.email_claim_id = claim,
                                     .user_id = user,
                                     .email = "x@example.org",
                                     .display_name = "X",
                                     .timezone = "UTC",
                                     .credential = "sealed"});
}

test::Happened created(std::string_view name, std::string_view time, ChallengeType type, int difficulty,
                       std::optional<UserId> owner = {}) {
    return on(named<ChallengeId>(name), time,
              challenges::ChallengeCreated{.challenge_type = type,
                                           .title = std::string{name},
                                           .description = "",
                                           .difficulty = Difficulty{difficulty},
                                           .estimated_duration = Minutes{25},
                                           .instructions = {"one"},
                                           .success_criteria = RawJson{"{}"},
                                           .rewards = {},
                                           .created_by = owner ? "user" : "system",
                                           .owner = owner});
}

/// A world that is projected, and a handle to ask it.
struct Asked {
    explicit Asked(const std::vector<test::Told>& story) {
        world.log.write(story);
        const RunningProjectors running{world.settings()};
        world.wait_until_read();
    }
    ProjectedWorld world;
    postgres::Connection connection{world.connect()};
    postgres::Read read{connection};
};

std::string titles(const std::vector<challenges::ChallengeRow>& rows) {
    std::string all;
    for (const auto& row : rows) all += row.title + ' ';
    return all;
}

}  // namespace

TEST_SUITE("queries: leaderboard") {
using namespace kiroku::gamification;

TEST_CASE("ranks are 1224, ties show who was first, nobody stands there with 0") {
    Asked asked{{{award(ayo, 100, "2026-03-06T11:00:00Z")},
                 {award(mika, 50, "2026-03-06T10:00:00Z"), award(mika, 50, "2026-03-06T10:30:00Z")},
                 {award(noor, 70, "2026-03-06T09:00:00Z")},
                 {award(zed, 0, "2026-03-06T09:00:00Z")},
                 {registered(mika, named<EmailClaimId>("mika"), "Mika")}}};
    const Window today{Timeframe::daily, test::date("2026-03-06")};
    const auto board = leaderboard_in(asked.read, today, 10, noor);
    REQUIRE(board.items.size() == 3);
    CHECK(board.items[0] == Ranked{1, mika, "Mika", Xp{100}});
    CHECK(board.items[1] == Ranked{1, ayo, "", Xp{100}});
    CHECK(board.items[2] == Ranked{3, noor, "", Xp{70}});
    CHECK(board.me == board.items[2]);
    CHECK(board.as_of == at(noon));
    CHECK_FALSE(leaderboard_in(asked.read, today, 10, zed).me);
    CHECK_FALSE(leaderboard_in(asked.read, today, 10, UserId{random_uuid_v7()}).me);
}

TEST_CASE("whoever isn't among those listed still has a rank, with ties") {
    Asked asked{{{award(ayo, 100, "2026-03-06T11:00:00Z")},
                 {award(mika, 100, "2026-03-06T10:00:00Z")},
                 {award(noor, 70, "2026-03-06T09:00:00Z")},
                 {award(zed, 70, "2026-03-06T09:00:00Z")}}};
    const auto board = leaderboard_in(asked.read, {Timeframe::all, test::date("1970-01-01")}, 1, zed);
    REQUIRE(board.items.size() == 1);
    CHECK(board.items[0].user == mika);
    REQUIRE(board.me);
    CHECK(board.me->rank == 3);
    CHECK(leaderboard_in(asked.read, {Timeframe::all, test::date("1970-01-01")}, 1, ayo).me->rank == 1);
}

TEST_CASE("a window holds what was earned in it, and an empty one is empty") {
    Asked asked{{{award(mika, 10, "2026-03-01T23:59:59.999Z"), award(mika, 20, "2026-03-02T00:00:00Z")},
                 {award(ayo, 15, "2026-03-08T23:59:59.999Z"), award(ayo, 25, "2026-03-09T00:00:00Z")}}};
    const auto week = leaderboard_in(asked.read, window_at(Timeframe::weekly, at("2026-03-05T00:00:00Z")), 10, mika);
    REQUIRE(week.items.size() == 2);
    CHECK(week.items[0].xp == Xp{20});
    CHECK(week.items[1].xp == Xp{15});
    CHECK(leaderboard_in(asked.read, window_at(Timeframe::daily, at("2026-03-05T00:00:00Z")), 10, mika).items.empty());
    CHECK(leaderboard_in(asked.read, window_at(Timeframe::monthly, at("2026-03-05T00:00:00Z")), 10, mika)
              .items.front()
              .user == ayo);
}
}

TEST_SUITE("queries: progress and history") {
using namespace kiroku::gamification;

TEST_CASE("a learner's row, alone and among many") {
    Asked asked{
        {{award(mika, 10, noon),
          on(mika, noon, AchievementUnlocked{.achievement_id = "first", .rarity = Rarity::rare, .title = "\"First\""})},
         {award(ayo, 20, noon)}}};
    const auto row = progress_of(asked.read, mika);
    REQUIRE(row);
    CHECK(row->total_xp == Xp{10});
    CHECK(row->achievements ==
          std::vector<UnlockedAchievement>{
              {.id = "first", .title = "\"First\"", .rarity = Rarity::rare, .unlocked_at = at(noon)}});
    CHECK_FALSE(progress_of(asked.read, noor));
    const UserId users[]{ayo, noor, mika};
    CHECK(progress_of_all(asked.read, users).size() == 2);
}

TEST_CASE(
    "history comes by pages, the latest and of one moment the highest total first, and what is told meanwhile disturbs "
    "none") {
    std::vector<test::Told> story;
    for (int number = 0; number < 5; ++number)
        story.push_back({award(mika, number + 1, noon, "same moment " + std::to_string(number))});
    for (int number = 5; number < 10; ++number)
        story.push_back({award(mika, number + 1, "2026-03-06T13:0" + std::to_string(number) + ":00Z")});
    story.push_back({award(ayo, 99, noon)});
    Asked asked{story};
    std::vector<XpHistoryRow> all;
    std::optional<Keyset> after;
    int pages = 0;
    do {
        auto page = xp_history_of(asked.read, mika, {after, 3});
        CHECK(page.rows.size() <= 3);
        all.insert(all.end(), page.rows.begin(), page.rows.end());
        after = page.next ? Keyset::parse(page.next->text()) : std::nullopt;
        ++pages;
    } while (after);
    CHECK(pages == 4);
    REQUIRE(all.size() == 10);
    std::set<AwardId> once;
    for (std::size_t number = 0; number < all.size(); ++number) {
        once.insert(all[number].award);
        CHECK(all[number].amount == Xp{10 - static_cast<std::int64_t>(number)});
    }
    CHECK(once.size() == 10);
    CHECK(xp_history_of(asked.read, mika, {std::nullopt, 10}).next == std::nullopt);
}
}

TEST_SUITE("queries: challenges") {
using namespace kiroku::challenges;

TEST_CASE("everybody's challenges and one's own, filtered, by pages") {
    Asked asked{{{created("a", "2026-03-01T00:00:00Z", ChallengeType::pomodoro, 1)},
                 {created("b", "2026-03-02T00:00:00Z", ChallengeType::custom, 2, mika)},
                 {created("c", "2026-03-03T00:00:00Z", ChallengeType::custom, 2, ayo)},
                 {created("d", "2026-03-04T00:00:00Z", ChallengeType::pomodoro, 3)},
                 {created("e", "2026-03-05T00:00:00Z", ChallengeType::distraction_drill, 3)}}};
    const auto list = [&](const UserId& learner, CatalogueFilter filter) {
        return titles(challenges_for(asked.read, learner, filter, {std::nullopt, 10, Order::earliest_first}).rows);
    };
    CHECK(list(mika, {}) == "a b d e ");
    CHECK(list(ayo, {}) == "a c d e ");
    CHECK(list(noor, {}) == "a d e ");
    CHECK(list(mika, {.type = ChallengeType::pomodoro, .difficulty = {}}) == "a d ");
    CHECK(list(mika, {.type = {}, .difficulty = Difficulty{3}}) == "d e ");
    CHECK(list(mika, {.type = ChallengeType::custom, .difficulty = Difficulty{3}}).empty());

    const auto first = challenges_for(asked.read, mika, {}, {std::nullopt, 2, Order::earliest_first});
    CHECK(titles(first.rows) == "a b ");
    const auto second = challenges_for(asked.read, mika, {}, {first.next, 2, Order::earliest_first});
    CHECK(titles(second.rows) == "d e ");
    CHECK_FALSE(second.next);

    CHECK(challenge_for(asked.read, mika, named<ChallengeId>("b"))->owner == mika);
    CHECK_FALSE(challenge_for(asked.read, ayo, named<ChallengeId>("b")));
    CHECK(challenge_for(asked.read, ayo, named<ChallengeId>("a"))->instructions == std::vector<std::string>{"one"});
}

TEST_CASE("a session is its learner's only, and theirs are listed latest first") {
    const auto started = [&](std::string_view name, const UserId& user, std::string_view time) {
        return test::Told{on(named<ChallengeSessionId>(name), time,
                             SessionStarted{.challenge_id = named<ChallengeId>("a"),
                                            .user_id = user,
                                            .challenge_type = ChallengeType::pomodoro,
                                            .difficulty = Difficulty{1},
                                            .timezone = "UTC",
                                            .current_phase = "started",
                                            .started_at = at(time)})};
    };
    Asked asked{{started("one", mika, "2026-03-01T00:00:00Z"), started("two", mika, "2026-03-02T00:00:00Z"),
                 started("three", ayo, "2026-03-03T00:00:00Z")}};
    CHECK(session_of(asked.read, mika, named<ChallengeSessionId>("one"))->status == SessionStatus::in_progress);
    CHECK_FALSE(session_of(asked.read, ayo, named<ChallengeSessionId>("one")));
    const auto first = sessions_of(asked.read, mika, {std::nullopt, 1});
    CHECK(first.rows.front().session == named<ChallengeSessionId>("two"));
    const auto second = sessions_of(asked.read, mika, {first.next, 1});
    CHECK(second.rows.front().session == named<ChallengeSessionId>("one"));
    CHECK_FALSE(second.next);
}
}

TEST_SUITE("queries: accounts") {
using namespace kiroku::identity;

TEST_CASE("only whom the claim names, and who is registered with it, can log in") {
    const auto claim = named<EmailClaimId>("x@example.org");
    const auto unregistered = named<EmailClaimId>("y@example.org");
    const auto foreign = named<EmailClaimId>("z@example.org");
    Asked asked{{{claimed(claim, mika)},
                 {registered(mika, claim, "Mika")},
                 {claimed(unregistered, ayo)},
                 {claimed(foreign, ayo)},
                 {registered(noor, foreign, "Noor")}}};
    CHECK(account_by_claim(asked.read, claim)->user == mika);
    CHECK(account_by_claim(asked.read, claim)->credential == "sealed");
    CHECK_FALSE(account_by_claim(asked.read, unregistered));
    CHECK_FALSE(account_by_claim(asked.read, foreign));
    CHECK_FALSE(account_by_claim(asked.read, named<EmailClaimId>("nobody's")));
    CHECK(account_of(asked.read, noor)->display_name == "Noor");
    CHECK_FALSE(account_of(asked.read, ayo));
}
}
