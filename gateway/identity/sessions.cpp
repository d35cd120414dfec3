// gateway/identity/sessions.cpp: logging in, staying logged in, logging out.
#include "domain/identity/sessions.hpp"

#include <algorithm>

#include "gateway/core/commands.hpp"
#include "gateway/core/permission.hpp"
#include "gateway/core/rate_limits.hpp"
#include "gateway/core/reads.hpp"
#include "gateway/core/refresh_token.hpp"
#include "gateway/core/services.hpp"
#include "gateway/core/settings.hpp"
#include "gateway/identity/address.hpp"
#include "gateway/identity/handlers.hpp"
#include "gateway/identity/passwords.hpp"
#include "gateway/lookups.hpp"
#include "gateway/services.hpp"
#include "schemas/http/codec.hpp"
#include "schemas/identity/codec.hpp"
#include "schemas/identity/http/codec.hpp"

namespace kiroku::gateway {
namespace {

using identity::AccountRow;

/// How long whoever ends a session waits until this gateway has heard of it itself, and lets nobody in any more.
constexpr std::chrono::milliseconds hearing_deadline{500};

std::vector<std::string> roles_of(const AccountRow& account) {
    std::vector<std::string> roles{std::string{learner_role}};
    roles.insert(roles.end(), account.roles.begin(), account.roles.end());
    return roles;
}

Response tokens_for(const AccountRow& account, const RefreshToken& refresh, const log::Reply& reply, Instant issued_at,
                    Services services) {
    const Caller caller{account.user, refresh.session, account.timezone, roles_of(account), {}};
    const identity::http::TokensResponse body{.access_token = services.tokens.issue(caller, issued_at),
                                              .refresh_token = refresh.text(services.keys.refresh()),
                                              .expires_in = Seconds{services.tokens.settings().life.count()},
                                              .user_id = account.user};
    return Response{.body = json::encode(body), .position = reply.position, .replayed = reply.replayed};
}

/// By the log's clock, so that a replayed answer is the first one again: its token ends when the first one's did.
Instant issued_at(const log::Reply& reply, Instant now) {
    return reply.events.empty() ? now : std::min(reply.events.back().time, now);
}

/// Tries at one password count together wherever they come from, whether or not there is such an account.
std::optional<Problem> refuse_guess(const EmailClaimId& claim, Services services) {
    const auto verdict = services.rate_limits.take(RateClass::login, claim.value, RateLimits::Clock::now());
    if (verdict.allowed) return std::nullopt;
    Problem problem = RateLimits::refusal(verdict);
    services.rate_limits.tell(verdict, problem.headers);
    return problem;
}

Task<Answer> start_session(AccountRow account, Intent intent, Instant now, Services services) {
    const identity::StartSession command{.session_id = SessionId{intent.new_id("session")}};
    const auto decided = co_await services.commands.send(account.user.value, command, intent);
    if (!decided) co_return decided.error();
    const RefreshToken refresh{account.user, command.session_id, Generation{1}};
    co_return tokens_for(account, refresh, *decided, issued_at(*decided, now), services);
}

/// The grace is for a client that lost an answer a moment ago. Who comes back with the same key later shows a used
/// token.
bool is_out_of_grace(const log::Reply& reply, Instant now) {
    return reply.replayed && !reply.events.empty() && now - reply.events.front().time > identity::refresh_grace;
}

Task<Decided> rotate(RefreshToken token, Intent intent, Instant now, Services services) {
    const identity::RotateRefresh command{.session_id = token.session, .generation = token.generation};
    auto decided = co_await services.commands.send(token.user.value, command, intent);
    if (decided && is_out_of_grace(*decided, now)) {
        intent = Intents::afresh(intent);
        decided = co_await services.commands.send(token.user.value, command, intent);
    }
    if (decided && find_event<identity::RefreshReuseDetected>(decided->events)) {
        if (!decided->replayed) co_await services.caused.await(intent.command, hearing_deadline);
        co_return std::unexpected(CoreRefusal::invalid_refresh_token);
    }
    co_return decided;
}

template <class Command>
Task<Answer> revoke(Request request, Command command, Services services) {
    const auto intent = services.intents.begin(request, caller_name(request), "");
    if (!intent) co_return intent.error();
    const auto decided = co_await services.commands.send(request.user().user.value, command, *intent);
    if (!decided) co_return decided.error();
    if (!decided->replayed && !decided->events.empty())
        co_await services.caused.await(intent->command, hearing_deadline);
    co_return Response{.status = 204, .position = decided->position, .replayed = decided->replayed};
}

}  // namespace

Task<Answer> log_in(Request request, identity::http::LoginRequest body, Services services) {
    const std::string address = normal_address(body.email).value_or(body.email);
    const EmailClaimId claim = claim_on(address, services.keys.addresses());
    if (auto problem = refuse_guess(claim, services)) co_return std::move(*problem);
    const auto intent = services.intents.begin(request, "address/" + to_string(claim), address);
    if (!intent) co_return intent.error();

    const auto query = [claim](postgres::Read& read) { return identity::account_by_claim(read, claim); };
    const auto account = co_await services.reads.run(query);
    if (!account) co_return account.error();
    const auto credential = account->transform([](const AccountRow& row) { return row.credential; });
    const UserId owner = *account ? (*account)->user : UserId{};
    const auto right = co_await services.passwords.check(std::move(body.password), credential, owner);
    if (!right) co_return right.error();
    if (!*right) co_return Problem{identity::info_of(identity::Refusal::invalid_credentials), RawJson{"{}"}};
    co_return co_await start_session(**account, *intent, request.received, services);
}

Task<Answer> refresh(Request request, identity::http::RefreshRequest body, Services services) {
    const auto token = RefreshToken::read(body.refresh_token, services.keys.refresh());
    if (!token) co_return Problem{CoreRefusal::invalid_refresh_token};
    const auto intent = services.intents.begin(request, "session/" + to_string(token->session), json::encode(body));
    if (!intent) co_return intent.error();

    const auto account = co_await services.reads.find(services.lookups.accounts, token->user);
    if (!account) co_return account.error();
    if (!*account) co_return Problem{CoreRefusal::projection_lagging};
    const auto rotated = co_await rotate(*token, *intent, request.received, services);
    if (!rotated) co_return rotated.error();
    const RefreshToken child{token->user, token->session, Generation{token->generation.value + 1}};
    co_return tokens_for(**account, child, *rotated, issued_at(*rotated, request.received), services);
}

Task<Answer> log_out(Request request, http::EmptyRequest, Services services) {
    const SessionId session = request.user().session;
    return revoke(std::move(request), identity::RevokeSession{.session_id = session}, services);
}

Task<Answer> log_out_everywhere(Request request, http::EmptyRequest, Services services) {
    return revoke(std::move(request), identity::RevokeAllSessions{}, services);
}

Task<Answer> my_account(Request request, Services services) {
    const auto account = co_await services.reads.find(services.lookups.accounts, request.user().user);
    if (!account) co_return account.error();
    if (!*account) co_return Problem{CoreRefusal::projection_lagging};
    identity::http::MeResponse body{.user_id = (*account)->user,
                                    .email = (*account)->email,
                                    .display_name = (*account)->display_name,
                                    .timezone = (*account)->timezone};
    if ((*account)->incomplete) body.incomplete = true;
    co_return Response{.body = json::encode(body)};
}

}  // namespace kiroku::gateway
