// domain/core/permission.cpp: what somebody may be allowed to do, and which roles may do it.
#include "domain/core/permission.hpp"

#include <algorithm>
#include <ranges>

#include "schemas/identity/types.hpp"

namespace kiroku {
namespace {

/// One arm a permission, so that a new one has to name its roles.
bool gives(std::string_view role, Permission permission) {
    switch (permission) {
        case Permission::open: return true;
        case Permission::own_account:
        case Permission::own_progress:
        case Permission::see_challenges:
        case Permission::create_challenges:
        case Permission::train:
        case Permission::see_leaderboards: return role == learner_role;
        case Permission::read_events: return role == to_string(identity::Role::analyst);
    }
    return false;
}

}  // namespace

std::string_view to_string(Permission permission) {
    switch (permission) {
        case Permission::open: return "open";
        case Permission::own_account: return "own_account";
        case Permission::own_progress: return "own_progress";
        case Permission::see_challenges: return "see_challenges";
        case Permission::create_challenges: return "create_challenges";
        case Permission::train: return "train";
        case Permission::see_leaderboards: return "see_leaderboards";
        case Permission::read_events: return "read_events";
    }
    return "";
}

bool allows(std::span<const std::string> roles, Permission permission) {
    if (permission == Permission::open) return true;
    return std::ranges::any_of(roles, [&](const std::string& role) { return gives(role, permission); });
}

bool allows(std::string_view roles, Permission permission) {
    if (permission == Permission::open) return true;
    for (const auto role : std::views::split(roles, ','))
        if (gives(std::string_view{role.begin(), role.end()}, permission)) return true;
    return false;
}

}  // namespace kiroku
