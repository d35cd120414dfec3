// tests/unit/projections/what_if_test.cpp: activities decided again by other rules, and what is told of the difference.
#include "commands/gamification/context.hpp"
#include "domain/gamification/policy.hpp"
#include "infra/replay/harmless.hpp"
#include "projections/what_if/chart.hpp"
#include "projections/what_if/report.hpp"
#include "schemas/identity/codec.hpp"
#include "tests/support/decided_story.hpp"
#include "tests/unit/gamification/learning.hpp"

using namespace kiroku;
using namespace kiroku::gamification;
using test::at;
using test::named;
using test::on;
using test::Told;
using what_if::Retelling;

namespace {

const auto mika = named<UserId>("mika");
const auto ayo = named<UserId>("ayo");
const log::Partition partition{"gamification", 0};

/// A log of one partition, and what read models are told of it.
struct Retold {
    explicit Retold(const RuleBook& rules, what_if::Since since = {})
        : parts([&] {
              std::vector<std::unique_ptr<Retelling>> one;
              one.push_back(std::make_unique<Retelling>(rules, std::move(since)));
              return one;
          }()) {}

    const projections::Chunk& tell(const std::vector<Told>& story) {
        for (const auto& decision : story) tell(decision);
        return told;
    }
    void tell(const Told& decision) {
        std::vector<projections::Event> events;
        for (const auto& happened : decision) {
            events.push_back(happened.event());
            events.back().offset = Offset{offset++};
        }
        projections::Chunk chunk;
        chunk.add({partition, 0, 0, {Offset{offset}, {}}, {}, {}}, events);
        parts.front()->tell(chunk, chunk.steps().front(), told);
    }
    [[nodiscard]] what_if::Comparison compared(std::size_t top = 10) const { return what_if::compare(parts, top); }
    [[nodiscard]] const projections::Step& last() const { return told.steps().back(); }

    std::vector<std::unique_ptr<Retelling>> parts;
    projections::Chunk told;
    std::int64_t offset = 0;
};

/// Pomodoros of difficulty 2 with full marks pay so much, drills so much.
RuleBook paying(std::int64_t pomodoro, std::int64_t drill = 0) {
    auto rules = unpaid();
    rules.base_xp.pomodoro = Xp{pomodoro};
    rules.base_xp.distraction_drill = Xp{drill};
    return {.versions = {rules}};
}

/// What learners were told, one decision after the other.
class Then {
public:
    explicit Then(RuleBook rules) : rules_(std::move(rules)) {}

    Told after(const UserId& user, std::string_view now, const RecordActivity& command) {
        const auto events = decide(learners_[user], command, told_under(rules_, at(now)));
        Told told;
        for (const auto& event : events.value()) {
            std::visit([&](const auto& one) { told.push_back(on(user, now, one)); }, event);
            learners_[user] = evolve(std::move(learners_[user]), event);
        }
        return told;
    }

private:
    RuleBook rules_;
    std::unordered_map<UserId, Learner> learners_;
};

RecordActivity drill(std::string_view source, std::string_view occurred_at) {
    auto activity = completing(source, occurred_at);
    activity.challenge_type = ChallengeType::distraction_drill;
    return activity;
}

Then the_past() { return Then{paying(100, 80)}; }

/// Mika: two pomodoros, 200 XP; Ayo: two drills, 160.
std::vector<Told> two_learners() {
    auto then = the_past();
    return {then.after(mika, "2026-03-01T10:00:00Z", completing("m1", "2026-03-01T09:00:00Z")),
            then.after(ayo, "2026-03-01T11:00:00Z", drill("a1", "2026-03-01T09:00:00Z")),
            then.after(mika, "2026-03-02T10:00:00Z", completing("m2", "2026-03-02T09:00:00Z")),
            then.after(ayo, "2026-03-02T11:00:00Z", drill("a2", "2026-03-02T09:00:00Z"))};
}

const what_if::Retelling::Learner& learner(const Retold& retold, const UserId& user) {
    return retold.parts.front()->learners().at(user);
}

what_if::Comparison one_mover(const std::string& name) {
    what_if::Comparison comparison;
    comparison.learners = 2;
    comparison.before = {.xp = 100, .awards = 1, .milestones = 0, .levels = {{1, 1}, {2, 1}}};
    comparison.after = {
        .xp = 1'234'567, .awards = 1, .milestones = 0, .achievements = {{"a<b", 1}}, .levels = {{9, 2}}};
    comparison.risen = 1;
    comparison.risers = {{.user = mika,
                          .name = name,
                          .before = {std::nullopt, Xp{0}, Level{1}},
                          .after = {1, Xp{1'234'567}, Level{9}},
                          .ranks = 1}};
    return comparison;
}

}  // namespace

