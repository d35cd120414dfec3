// tests/unit/projections/leaderboard_test.cpp: in which windows XP counts, and since when.
#include "projections/gamification/leaderboard.hpp"

#include "schemas/identity/codec.hpp"
#include "tests/support/awards.hpp"

using namespace kiroku;
using namespace kiroku::gamification;
using test::at;
using test::award;
using test::date;
using test::happened;
using test::mika;
using test::named;
using test::on;

namespace {

const auto ayo = named<UserId>("ayo");

LocalDate starts(Timeframe timeframe, std::string_view instant) { return window_at(timeframe, at(instant)).starts; }

ScoreRow score(Timeframe timeframe, std::string_view first_day, std::int64_t xp, std::string_view reached,
               UserId user = mika) {
    return {.timeframe = timeframe, .starts = date(first_day), .user = user, .xp = Xp{xp}, .reached_at = at(reached)};
}

}  // namespace

TEST_SUITE("leaderboard") {
TEST_CASE("days are UTC days, whatever the learner's clock says") {
    CHECK(starts(Timeframe::daily, "2026-03-06T00:00:00Z") == date("2026-03-06"));
    CHECK(starts(Timeframe::daily, "2026-03-06T23:59:59.999Z") == date("2026-03-06"));
    CHECK(starts(Timeframe::daily, "2026-03-07T01:30:00+09:00") == date("2026-03-06"));
    CHECK(starts(Timeframe::daily, "1969-12-31T23:59:59.999Z") == date("1969-12-31"));
}

TEST_CASE("weeks are ISO weeks: from Monday, over the turn of the year, too") {
    CHECK(starts(Timeframe::weekly, "2026-03-02T00:00:00Z") == date("2026-03-02"));
    CHECK(starts(Timeframe::weekly, "2026-03-08T23:59:59.999Z") == date("2026-03-02"));
    CHECK(starts(Timeframe::weekly, "2026-03-09T00:00:00Z") == date("2026-03-09"));
    CHECK(starts(Timeframe::weekly, "2026-01-01T12:00:00Z") == date("2025-12-29"));  // 2026-W01
    CHECK(starts(Timeframe::weekly, "2027-01-03T12:00:00Z") == date("2026-12-28"));  // 2026-W53
    CHECK(starts(Timeframe::weekly, "2024-12-30T00:00:00Z") == date("2024-12-30"));  // 2025-W01
}

TEST_CASE("months begin on their first, leap years or not") {
    CHECK(starts(Timeframe::monthly, "2024-02-29T23:59:59.999Z") == date("2024-02-01"));
    CHECK(starts(Timeframe::monthly, "2024-03-01T00:00:00Z") == date("2024-03-01"));
    CHECK(starts(Timeframe::monthly, "2025-12-31T23:59:59.999Z") == date("2025-12-01"));
}

TEST_CASE("all of time has one window") {
    CHECK(window_at(Timeframe::all, at("2026-03-06T12:00:00Z")) ==
          window_at(Timeframe::all, at("1999-01-01T00:00:00Z")));
}

TEST_CASE("an award counts in four windows") {
    happened(on(mika, "2026-03-06T12:00:01Z", award(40, "2026-03-06T12:00:00Z")))
        .then<ScoreFold>({score(Timeframe::daily, "2026-03-06", 40, "2026-03-06T12:00:00Z"),
                          score(Timeframe::weekly, "2026-03-02", 40, "2026-03-06T12:00:00Z"),
                          score(Timeframe::monthly, "2026-03-01", 40, "2026-03-06T12:00:00Z"),
                          score(Timeframe::all, "1970-01-01", 40, "2026-03-06T12:00:00Z")});
}

TEST_CASE("what happened before midnight counts for its day, however late it is told") {
    const auto late = happened(on(mika, "2026-03-07T08:00:00Z", award(10, "2026-03-07T07:00:00Z")),
                               on(mika, "2026-03-07T08:00:01Z", award(30, "2026-03-06T23:59:59.999Z")));
    const auto row = [&](Timeframe timeframe, std::string_view first_day) {
        return late.row<ScoreFold>({{timeframe, date(first_day)}, mika});
    };
    CHECK(row(Timeframe::daily, "2026-03-06").xp == Xp{30});
    CHECK(row(Timeframe::daily, "2026-03-07").xp == Xp{10});
    CHECK(row(Timeframe::weekly, "2026-03-02").xp == Xp{40});
}

TEST_CASE("a score was reached when the latest of its awards was earned, in whatever order they are told") {
    const std::vector early_first{on(mika, "2026-03-06T12:00:00Z", award(10, "2026-03-06T09:00:00Z")),
                                  on(mika, "2026-03-06T12:00:00Z", award(20, "2026-03-06T11:00:00Z"))};
    const std::vector late_first{early_first[1], early_first[0]};
    for (const auto& story : {test::Story{early_first}, test::Story{late_first}}) {
        const auto row = story.row<ScoreFold>({{Timeframe::daily, date("2026-03-06")}, mika});
        CHECK(row.xp == Xp{30});
        CHECK(row.reached_at == at("2026-03-06T11:00:00Z"));
    }
}

TEST_CASE("names come from registrations") {
    const auto registered = [](std::string name) {
        return identity::UserRegistered{.email_claim_id = named<EmailClaimId>(name),
                                        .email = name + "@example.org",
                                        .display_name = name,
                                        .timezone = "UTC",
                                        .credential = "sealed"};
    };
    happened(on(mika, "2026-03-06T12:00:00Z", registered("Mika")), on(ayo, "2026-03-06T12:00:00Z", registered("Ayo")))
        .then<NameFold>({{.user = mika, .display_name = "Mika"}, {.user = ayo, .display_name = "Ayo"}});
}
}
