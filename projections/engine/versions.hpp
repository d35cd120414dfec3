// projections/engine/versions.hpp: the versions of a read model: one is live, others stand beside it, each in a schema
// of its own with its own positions; and how one takes the live one's place.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infra/log/position.hpp"
#include "projections/engine/checkpoint.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

enum class VersionState {
    building,  ///< not all of the log is in it, or it isn't indexed yet
    ready,     ///< whole, and never live so far
    live,      ///< in the schema that everybody reads
    kept,      ///< was live
};
std::string_view to_string(VersionState state);

struct Version {
    std::string read_model;
    int number = 0;  ///< of the read model, from 1
    int shape = 0;
    VersionState state{};
    std::string schema;               ///< where it stands while it isn't live
    std::vector<std::string> tables;  ///< their names
    Instant made_at{};
    std::optional<Instant> live_since;  ///< of the latest time
};

/// What is asked for can't be done with the versions that there are.
struct VersionRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// All versions, those of a read model in their order. `session`: of the live schema, here and below. Throws
/// DatabaseError, here and below.
std::vector<Version> versions_of(postgres::Connection& connection);

/// Nobody else builds, switches or drops versions of this read model while this lives. Throws VersionRefused if
/// somebody does.
class VersionLock {
public:
    VersionLock(const postgres::Session& session, const std::string& read_model);

private:
    postgres::Connection connection_;
};

/// Whether one of this read model's versions is being worked on now.
bool is_locked(postgres::Connection& connection, const std::string& schema, const std::string& read_model);

/// The version that is being built, if it has this program's shape and `anew` isn't asked for; else a new, empty one,
/// without keys and indexes.
Version begin_version(const postgres::Session& session, const ReadModel& model, bool anew);

/// Makes a schema with these read models' empty tables and positions, without keys and indexes. Throws VersionRefused
/// if there is one of that name.
void create_beside(postgres::Transaction& transaction, const std::string& live_schema, const std::string& schema,
                   std::span<const ReadModel> models);

/// Where a version's tables are while it isn't live.
postgres::Session beside(const postgres::Session& session, const std::string& schema);

void mark_ready(const postgres::Session& session, const Version& version);

/// Puts it in the place of the live one, in one transaction. `catch_up` is called with the live one's positions, which
/// don't move meanwhile, and must bring the other as far; it is called again where readers were in the way for too
/// long. The live one's projector goes on with the new one. Throws VersionRefused, and what `catch_up` throws.
void swap_in(const postgres::Session& session, const Version& next,
             const std::function<void(const Checkpoints& live)>& catch_up);

/// Drops the tables of one that isn't live. Throws VersionRefused.
void drop_version(const postgres::Session& session, const Version& version);

}  // namespace kiroku::projections
