#include "projections/engine/model_database.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "projections/engine/migrate.hpp"
#include "projections/engine/parked.hpp"
#include "projections/engine/table_writer.hpp"

namespace kiroku::projections {
namespace {

class Postgres : public ModelDatabase {
public:
    Postgres(ReadModel model, postgres::Session session) : model_(std::move(model)), session_(std::move(session)) {
        session_.durable = false;  // rows and position are lost together, and read from the log again
        session_.by_key = true;
        session_.application = "kiroku project " + model_.name;
    }

    Checkpoints claim(std::span<const log::Partition> partitions, const Uuid& owner, bool retry) override {
        check_migrated(connection(), {model_});  // another version may have come since this process started
        return projections::claim(connection(), model_.name, partitions, owner, retry);
    }
    Checkpoints checkpoints() override { return read_checkpoints(connection(), model_.name); }

    std::vector<ParkedKey> parked() override { return parked_keys(connection(), model_.name); }

    bool write(const Checkpoints& from, const Checkpoints& to, const Folds& folds,
               std::span<const ParkedDecision> parked) override {
        const auto values = advance_values(model_.name, from, to);
        const auto moved = [&](const postgres::Rows& rows) { return rows.touched() == static_cast<int>(to.size()); };
        // Of its own, a statement moves all positions or none, too: a claim takes all of them in one transaction.
        const bool moves_only = std::ranges::all_of(folds, [](const auto& fold) { return fold->taken() == 0; });
        if (moves_only && parked.empty()) return moved(connection().run(advance_statement(), values));

        postgres::Transaction transaction{connection()};
        if (!moved(transaction.run(advance_statement(), values))) return false;
        if (writers_.empty()) {
            for (const auto& fold : folds) writers_.emplace_back(fold->shape(), fold->appends());
        }
        for (std::size_t number = 0; number < folds.size(); ++number)
            writers_[number].write(transaction, *folds[number]);
        park(transaction, model_.name, parked);
        transaction.commit();
        return true;
    }

    void note_halt(const log::Partition& partition, const Checkpoint& checkpoint) override {
        projections::note_halt(connection(), model_.name, partition, checkpoint);
    }

    void reconnect() override { connection_.reset(); }

    void rest(std::chrono::milliseconds time, const std::stop_token& stop) override {
        std::mutex mutex;
        std::unique_lock lock{mutex};
        std::condition_variable_any never;
        never.wait_for(lock, stop, time, [] { return false; });
    }

protected:
    postgres::Connection& connection() {
        if (!connection_) connection_ = std::make_unique<postgres::Connection>(session_);
        return *connection_;
    }

    ReadModel model_;
    postgres::Session session_;

private:
    std::unique_ptr<postgres::Connection> connection_;
    std::vector<TableWriter> writers_;
};

class OfALoad final : public Postgres {
public:
    OfALoad(ReadModel model, postgres::Session session) : Postgres(std::move(model), std::move(session)) {
        session_.application = "kiroku load " + model_.name;
    }

    Checkpoints claim(std::span<const log::Partition> partitions, const Uuid&, bool) override {
        auto ours = checkpoints();
        std::erase_if(ours,
                      [&](const auto& one) { return std::ranges::find(partitions, one.first) == partitions.end(); });
        return ours;
    }

    /// Whoever caught the error asks for a rest: it goes on to who loads.
    void rest(std::chrono::milliseconds, const std::stop_token&) override { throw; }
};

}  // namespace

std::unique_ptr<ModelDatabase> in_postgres(const ReadModel& model, postgres::Session session) {
    return std::make_unique<Postgres>(model, std::move(session));
}

std::unique_ptr<ModelDatabase> of_a_load(const ReadModel& model, postgres::Session session) {
    return std::make_unique<OfALoad>(model, std::move(session));
}

}  // namespace kiroku::projections
