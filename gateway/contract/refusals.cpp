// gateway/contract/refusals.cpp: every way in which a route can say no.
#include "gateway/contract/refusals.hpp"

#include <algorithm>
#include <initializer_list>

namespace kiroku::gateway::contract {
namespace {

using enum CoreRefusal;
using Refusals = std::map<int, std::vector<RefusalEntry>>;

void add(Refusals& refusals, const RefusalEntry& refusal) {
    auto& same_status = refusals[refusal.status];
    if (std::ranges::find(same_status, refusal.code, &RefusalEntry::code) == same_status.end()) {
        same_status.push_back(refusal);
    }
}

void add(Refusals& refusals, std::initializer_list<CoreRefusal> codes) {
    for (const auto code : codes) add(refusals, info_of(code));
}

}  // namespace

Refusals refusals_of(const Route& route) {
    Refusals refusals;
    for (const auto& refusal : route.refusals) add(refusals, refusal);
    if (route.permission != Permission::open) {
        add(refusals, {unauthenticated, invalid_token, expired_token, session_revoked, forbidden, unavailable});
    }
    if (route.pattern.find('{') != std::string::npos) add(refusals, {not_found});
    if (route.rate != RateClass::unlimited || route.permission != Permission::open) add(refusals, {too_many_requests});
    if (!route.parameters.empty()) add(refusals, {invalid_parameter});
    if (!route.read_models.empty()) add(refusals, {projection_lagging, unavailable});
    if (!route.body.empty()) add(refusals, {invalid_request, malformed_json, unsupported_media_type});
    if (route.method == Method::post) {  // it sends a command
        add(refusals, {invalid_precondition, invalid_idempotency_key, request_in_flight, idempotency_key_reused,
                       command_malformed, command_not_accepted, command_expired, deadline_exceeded});
    }
    add(refusals,
        {unknown_parameter, invalid_position, invalid_target, malformed_request, request_timeout, payload_too_large,
         target_too_long, unsupported_encoding, expectation_failed, header_too_large, internal_error, overloaded});
    return refusals;
}

}  // namespace kiroku::gateway::contract
