// tests/unit/gamification/streaks_oracle_test.cpp: whatever happens, heard of in whatever order, streaks are what a
// plain count over a calendar says.
#include <chrono>
#include <map>
#include <random>
#include <set>

#include "domain/core/local_time.hpp"
#include "tests/unit/gamification/learning.hpp"

namespace kiroku::gamification {
namespace {

using namespace std::chrono_literals;

constexpr std::array zones{"Europe/Berlin",     "America/New_York", "Pacific/Apia",
                           "Pacific/Pago_Pago", "Asia/Kathmandu",   "UTC"};

struct Figures {
    int count = 0;
    int longest = 0;

    bool operator==(const Figures&) const = default;
};

/// Walks day by day (or week by week) from the first to the last.
Figures walk(const std::set<LocalDate>& active, std::chrono::days step) {
    Figures figures;
    if (active.empty()) return figures;
    for (auto day = *active.begin(); day <= *active.rbegin(); day += step) {
        figures.count = active.contains(day) ? figures.count + 1 : 0;
        figures.longest = std::max(figures.longest, figures.count);
    }
    return figures;
}

/// Walks from ending to ending; at one instant, what was completed comes before what was given up.
Figures walk(const std::set<std::tuple<Instant, bool, int>>& endings) {
    Figures figures;
    for (const auto& [at, given_up, number] : endings) {
        figures.count = given_up ? 0 : figures.count + 1;
        figures.longest = std::max(figures.longest, figures.count);
    }
    return figures;
}

/// Everything that was told so far, on a calendar.
class Calendar {
public:
    void add(const RecordActivity& activity) {
        const bool given_up = activity.kind == ActivityKind::abandoned;
        endings_.insert({activity.occurred_at, given_up, number_++});
        if (!given_up) {
            const auto day = local_date(activity.occurred_at, activity.timezone).value();
            days_.insert(day);
            weeks_.insert(monday_of(day));
        }
        const auto run = walk(endings_);
        endings_figures_ = {run.count, std::max(endings_figures_.longest, run.longest)};  // what was longest stays
    }

    Figures figures(StreakType type) const {
        switch (type) {
            case StreakType::daily: return walk(days_, std::chrono::days{1});
            case StreakType::weekly: return walk(weeks_, std::chrono::days{7});
            case StreakType::challenge_completion: return endings_figures_;
        }
        return {};
    }

    std::optional<LocalDate> last_day() const { return days_.empty() ? std::nullopt : std::optional{*days_.rbegin()}; }

private:
    std::set<LocalDate> days_;
    std::set<LocalDate> weeks_;
    std::set<std::tuple<Instant, bool, int>> endings_;
    Figures endings_figures_;
    int number_ = 0;
};

Figures told(const Learner& learner, StreakType type) {
    const auto& streak = learner.streaks[type];
    return streak ? Figures{streak->count.value, streak->longest.value} : Figures{};
}

/// Some sessions around clock changes and the turn of a year with 53 weeks, denser and less dense.
std::vector<RecordActivity> some_activities(std::mt19937& random) {
    const auto start = test::at("2026-10-20T00:00:00Z");
    const auto span_hours = std::uniform_int_distribution<int>{24, 24 * 90}(random);
    const auto count = std::uniform_int_distribution<int>{1, 60}(random);
    std::vector<RecordActivity> activities;
    for (int i = 0; i < count; ++i) {
        const auto zone = zones[std::uniform_int_distribution<std::size_t>{0, zones.size() - 1}(random)];
        const auto occurred_at = start + std::chrono::hours{std::uniform_int_distribution<int>{0, span_hours}(random)};
        const bool given_up = std::bernoulli_distribution{0.15}(random);
        const auto source = "activity " + std::to_string(i);
        activities.push_back(given_up ? abandoning(source, kiroku::to_string(occurred_at), zone)
                                      : completing(source, kiroku::to_string(occurred_at), zone));
    }
    return activities;
}

}  // namespace

TEST_SUITE("gamification/streaks against an oracle") {
TEST_CASE("in any order, after each step, the log tells what the calendar says") {
    const auto& book = book_of(unpaid());
    std::mt19937 random{20261020};
    for (int round = 0; round < 150; ++round) {
        auto activities = some_activities(random);
        std::shuffle(activities.begin(), activities.end(), random);
        CAPTURE(round);
        Learner learner;
        Calendar calendar;
        for (const auto& activity : activities) {
            const auto events = decide(learner, activity, told_under(book));
            REQUIRE(events.has_value());
            learner = fold(std::move(learner), *events);
            calendar.add(activity);
            for (const auto type : streak_types) {
                CAPTURE(std::string{to_string(type)});
                REQUIRE(told(learner, type) == calendar.figures(type));
            }
            const auto& daily = learner.streaks[StreakType::daily];
            REQUIRE((daily ? std::optional{daily->local_date} : std::nullopt) == calendar.last_day());
        }
    }
}

TEST_CASE("two orders of the same activities end in the same days, weeks, counts and achievements' figures") {
    const auto& book = book_of(unpaid());
    std::mt19937 random{53};
    for (int round = 0; round < 100; ++round) {
        CAPTURE(round);
        auto activities = some_activities(random);
        const auto live = [&] {
            Learner learner;
            for (const auto& activity : activities) {
                const auto events = *decide(learner, activity, told_under(book));
                learner = fold(std::move(learner), events);
            }
            return learner;
        };
        const auto one = live();
        std::shuffle(activities.begin(), activities.end(), random);
        const auto other = live();
        CHECK(one.streaks.days == other.streaks.days);
        CHECK(one.streaks.weeks == other.streaks.weeks);
        CHECK(one.streaks.endings == other.streaks.endings);
        CHECK(one.recorded == other.recorded);
        CHECK(one.tally.completed() == other.tally.completed());
        for (const auto type : streak_types) CHECK(told(one, type).count == told(other, type).count);
    }
}
}

}  // namespace kiroku::gamification
