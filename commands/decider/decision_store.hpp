// commands/decider/decision_store.hpp: the log once more, by aggregate, on the decider's own disk.
//
// For each aggregate its decisions by version; for each partition how far the log is included. All of it comes from the
// log and is written with its position in one batch, so it may be lost, or be behind, at any time. Nothing unproven is
// ever in it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "infra/log/event_reader.hpp"
#include "infra/store/ordered_map.hpp"

namespace kiroku::commands {

/// An aggregate of a context: its name and its id.
struct AggregateKey {
    std::string_view name;  ///< the AggregateType's own, which lives as long as the program
    Uuid id;

    friend bool operator==(const AggregateKey&, const AggregateKey&) = default;
};

}  // namespace kiroku::commands

template <>
struct std::hash<kiroku::commands::AggregateKey> {
    std::size_t operator()(const kiroku::commands::AggregateKey& key) const noexcept {
        return std::hash<kiroku::Uuid>{}(key.id) ^ std::hash<std::string_view>{}(key.name);
    }
};

namespace kiroku::commands {

/// How far a partition of the log is included.
struct Progress {
    log::Cursor cursor;
    Offset command{-1};     ///< the last command that led to an event
    Offset last_event{-1};  ///< that event, and its id: what the log must hold there if it is still the same log
    EventId last_event_id;
    log::LogClock clock{};
};

/// An event, as much of it as deciding and answering need.
struct ProvenEvent {
    EventId id;
    Instant time;
    std::string_view type;
    std::string_view data;
};

/// A whole decision, all of one aggregate, that the log has proved.
struct ProvenDecision {
    CommandId command;
    std::string_view hash;
    Offset command_offset;
    Offset last_event;
    log::Version first;  ///< of its first event; the others follow
    std::span<const ProvenEvent> events;

    [[nodiscard]] log::Version last() const { return log::Version{first.value + std::ssize(events) - 1}; }
};

/// The part of the store that belongs to one partition. One thread owns it.
class DecisionStore {
public:
    DecisionStore(store::OrderedMap& store, log::Partition partition);
    ~DecisionStore();  ///< waits for what it has given away: the next one for this partition must find it
    DecisionStore(const DecisionStore&) = delete;
    DecisionStore& operator=(const DecisionStore&) = delete;

    [[nodiscard]] Progress progress() const;

    /// The version of its last event; 0 if it has none.
    [[nodiscard]] log::Version version_of(const AggregateKey& key) const;

    using Take = std::function<void(const ProvenDecision&)>;  ///< its views live for the call
    /// Each decision about the aggregate, oldest first.
    void each_decision(const AggregateKey& key, const Take& take) const;
    /// The one that begins with this version. Throws StoreError if there is none.
    void decision_at(const AggregateKey& key, log::Version first, const Take& take) const;

    /// Readable after `write`.
    void include(const AggregateKey& key, const ProvenDecision& decision, const log::Cursor& after);
    /// The same where very many follow each other, and none of them is read meanwhile.
    void load(const AggregateKey& key, const ProvenDecision& decision, const log::Cursor& after);
    void include(const log::Cursor& after);  ///< a fence or a void record
    void hear(const log::LogClock& clock);   ///< before the fences that set it are included

    void write();
    [[nodiscard]] std::size_t unwritten() const { return batch_.size(); }
    [[nodiscard]] bool is_unwritten(const AggregateKey& key) const { return unwritten_.contains(key); }

    void forget();  ///< everything of this partition: it shall be read again from the start of the log

    /// Which layout a store has; one with another is to be made anew.
    static constexpr std::string_view layout = "decisions by version, 1";

private:
    void put(const AggregateKey& key, const ProvenDecision& decision, const log::Cursor& after);
    void put_progress();
    void finish_loads();
    [[nodiscard]] std::string key_of(const AggregateKey& key) const;
    [[nodiscard]] std::string key_of(const AggregateKey& key, log::Version first) const;

    store::OrderedMap& store_;
    std::string prefix_;
    Progress progress_;
    bool changed_ = false;
    store::Batch batch_;
    std::string value_;                           // the latest one that was put, to save its room
    std::optional<std::uint64_t> loading_;        // the latest batch that was given away
    std::unordered_set<AggregateKey> unwritten_;  // those that `batch_` is about
};

}  // namespace kiroku::commands
