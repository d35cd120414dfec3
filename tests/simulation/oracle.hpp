// tests/simulation/oracle.hpp: what is true, by a second reading of the rule, and what must never be otherwise.
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands/decider/aggregate.hpp"
#include "commands/decider/decision_store.hpp"
#include "tests/simulation/asking_process.hpp"
#include "tests/simulation/memory_database.hpp"
#include "tests/simulation/topics.hpp"

namespace kiroku::sim {

/// A promise was broken; the text says which.
struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A decision as the log holds it.
struct Fact {
    CommandId command;
    std::int64_t command_offset;
    std::string aggregate;
    Uuid counter;
    std::string hash;
    std::int64_t first_version;
    std::int64_t last_offset;
    log::LogClock clock;                                  ///< as the fences had set it by then
    std::vector<std::pair<EventId, std::string>> events;  ///< id and data
};

/// Hears of every record that the event topic takes and of every answer that somebody is given.
class Oracle {
public:
    /// Throws Violation: decided twice, out of order, on a state that it doesn't extend, or only in part.
    void took(int partition, Offset offset, std::string_view value);

    /// Throws Violation if the log doesn't hold this, or not what it rests on.
    void answered(const Intent& intent, const commands::Answer& answer, std::int64_t command_offset);

    /// Once all is quiet. Throws Violation: a decision that isn't its commands', or another one where all commands are
    /// decided again from nothing.
    void check_again(const commands::Context& context, const Topics& topics) const;
    /// Throws Violation: a step that no step of the mirror followed, or one too many of them.
    void check_reactions() const;
    /// Throws Violation if a row isn't what its counter's events come to.
    void check_tables(const ServerTables& tables) const;
    /// Throws Violation if what the store has included isn't what the log holds.
    void check_store(const commands::DecisionStore& store, int partition) const;

    [[nodiscard]] const Fact* fact(int partition, CommandId command) const;
    [[nodiscard]] std::size_t facts() const;
    [[nodiscard]] std::size_t void_records() const { return void_records_; }
    [[nodiscard]] std::size_t fences() const { return fences_; }

private:
    struct Partition {
        std::int64_t term = -1;
        std::int64_t sequence = 0;
        log::LogClock clock;
        std::vector<Fact> facts;
        Fact open;  ///< the parts so far of one that isn't whole
        int parts = 0;
    };
    struct Refusal {
        int partition;
        std::int64_t command_offset;
        std::string code;
        std::size_t facts;    ///< that the partition held when it was told
        log::LogClock clock;  ///< the same
    };

    void whole(Partition& partition);
    [[nodiscard]] std::set<std::int64_t> expired(int number, const Topic& commands) const;
    void check_refusals(int number, const std::map<std::int64_t, std::string>& again) const;

    std::map<int, Partition> partitions_;
    std::set<CommandId> decided_;
    std::map<Uuid, std::pair<std::int64_t, int>> counters_;  ///< version and total
    std::vector<Refusal> refusals_;                          ///< that somebody was told
    std::size_t void_records_ = 0, fences_ = 0;
};

}  // namespace kiroku::sim
