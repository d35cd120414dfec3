#include "projections/gamification/xp_history.hpp"

#include <fmt/format.h>

#include "projections/engine/declare.hpp"
#include "projections/engine/shown.hpp"
#include "schemas/gamification/codec.hpp"

namespace kiroku::gamification {

using projections::column;
using projections::key;
using projections::Table;

const Table<XpHistoryRow>& XpHistory::table() {
    static const Table<Row> table{
        "xp_history",
        "What XP was given for: a row an award, never changed.",
        {key("award_id", &Row::award).means("The award; the same for the same source event and rule."),
         column("user_id", &Row::user).means("Who got it."),
         column("source_event_id", &Row::source_event).means("The event that it was given for."),
         column("rule", &Row::rule).means("The rule's stable name, as in session_completed."),
         column("rules_version", &Row::rules_version).means("The version of the rules in force then."),
         column("amount", &Row::amount).means("XP of this award."),
         column("total_xp", &Row::total_xp).means("The learner's XP after it."),
         column("reason", &Row::reason).means("What it was for, in words for people."),
         column("occurred_at", &Row::occurred_at).means("When it was earned, by the learner's clock."),
         column("recorded_at", &Row::recorded_at).means("When the log took it in.")},
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
    return projections::read_model("xp_history", 2, "what did I get this for?", {projections::recorded<XpHistory>()});
}

namespace {

/// The awards of one activity share its time; among them the ledger's own order counts.
postgres::Statement page_statement(projections::Order order) {
    const auto& sql = projections::sql_of(order);
    const auto first_total = order == projections::Order::latest_first ? "9223372036854775807" : "-1";
    const auto rest = fmt::format(
        "WHERE user_id = $1 AND (occurred_at, total_xp, award_id) {0} (coalesce($2::timestamptz, {1}),"
        " coalesce((SELECT last.total_xp FROM xp_history AS last WHERE last.award_id = $3), {2}),"
        " coalesce($3::uuid, {3})) ORDER BY occurred_at{4}, total_xp{4}, award_id{4} LIMIT $4",
        sql.beyond, sql.first_at, first_total, sql.first_id, sql.order);
    return {fmt::format("xp_history_of{}", sql.name),
            projections::select_shown(XpHistory::table(), "xp_history", "$1", rest)};
}

}  // namespace

projections::Page<XpHistoryRow> xp_history_of(postgres::Read& read, const UserId& user, const projections::Cut& cut) {
    static const auto latest_first = page_statement(projections::Order::latest_first);
    static const auto earliest_first = page_statement(projections::Order::earliest_first);
    const auto& statement = cut.order == projections::Order::latest_first ? latest_first : earliest_first;
    const auto rows =
        read.query(statement, user, projections::at_of(cut.after), projections::id_of(cut.after), cut.limit + 1);
    const auto shown = projections::shown_rows(XpHistory::table(), rows);
    auto page = projections::page_of(std::vector<XpHistoryRow>(shown.begin(), shown.end()), cut.limit,
                                     &XpHistoryRow::occurred_at, &XpHistoryRow::award);
    page.incomplete = shown.empty() ? !projections::parked_among(read, "xp_history", {&user.value, 1}).empty()
                                    : shown.front().incomplete;
    return page;
}

}  // namespace kiroku::gamification
