// projections/engine/parked.hpp: what is parked, as stored; and what operators do about it.
//
// A key is parked while decisions of it wait. Each of them lies in the log; the table `parked` only says where. Taken
// up again, they go through today's code, in their order, all of a key or none. Given up, they stay on record: the
// key's rows lack them until the read model is made anew.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infra/postgres/connection.hpp"
#include "projections/engine/intake.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

struct StoredDecision {
    ParkedDecision decision;
    std::string read_model;
    Instant parked_at{};
    std::optional<Instant> given_up_at;  ///< nothing: it waits
};

/// All of these functions throw DatabaseError.
std::vector<ParkedKey> parked_keys(postgres::Connection& connection, const std::string& read_model);

/// With the batch that it belongs to.
void park(postgres::Transaction& transaction, const std::string& read_model, std::span<const ParkedDecision> decisions);

/// In the order of the log, those of a key together. Empty name: of all read models.
std::vector<StoredDecision> parked_in(postgres::Transaction& transaction, const std::string& read_model);

/// Puts a key's decisions into the live tables; the projector goes on behind that. The error: what still can't be
/// digested, and why; nothing has changed then but that reason. Throws BrokerError, UnreadableRecord, Conflict where
/// the projector is in the way for too long.
std::optional<std::string> take_up(const std::string& bootstrap, const postgres::Session& session,
                                   const ReadModel& model, const ParkedKey& key);

/// A key's decisions are not waited for any more; what comes for it is taken again. How many there were.
int give_up(const postgres::Session& session, const std::string& read_model, const ParkedKey& key);

/// The records of a decision, as they lie in the log. Throws BrokerError.
std::vector<std::string> records_of(const std::string& bootstrap, const ParkedDecision& decision);

}  // namespace kiroku::projections
