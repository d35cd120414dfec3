#include "projections/challenges/challenge_sessions.hpp"

#include "projections/engine/declare.hpp"
#include "schemas/challenges/codec.hpp"

namespace kiroku::challenges {

using postgres::Statement;
using projections::column;
using projections::key;
using projections::Keyset;
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
         column("updated_at", &Row::updated_at).means("When its latest change was recorded.")},
        {"user_id, started_at, session_id"}};
    return table;
}

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
    row.updated_at = meta.time;
}

void SessionFold::fold(Row& row, const SessionProgressed& event, const Meta& meta) {
    if (event.current_phase) row.current_phase = *event.current_phase;
    if (event.session_data) row.session_data = event.session_data;
    row.distraction_events.insert(row.distraction_events.end(), event.distraction_events.begin(),
                                  event.distraction_events.end());
    row.updated_at = meta.time;
}

void SessionFold::fold(Row& row, const SessionCompleted& event, const Meta& meta) {
    row.status = SessionStatus::completed;
    row.completed_at = event.occurred_at;
    row.performance_score = event.performance_score;
    row.completion_time = event.completion_time;
    row.updated_at = meta.time;
}

void SessionFold::fold(Row& row, const SessionAbandoned& event, const Meta& meta) {
    row.status = SessionStatus::abandoned;
    row.abandoned_at = event.occurred_at;
    row.updated_at = meta.time;
}

projections::ReadModel challenge_sessions() {
    return projections::read_model("challenge_sessions", 2, "what have I practised, and how did it go?",
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

projections::Page<ChallengeSessionRow> sessions_of(postgres::Read& read, const UserId& learner,
                                                   const std::optional<Keyset>& after, int limit) {
    static const Statement statement{
        "sessions_of", SessionFold::table().select("WHERE user_id = $1 AND (started_at, session_id) < " +
                                                   std::string{projections::before_keyset} +
                                                   " ORDER BY started_at DESC, session_id DESC LIMIT $4")};
    const auto rows = read.query(statement, learner, projections::at_of(after), projections::id_of(after), limit + 1);
    return projections::page_of(SessionFold::table().rows(rows), limit, &ChallengeSessionRow::started_at,
                                &ChallengeSessionRow::session);
}

}  // namespace kiroku::challenges
