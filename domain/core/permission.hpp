// domain/core/permission.hpp: what somebody may be allowed to do, and which roles may do it. Gateways ask it of routes,
// deciders of commands.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kiroku {

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

/// The same for roles in one text, comma-separated.
bool allows(std::string_view roles, Permission permission);

}  // namespace kiroku
