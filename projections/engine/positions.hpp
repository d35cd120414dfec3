// projections/engine/positions.hpp: how far the read models have come, and waiting until they have come far enough.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "infra/log/position.hpp"
#include "infra/postgres/read.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

/// How waiting for a position ended.
enum class Reached {
    yes,
    too_late,     ///< the read models are not there yet: `projection_lagging`
    unavailable,  ///< nobody knows: the database can't be asked, or too many wait
};

/// The database tells it whenever a checkpoint moves (migration 4), but only while somebody waits or did a moment ago.
/// Any thread may call; callbacks come once each, on the caller's thread where the answer is known at once, else on the
/// watcher's own, and must neither throw nor block.
class Positions {
public:
    /// It looks for itself as often as this while somebody waits, for what it isn't told.
    static constexpr std::chrono::milliseconds look_every{100};
    /// What was seen is believed as long as this: after a crash the database may know less than it said before.
    static constexpr std::chrono::milliseconds believed_for{500};
    static constexpr std::chrono::seconds listens_for{2};  ///< after the last one who waited
    static constexpr std::size_t most_waiting = 20'000;

    /// `read_models`: those that may be waited for.
    Positions(postgres::Session session, const std::vector<ReadModel>& read_models);

    /// Those who still wait are told `unavailable`.
    ~Positions();

    /// Calls back as soon as all of these read models include the position, as far as they read its contexts.
    void wait(const std::vector<std::string>& read_models, const log::Position& position,
              std::chrono::milliseconds within, std::function<void(Reached)> done);

private:
    class Watcher;
    std::unique_ptr<Watcher> watcher_;
};

/// Up to where a read model includes the log, as it is in the tables now.
log::Position position_of(postgres::Read& read, const std::string& read_model);

}  // namespace kiroku::projections
