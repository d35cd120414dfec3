// tests/simulation/projecting_process.hpp: a real projector on simulated topics and a simulated database.
#pragma once

#include <memory>
#include <optional>

#include "infra/log/partition_reader.hpp"
#include "projections/engine/projector.hpp"
#include "tests/simulation/memory_database.hpp"
#include "tests/simulation/topics.hpp"

namespace kiroku::sim {

class ProjectingProcess {
public:
    ProjectingProcess(const Topic& events, ServerTables& server, Choices& choices, log::Rule rule,
                      MemoryDatabase::Before before)
        : events_(events), server_(server), choices_(choices), rule_(rule), before_(std::move(before)) {}

    /// Claims the read model from whoever has it, and reads on where that one stood.
    void start();
    void crash() { life_.reset(); }
    [[nodiscard]] bool lives() const { return life_.has_value(); }

    /// Reads up to so many records of each partition and writes what they say. True: it steps down, for another one has
    /// claimed the read model.
    bool step(int most);

    [[nodiscard]] bool idle() const;

private:
    struct Life {
        std::unique_ptr<projections::Projector> projector;
        std::vector<log::PartitionReader> readers{};
        std::vector<std::int64_t> at{};
    };

    const Topic& events_;
    ServerTables& server_;
    Choices& choices_;
    log::Rule rule_;
    MemoryDatabase::Before before_;
    std::optional<Life> life_;
};

}  // namespace kiroku::sim
