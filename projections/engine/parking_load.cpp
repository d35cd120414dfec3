#include "projections/engine/parking_load.hpp"

#include <spdlog/spdlog.h>

#include "projections/engine/finish_tables.hpp"
#include "projections/engine/projector.hpp"

namespace kiroku::projections {
namespace {

/// What of it lies before these places.
ChunkPointer before(const Ends& ends, const Chunk& chunk) {
    auto part = std::make_shared<Chunk>();
    for (const auto& step : chunk.steps()) {
        if (step.after.next > ends.at(step.partition)) continue;
        if (step.events > 0)
            part->add(step, chunk.all_of(step));
        else
            part->add_end(step.partition, step.after, step.log_id);
    }
    return part;
}

}  // namespace

ParkingLoad::ParkingLoad(std::optional<std::string> log, ReadModel model, const postgres::Session& session,
                         Checkpoints from)
    : log_(std::move(log)), load_(std::make_unique<ModelLoad>(std::move(model), session, std::move(from))) {}

ParkingLoad::~ParkingLoad() = default;

void ParkingLoad::end_at(const Ends& ends) {
    ends_ = ends;
    load_->end_at(ends_);
}

void ParkingLoad::take(const Chunk& chunk, const std::stop_token& stop) {
    parking(stop, [&] { load_->take(chunk); });
}

void ParkingLoad::flush(const std::stop_token& stop) {
    parking(stop, [&] { load_->flush(); });
}

template <class Action>
void ParkingLoad::parking(const std::stop_token& stop, Action action) {
    if (broken_off_) return;
    try {
        return action();
    } catch (const postgres::ValueRefused& refused) {
        if (!log_) throw;
        spdlog::warn("{}: a value is refused, looking for it from the last flush on: {}", model().name, refused.what());
    }
    project(Checkpoints{checkpoints()}, stop);
}

void ParkingLoad::project(const Checkpoints& to, const std::stop_token& stop) {
    const auto model = load_->model();
    const auto session = load_->session();
    load_.reset();  // and its transaction
    for (const auto& table : model.make_tables(Keep::some)) {
        if (!table->appends()) ensure_key(session, table->shape());
    }
    Ends ends;
    std::vector<log::Partition> partitions;
    for (const auto& [partition, checkpoint] : to) {
        ends.emplace(partition, checkpoint.cursor.next);
        partitions.push_back(partition);
    }
    Projector projector{model, of_a_load(model, session), stop};
    projector.claim(partitions);
    std::map<log::Partition, log::Cursor> starts;
    for (const auto& [partition, checkpoint] : projector.checkpoints()) starts.emplace(partition, checkpoint.cursor);
    broken_off_ = !LogWalk{*log_, starts}.to(ends, stop, [&](const Chunk& chunk, int) {
        const auto part = before(ends, chunk);
        projector.apply({&part, 1});
    });
    load_ = std::make_unique<ModelLoad>(model, session, projector.checkpoints());
    load_->end_at(ends_);
}

}  // namespace kiroku::projections
