// projections/engine/parking_load.hpp: a load that goes on where its tables refuse a value.
//
// Folded and copied in bulk, nobody can say whose event made the row that is refused, and what was taken since the last
// flush is rolled back. That stretch is read from the log again and projected as it would be live: batch by batch, and
// where one is refused decision by decision. So what is parked, and why, is what live projecting parks. Then the load
// goes on in bulk. As long as nothing is refused, it costs nothing.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "projections/engine/log_walk.hpp"
#include "projections/engine/model_load.hpp"

namespace kiroku::projections {

/// As ModelLoad, of which it is one after the other.
class ParkingLoad {
public:
    /// `log`: the broker that has what it will be given; nothing: it can't be read again, and ValueRefused is thrown.
    ParkingLoad(std::optional<std::string> log, ReadModel model, const postgres::Session& session, Checkpoints from);
    ~ParkingLoad();

    [[nodiscard]] const ReadModel& model() const { return load_->model(); }
    [[nodiscard]] const Checkpoints& checkpoints() const { return load_->checkpoints(); }
    [[nodiscard]] std::size_t bytes() const { return load_->bytes(); }

    void end_at(const Ends& ends);

    /// Stopped while they project, they do nothing any more: what is in the tables is whole, but lacks what was given
    /// last. Throw what LogWalk and Projector throw, too.
    void take(const Chunk& chunk, const std::stop_token& stop);
    void flush(const std::stop_token& stop);

    void make_room() { load_->make_room(); }

private:
    template <class Action>
    void parking(const std::stop_token& stop, Action action);
    void project(const Checkpoints& to, const std::stop_token& stop);

    std::optional<std::string> log_;
    std::unique_ptr<ModelLoad> load_;
    Ends ends_;
    bool broken_off_ = false;
};

}  // namespace kiroku::projections
