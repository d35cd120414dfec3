// domain/core/authority.cpp: the table of commands and of who may send them.
#include "domain/core/authority.hpp"

#include <algorithm>
#include <array>

namespace kiroku {
namespace {

constexpr std::string_view user_kind = "user/";
constexpr std::string_view anonymous = "anonymous";

constexpr std::array table{
    Authority{"identity.claim_email", Permission::open},
    Authority{"identity.start_session", Permission::open},
    Authority{"identity.rotate_refresh", Permission::open},
    Authority{"identity.revoke_session", Permission::own_account},
    Authority{"identity.revoke_all_sessions", Permission::own_account},
    Authority{"identity.register_user", {}, "policy/identity.register_user"},
    Authority{"identity.grant_role", {}, "operator/"},
    Authority{"identity.revoke_role", {}, "operator/"},
    Authority{"identity.audit_access", {}, "gateway/audit"},
    Authority{"challenges.create_challenge", Permission::create_challenges, "operator/"},
    Authority{"challenges.start_session", Permission::train},
    Authority{"challenges.record_progress", Permission::train},
    Authority{"challenges.complete_session", Permission::train},
    Authority{"challenges.abandon_session", Permission::train},
    Authority{"gamification.record_activity", {}, "policy/gamification.record_activity"},
};

bool is_system(std::string_view actor, std::string_view system) {
    return system.ends_with('/') ? actor.starts_with(system) : !system.empty() && actor == system;
}

}  // namespace

std::optional<UserId> Principal::user() const {
    if (!actor.starts_with(user_kind)) return std::nullopt;
    const auto id = Uuid::parse(actor.substr(user_kind.size()));
    return id ? std::optional{UserId{*id}} : std::nullopt;
}

std::span<const Authority> authorities() { return table; }

bool may_send(const Principal& principal, std::string_view type) {
    const auto* const found = std::ranges::find(table, type.substr(0, type.rfind('.')), &Authority::command);
    if (found == table.end()) return false;
    if (is_system(principal.actor, found->system)) return true;
    if (!found->permission) return false;
    if (principal.actor == anonymous) return *found->permission == Permission::open;
    return principal.user() && allows(principal.roles, *found->permission);
}

}  // namespace kiroku
