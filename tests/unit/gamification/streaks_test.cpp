// tests/unit/gamification/streaks_test.cpp: days, weeks and sessions in a row: over clock changes, journeys and late
// news.
#include "domain/gamification/streaks.hpp"

#include "tests/unit/gamification/learning.hpp"

namespace kiroku::gamification {
namespace {

using test::at;
using test::date;

struct Activity {
    const char* occurred_at;
    const char* timezone = "UTC";
};

/// A learner who completed these, in this order.
Story after_completing(const std::vector<Activity>& activities) {
    static const RuleBook& book = book_of(unpaid());
    Story story{book};
    for (std::size_t i = 0; i < activities.size(); ++i) {
        story.after(completing("activity " + std::to_string(i), activities[i].occurred_at, activities[i].timezone));
    }
    return story;
}

int daily_after(const std::vector<Activity>& activities) {
    const auto learner = after_completing(activities).learner();
    const auto& streak = learner.streaks[StreakType::daily];
    return streak ? streak->count.value : 0;
}

/// What the next activity tells of one streak: at most one line.
std::vector<StreakExtended> news_of(StreakType type, Story story, const RecordActivity& next) {
    auto extended = only<StreakExtended>(story.after(next));
    std::erase_if(extended, [&](const StreakExtended& one) { return one.streak_type != type; });
    return extended;
}

std::vector<StreakExtended> one(StreakType type, int count, int longest, std::string_view day,
                                std::string timezone = "UTC") {
    return {{type, StreakCount{count}, StreakCount{longest}, date(day), std::move(timezone)}};
}

const std::vector<StreakExtended> nothing;

}  // namespace

TEST_SUITE("gamification/streaks") {
TEST_CASE("same day nothing, next day one more, after a gap from 1") {
    const std::vector<Activity> two_days{{"2026-03-05T12:00:00Z"}, {"2026-03-06T12:00:00Z"}};
    const auto daily = [&](std::string_view when) {
        return news_of(StreakType::daily, after_completing(two_days), completing("next", when));
    };
    CHECK(daily("2026-03-06T23:59:59.999Z") == nothing);
    CHECK(daily("2026-03-07T00:00:00Z") == one(StreakType::daily, 3, 3, "2026-03-07"));
    CHECK(daily("2026-03-07T23:59:59.999Z") == one(StreakType::daily, 3, 3, "2026-03-07"));
    CHECK(daily("2026-03-08T00:00:00Z") == one(StreakType::daily, 1, 2, "2026-03-08"));
}

TEST_CASE("a new run as long as the last one is news all the same") {
    const auto story = after_completing({{"2026-03-01T12:00:00Z"}});
    CHECK(news_of(StreakType::daily, story, completing("next", "2026-03-05T12:00:00Z")) ==
          one(StreakType::daily, 1, 1, "2026-03-05"));
}

TEST_CASE("clock changes make days longer and shorter, but not more or fewer") {
    // Berlin, spring: 29 March 2026 has 23 hours; 47 hours and 58 minutes lie between these two.
    CHECK(daily_after({{"2026-03-27T23:01:00Z", "Europe/Berlin"}, {"2026-03-29T21:59:00Z", "Europe/Berlin"}}) == 2);
    CHECK(daily_after({{"2026-03-28T22:30:00Z", "Europe/Berlin"}, {"2026-03-28T23:30:00Z", "Europe/Berlin"}}) == 2);
    CHECK(daily_after({{"2026-03-28T12:00:00Z", "Europe/Berlin"},
                       {"2026-03-29T00:30:00Z", "Europe/Berlin"},
                       {"2026-03-29T22:30:00Z", "Europe/Berlin"}}) == 3);
    // Berlin, autumn: 25 October 2026 has 25 hours; the same hour comes twice.
    CHECK(daily_after({{"2026-10-25T00:30:00Z", "Europe/Berlin"}, {"2026-10-25T01:30:00Z", "Europe/Berlin"}}) == 1);
    CHECK(daily_after({{"2026-10-23T22:01:00Z", "Europe/Berlin"}, {"2026-10-25T22:59:00Z", "Europe/Berlin"}}) == 2);
    CHECK(daily_after({{"2026-10-24T22:00:00Z", "Europe/Berlin"}, {"2026-10-25T23:00:00Z", "Europe/Berlin"}}) == 2);
    // New York: 8 March and 1 November 2026.
    CHECK(daily_after({{"2026-03-08T04:59:00Z", "America/New_York"},
                       {"2026-03-08T05:00:00Z", "America/New_York"},
                       {"2026-03-09T03:59:00Z", "America/New_York"},
                       {"2026-03-09T04:00:00Z", "America/New_York"}}) == 3);
    CHECK(daily_after({{"2026-11-01T05:30:00Z", "America/New_York"}, {"2026-11-01T06:30:00Z", "America/New_York"}}) ==
          1);
    CHECK(daily_after({{"2026-11-01T04:00:00Z", "America/New_York"},
                       {"2026-11-02T05:00:00Z", "America/New_York"},
                       {"2026-11-03T05:00:00Z", "America/New_York"}}) == 3);
    // Without clock changes, at a quarter to an hour.
    CHECK(daily_after({{"2026-03-06T18:14:59Z", "Asia/Kathmandu"}, {"2026-03-06T18:15:00Z", "Asia/Kathmandu"}}) == 2);
}

TEST_CASE("days are counted where they were lived, whatever zone comes next") {
    // Berlin to Tokyo, eastwards: the evening of the 6th, then the evening of the 7th.
    CHECK(daily_after({{"2026-03-06T20:00:00Z", "Europe/Berlin"}, {"2026-03-07T11:00:00Z", "Asia/Tokyo"}}) == 2);
    // The same instant is another day there: both count, once each.
    CHECK(daily_after({{"2026-03-06T15:30:00Z", "Europe/Berlin"}, {"2026-03-06T15:30:00Z", "Asia/Tokyo"}}) == 2);
    // Tokyo to Honolulu over the date line: an hour later it is the day before, which has its place before.
    CHECK(daily_after({{"2026-03-06T23:00:00Z", "Asia/Tokyo"}, {"2026-03-07T08:00:00Z", "Pacific/Honolulu"}}) == 2);
    CHECK(daily_after({{"2026-03-06T10:30:00Z", "Pacific/Apia"}, {"2026-03-06T11:30:00Z", "Pacific/Pago_Pago"}}) == 1);
    CHECK(daily_after({{"2026-03-06T11:30:00Z", "Pacific/Apia"}, {"2026-03-06T12:30:00Z", "Pacific/Pago_Pago"}}) == 2);
    // Pago Pago to Apia, an hour later: from the 5th to the 7th, and no 6th was lived (travel grace is none yet).
    CHECK(daily_after({{"2026-03-06T10:30:00Z", "Pacific/Pago_Pago"}, {"2026-03-06T11:30:00Z", "Pacific/Apia"}}) == 1);
}

TEST_CASE("a date that a whole country left out is a gap like any other") {
    CHECK(daily_after({{"2011-12-30T09:59:00Z", "Pacific/Apia"}, {"2011-12-30T10:00:00Z", "Pacific/Apia"}}) == 1);
}

TEST_CASE("a streak tells its run's last day, in the zone that this day was counted in") {
    const auto story =
        after_completing({{"2026-03-05T12:00:00Z", "Asia/Tokyo"}, {"2026-03-06T20:00:00Z", "Europe/Berlin"}});
    CHECK(news_of(StreakType::daily, story, completing("next", "2026-03-07T23:30:00Z", "America/New_York")) ==
          one(StreakType::daily, 3, 3, "2026-03-07", "America/New_York"));
    CHECK(news_of(StreakType::daily, story, completing("late", "2026-03-04T00:30:00Z", "America/New_York")) == nothing);
    CHECK(news_of(StreakType::daily, story, completing("late", "2026-03-04T12:30:00Z", "America/New_York")) ==
          one(StreakType::daily, 3, 3, "2026-03-06", "Europe/Berlin"));
}

TEST_CASE("a late day counts for itself: it mends a gap, lengthens a run, or does nothing to the latest one") {
    const auto story = after_completing(
        {{"2026-03-01T12:00:00Z"}, {"2026-03-02T12:00:00Z"}, {"2026-03-04T12:00:00Z"}, {"2026-03-05T12:00:00Z"}});
    const auto daily = [&](std::string_view when) {
        return news_of(StreakType::daily, story, completing("late", when));
    };
    CHECK(daily("2026-03-03T12:00:00Z") == one(StreakType::daily, 5, 5, "2026-03-05"));
    CHECK(daily("2026-02-28T12:00:00Z") ==
          one(StreakType::daily, 2, 3, "2026-03-05"));  // the older run is the longest now
    CHECK(daily("2026-02-20T12:00:00Z") == nothing);
    CHECK(daily("2026-03-02T23:00:00Z") == nothing);  // that day was active already
}

TEST_CASE("weeks are those of ISO 8601: from Monday on, 53 in some years, over the turn of the year") {
    const auto weekly = [](std::vector<Activity> before, std::string_view when) {
        return news_of(StreakType::weekly, after_completing(before), completing("next", when));
    };
    const std::vector<Activity> in_week_53{{"2026-12-28T12:00:00Z"}};
    CHECK(weekly(in_week_53, "2026-12-31T12:00:00Z") == nothing);
    CHECK(weekly(in_week_53, "2027-01-03T23:59:59Z") == nothing);
    CHECK(weekly(in_week_53, "2027-01-04T00:00:00Z") == one(StreakType::weekly, 2, 2, "2027-01-04"));
    CHECK(weekly(in_week_53, "2027-01-10T12:00:00Z") == one(StreakType::weekly, 2, 2, "2027-01-10"));
    CHECK(weekly(in_week_53, "2027-01-11T00:00:00Z") == one(StreakType::weekly, 1, 1, "2027-01-11"));
    CHECK(weekly({{"2024-12-29T12:00:00Z"}}, "2024-12-30T12:00:00Z") == one(StreakType::weekly, 2, 2, "2024-12-30"));
    CHECK(weekly({{"2026-03-02T12:00:00Z"}, {"2026-03-16T12:00:00Z"}}, "2026-03-15T12:00:00Z") ==
          one(StreakType::weekly, 3, 3, "2026-03-16"));
}

TEST_CASE("the week turns on the local Monday") {
    const auto monday_in_kathmandu = completing("next", "2026-03-08T18:15:00Z", "Asia/Kathmandu");
    CHECK(news_of(StreakType::weekly, after_completing({{"2026-03-07T12:00:00Z", "Asia/Kathmandu"}}),
                  monday_in_kathmandu) == one(StreakType::weekly, 2, 2, "2026-03-09", "Asia/Kathmandu"));
}

TEST_CASE("completing counts on until something is given up, then from 1") {
    auto story = after_completing({{"2026-03-01T12:00:00Z"}, {"2026-03-01T13:00:00Z"}});
    CHECK(only<StreakEnded>(story.after(abandoning("no", "2026-03-01T14:00:00Z"))) ==
          std::vector<StreakEnded>{{StreakType::challenge_completion, StreakCount{2}, at("2026-03-01T14:00:00Z")}});
    CHECK(news_of(StreakType::challenge_completion, story, completing("again", "2026-03-01T15:00:00Z")) ==
          one(StreakType::challenge_completion, 1, 2, "2026-03-01"));
}

TEST_CASE("a completion told late belongs to the run in which it happened") {
    auto story = after_completing({{"2026-03-01T12:00:00Z"}, {"2026-03-01T13:00:00Z"}});
    story.after(abandoning("no", "2026-03-01T14:00:00Z"));
    CHECK(news_of(StreakType::challenge_completion, story, completing("late", "2026-03-01T13:30:00Z")) ==
          one(StreakType::challenge_completion, 0, 3, "2026-03-01"));  // over already, and longer than we knew
    story.after(completing("again", "2026-03-02T12:00:00Z"));
    story.after(abandoning("no more", "2026-03-03T12:00:00Z"));
    CHECK(news_of(StreakType::challenge_completion, story, completing("late", "2026-03-02T13:30:00Z")) == nothing);
}

TEST_CASE("a session given up, told late, ends what was before it and keeps what came after") {
    auto story = after_completing({{"2026-03-01T12:00:00Z"}, {"2026-03-02T12:00:00Z"}, {"2026-03-03T12:00:00Z"}});
    const auto events = story.after(abandoning("late", "2026-03-02T18:00:00Z"));
    CHECK(only<StreakEnded>(events) ==
          std::vector<StreakEnded>{{StreakType::challenge_completion, StreakCount{2}, at("2026-03-02T18:00:00Z")}});
    CHECK(only<StreakExtended>(events) == one(StreakType::challenge_completion, 1, 3, "2026-03-03"));
    CHECK(story.after(abandoning("earlier still", "2026-03-01T18:00:00Z")).size() == 1);  // what runs is left alone
}

TEST_CASE("a milestone is reached once in a life") {
    auto rules = unpaid();
    rules.milestones = {{StreakType::daily, StreakCount{2}, Xp{10}},
                        {StreakType::daily, StreakCount{3}, {}},
                        {StreakType::weekly, StreakCount{2}, Xp{99}}};
    Story story{book_of(rules)};
    CHECK(only<StreakMilestoneReached>(story.after(completing("a", "2026-03-02T12:00:00Z"))).empty());

    const auto second = story.after(completing("b", "2026-03-03T12:00:00Z"));
    CHECK(only<StreakMilestoneReached>(second) ==
          std::vector<StreakMilestoneReached>{{StreakType::daily, StreakCount{2}}});
    REQUIRE(only<XpAwarded>(second).size() == 1);
    CHECK(only<XpAwarded>(second)[0].reason == "2 days in a row");
    CHECK(only<XpAwarded>(second)[0].rule == "streak_milestone.daily.2");
    CHECK(only<XpAwarded>(second)[0].amount == Xp{10});

    story.after(completing("c", "2026-03-05T12:00:00Z"));
    CHECK(only<StreakMilestoneReached>(story.after(completing("d", "2026-03-06T12:00:00Z"))).empty());
    const auto mended = story.after(completing("late", "2026-03-04T12:00:00Z"));
    CHECK(only<StreakMilestoneReached>(mended) ==
          std::vector<StreakMilestoneReached>{{StreakType::daily, StreakCount{3}}});
    CHECK(only<XpAwarded>(mended).empty());
}

TEST_CASE("a late day may reach several milestones at once, also of an older run") {
    auto rules = unpaid();
    rules.milestones = {{StreakType::daily, StreakCount{3}, Xp{5}}, {StreakType::daily, StreakCount{5}, Xp{7}}};
    Story story{book_of(rules)};
    for (const auto* day : {"2026-03-01", "2026-03-02", "2026-03-04", "2026-03-05", "2026-03-20"}) {
        CHECK(only<XpAwarded>(story.after(completing(day, std::string{day} + "T12:00:00Z"))).empty());
    }
    const auto mended = story.after(completing("late", "2026-03-03T12:00:00Z"));
    CHECK(
        only<StreakMilestoneReached>(mended) ==
        std::vector<StreakMilestoneReached>{{StreakType::daily, StreakCount{3}}, {StreakType::daily, StreakCount{5}}});
    CHECK(only<XpAwarded>(mended).back().total_xp == Xp{12});
}
}

}  // namespace kiroku::gamification
