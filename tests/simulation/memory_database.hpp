// tests/simulation/memory_database.hpp: a database server whose connections break at any time, also while it commits.
#pragma once

#include <functional>
#include <map>

#include "projections/engine/model_database.hpp"
#include "tests/simulation/choices.hpp"
#include "tests/support/array_rows.hpp"

namespace kiroku::sim {

/// What the server holds of a read model: it outlives all connections.
struct ServerTables {
    using Fields = test::Fields;

    projections::Checkpoints checkpoints;
    std::map<Fields, Fields> rows;  ///< by key
    bool compare_and_set = true;    ///< off only to show what it is for
};

/// A projector's connection to it. Calls fail as `Choices` will; `before` is called before each of them, and may throw.
class MemoryDatabase final : public projections::ModelDatabase {
public:
    using Before = std::function<void()>;

    MemoryDatabase(ServerTables& server, Choices& choices, Before before)
        : server_(server), choices_(choices), before_(std::move(before)) {}

    projections::Checkpoints claim(std::span<const log::Partition> partitions, const Uuid& owner, bool retry) override;
    projections::Checkpoints checkpoints() override;
    std::vector<projections::ParkedKey> parked() override { return {}; }
    bool write(const projections::Checkpoints& from, const projections::Checkpoints& to,
               const projections::Folds& folds, std::span<const projections::ParkedDecision> parked) override;
    void note_halt(const log::Partition&, const projections::Checkpoint&) override {}
    void reconnect() override {}
    void rest(std::chrono::milliseconds, const std::stop_token&) override {}

private:
    void call();

    ServerTables& server_;
    Choices& choices_;
    Before before_;
};

}  // namespace kiroku::sim
