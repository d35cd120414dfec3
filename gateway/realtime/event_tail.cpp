// gateway/realtime/event_tail.cpp: follows the events of all contexts and hands them over as they happen.
#include "gateway/realtime/event_tail.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace kiroku::gateway::realtime {
namespace {

using namespace std::chrono_literals;

constexpr int poll_ms = 100;
constexpr int most_records_at_once = 2000;
constexpr auto shortest_pause = 100ms;
constexpr auto longest_pause = 5000ms;
constexpr auto suspicious_silence = 30s;
constexpr auto gathering = 3ms;  // people wait for what they are told

Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// Tells a quiet log from a reader that has stopped reading: librdkafka 2.0.2 can hang on a broker that went away
/// (reliability.md, #4970).
class Silence {
public:
    /// Throws BrokerError if the log has been growing for a while and nothing was read.
    void check(log::EventReader& reader, const Partitions& partitions, int records_read) {
        const auto at = std::chrono::steady_clock::now();
        if (records_read > 0) *this = Silence{};
        if (at - looked_ < suspicious_silence) return;
        if (grown_) throw kafka::BrokerError("the log grows, but nothing is read");
        std::vector<Offset> ends;
        for (Slot slot = 0; slot < partitions.size(); ++slot) ends.push_back(reader.watermarks(partitions[slot]).next);
        grown_ = !ends_.empty() && ends_ != ends;
        ends_ = std::move(ends);
        looked_ = at;
    }

private:
    std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
    std::vector<Offset> ends_;
    bool grown_ = false;
};

}  // namespace

EventTail::EventTail(Settings settings, Handover handover)
    : settings_(std::move(settings)),
      handover_(std::move(handover)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void EventTail::run(const std::stop_token& stop) {
    auto pause = shortest_pause;
    while (!stop.stop_requested()) {
        try {
            log::EventReader reader{settings_.bootstrap, gathering};
            if (cursors_.empty()) locate(reader);
            reader.read(cursors_);
            healthy_ = true;
            pause = shortest_pause;
            follow(reader, stop);
        } catch (const kafka::BrokerError& error) {
            spdlog::warn("the gateway's event tail starts again: {}", error.what());
        } catch (const log::UnreadableRecord& error) {
            spdlog::error("the gateway's event tail is stuck: {}", error.what());
        }
        healthy_ = false;
        std::unique_lock lock{mutex_};
        pause_.wait_for(lock, stop, pause, [] { return false; });
        pause = std::min(2 * pause, std::chrono::milliseconds{longest_pause});
    }
}

void EventTail::locate(log::EventReader& reader) {
    std::map<log::Partition, log::Cursor> cursors;
    std::vector<log::Partition> all;
    for (const auto& context : settings_.contexts)
        std::ranges::copy(reader.partitions_of(context), std::back_inserter(all));
    for (const auto& partition : all) {
        const auto [first, next] = reader.watermarks(partition);
        auto start = reader.offset_at(partition, now() - settings_.back).value;
        if (partition.context != "identity") start = std::max(start, next.value - settings_.most_records_back);
        start = std::clamp(std::min(start, next.value - settings_.least_records_back), first.value, next.value);
        cursors[partition] = reader.cursor_before(partition, Offset{start});
    }
    partitions_ = Partitions{std::move(all)};
    std::vector<Offset> from;
    for (Slot slot = 0; slot < partitions_.size(); ++slot) from.push_back(cursors.at(partitions_[slot]).next);
    cursors_ = std::move(cursors);
    handover_.begin(partitions_, std::move(from));
}

void EventTail::follow(log::EventReader& reader, const std::stop_token& stop) {
    Silence silence;
    while (!stop.stop_requested()) silence.check(reader, partitions_, read_some(reader, stop));
}

int EventTail::read_some(log::EventReader& reader, const std::stop_token& stop) {
    TailBatch batch;
    const auto keep = [&](const log::ReadDecision& read) {
        batch.decisions.push_back(std::make_shared<const PastDecision>(past_decision(read, partitions_)));
        cursors_[read.partition] = read.after;
    };
    int records = 0;
    try {
        records = reader.poll(poll_ms, most_records_at_once, keep);
    } catch (...) {
        if (!batch.decisions.empty()) handover_.take(std::move(batch), stop);
        throw;
    }
    if (records > 0) note_reached(reader, batch);
    const bool now_live = !live_ && reader.all_at_end();
    live_ = live_ || now_live;
    batch.live = live_;
    if (records > 0 || now_live) handover_.take(std::move(batch), stop);
    return records;
}

void EventTail::note_reached(const log::EventReader& reader, TailBatch& batch) {
    for (Slot slot = 0; slot < partitions_.size(); ++slot) {
        const auto& cursor = reader.reader(partitions_[slot]).cursor();
        auto& handed_over = cursors_[partitions_[slot]];
        if (cursor == handed_over) continue;
        handed_over = cursor;
        batch.reached.emplace_back(slot, cursor.next);
    }
}

}  // namespace kiroku::gateway::realtime
