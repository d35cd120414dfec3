#include "projections/gamification/xp_history.hpp"

#include "projections/engine/declare.hpp"
#include "schemas/gamification/codec.hpp"

namespace kiroku::gamification {

using projections::column;
using projections::key;
using projections::Table;

const Table<XpHistoryRow>& XpHistory::table() {
    static const Table<Row> table{
        "xp_history",
        {key("award_id", &Row::award), column("user_id", &Row::user), column("source_event_id", &Row::source_event),
         column("rule", &Row::rule), column("rules_version", &Row::rules_version), column("amount", &Row::amount),
         column("total_xp", &Row::total_xp), column("reason", &Row::reason), column("occurred_at", &Row::occurred_at),
         column("recorded_at", &Row::recorded_at)},
        {"user_id, occurred_at, total_xp, award_id"}};
    return table;
}

XpHistoryRow XpHistory::row_of(const XpAwarded& event, const Meta& meta) {
    return {.award = event.award_id,
            .user = UserId{meta.aggregate},
            .source_event = event.source_event_id,
            .rule = event.rule,
            .rules_version = event.rules_version,
            .amount = event.amount,
            .total_xp = event.total_xp,
            .reason = event.reason,
            .occurred_at = event.occurred_at,
            .recorded_at = meta.time};
}

projections::ReadModel xp_history() {
    return projections::read_model("xp_history", 2, {projections::recorded<XpHistory>()});
}

projections::Page<XpHistoryRow> xp_history_of(postgres::Read& read, const UserId& user,
                                              const std::optional<projections::Keyset>& after, int limit) {
    // The awards of one activity share its time; among them the ledger's own order counts.
    static const postgres::Statement statement{
        "xp_history_of",
        XpHistory::table().select(
            "WHERE user_id = $1 AND (occurred_at, total_xp, award_id) < (coalesce($2::timestamptz, 'infinity'),"
            " coalesce((SELECT last.total_xp FROM xp_history AS last WHERE last.award_id = $3), 9223372036854775807),"
            " coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))"
            " ORDER BY occurred_at DESC, total_xp DESC, award_id DESC LIMIT $4")};
    const auto rows = read.query(statement, user, projections::at_of(after), projections::id_of(after), limit + 1);
    return projections::page_of(XpHistory::table().rows(rows), limit, &XpHistoryRow::occurred_at, &XpHistoryRow::award);
}

}  // namespace kiroku::gamification
