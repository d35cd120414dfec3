#include "projections/challenges/challenge_sessions.hpp"

#include <fmt/format.h>

#include "projections/engine/declare.hpp"
#include "schemas/challenges/codec.hpp"

namespace kiroku::challenges {

using postgres::Statement;
using projections::column;
using projections::key;
using projections::Order;
using projections::Table;

const Table<ChallengeSessionRow>& SessionFold::table() {
    static const Table<Row> table{
        "challenge_sessions",
        "Attempts at challenges: a row a session, in progress or ended.",
        {key("session_id", &Row::session).means("The session."), column("user_id", &Row::user).means("Who practises."),
         column("challenge_id", &Row::challenge).means("What is practised: a row of challenge_catalogue."),
         column("challenge_type", &Row::challenge_type).means("The challenge's kind when the session began."),
         column("difficulty", &Row::difficulty, "CHECK (difficulty BETWEEN 1 AND 5)")
             .means("The challenge's when the session began: 1 easy to 5 hard."),
         column("status", &Row::status, "CHECK (status IN ('in_progress', 'completed', 'abandoned'))")
             .means("How it stands; ended is final."),
         column("current_phase", &Row::current_phase).means("The phase that the learner's client told last."),
         column("started_at", &Row::started_at).means("When it began."),
         column("completed_at", &Row::completed_at)
             .means("When it was completed, by the learner's clock; null: it wasn't."),
         column("abandoned_at", &Row::abandoned_at).means("When it was given up, by that clock; null: it wasn't."),
         column("abandon_reason", &Row::abandon_reason)
             .means("Why it was given up, as the learner says; unspecified: nobody said; null: it wasn't given up."),
         column("performance_score", &Row::performance_score, "CHECK (performance_score BETWEEN 0 AND 100)")
             .means("How well it went, in percent; null: not completed."),
         column("completion_time", &Row::completion_time)
             .means("How long the learner took, in seconds; null: not completed."),
         column("session_data", &Row::session_data)
             .means("The client's own state, told last: an object, free JSON with answers in it; null: none was told.")
             .personal(),
         column("distraction_events", &Row::distraction_events)
             .means("What drew the learner away, as told: an array of {at, kind, note}; the note is the learner's own.")
             .personal(),
         column("biometric_insights", &Row::biometric_insights)
             .means("About the learner's body: an object; null: nothing was told.")
             .personal(),
         column("updated_at", &Row::updated_at).means("When its latest change was recorded."),
         column("version", &Row::version).means("How many changes it has gone through.")},
        {"user_id, started_at, session_id"}};
    return table;
}

namespace {

void note(ChallengeSessionRow& row, const projections::Meta& meta) {
    row.updated_at = meta.time;
    row.version = meta.version.value;
}

}  // namespace

ChallengeSessionRow SessionFold::start(const ChallengeSessionId& session) {
    ChallengeSessionRow row{};
    row.session = session;
    return row;
}

void SessionFold::fold(Row& row, const SessionStarted& event, const Meta& meta) {
    row.user = event.user_id;
    row.challenge = event.challenge_id;
    row.challenge_type = event.challenge_type;
    row.difficulty = event.difficulty;
    row.current_phase = event.current_phase;
    row.started_at = event.started_at;
    note(row, meta);
}

void SessionFold::fold(Row& row, const SessionProgressed& event, const Meta& meta) {
    if (event.current_phase) row.current_phase = *event.current_phase;
    if (event.session_data) row.session_data = event.session_data;
    row.distraction_events.insert(row.distraction_events.end(), event.distraction_events.begin(),
                                  event.distraction_events.end());
    note(row, meta);
}

void SessionFold::fold(Row& row, const SessionCompleted& event, const Meta& meta) {
    row.status = SessionStatus::completed;
    row.completed_at = event.occurred_at;
    row.performance_score = event.performance_score;
    row.completion_time = event.completion_time;
    note(row, meta);
}

void SessionFold::fold(Row& row, const SessionAbandoned& event, const Meta& meta) {
    row.status = SessionStatus::abandoned;
    row.abandoned_at = event.occurred_at;
    row.abandon_reason = event.reason;
    note(row, meta);
}

projections::ReadModel challenge_sessions() {
    return projections::read_model("challenge_sessions", 3, "what have I practised, and how did it go?",
                                   {projections::folded<SessionFold>()});
}

std::optional<projections::Shown<ChallengeSessionRow>> session_of(postgres::Read& read, const UserId& learner,
                                                                  const ChallengeSessionId& session) {
    static const Statement statement{"session_of",
                                     projections::select_shown(SessionFold::table(), "challenge_sessions", "session_id",
                                                               "WHERE session_id = $1 AND user_id = $2")};
    auto rows = projections::shown_rows(SessionFold::table(), read.query(statement, session, learner));
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

namespace {

Statement page_statement(Order order) {
    const auto& sql = projections::sql_of(order);
    const auto rest = fmt::format(
        "WHERE user_id = $1 AND (started_at, session_id) {0} (coalesce($2::timestamptz, {1}), coalesce($3::uuid, {2}))"
        " ORDER BY started_at{3}, session_id{3} LIMIT $4",
        sql.beyond, sql.first_at, sql.first_id, sql.order);
    return {fmt::format("sessions_of{}", sql.name),
            projections::select_shown(SessionFold::table(), "challenge_sessions", "session_id", rest)};
}

}  // namespace

projections::Page<projections::Shown<ChallengeSessionRow>> sessions_of(postgres::Read& read, const UserId& learner,
                                                                       const projections::Cut& cut) {
    static const Statement latest_first = page_statement(Order::latest_first);
    static const Statement earliest_first = page_statement(Order::earliest_first);
    const auto& statement = cut.order == Order::latest_first ? latest_first : earliest_first;
    const auto rows =
        read.query(statement, learner, projections::at_of(cut.after), projections::id_of(cut.after), cut.limit + 1);
    return projections::page_of(projections::shown_rows(SessionFold::table(), rows), cut.limit,
                                &ChallengeSessionRow::started_at, &ChallengeSessionRow::session);
}

}  // namespace kiroku::challenges
