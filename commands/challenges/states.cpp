#include "commands/challenges/states.hpp"

#include "commands/decider/state_writer.hpp"
#include "schemas/challenges/codec.hpp"

namespace kiroku::challenges {
namespace {

using commands::StateWriter;

std::string_view to_string(ChallengeSession::Stage stage) {
    switch (stage) {
        case ChallengeSession::Stage::not_started: return "not_started";
        case ChallengeSession::Stage::in_progress: return "in_progress";
        case ChallengeSession::Stage::completed: return "completed";
        case ChallengeSession::Stage::abandoned: return "abandoned";
    }
    return "unknown";
}

}  // namespace

void write_state(std::string& out, const Challenge& challenge) {
    StateWriter{out}.member("created", challenge.created);
}

void write_state(std::string& out, const ChallengeSession& session) {
    StateWriter{out}
        .member("stage", to_string(session.stage))
        .member("started", session.started)
        .member("currentPhase", session.current_phase)
        .member("distractionEvents", session.distractions)
        .member("sessionData", session.data);
}

}  // namespace kiroku::challenges
