// tests/integration/replay/rest_test.cpp: a replay that is broken off goes on where it was: nothing lost, nothing
// twice.
#include <doctest/doctest.h>

#include "infra/replay/event_stream.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/integration/replay/levels.hpp"
#include "tests/support/servers.hpp"
#include "tests/support/written_log.hpp"

using namespace kiroku;
using test::at;
using test::learner_in;
using test::levels_told;
using test::WrittenLog;

namespace {

constexpr int events_written = 19;

/// Decisions of several parts, an owner after another, and what doesn't count, in two of three partitions.
void write_history(WrittenLog& log) {
    const auto left = learner_in(log, 0), right = learner_in(log, 1);
    log.write({levels_told(left, 0, {1}), levels_told(right, 5, {2, 3, 4}), levels_told(left, 10, {5, 6})});
    log.write_void(levels_told(left, 11, {98}));
    log.write({levels_told(left, 12, {7, 8, 9, 10}), levels_told(right, 15, {11})});
    log.fence(0);
    log.write_void(levels_told(right, 16, {99}));
    log.write({levels_told(left, 20, {12, 13}), levels_told(right, 20, {14, 15}), levels_told(right, 25, {16}),
               levels_told(left, 30, {17, 18, 19})});
    log.settle();
}

struct Page {
    std::vector<std::string> ids;
    std::vector<replay::Rest> rest;
};

Page read(std::vector<replay::Range> ranges, std::size_t limit, const replay::EventFilter& filter = {}) {
    replay::EventStream stream{test::kafka_server(), std::move(ranges), filter, replay::Ending::at_range};
    Page page;
    const auto take = [&](const replay::StreamedEvent& event) {
        page.ids.push_back(to_string(log::read_envelope(event.text)->id));
        return page.ids.size() < limit;
    };
    while (stream.turn(100, take)) {
    }
    page.rest = stream.rest();
    return page;
}

std::vector<replay::Range> all_of(const WrittenLog& log) {
    return replay::ranges_of(test::kafka_server(), std::vector{log.context()}, {}, std::nullopt);
}

std::vector<replay::Range> ranges_of(const std::vector<replay::Rest>& rest) {
    return replay::ranges_of(test::kafka_server(), rest, {});
}

/// From there on, in pages of so many.
std::vector<std::string> pages(std::vector<replay::Range> from, std::size_t limit,
                               const replay::EventFilter& filter = {}) {
    std::vector<std::string> ids;
    for (auto page = read(std::move(from), limit, filter);; page = read(ranges_of(page.rest), limit, filter)) {
        ids.insert(ids.end(), page.ids.begin(), page.ids.end());
        if (page.ids.size() < limit) return ids;
    }
}

}  // namespace

TEST_SUITE("replay: the rest") {
TEST_CASE("pages of any size are the whole, in its order") {
    WrittenLog log;
    write_history(log);
    const auto whole = read(all_of(log), 1'000).ids;
    REQUIRE(whole.size() == events_written);
    for (std::size_t limit = 1; limit <= whole.size(); ++limit) {
        CAPTURE(limit);
        CHECK(pages(all_of(log), limit) == whole);
    }
}

TEST_CASE("what a filter passes over is not read again") {
    WrittenLog log;
    write_history(log);
    const replay::EventFilter nothing{.subject = "nobody"};
    const auto page = read(all_of(log), 1, nothing);
    CHECK(page.ids.empty());
    const auto ends = log.ends();
    for (const auto& rest : page.rest) {
        CHECK(rest.first == ends.at(rest.partition));
        CHECK(rest.from.next == rest.first);
    }
    const replay::EventFilter later{.since = at("2026-03-06T12:00:12Z")};
    CHECK(pages(all_of(log), 2, later).size() == 13);
}

TEST_CASE("a log that ended anywhere when it was read, in a decision too, is gone on with where it goes on") {
    WrittenLog log;
    write_history(log);
    auto whole = read(all_of(log), 1'000).ids;
    std::ranges::sort(whole);
    for (const int partition : {0, 1}) {
        const auto end = all_of(log)[static_cast<std::size_t>(partition)].end;
        for (Offset cut{0}; cut <= end; ++cut.value) {
            CAPTURE(partition);
            CAPTURE(cut.value);
            auto ranges = all_of(log);
            auto& range = ranges[static_cast<std::size_t>(partition)];
            range.end = range.present_end = cut;
            auto page = read(std::move(ranges), 1'000);
            const auto rest = pages(ranges_of(page.rest), 3);
            page.ids.insert(page.ids.end(), rest.begin(), rest.end());
            std::ranges::sort(page.ids);
            CHECK(page.ids == whole);
        }
    }
}
}
