// tests/integration/replay/replay_test.cpp: replaying a real log: what counts, all of it, in one order, from anywhere.
#include <doctest/doctest.h>

#include <thread>

#include "infra/replay/ends_at.hpp"
#include "infra/replay/event_stats.hpp"
#include "infra/replay/event_stream.hpp"
#include "infra/replay/sample.hpp"
#include "infra/replay/scan.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/integration/replay/levels.hpp"
#include "tests/support/servers.hpp"
#include "tests/support/written_log.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using replay::Ending;
using replay::EventFilter;
using replay::Period;
using test::at;
using test::learner_in;
using test::levels_told;
using test::named;
using test::Told;
using test::WrittenLog;

namespace {

const auto noon = at("2026-03-06T12:00:00Z");

/// Offsets from 1 on, behind each partition's fence: 0, 10, 10, 20 seconds after noon in the first, 5, 5, 15 in the
/// other.
void write_alternately(WrittenLog& log) {
    const auto left = learner_in(log, 0);
    const auto right = learner_in(log, 1);
    log.write({levels_told(left, 0, {1}), levels_told(right, 5, {2, 3}), levels_told(left, 10, {4, 5}),
               levels_told(right, 15, {6}), levels_told(left, 20, {7})});
    log.settle();
}

replay::Moment position(const WrittenLog& log, int partition, Offset offset) {
    log::Position position;
    position.include(log.context(), partition, offset);
    return position;
}

std::vector<std::string> contexts(std::initializer_list<const WrittenLog*> logs) {
    std::vector<std::string> names;
    for (const auto* log : logs) names.push_back(log->context());
    return names;
}

std::vector<replay::Range> ranges(std::initializer_list<const WrittenLog*> logs, const Period& period = {}) {
    return replay::ranges_of(test::kafka_server(), contexts(logs), period, std::nullopt);
}

int level_of(std::string_view text) {
    const auto envelope = log::read_envelope(text);
    REQUIRE(envelope.has_value());
    const auto event = json::decode_variant<gamification::LearnerEvent>(envelope->type, envelope->data);
    REQUIRE(event.has_value());
    return static_cast<int>(std::get<gamification::LevelReached>(*event).level.value);
}

using Levels = std::vector<int>;

/// The levels in the order in which a stream gives them.
Levels streamed(std::vector<replay::Range> of, const EventFilter& filter = {}, std::size_t most_waiting = 96UL << 20U) {
    replay::EventStream stream{test::kafka_server(), std::move(of), filter, Ending::at_range, most_waiting};
    Levels levels;
    while (stream.turn(100, [&](const replay::StreamedEvent& event) {
        levels.push_back(level_of(event.text));
        return true;
    })) {
    }
    return levels;
}

/// The same by a scan, sorted.
Levels scanned(std::vector<replay::Range> of, const EventFilter& filter = {}) {
    std::deque<Levels> shares;
    const auto make_visit = [&]() -> replay::Visit {
        return [&share = shares.emplace_back()](const replay::Event& event) { share.push_back(level_of(event.text)); };
    };
    const bool whole = replay::run(
        {.bootstrap = test::kafka_server(), .ranges = std::move(of), .filter = filter, .make_visit = make_visit}, {});
    REQUIRE(whole);
    Levels all;
    for (const auto& share : shares) all.insert(all.end(), share.begin(), share.end());
    std::ranges::sort(all);
    return all;
}

/// A stream that follows, on a thread of its own.
class Following {
public:
    explicit Following(std::vector<replay::Range> of)
        : stream_{test::kafka_server(), std::move(of), {}, Ending::never}, thread_{[this](const std::stop_token& stop) {
              run(stop);
          }} {}

    void wait_for(const Levels& expected) {
        std::unique_lock lock{mutex_};
        const bool came = changed_.wait_for(lock, 20s, [&] { return levels_.size() >= expected.size(); });
        CHECK(came);
        CHECK(levels_ == expected);
    }

private:
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            stream_.turn(50, [this](const replay::StreamedEvent& event) {
                const std::lock_guard lock{mutex_};
                levels_.push_back(level_of(event.text));
                changed_.notify_all();
                return true;
            });
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    Levels levels_;
    replay::EventStream stream_;
    std::jthread thread_;
};

}  // namespace

