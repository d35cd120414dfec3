// tests/unit/replay/time_merge_test.cpp: one order for many partitions, whatever arrives when.
#include "infra/replay/time_merge.hpp"

#include <doctest/doctest.h>

#include <random>

#include "tests/support/given.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using replay::TimeMerge;
using Outlook = TimeMerge::Outlook;

namespace {

const auto noon = test::at("2026-03-06T12:00:00Z");
constexpr TimeMerge::Clock::time_point start{};

/// Of a partition, the times of its events in seconds after noon.
using Times = std::vector<int>;

struct Feed {
    TimeMerge* merge;
    std::size_t slot;
    const Times* times;
    std::size_t next = 0;

    void one() {
        merge->reach(slot, noon + std::chrono::seconds{(*times)[next]});
        merge->add(slot, Offset{static_cast<std::int64_t>(next)}, "", start);
        if (++next == times->size()) merge->expect(slot, Outlook::nothing);
    }
};

/// "1@0 0@0 …": slot and offset, in the order in which they come out if they arrive in a random one.
std::string merged(const std::vector<Times>& partitions, unsigned seed) {
    TimeMerge merge{partitions.size()};
    std::vector<Feed> feeds;
    for (std::size_t slot = 0; slot < partitions.size(); ++slot) feeds.push_back({&merge, slot, &partitions[slot]});
    std::mt19937 random{seed};
    std::string out;
    while (!feeds.empty()) {
        auto& feed = feeds[random() % feeds.size()];
        feed.one();
        std::erase_if(feeds, [](const Feed& one) { return one.next == one.times->size(); });
        while (const auto slot = merge.next(start))
            out += std::to_string(*slot) + '@' + std::to_string(merge.take(*slot).offset.value) + ' ';
    }
    CHECK(merge.bytes() == 0);
    return out;
}

}  // namespace

TEST_SUITE("time merge") {
TEST_CASE("by time, then by partition, then by offset; the same however they arrive") {
    for (unsigned seed = 0; seed < 50; ++seed) {
        CHECK(merged({{3, 5, 5, 9}, {1, 5, 6}, {2, 2}}, seed) == "1@0 2@0 2@1 0@0 0@1 0@2 1@1 1@2 0@3 ");
    }
}

TEST_CASE("a partition's own order stays though its clock went back") {
    for (unsigned seed = 0; seed < 50; ++seed)
        CHECK(merged({{10, 4, 11}, {5, 10, 12}}, seed) == "1@0 0@0 0@1 1@1 0@2 1@2 ");
}

TEST_CASE("nothing comes out while an earlier one may arrive") {
    TimeMerge merge{2};
    merge.reach(0, noon + 5s);
    merge.add(0, Offset{0}, "a", start);
    CHECK(!merge.next(start + 1h));
    merge.reach(1, noon + 4s);  // an event that nobody asked for shows how far the partition is
    CHECK(!merge.next(start + 1h));
    merge.reach(1, noon + 5s);  // another one of this time would come behind it
    CHECK(merge.next(start) == 0);
}

TEST_CASE("at the same time the earlier partition's is waited for") {
    TimeMerge merge{2};
    merge.reach(1, noon);
    merge.add(1, Offset{0}, "a", start);
    merge.reach(0, noon);
    CHECK(!merge.next(start));
    merge.reach(0, noon + 1ms);
    CHECK(merge.next(start) == 1);
}

TEST_CASE("a quiet partition is waited for only so long, a finished one not at all") {
    TimeMerge merge{2};
    merge.reach(0, noon);
    merge.add(0, Offset{0}, "a", start + 10ms);
    merge.expect(1, Outlook::quiet);
    CHECK(!merge.next(start + 9ms));
    CHECK(merge.next(start + 10ms) == 0);
    merge.expect(1, Outlook::more);
    CHECK(!merge.next(start + 10ms));
    merge.expect(1, Outlook::nothing);
    CHECK(merge.next(start) == 0);
}

TEST_CASE("what waits is measured") {
    TimeMerge merge{2};
    merge.add(0, Offset{0}, std::string(1'000, 'x'), start);
    merge.add(1, Offset{0}, "short", start);
    CHECK(merge.bytes(0) > 1'000);
    CHECK(merge.bytes() == merge.bytes(0) + merge.bytes(1));
    CHECK(merge.take(0).text.size() == 1'000);
    CHECK(merge.bytes(0) == 0);
}
}
