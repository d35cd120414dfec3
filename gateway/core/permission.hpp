// gateway/core/permission.hpp: what a route asks of its caller, and which roles may do it.
#pragma once

#include <span>
#include <string>

namespace kiroku::gateway {

enum class Permission {
    open,               ///< anybody, signed in or not
    own_account,        ///< see and end one's own sessions, see one's own account
    own_progress,       ///< see what one has earned
    see_challenges,     ///< the catalogue, and one's own
    create_challenges,  ///< for oneself
    train,              ///< start, advance and end one's own challenge sessions
    see_leaderboards,
    read_events,  ///< the whole log, but for what is personal or secret
};

std::string_view to_string(Permission permission);

/// Everybody who registers is one. The other roles are granted: identity's `Role`.
inline constexpr std::string_view learner_role = "learner";

/// Whether any of the roles gives the permission. Roles that are not known give none.
bool allows(std::span<const std::string> roles, Permission permission);

}  // namespace kiroku::gateway
