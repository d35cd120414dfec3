#include "projections/challenges/challenge_catalogue.hpp"

#include <fmt/format.h>

#include "projections/engine/declare.hpp"
#include "schemas/challenges/codec.hpp"

namespace kiroku::challenges {

using postgres::Statement;
using projections::column;
using projections::key;
using projections::Order;
using projections::Table;

const Table<ChallengeRow>& CatalogueFold::table() {
    static const Table<Row> table{
        "challenge_catalogue",
        "Focus challenges: a row a challenge, for everybody or somebody's own.",
        {key("challenge_id", &Row::challenge).means("The challenge."),
         column("type", &Row::type).means("Its kind, as in pomodoro."), column("title", &Row::title).means("Its name."),
         column("description", &Row::description).means("What it is about, for learners."),
         column("difficulty", &Row::difficulty, "CHECK (difficulty BETWEEN 1 AND 5)").means("1 easy to 5 hard."),
         column("estimated_duration", &Row::estimated_duration, "CHECK (estimated_duration > 0)")
             .means("How long it should take, in minutes."),
         column("instructions", &Row::instructions).means("Steps for learners, an array of texts."),
         column("success_criteria", &Row::success_criteria).means("What counts as a success: an object, free JSON."),
         column("rewards", &Row::rewards).means("What is promised for it: an array of objects, free JSON."),
         column("is_active", &Row::is_active).means("Whether it can be started now."),
         column("created_by", &Row::created_by).means("system, kiro or user."),
         column("owner", &Row::owner)
             .means("The user whose own it is, and who alone sees it; null: it is everybody's."),
         column("created_at", &Row::created_at).means("When its creation was recorded."),
         column("updated_at", &Row::updated_at).means("When its latest change was recorded.")},
        {"owner, created_at, challenge_id"}};
    return table;
}

ChallengeRow CatalogueFold::start(const ChallengeId& challenge) {
    ChallengeRow row{};
    row.challenge = challenge;
    return row;
}

void CatalogueFold::fold(Row& row, const ChallengeCreated& event, const Meta& meta) {
    row.type = event.challenge_type;
    row.title = event.title;
    row.description = event.description;
    row.difficulty = event.difficulty;
    row.estimated_duration = event.estimated_duration;
    row.instructions = event.instructions;
    row.success_criteria = event.success_criteria;
    row.rewards = event.rewards;
    row.created_by = event.created_by;
    row.owner = event.owner;
    row.created_at = meta.time;
    row.updated_at = meta.time;
}

projections::ReadModel challenge_catalogue() {
    return projections::read_model("challenge_catalogue", 1, "what can I practise?",
                                   {projections::folded<CatalogueFold>()});
}

namespace {

/// Everybody's and one's own come from two ends of one index, so that other people's are never looked at.
Statement page_statement(Order order) {
    const auto& sql = projections::sql_of(order);
    const auto in_order = fmt::format("ORDER BY created_at{0}, challenge_id{0} LIMIT $6", sql.order);
    const auto some = fmt::format(
        "AND is_active AND ($2::text IS NULL OR type = $2) AND ($3::integer IS NULL OR difficulty = $3) "
        "AND (created_at, challenge_id) {} (coalesce($4::timestamptz, {}), coalesce($5::uuid, {})) {}",
        sql.beyond, sql.first_at, sql.first_id, in_order);
    const auto& table = CatalogueFold::table();
    return {fmt::format("catalogue_page{}", sql.name),
            fmt::format("({}) UNION ALL ({}) {}", table.select("WHERE owner IS NULL " + some),
                        table.select("WHERE owner = $1 " + some), in_order)};
}

}  // namespace

projections::Page<ChallengeRow> challenges_for(postgres::Read& read, const UserId& learner,
                                               const CatalogueFilter& filter, const projections::Cut& cut) {
    static const Statement latest_first = page_statement(Order::latest_first);
    static const Statement earliest_first = page_statement(Order::earliest_first);
    const auto& statement = cut.order == Order::latest_first ? latest_first : earliest_first;
    const auto rows = read.query(statement, learner, filter.type, filter.difficulty, projections::at_of(cut.after),
                                 projections::id_of(cut.after), cut.limit + 1);
    return projections::page_of(CatalogueFold::table().rows(rows), cut.limit, &ChallengeRow::created_at,
                                &ChallengeRow::challenge);
}

std::optional<ChallengeRow> challenge_for(postgres::Read& read, const UserId& learner, const ChallengeId& challenge) {
    static const Statement statement{
        "challenge_for", CatalogueFold::table().select("WHERE challenge_id = $1 AND (owner IS NULL OR owner = $2)")};
    const auto rows = read.query(statement, challenge, learner);
    if (rows.empty()) return std::nullopt;
    return CatalogueFold::table().row(rows[0]);
}

}  // namespace kiroku::challenges