TEST_SUITE("replay") {
TEST_CASE("only what counts: no fences, nothing void, no decision that isn't whole") {
    WrittenLog log{2};
    const auto first = learner_in(log, 0), second = learner_in(log, 1);
    log.write(levels_told(first, 1, {1, 2}));
    log.write_void(levels_told(first, 2, {3}));
    log.write(levels_told(second, 3, {4}));
    log.fence(0);
    log.write(levels_told(first, 4, {5}));
    log.write_void(levels_told(second, 5, {6}));
    CHECK(streamed(ranges({&log})) == Levels{1, 2, 4, 5});
    CHECK(scanned(ranges({&log})) == Levels{1, 2, 4, 5});
}

TEST_CASE("by time across partitions and contexts; at the same time by context and partition") {
    WrittenLog a{2}, b{2};
    const auto& log = a.context() < b.context() ? a : b;
    auto& early = a.context() < b.context() ? a : b;
    auto& late = &early == &a ? b : a;
    const auto first = learner_in(log, 0), second = learner_in(log, 1);
    late.write(levels_told(second, 1, {1}));
    early.write(levels_told(second, 2, {2}));
    late.write(levels_told(first, 3, {5}));
    late.write(levels_told(second, 3, {6}));
    early.write(levels_told(second, 3, {4}));
    early.write(levels_told(first, 3, {3}));
    early.write(levels_told(first, 9, {8}));
    late.write(levels_told(first, 4, {7}));
    CHECK(streamed(ranges({&early, &late})) == Levels{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("from a position in the middle of a term, itself included; partitions it doesn't name from their beginning") {
    WrittenLog log{2};
    const auto first = learner_in(log, 0), second = learner_in(log, 1);
    log.write(levels_told(first, 1, {1}));
    log.fence(0);
    log.write(levels_told(first, 2, {2}));
    log.write_void(levels_told(first, 2, {99}));
    const auto here = log.write(levels_told(first, 3, {3, 4}));
    log.write(levels_told(first, 4, {5}));
    log.write(levels_told(second, 0, {6}));
    CHECK(streamed(ranges({&log}, {.since = position(log, 0, here)})) == Levels{6, 4, 5});
    CHECK(scanned(ranges({&log}, {.since = position(log, 0, Offset{here.value - 1})})) == Levels{3, 4, 5, 6});
    CHECK(scanned(ranges({&log}, {.since = position(log, 0, Offset{1'000})})) == Levels{6});
}

TEST_CASE("up to a position, itself included; partitions it doesn't name to their end") {
    WrittenLog log{2};
    const auto first = learner_in(log, 0), second = learner_in(log, 1);
    log.write(levels_told(first, 1, {1}));
    const auto here = log.write(levels_told(first, 2, {2, 3}));
    log.write(levels_told(first, 3, {4}));
    log.write(levels_told(second, 4, {5}));
    CHECK(streamed(ranges({&log}, {.until = position(log, 0, here)})) == Levels{1, 2, 3, 5});
    // Whether the first half counts shows only behind the position.
    CHECK(scanned(ranges({&log}, {.until = position(log, 0, Offset{here.value - 1})})) == Levels{1, 2, 5});
    CHECK(scanned(ranges({&log}, {.until = position(log, 0, Offset{0})})) == Levels{5});
    CHECK(scanned(ranges({&log}, {.until = position(log, 0, Offset{1'000})})) == Levels{1, 2, 3, 4, 5});
    CHECK(streamed(ranges({&log}, {.since = position(log, 0, here), .until = position(log, 0, here)})) == Levels{3, 5});
}

TEST_CASE("a decision that begins before the position is read to its end, however little is taken at once") {
    WrittenLog log{1};
    log.write(levels_told("mika", 1, {1}));
    const auto here = log.write(levels_told("mika", 2, {2, 3, 4}));
    log.write(levels_told("mika", 3, {5}));
    replay::RangeReader reader{test::kafka_server(),
                               ranges({&log}, {.until = position(log, 0, Offset{here.value - 1})}), Ending::at_range};
    Levels levels;
    while (!reader.all_finished()) {
        reader.poll(100, 1, [&](std::size_t slot, const replay::Event& event) {
            CHECK(slot == 0);
            levels.push_back(level_of(event.text));
        });
    }
    CHECK(levels == Levels{1, 2, 3});
}

TEST_CASE("a position in a partition that there isn't is a mistake; one in another context says nothing") {
    WrittenLog log{1};
    const WrittenLog other{1};
    log.write(levels_told("mika", 1, {1}));
    CHECK(streamed(ranges({&log}, {.since = position(other, 0, Offset{5})})) == Levels{1});
    CHECK_THROWS_AS(ranges({&log}, {.since = position(log, 1, Offset{0})}), replay::UnknownPartition);
    CHECK_THROWS_AS(ranges({&log}, {.until = position(log, 1, Offset{0})}), replay::UnknownPartition);
}

TEST_CASE("times are events' own, not those of their records, and may have gone back a little") {
    WrittenLog log{1};
    log.write(levels_told("mika", 0, {1}));
    log.write(levels_told("mika", 10, {2}));
    log.write(levels_told("mika", 5, {3}));
    log.write(levels_told("mika", 20, {4}));
    log.write(levels_told("mika", 3'600, {5}));
    log.write(levels_told("mika", 7, {6}));  // an hour back: nobody looks for that
    const auto between = [&](std::chrono::seconds since, std::chrono::seconds until) {
        const Period period{.since = noon + since, .until = noon + until};
        const auto levels = streamed(ranges({&log}, period), {.since = noon + since, .until = noon + until});
        CHECK(scanned(ranges({&log}, period), {.since = noon + since, .until = noon + until}).size() == levels.size());
        return levels;
    };
    CHECK(between(0s, 11s) == Levels{1, 2, 3});
    CHECK(between(5s, 20s) == Levels{2, 3});
    CHECK(between(5s, 21s) == Levels{2, 3, 4});
    CHECK(between(11s, 2h) == Levels{4, 5});
}

TEST_CASE("an event whose time is a little later than its record's is found by its time") {
    WrittenLog log{1};
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    log.write({test::on(named<UserId>("mika"), now + 5min, gamification::LevelReached{.level = Level{1}})});
    log.write({test::on(named<UserId>("mika"), now + 6min, gamification::LevelReached{.level = Level{2}})});
    const auto since = now + 6min;
    CHECK(streamed(ranges({&log}, {.since = since}), {.since = since}) == Levels{2});
}

TEST_CASE("where the log stood at a time: behind all that was recorded by then, whole decisions") {
    WrittenLog log{2};
    write_alternately(log);
    const auto stood = [&](int seconds) {
        const auto ends = replay::ends_at(test::kafka_server(), contexts({&log}), noon + std::chrono::seconds{seconds});
        return std::pair{ends.at({log.context(), 0}).value, ends.at({log.context(), 1}).value};
    };
    CHECK(stood(-1) == std::pair{1L, 1L});  // only fences
    CHECK(stood(0) == std::pair{2L, 1L});   // at that time it was there
    CHECK(stood(9) == std::pair{2L, 3L});
    CHECK(stood(10) == std::pair{4L, 3L});
    CHECK(stood(1'000) == std::pair{5L, 4L});
}

TEST_CASE("where the log stood at a position: other partitions by the time of what it names") {
    WrittenLog log{2};
    write_alternately(log);
    const auto stood = [&](int partition, std::int64_t offset) {
        const auto ends =
            replay::ends_at(test::kafka_server(), contexts({&log}), position(log, partition, Offset{offset}));
        return std::pair{ends.at({log.context(), 0}).value, ends.at({log.context(), 1}).value};
    };
    CHECK(stood(0, 3) == std::pair{4L, 3L});
    CHECK(stood(1, 3) == std::pair{4L, 4L});
    CHECK(stood(1, 99) == std::pair{4L, 4L});
    log::Position elsewhere;
    elsewhere.include("elsewhere", 0, Offset{1});
    CHECK_THROWS_AS(replay::ends_at(test::kafka_server(), contexts({&log}), elsewhere), replay::UnknownPartition);
}

TEST_CASE("since a time behind all records there is nothing, but what comes is followed") {
    WrittenLog log{1};
    log.write(levels_told("mika", 0, {1}));
    const auto long_after = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1h;
    CHECK(streamed(ranges({&log}, {.since = long_after})).empty());
    CHECK(ranges({&log}, {.since = long_after})[0].from.next == Offset{0});  // the fence: the term in force is known
    Following following{ranges({&log}, {.since = long_after})};
    log.write(levels_told("mika", 1, {2}));
    following.wait_for({2});
}

TEST_CASE("an empty log, and a partition without events, are read at once") {
    const WrittenLog empty{3};
    CHECK(streamed(ranges({&empty})).empty());
    CHECK(scanned(ranges({&empty})).empty());
}

TEST_CASE("what is written after it began isn't read") {
    WrittenLog log{1};
    log.write(levels_told("mika", 1, {1}));
    const auto then = ranges({&log});
    log.write(levels_told("mika", 2, {2}));
    CHECK(streamed(then) == Levels{1});
    CHECK(scanned(then) == Levels{1});
}

TEST_CASE("an aggregate's events are looked for where they lie, and nowhere else") {
    WrittenLog log{3};
    const auto mika = learner_in(log, 1);
    log.write(levels_told(mika, 1, {1}));
    log.write(levels_told(learner_in(log, 0), 2, {2}));
    const EventFilter filter{.subject = "learner/" + to_string(named<UserId>(mika))};
    const auto where = replay::ranges_of(test::kafka_server(), contexts({&log}), {}, filter.aggregate());
    REQUIRE(where.size() == 1);
    CHECK(where[0].partition == log.partition_of(named<UserId>(mika).value));
    CHECK(streamed(where, filter) == Levels{1});
}

TEST_CASE("followed, a silent partition doesn't hold the others up, and what comes is in order") {
    WrittenLog log{3};
    const auto first = learner_in(log, 0), second = learner_in(log, 1);
    log.write(levels_told(second, 1, {1}));
    Following following{ranges({&log})};
    following.wait_for({1});
    log.write(std::vector<Told>{levels_told(first, 4, {4}), levels_told(second, 2, {2}), levels_told(second, 3, {3})});
    following.wait_for({1, 2, 3, 4});
}

TEST_CASE("enough is enough") {
    WrittenLog log{1};
    log.write(levels_told("mika", 1, {1, 2, 3}));
    replay::EventStream stream{test::kafka_server(), ranges({&log}), {}, Ending::never};
    int taken = 0;
    while (stream.turn(100, [&](const auto&) { return ++taken < 2; })) {
    }
    CHECK(taken == 2);
}

TEST_CASE("filters apply; a scan and a stream agree, however much there is and whoever is ahead") {
    WrittenLog log{3};
    std::vector<Told> story;
    for (int number = 0; number < 12'000; ++number)
        story.push_back(levels_told("learner " + std::to_string(number % 50),
                                    number < 6'000 && number % 50 < 25 ? number + 9'000 : number, {number}));
    log.write(story);
    const EventFilter half{.where = *replay::Where::parse("data.level >= 6000")};
    Levels expected(6'000);
    std::iota(expected.begin(), expected.end(), 6'000);
    CHECK(scanned(ranges({&log}), half) == expected);
    auto levels = streamed(ranges({&log}), half);
    std::ranges::sort(levels);
    CHECK(levels == expected);
}

TEST_CASE("a partition that is far ahead waits, unfetched, and goes on where it was") {
    WrittenLog log{3};
    std::vector<Told> story;
    Levels expected;
    for (int number = 0; number < 9'000; ++number) {  // one partition's after the other's
        story.push_back(levels_told(learner_in(log, number / 3'000), number, {number + 1}));
        expected.push_back(number + 1);
    }
    log.write(story);
    CHECK(streamed(ranges({&log}), {}, 100'000) == expected);
}

TEST_CASE("a scan tells how far it is, and stops when asked to") {
    WrittenLog log{2};
    std::vector<Told> story;
    for (int number = 0; number < 3'000; ++number)
        story.push_back(levels_told(std::to_string(number), number, {number}));
    log.write(story);
    std::stop_source stop;
    std::atomic<int> seen = 0;
    const replay::Scan scan{.bootstrap = test::kafka_server(),
                            .ranges = ranges({&log}),
                            .filter = {},
                            .make_visit = [&]() -> replay::Visit {
                                return [&](const replay::Event&) {
                                    if (seen++ == 0) std::this_thread::sleep_for(500ms);
                                };
                            },
                            .on_progress =
                                [&](std::uint64_t done, std::uint64_t all) {
                                    CHECK(all == 3'002);
                                    CHECK(done <= all);
                                    stop.request_stop();
                                }};
    CHECK(!replay::run(scan, stop.get_token()));
    CHECK(stop.stop_requested());
}

TEST_CASE("a damaged log is told, by a scan's threads too") {
    WrittenLog log{2};
    auto broken = levels_told(learner_in(log, 1), 1, {1});
    broken[0].data = R"({"level":)";
    log.write(broken);
    CHECK_THROWS_AS(streamed(ranges({&log})), log::UnreadableRecord);
    CHECK_THROWS_AS(scanned(ranges({&log})), log::UnreadableRecord);
}
}
