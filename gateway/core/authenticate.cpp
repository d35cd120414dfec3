// gateway/core/authenticate.cpp: who sent this request, and may they do what its route does?
#include "gateway/core/authenticate.hpp"

#include "gateway/core/access_token.hpp"

namespace kiroku::gateway {
namespace {

std::optional<std::string_view> bearer_token(const Fields& fields) {
    constexpr std::string_view scheme = "Bearer ";
    const auto sent = fields.find("authorization");
    if (!sent || fields.count("authorization") != 1 || sent->size() <= scheme.size()) return std::nullopt;
    if (!equal_ignoring_case(sent->substr(0, scheme.size()), scheme)) return std::nullopt;
    return sent->substr(scheme.size());
}

}  // namespace

std::expected<Caller, Problem> authenticate(const Fields& fields, Permission permission, AccessTokens& tokens,
                                            const Revocations& revocations, Instant now) {
    const auto token = bearer_token(fields);
    if (!token) return std::unexpected(CoreRefusal::unauthenticated);
    auto caller = tokens.verify(*token, now);
    if (!caller) {
        return std::unexpected(caller.error() == TokenProblem::expired ? CoreRefusal::expired_token
                                                                       : CoreRefusal::invalid_token);
    }
    if (!revocations.known()) return std::unexpected(CoreRefusal::unavailable);
    if (revocations.is_revoked(caller->session)) return std::unexpected(CoreRefusal::session_revoked);
    if (!allows(caller->roles, permission)) return std::unexpected(CoreRefusal::forbidden);
    return std::move(*caller);
}

}  // namespace kiroku::gateway
