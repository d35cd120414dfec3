#include "commands/identity/states.hpp"

#include "commands/decider/state_writer.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku::identity {
namespace {

using commands::StateWriter;

RawJson shown(const LiveSession& session) {
    RawJson out{""};
    StateWriter{out.text}
        .member("id", session.id)
        .member("generation", session.generation)
        .member("rotatedAt", session.rotated_at);
    return out;
}

}  // namespace

void write_state(std::string& out, const EmailClaim& claim) { StateWriter{out}.member("holder", claim.holder); }

void write_state(std::string& out, const User& user) {
    StateWriter{out}.member("claim", user.claim).member("roles", std::vector(user.roles.begin(), user.roles.end()));
}

void write_state(std::string& out, const Sessions& sessions) {
    std::vector<RawJson> live;
    for (const auto& session : sessions.live) live.push_back(shown(session));
    StateWriter{out}.member("live", live);
}

void write_state(std::string& out, const AuditTrail&) { const StateWriter nothing{out}; }

}  // namespace kiroku::identity
