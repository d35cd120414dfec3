// projections/gamification/xp_history.hpp: "what did I get this for?", behind GET /me/xp-history: a row an award.
#pragma once

#include <optional>
#include <string>

#include "infra/postgres/read.hpp"
#include "projections/engine/keyset.hpp"
#include "projections/engine/read_model.hpp"
#include "projections/engine/reads.hpp"
#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

struct XpHistoryRow {
    AwardId award;
    UserId user;
    EventId source_event;
    std::string rule;
    RulesVersion rules_version;
    Xp amount;
    Xp total_xp;  ///< after it
    std::string reason;
    Instant occurred_at;
    Instant recorded_at;

    bool operator==(const XpHistoryRow&) const = default;
};

struct XpHistory {
    using Row = XpHistoryRow;
    using Meta = projections::Meta;
    using Events = projections::Reads<XpAwarded>;

    static const projections::Table<Row>& table();
    static Row row_of(const XpAwarded& event, const Meta& meta);
};

projections::ReadModel xp_history();

/// A learner's awards, by when they were earned.
projections::Page<XpHistoryRow> xp_history_of(postgres::Read& read, const UserId& user, const projections::Cut& cut);

}  // namespace kiroku::gamification