TEST_SUITE("what-if") {
TEST_CASE("what the policy asks for is what the log has of it") {
    const auto rules = paying(100);
    const auto id = named<EventId>("the end of a session");
    const auto check = [&](const auto& fact) {
        const auto command = std::get<RecordActivity>(whenever(fact, id)->command);
        const auto events = decide(Learner{}, command, told_under(rules));
        CHECK(what_if::command_of(std::get<ActivityRecorded>(events->front())) == command);
    };
    check(challenges::SessionCompleted{.user_id = mika,
                                       .challenge_id = {},
                                       .challenge_type = ChallengeType::custom,
                                       .difficulty = Difficulty{4},
                                       .performance_score = PerformanceScore{77},
                                       .completion_time = Seconds{1234},
                                       .occurred_at = at("2026-03-06T12:00:00Z"),
                                       .timezone = "Asia/Tokyo"});
    check(challenges::SessionAbandoned{.user_id = mika,
                                       .challenge_id = {},
                                       .challenge_type = ChallengeType::real_life_task,
                                       .difficulty = Difficulty{3},
                                       .occurred_at = at("2026-03-06T12:00:00Z"),
                                       .timezone = "Europe/Berlin"});
}

TEST_CASE("by the rules that were in force nothing changes, word for word") {
    const auto rules = *commands::read_rule_book({});
    const auto story = test::decided_story(51, 12, 1'500, rules);
    Retold retold{rules};
    retold.tell(story);
    REQUIRE(retold.told.steps().size() == story.size());
    for (std::size_t number = 0; number < story.size(); ++number) {
        const auto told = retold.told.all_of(retold.told.steps()[number]);
        REQUIRE(told.size() == story[number].size());
        for (std::size_t part = 0; part < told.size(); ++part) {
            CHECK(told[part].type == story[number][part].type);
            CHECK(told[part].data == story[number][part].data);
            CHECK(told[part].id == story[number][part].id);
        }
    }
    const auto compared = retold.compared();
    CHECK(compared.nothing_changes());
    CHECK(compared.learners == 12);
    CHECK(compared.before.milestones > 0);
    CHECK(compared.before.achievements.size() > 5);
    CHECK(compared.left_out.empty());
    CHECK(what_if::as_text(compared, 100).find("Nothing changes.") != std::string::npos);
}

TEST_CASE("twice the base, twice the XP, and the levels that follow") {
    const auto rules = paying(200, 160);
    Retold retold{rules};
    retold.tell(two_learners());
    const auto compared = retold.compared();
    CHECK(compared.before.xp == 360);
    CHECK(compared.after.xp == 720);
    CHECK(compared.before.awards == 4);
    CHECK(compared.after.awards == 4);
    CHECK(compared.before.levels == std::map<std::int32_t, std::int64_t>{{2, 2}});
    CHECK(compared.after.levels == std::map<std::int32_t, std::int64_t>{{3, 2}});  // 320 and 400: from 300 on
    CHECK(compared.higher_level == 2);
    CHECK(compared.more_xp == 2);
    CHECK(compared.risen + compared.fallen == 0);
}

TEST_CASE("who gains most rises, and others fall") {
    const auto rules = paying(100, 200);
    Retold retold{rules};
    retold.tell(two_learners());
    const auto compared = retold.compared();
    REQUIRE(compared.risers.size() == 1);
    CHECK(compared.risers.front().user == ayo);
    CHECK(compared.risers.front().before.rank == 2);
    CHECK(compared.risers.front().after.rank == 1);
    CHECK(compared.risers.front().after.xp == Xp{400});
    REQUIRE(compared.fallers.size() == 1);
    CHECK(compared.fallers.front().user == mika);
    CHECK(compared.fallers.front().ranks == -1);
    CHECK(retold.compared(0).risers.empty());
    CHECK(retold.compared(0).risen == 1);
}

TEST_CASE("whoever would have nothing is not listed, and those who never were don't move") {
    const auto rules = paying(0, 80);
    Retold retold{rules};
    retold.tell(two_learners());
    auto then = the_past();
    retold.tell(then.after(named<UserId>("idle"), "2026-03-03T10:00:00Z", abandoning("i1", "2026-03-03T09:00:00Z")));
    const auto compared = retold.compared();
    CHECK(compared.learners == 3);
    CHECK(compared.less_xp == 1);
    REQUIRE(compared.fallers.size() == 1);
    CHECK(compared.fallers.front().after.rank == std::nullopt);
    CHECK(compared.fallers.front().ranks == -1);
    CHECK(compared.risen == 1);
}

TEST_CASE("since a time: what was decided before stays, what follows is paid by the new rules") {
    const auto rules = paying(1'000, 80);
    Retold retold{rules, {.time = at("2026-03-02T10:00:00Z")}};
    const auto story = two_learners();
    retold.tell(story);
    CHECK(learner(retold, mika).after.xp == Xp{1'100});
    CHECK(learner(retold, ayo).after.xp == Xp{160});
    CHECK(retold.told.events_of(retold.told.steps()[0])->data == story[0].front().data);
    CHECK(retold.compared().risen == 0);
}

TEST_CASE("since a position: what lies behind it, and other partitions from their own") {
    const auto rules = paying(1'000, 1'000);
    const auto story = two_learners();
    const auto second = static_cast<std::int64_t>(story[0].size() + story[1].size());
    Retold retold{rules, {.offsets = {{partition, Offset{second}}}}};
    retold.tell(story);
    CHECK(learner(retold, mika).after.xp == Xp{1'100});
    CHECK(learner(retold, ayo).after.xp == Xp{1'080});
}

TEST_CASE("versions of the rules take effect by the time at which it was decided then") {
    auto rules = paying(1'000, 1'000);
    rules.versions.push_back(paying(10, 10).versions.front());
    rules.versions.back().version = RulesVersion{2};
    rules.versions.back().effective_from = at("2026-03-02T00:00:00Z");
    Retold retold{rules};
    retold.tell(two_learners());
    CHECK(learner(retold, mika).after.xp == Xp{1'010});
    CHECK(learner(retold, ayo).after.xp == Xp{1'010});
}

TEST_CASE("once the new rules have applied to somebody they go on, whatever the clock says") {
    const auto rules = paying(1'000);
    auto then = the_past();
    Retold retold{rules, {.time = at("2026-03-02T00:00:00Z")}};
    retold.tell(then.after(mika, "2026-03-02T10:00:00Z", completing("m1", "2026-03-01T09:00:00Z")));
    retold.tell(then.after(mika, "2026-03-01T23:59:00Z", completing("m2", "2026-03-01T10:00:00Z")));
    CHECK(learner(retold, mika).after.xp == Xp{2'000});
}

TEST_CASE("achievements and milestones that only one of the rule books knows") {
    auto rules = paying(100, 80);
    rules.versions.front().milestones = {{StreakType::daily, StreakCount{2}, Xp{7}}};
    rules.versions.front().achievements = {{.id = "two",
                                            .title = "Two",
                                            .description = "",
                                            .goal = {AchievementMeasure::sessions_completed, 2, {}},
                                            .xp = Xp{5}}};
    Retold retold{rules};
    retold.tell(two_learners());
    const auto compared = retold.compared();
    CHECK(compared.before.milestones == 0);
    CHECK(compared.after.milestones == 2);
    CHECK(compared.after.achievements == std::map<std::string, std::int64_t>{{"two", 2}});
    CHECK(compared.after.xp == 360 + 2 * (7 + 5));
    CHECK(compared.after.awards == 8);
}

TEST_CASE("an activity that would be refused leaves its learner out from there on, and nobody else") {
    const auto rules = paying(200, 80);
    auto story = two_learners();
    auto& data = story[2].front().data;
    data.replace(data.find("\"UTC\""), 5, "\"Mars/Olympus\"");
    Retold retold{rules};
    retold.tell(story);
    const auto compared = retold.compared();
    REQUIRE(compared.left_out.size() == 1);
    CHECK(compared.left_out.front().learner == mika);
    CHECK(compared.left_out.front().reason == "refused: unknown_timezone");
    CHECK(compared.left_out.front().offset.value == static_cast<std::int64_t>(story[0].size() + story[1].size()));
    CHECK(retold.told.steps()[2].refused == "refused: unknown_timezone");
    CHECK(retold.told.steps()[2].events == story[2].size());
    CHECK(compared.learners == 1);
    CHECK(compared.before.xp == 160);
    auto then = the_past();
    retold.tell(then.after(mika, "2026-03-03T10:00:00Z", completing("m3", "2026-03-03T09:00:00Z")));
    CHECK(retold.last().refused == "refused: unknown_timezone");
    CHECK(retold.compared().left_out.size() == 1);
    CHECK(what_if::as_text(compared, 100).find("unknown_timezone") != std::string::npos);
    CHECK(what_if::as_json_members(compared).find("unknown_timezone") != std::string::npos);
}

TEST_CASE("data that can't be read, events of tomorrow, other days and decisions of nothing leave their learner out") {
    const auto rules = paying(200);
    const auto left_out_by = [&](auto&& harm) {
        auto story = two_learners();
        harm(story[0]);
        Retold retold{rules};
        retold.tell(story);
        const auto compared = retold.compared();
        REQUIRE(compared.left_out.size() == 1);
        CHECK(compared.learners == 1);
        return compared.left_out.front().reason;
    };
    CHECK(left_out_by([](Told& told) { told.back().data = "{"; }).starts_with("indigestible_event: "));
    CHECK(left_out_by([](Told& told) { told.back().type = "gamification.badge_worn.v1"; }).find("unknown type") !=
          std::string::npos);
    const auto on_another_day = [](Told& told) {
        auto& data = told.front().data;
        data.replace(data.find("\"localDate\":\"2026-03-01"), 23, "\"localDate\":\"2026-02-28");
    };
    CHECK(left_out_by(on_another_day).starts_with("another_day: "));
    CHECK(left_out_by([](Told& told) { told.erase(told.begin()); }).starts_with("unknown_decision: "));
}

TEST_CASE("other contexts' events pass as they are") {
    const auto rules = paying(200);
    Retold retold{rules};
    identity::UserRegistered event;
    event.display_name = "Mika";
    const auto registered = on(mika, "2026-03-01T10:00:00Z", event);
    retold.tell(Told{registered});
    CHECK(retold.told.events_of(retold.last())->data == registered.data);
    CHECK(retold.compared().learners == 0);
}

TEST_CASE("levels are counted one by one, or in equal ranges where there are many") {
    what_if::Comparison comparison;
    CHECK(what_if::level_ranges(comparison, 10).empty());
    comparison.before.levels = {{1, 5}, {3, 2}};
    comparison.after.levels = {{2, 7}};
    auto ranges = what_if::level_ranges(comparison, 10);
    REQUIRE(ranges.size() == 3);
    CHECK(ranges[1].before == 0);
    CHECK(ranges[1].after == 7);
    CHECK(what_if::name_of(ranges[2]) == "3");
    comparison.after.levels = {{2, 7}, {40, 1}};
    ranges = what_if::level_ranges(comparison, 10);
    CHECK(ranges.size() == 10);
    CHECK(what_if::name_of(ranges.front()) == "1–4");
    CHECK(ranges.front().before == 7);
    CHECK(ranges.back().last == 40);
    CHECK(ranges.back().after == 1);
}

TEST_CASE("figures are grouped") {
    CHECK(what_if::grouped(0) == "0");
    CHECK(what_if::grouped(999) == "999");
    CHECK(what_if::grouped(1'000) == "1,000");
    CHECK(what_if::grouped(-1'234'567) == "-1,234,567");
}

TEST_CASE("the text keeps to its width, and names steer no terminal") {
    const auto text = what_if::as_text(one_mover("\x1b[31mred"), 80);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find("1,234,567") != std::string::npos);
    CHECK(text.find("1 rise, 0 fall") != std::string::npos);
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        CHECK(replay::characters_in(text.substr(begin, end - begin)) <= 80);
        begin = end + 1;
    }
}

TEST_CASE("the chart names whoever moves, whatever they are called, and an empty one is one, too") {
    const auto svg = what_if::as_svg(one_mover("<script>alert(\"&\")</script>\x01"), "a < b");
    CHECK(svg.starts_with("<svg xmlns"));
    CHECK(svg.find("<script") == std::string::npos);
    CHECK(svg.find('\x01') == std::string::npos);
    CHECK(svg.find("&lt;script&gt;alert(&quot;&amp;&quot;") != std::string::npos);
    CHECK(svg.find("a &lt; b") != std::string::npos);
    CHECK(svg.find("prefers-color-scheme: dark") != std::string::npos);
    CHECK(what_if::as_svg({}, "nothing").find("Nobody changes rank.") != std::string::npos);
}
}
