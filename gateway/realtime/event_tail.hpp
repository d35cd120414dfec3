// gateway/realtime/event_tail.hpp: follows the events of all contexts and hands them over as they happen.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/realtime/past.hpp"
#include "infra/log/event_reader.hpp"

namespace kiroku::gateway::realtime {

/// What came since the last one, in the order in which it was read.
struct TailBatch {
    std::vector<std::shared_ptr<const PastDecision>> decisions;
    std::vector<std::pair<Slot, Offset>> reached;  ///< partitions in which nothing else counts up to there
    bool live = false;  ///< the end of every partition has been seen: from here on it is news
};

/// A thread of its own. Begins some way back in the past; a broker that is away is waited for, and nothing is left out
/// or handed over twice.
class EventTail {
public:
    struct Settings {
        std::string bootstrap;
        std::vector<std::string> contexts;
        std::chrono::seconds back{16 * 60};  ///< at least as long as an access token lives
        std::int64_t most_records_back =
            20'000;                             ///< of a partition; identity's go back the whole time, for revocations
        std::int64_t least_records_back = 200;  ///< of a partition, however long ago
    };

    /// Called on the tail's thread: `begin` once, with each partition's first offset, then `take`.
    struct Handover {
        std::function<void(Partitions, std::vector<Offset>)> begin;
        std::function<void(TailBatch, const std::stop_token&)> take;
    };

    EventTail(Settings settings, Handover handover);
    ~EventTail() = default;  // stops and joins
    EventTail(const EventTail&) = delete;
    EventTail& operator=(const EventTail&) = delete;

    /// False while the broker is away or a partition can't be read.
    [[nodiscard]] bool healthy() const { return healthy_; }

private:
    void run(const std::stop_token& stop);
    void locate(log::EventReader& reader);
    void follow(log::EventReader& reader, const std::stop_token& stop);
    int read_some(log::EventReader& reader, const std::stop_token& stop);
    void note_reached(const log::EventReader& reader, TailBatch& batch);

    Settings settings_;
    Handover handover_;
    Partitions partitions_;
    std::map<log::Partition, log::Cursor> cursors_;  // behind what was handed over
    bool live_ = false;
    std::atomic<bool> healthy_ = false;
    std::mutex mutex_;
    std::condition_variable_any pause_;
    std::jthread thread_;  // last: uses all of the above
};

}  // namespace kiroku::gateway::realtime
