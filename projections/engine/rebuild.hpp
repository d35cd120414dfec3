// projections/engine/rebuild.hpp: makes new versions of read models from the log, beside the live ones, and puts them
// in their place; brings versions that were live back; makes read models as they were.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "projections/engine/bulk_load.hpp"
#include "projections/engine/verify.hpp"
#include "projections/engine/versions.hpp"

namespace kiroku::projections {

/// The new tables are not what the log says; they were not put in the place of the live ones.
struct NotVerified : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Some keys can't be digested; the new tables were not put in the place of the live ones.
struct KeysParked : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct RebuildSettings {
    std::string bootstrap;
    postgres::Session session;  ///< of the live schema
    std::vector<ReadModel> read_models;
    LoadSettings load;
    std::optional<Ends> as_of;  ///< only up to there; then it is left beside the live one
    bool anew = false;          ///< don't go on with a version that an earlier rebuild has begun
    bool verify = true;
    bool force = false;  ///< switch even with parked keys

    /// What goes on, told on the calling thread: "loading", "indexing leaderboard", …
    std::function<void(const std::string& step)> on_step = [](const std::string&) {};
    std::function<void(const LoadProgress&)> on_progress;
};

struct Rebuilt {
    Version version;
    log::Position position;  ///< what it includes
    bool live = false;
};

/// Nothing for each read model if it was stopped before; the same call goes on there. Throws VersionRefused,
/// NotVerified, KeysParked, DatabaseError, LogMismatch, BrokerError, UnreadableRecord, VersionGap, Indigestible.
std::vector<Rebuilt> rebuild(const RebuildSettings& settings, const std::stop_token& stop);

/// Puts a version beside the live one in its place; `first_catch_up`: only once it includes as much as that one does,
/// else at once: readers see it grow. False: it was stopped before. Throws as `rebuild` does.
bool switch_version(const RebuildSettings& settings, const Version& to, bool first_catch_up,
                    const std::stop_token& stop);

/// Makes the read models as they were at `settings.as_of`, in one schema of this name, which nobody else knows. False:
/// it was stopped, and the schema is gone.
bool make_as_of(const RebuildSettings& settings, const std::string& schema, const std::stop_token& stop);

}  // namespace kiroku::projections
