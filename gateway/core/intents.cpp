// gateway/core/intents.cpp: what a caller wants done, known again when it is told again.
#include "gateway/core/intents.hpp"

#include <fmt/format.h>

#include "infra/crypto/base64url.hpp"

namespace kiroku::gateway {
namespace {

const Uuid intent_namespace = *Uuid::parse("3c1f6a52-5d0e-4b8a-9f57-0c7f5a1e2b64");

std::string target_of(const Request& request) {
    return fmt::format("{} {}", to_string(request.method), request.target.path);
}

std::string joined(const std::vector<std::string>& roles) {
    std::string text;
    for (const auto& role : roles) text += (text.empty() ? "" : ",") + role;
    return text;
}

}  // namespace

Intents::Intents(const crypto::KeySet& keys) : keys_{keys} {}

std::expected<Intent, Problem> Intents::begin(const Request& request, std::string_view caller, std::string_view body) {
    Intent intent{.command = CommandId{random_uuid_v7()},
                  .hash = hash(request, body),
                  .actor = request.caller ? caller_name(request) : "anonymous",
                  .correlation = request.id,
                  .traceparent = tracing::traceparent(request.trace),
                  .expected = request.expected.transform([](std::int64_t version) { return log::Version{version}; }),
                  .in_flight = nullptr};
    if (request.caller) {
        intent.roles = joined(request.user().roles);
        intent.organization = request.user().organization;
    }
    if (request.idempotency_key.empty()) return intent;
    const std::string name = fmt::format("{}\n{}\n{}", caller, target_of(request), request.idempotency_key);
    intent.command = CommandId{uuid_v5(intent_namespace, name)};
    intent.in_flight = hold(intent.command);
    if (!intent.in_flight) return std::unexpected(CoreRefusal::request_in_flight);
    return intent;
}

std::string Intents::hash(const Request& request, std::string_view body) const {
    const std::string message = fmt::format("{}\n{}", target_of(request), body);
    return crypto::base64url(crypto::view(crypto::hmac_sha256(keys_.requests(), message)));
}

Intent Intents::afresh(Intent intent) {
    intent.command = CommandId{random_uuid_v7()};
    return intent;
}

std::shared_ptr<const void> Intents::hold(const CommandId& command) {
    if (!held_->insert(command).second) return nullptr;
    return {&*held_, [held = held_, command](const void*) { held->erase(command); }};
}

std::string caller_name(const Request& request) { return "user/" + to_string(request.user().user); }

}  // namespace kiroku::gateway
