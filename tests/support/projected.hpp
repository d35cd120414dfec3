// tests/support/projected.hpp: read models of a written log, in a schema of their own.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "infra/postgres/read.hpp"
#include "projections/engine/run.hpp"
#include "projections/engine/verify.hpp"
#include "tests/support/servers.hpp"
#include "tests/support/written_log.hpp"

namespace kiroku::test {

/// A test's own log, tables, and read models that read that log instead of their contexts'.
struct ProjectedWorld {
    explicit ProjectedWorld(int partitions = 3);

    /// All read models, made to read this context only.
    static std::vector<projections::ReadModel> read_models_of(const std::string& context);

    WrittenLog log;
    OwnSchema schema;
    std::vector<projections::ReadModel> models;

    [[nodiscard]] projections::RunSettings settings() const { return {kafka_server(), schema.session(), models}; }
    [[nodiscard]] const projections::ReadModel& model(const std::string& name) const;
    [[nodiscard]] std::vector<log::Partition> partitions() const;

    /// Waits until these (or all) read models include all that was written; fails the test after `within`.
    void wait_until_read(std::vector<std::string> names = {}, std::chrono::seconds within = std::chrono::seconds{60});

    /// Every table is what an independent fold of the log gives.
    void check_verified(std::uint64_t at_least_rows = 1) const;

    [[nodiscard]] postgres::Connection connect() const { return postgres::Connection{schema.session()}; }
    /// One number, as a query gives it.
    [[nodiscard]] std::int64_t number(const std::string& sql) const;
};

/// Projectors on threads of this process, stopped at the end. A failure of theirs is kept.
class RunningProjectors {
public:
    explicit RunningProjectors(projections::RunSettings settings);
    ~RunningProjectors();

    void stop();
    [[nodiscard]] bool has_ended() const { return ended_; }
    /// Waits for the end that comes by itself; what it was, "" for a quiet one.
    std::string wait_for_end(std::chrono::seconds within = std::chrono::seconds{30});

private:
    std::stop_source stop_;
    std::atomic<bool> ended_ = false;
    std::string failure_;
    std::jthread thread_;
};

}  // namespace kiroku::test
