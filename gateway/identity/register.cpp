// gateway/identity/register.cpp: POST /auth/register: from an address and a password to an account that can log in.
#include "domain/core/local_time.hpp"
#include "gateway/core/commands.hpp"
#include "gateway/core/consequences.hpp"
#include "gateway/core/reads.hpp"
#include "gateway/core/settings.hpp"
#include "gateway/identity/address.hpp"
#include "gateway/identity/handlers.hpp"
#include "gateway/identity/passwords.hpp"
#include "gateway/services.hpp"
#include "schemas/identity/codec.hpp"
#include "schemas/identity/http/codec.hpp"

namespace kiroku::gateway {
namespace {

using identity::http::RegisterRequest;
using identity::http::RegisterResponse;

Problem invalid(std::string_view path, std::string_view problem) {
    return {CoreRefusal::invalid_request, culprit("path", path, problem)};
}

/// What the schema can't say. Time zones are checked here too, because hashing a password for nothing is dear.
std::optional<Problem> refuse_body(const RegisterRequest& body) {
    if (!normal_address(body.email)) return invalid("/email", "must be an e-mail address");
    const bool blank = body.display_name.find_first_not_of(' ') == std::string::npos;
    const bool seen = is_plain_text(body.display_name) && !has_invisible(body.display_name, true);
    if (blank || !seen) return invalid("/displayName", "must be a name on one line");
    if (!is_timezone(body.timezone)) return refused(identity::ClaimEmail::type, "unknown_timezone", "");
    return std::nullopt;
}

Response registered(const identity::EmailClaimed& claimed, std::string position, bool visible, bool replayed) {
    const RegisterResponse body{.user_id = claimed.user_id, .position = position};
    return Response{.status = visible ? 201 : 202,
                    .body = json::encode(body),
                    .position = std::move(position),
                    .replayed = replayed,
                    .headers = {}};
}

/// Waits for the account that the claim leads to, and until it can be read.
Task<Answer> answer_claimed(log::Reply reply, std::string correlation, Services services) {
    const auto claimed = find_event<identity::EmailClaimed>(reply.events);
    if (!claimed) co_return Problem{CoreRefusal::internal_error};
    const bool replayed = reply.replayed;
    const std::string claim_position = reply.position;
    const auto consequence =
        co_await services.consequences.of(identity::EmailClaimed::type, std::move(reply), std::move(correlation));
    std::string position = joint_position(claim_position, consequence.get());
    const auto reached = log::Position::parse(position);
    bool visible = consequence != nullptr && reached;
    if (visible) {
        const std::vector<std::string> accounts{"accounts"};
        const auto lagging = co_await services.reads.reach(accounts, *reached, services.settings.position_deadline);
        visible = !lagging;
    }
    co_return registered(*claimed, std::move(position), visible, replayed);
}

}  // namespace

Task<Answer> register_user(Request request, RegisterRequest body, Services services) {
    if (auto problem = refuse_body(body)) co_return std::move(*problem);
    const std::string address = *normal_address(body.email);
    const EmailClaimId claim = claim_on(address, services.keys.addresses());
    auto intent = services.intents.begin(request, "address/" + to_string(claim), "");
    if (!intent) co_return intent.error();

    const UserId user{intent->new_id("user")};
    const auto credential = co_await services.passwords.make(body.password, user, intent->command);
    if (!credential) co_return credential.error();
    body.password = credential->hash;  // the same password is the same wish, and no fast hash of it goes anywhere
    intent->hash = services.intents.hash(request, json::encode(body));

    const identity::ClaimEmail command{.email_claim_id = claim,
                                       .user_id = user,
                                       .email = address,
                                       .display_name = body.display_name,
                                       .timezone = body.timezone,
                                       .credential = credential->sealed};
    auto decided = co_await services.commands.send(claim.value, command, *intent);
    if (!decided) co_return decided.error();
    co_return co_await answer_claimed(std::move(*decided), request.id, services);
}

}  // namespace kiroku::gateway
