// projections/engine/intake.hpp: decisions on their way into a read model's tables, or, where one can't be digested,
// into the park: its aggregate's key then waits, with all that comes for it, and everybody else goes on.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "projections/engine/chunk.hpp"
#include "projections/engine/table_fold.hpp"

namespace kiroku::projections {

using Folds = std::vector<std::unique_ptr<TableFold>>;

/// An aggregate, in the context whose events it has.
struct ParkedKey {
    std::string context;
    Uuid aggregate;

    friend auto operator<=>(const ParkedKey&, const ParkedKey&) = default;
};

/// A decision that waits, by reference.
struct ParkedDecision {
    log::Partition partition;
    Offset first, last;  ///< its events'
    Uuid aggregate;
    std::string reason;  ///< why it can't be digested; empty: it waits behind another one of its aggregate
};

/// One thread at a time. Goes with the tables' own `settle` and `forget`.
class Intake {
public:
    explicit Intake(const Folds& tables) : tables_(tables) {}

    /// What is parked, as stored.
    void know(std::vector<ParkedKey> keys) { stored_ = {keys.begin(), keys.end()}; }

    /// Into the tables or into the park. Every decision goes somewhere.
    void take(const Chunk& chunk, const Step& step);

    /// From now on this decision, which the tables take and the database doesn't, is parked.
    void refuse(const Chunk& chunk, const Step& step, const std::string& why);

    /// To be stored with the batch.
    [[nodiscard]] const std::vector<ParkedDecision>& fresh() const { return fresh_; }
    [[nodiscard]] bool is_parked(const ParkedKey& key) const { return stored_.contains(key) || new_.contains(key); }

    void settle();
    void forget();

private:
    using Events = std::span<const Event>;
    [[nodiscard]] bool concerns(Events events) const;
    std::string take_all(Events events);
    void park(const log::Partition& partition, Events events, std::string reason);

    const Folds& tables_;
    std::set<ParkedKey> stored_;
    std::set<ParkedKey> new_;  // of `fresh_`
    std::vector<ParkedDecision> fresh_;
    std::map<std::pair<log::Partition, Offset>, std::string> refused_;
};

}  // namespace kiroku::projections
