// gateway/core/consequences.hpp: what an event led to elsewhere, for an answer that tells both.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "commands/reactor/policy.hpp"
#include "gateway/core/commands.hpp"
#include "gateway/core/services.hpp"

namespace kiroku::gateway {

/// The gateway never decides what follows from an event: it knows the policies, so it knows the ids of their commands
/// and waits for what is decided on them.
class Consequences {
public:
    Consequences(std::vector<commands::Policy> policies, CausedDecisions& caused, Commands& commands,
                 std::chrono::milliseconds within)
        : policies_{std::move(policies)}, caused_{caused}, commands_{commands}, within_{within} {}

    /// The decision on the command that a policy answers `reply`'s first event of that type with; null if it isn't
    /// there in time. A replayed reply may be older than all that the tail remembers: then the policy's own command is
    /// sent once more, which by its id is answered with the first decision.
    Task<std::shared_ptr<const SeenDecision>> of(std::string_view event_type, log::Reply reply,
                                                 std::string correlation);

private:
    const std::vector<commands::Policy> policies_;
    CausedDecisions& caused_;
    Commands& commands_;
    const std::chrono::milliseconds within_;
};

/// The position that covers an answer and what it led to.
std::string joint_position(const std::string& position, const SeenDecision* consequence);

}  // namespace kiroku::gateway
