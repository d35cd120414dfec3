// projections/engine/version_swap.cpp: one version of a read model takes the place of another.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

#include "projections/engine/versions.hpp"

namespace kiroku::projections {
namespace {

using std::chrono::milliseconds;

// Readers wait behind us while we wait for readers; so long, and not again at once.
constexpr milliseconds readers_wait{150};
constexpr milliseconds between_attempts{300};
constexpr std::chrono::minutes patience{15};  // a verification holds the tables for as long as it takes

Version live_one(postgres::Connection& connection, const std::string& read_model) {
    const auto versions = versions_of(connection);
    const auto live = std::ranges::find_if(
        versions, [&](const Version& one) { return one.read_model == read_model && one.state == VersionState::live; });
    if (live == versions.end()) throw VersionRefused(fmt::format("{} has no live version", read_model));
    return *live;
}

/// Both schemas change their tables; each keeps its other things.
void move_tables(postgres::Transaction& transaction, const std::string& from, const std::string& to,
                 const std::vector<std::string>& tables) {
    for (const auto& table : tables)
        transaction.execute(fmt::format(R"(ALTER TABLE "{}".{} SET SCHEMA "{}")", from, table, to));
}

/// The positions and what is parked move with the rows. A new epoch and no owner tell the projector of the one that was
/// live so far.
void move_positions(postgres::Transaction& transaction, const std::string& live, const std::string& to,
                    const std::string& from, const std::string& read_model) {
    transaction.execute(fmt::format(
        R"(CREATE TEMPORARY TABLE arriving ON COMMIT DROP AS SELECT * FROM "{2}".checkpoint WHERE read_model = '{3}';
           UPDATE arriving SET owner = NULL, claimed_at = now(), halted = '', epoch = 1 + greatest(epoch,
             (SELECT coalesce(max(epoch), 0) FROM "{0}".checkpoint WHERE read_model = '{3}'));
           INSERT INTO "{1}".checkpoint SELECT * FROM "{0}".checkpoint WHERE read_model = '{3}';
           DELETE FROM "{0}".checkpoint WHERE read_model = '{3}';
           INSERT INTO "{0}".checkpoint SELECT * FROM arriving;
           DELETE FROM "{2}".checkpoint WHERE read_model = '{3}';
           INSERT INTO "{1}".parked SELECT * FROM "{0}".parked WHERE read_model = '{3}';
           DELETE FROM "{0}".parked WHERE read_model = '{3}';
           INSERT INTO "{0}".parked SELECT * FROM "{2}".parked WHERE read_model = '{3}';
           DELETE FROM "{2}".parked WHERE read_model = '{3}')",
        live, to, from, read_model));
}

bool is_as_far(const Checkpoints& live, const Checkpoints& next) {
    return std::ranges::all_of(live, [&](const auto& one) {
        const auto found = next.find(one.first);
        return found != next.end() && found->second.cursor.next >= one.second.cursor.next;
    });
}

void swap_once(const postgres::Session& session, const Version& now, const Version& next,
               const std::function<void(const Checkpoints& live)>& catch_up) {
    postgres::Connection connection{session};
    postgres::Transaction transaction{connection};
    // Waits for the projector's batch and keeps its next one waiting.
    transaction.execute(fmt::format(
        "SELECT 1 FROM checkpoint WHERE read_model = '{}' ORDER BY context, part FOR UPDATE", next.read_model));
    if (catch_up) {
        const auto live = read_checkpoints(transaction, next.read_model);
        catch_up(live);
        postgres::Connection other{beside(session, next.schema)};
        if (!is_as_far(live, read_checkpoints(other, next.read_model)))
            throw VersionRefused(fmt::format("version {} of {} is behind the live one", next.number, next.read_model));
    }

    std::vector<std::string> locked;
    for (const auto& table : now.tables) locked.push_back(fmt::format(R"("{}".{})", session.schema, table));
    transaction.execute(fmt::format("SET LOCAL lock_timeout = {}; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
                                    readers_wait.count(), fmt::join(locked, ", ")));
    transaction.execute(
        fmt::format("SET LOCAL client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS \"{0}\"; "
                    "CREATE TABLE IF NOT EXISTS \"{0}\".checkpoint (LIKE checkpoint INCLUDING ALL); "
                    "CREATE TABLE IF NOT EXISTS \"{0}\".parked (LIKE parked INCLUDING ALL)",
                    now.schema));
    move_tables(transaction, session.schema, now.schema, now.tables);
    move_tables(transaction, next.schema, session.schema, next.tables);
    move_positions(transaction, session.schema, now.schema, next.schema, next.read_model);
    transaction.execute(fmt::format(
        "UPDATE read_model_version SET state = 'kept' WHERE read_model = '{0}' AND version = {1}; "
        "UPDATE read_model_version SET state = 'live', live_since = now() WHERE read_model = '{0}' AND version = {2}; "
        "UPDATE read_model SET shape = {3} WHERE name = '{0}'",
        next.read_model, now.number, next.number, next.shape));
    transaction.commit();
}

}  // namespace

void swap_in(const postgres::Session& session, const Version& next,
             const std::function<void(const Checkpoints& live)>& catch_up) {
    auto patient = session;
    patient.application = "kiroku versions";
    patient.statement_timeout = patient.idle_in_transaction_timeout = {};
    postgres::Connection connection{session};
    const auto now = live_one(connection, next.read_model);
    for (const auto give_up = std::chrono::steady_clock::now() + patience;;) {
        try {
            return swap_once(patient, now, next, catch_up);
        } catch (const postgres::Conflict& conflict) {
            if (std::chrono::steady_clock::now() > give_up) throw;
            spdlog::debug("{}: somebody reads it, trying again: {}", next.read_model, conflict.what());
        }
        std::this_thread::sleep_for(between_attempts);
    }
}

}  // namespace kiroku::projections
