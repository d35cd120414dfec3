// domain/core/authority.hpp: which commands who may send. Gateways have asked the same of the route that a command came
// by; deciders ask again, and theirs is the answer that counts.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "domain/core/permission.hpp"
#include "schemas/core/time.hpp"
#include "schemas/core/types.hpp"

namespace kiroku {

/// Commands that the log took in before this were let in by gateways alone and carry no roles. Which they are is told
/// by the log's own time, so whoever decides them, and whenever, decides them alike.
inline constexpr Instant authority_since = std::chrono::sys_days{std::chrono::November / 22 / 2026};

/// Who sends a command, as its record says.
struct Principal {
    std::string_view actor;  ///< user/<id>, policy/<name>, operator/<name>, gateway/<name> or anonymous
    std::string_view roles;  ///< of a user, comma-separated

    /// Nothing: it isn't a user.
    [[nodiscard]] std::optional<UserId> user() const;
};

/// What somebody must be to send a command.
struct Authority {
    std::string_view command;                ///< "<context>.<command>", in every version
    std::optional<Permission> permission{};  ///< of a user; `open`: of anybody. Nothing: no user may
    std::string_view system{};               ///< who else may: "policy/<name>", or "operator/" for all of a kind
};

/// All of them; a command that isn't among them may be sent by nobody.
std::span<const Authority> authorities();

/// `type`: "<context>.<command>.v<N>".
bool may_send(const Principal& principal, std::string_view type);

}  // namespace kiroku
