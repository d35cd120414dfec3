// tests/integration/realtime/event_tail_test.cpp: the gateway's tail on a real log: some way back, then all that comes,
// once and in order, however often it starts.
#include "gateway/realtime/event_tail.hpp"

#include <doctest/doctest.h>

#include "schemas/gamification/codec.hpp"
#include "tests/support/servers.hpp"
#include "tests/support/written_log.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using gateway::realtime::EventTail;
using gateway::realtime::Partitions;
using gateway::realtime::Slot;
using gateway::realtime::TailBatch;
using test::named;
using test::Told;
using test::WrittenLog;

namespace {

/// A decision of one learner's: `levels` events.
Told told(const std::string& learner, int levels = 1) {
    Told decision;
    for (int level = 1; level <= levels; ++level) {
        decision.push_back(test::on(named<UserId>(learner), "2026-03-06T12:00:00Z",
                                    gamification::LevelReached{.level = Level{level + 1}}));
    }
    return decision;
}

/// What a tail hands over.
class Tail {
public:
    explicit Tail(const WrittenLog& log, std::int64_t most_back = 20'000, std::int64_t least_back = 200)
        : tail_({.bootstrap = test::kafka_server(),
                 .contexts = {log.context()},
                 .back = 1h,
                 .most_records_back = most_back,
                 .least_records_back = least_back},
                {.begin = [this](Partitions partitions, std::vector<Offset> from) { begin(partitions, from); },
                 .take = [this](TailBatch batch, const std::stop_token&) { take(std::move(batch)); }}) {}

    void wait_for_decisions(std::size_t count) {
        std::unique_lock lock{mutex_};
        REQUIRE(changed_.wait_for(lock, 30s, [&] { return live_ && decisions_.size() >= count; }));
        CHECK(decisions_.size() == count);
    }

    /// Waits until the partition is known to hold nothing else before `next`.
    void wait_until_reached(const log::Partition& partition, Offset next) {
        std::unique_lock lock{mutex_};
        REQUIRE(changed_.wait_for(lock, 30s, [&] { return reached_.at(partitions_.slot(partition)) == next; }));
    }

    [[nodiscard]] Offset from(const log::Partition& partition) const { return from_[partitions_.slot(partition)]; }

    /// Ids of the partition's events, in the order in which they came.
    [[nodiscard]] std::vector<EventId> events_of(const log::Partition& partition) const {
        std::vector<EventId> ids;
        for (const auto& decision : decisions_) {
            if (partitions_[decision->slot] != partition) continue;
            for (const auto& event : decision->events) ids.push_back(event.id);
        }
        return ids;
    }

    [[nodiscard]] bool healthy() const { return tail_.healthy(); }

private:
    void begin(Partitions partitions, std::vector<Offset> from) {
        const std::scoped_lock lock{mutex_};
        partitions_ = std::move(partitions);
        reached_ = from_ = std::move(from);
    }

    void take(TailBatch batch) {
        const std::scoped_lock lock{mutex_};
        for (auto& decision : batch.decisions) {
            CHECK(decision->events.front().offset >= reached_.at(decision->slot));
            reached_[decision->slot] = decision->next;
            decisions_.push_back(std::move(decision));
        }
        for (const auto& [slot, next] : batch.reached) reached_[slot] = next;
        live_ = live_ || batch.live;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    Partitions partitions_;
    std::vector<Offset> from_;
    std::vector<Offset> reached_;
    std::vector<std::shared_ptr<const gateway::realtime::PastDecision>> decisions_;
    bool live_ = false;
    EventTail tail_;  // last: its thread uses all of the above
};

std::vector<EventId> ids_of(const std::vector<Told>& story) {
    std::vector<EventId> ids;
    for (const auto& decision : story) {
        for (const auto& event : decision) ids.push_back(event.id);
    }
    return ids;
}

}  // namespace

TEST_SUITE("event tail") {
TEST_CASE("hands over what counts, whole, and nothing else") {
    WrittenLog log{1};
    const log::Partition partition{log.context(), 0};
    std::vector<Told> story;
    for (int i = 0; i < 20; ++i) {
        story.push_back(told("mika", 1 + i % 3));
        log.write(story.back());
        if (i % 4 == 0) log.write_void(told("mika"));
        if (i % 5 == 0) log.fence(0);
    }
    log.settle();
    Tail tail{log};
    tail.wait_for_decisions(20);
    CHECK(tail.events_of(partition) == ids_of(story));
    CHECK(tail.healthy());
}

TEST_CASE("follows, and knows how far it has got where nothing counts") {
    WrittenLog log{3};
    Tail tail{log};
    tail.wait_for_decisions(0);
    for (std::size_t i = 1; i <= 50; ++i) {
        log.write(std::vector{told("learner " + std::to_string(i))});
        tail.wait_for_decisions(i);
    }
    log.fence(1);
    log.write_void(told("nobody"));
    log.settle();
    for (const auto& [partition, next] : log.ends()) tail.wait_until_reached(partition, next);
    tail.wait_for_decisions(50);
}

TEST_CASE("begins with the owner who was in force where it begins") {
    WrittenLog log{1};
    const log::Partition partition{log.context(), 0};
    for (int i = 0; i < 300; ++i) log.write(told("early"));
    log.fence(0);
    std::vector<Told> late;
    for (int i = 0; i < 300; ++i) log.write(late.emplace_back(told("late")));
    log.settle();
    Tail tail{log, 100, 10};
    tail.wait_for_decisions(300);
    CHECK(tail.from(partition) == Offset{301});
    CHECK(tail.events_of(partition) == ids_of(late));
}

TEST_CASE("each starts for itself and tells the same") {
    WrittenLog log{3};
    std::vector<Told> story;
    for (int i = 0; i < 200; ++i) story.push_back(told("learner " + std::to_string(i % 9), 1 + i % 4));
    log.write(story);
    Tail one{log}, other{log};
    one.wait_for_decisions(200);
    other.wait_for_decisions(200);
    for (const auto& [partition, next] : log.ends()) CHECK(one.events_of(partition) == other.events_of(partition));
}

TEST_CASE("waits for a broker that isn't there, and stops when told") {
    const auto start = std::chrono::steady_clock::now();
    {
        EventTail tail{{.bootstrap = "127.0.0.1:1", .contexts = {"challenges"}},
                       {.begin = [](auto...) {}, .take = [](auto...) {}}};
        std::this_thread::sleep_for(200ms);
        CHECK_FALSE(tail.healthy());
    }
    CHECK(std::chrono::steady_clock::now() - start < 10s);
}
}
