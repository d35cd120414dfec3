// gateway/core/handle_request.cpp: one guarded request in, one answer out, whatever happens.
#include "gateway/core/handle_request.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "gateway/core/audit.hpp"
#include "gateway/core/authenticate.hpp"
#include "gateway/core/etag.hpp"
#include "gateway/core/kept_answers.hpp"
#include "gateway/core/metrics.hpp"
#include "gateway/core/origins.hpp"
#include "gateway/core/rate_limits.hpp"
#include "gateway/core/reads.hpp"
#include "gateway/core/settings.hpp"
#include "gateway/core/spans.hpp"
#include "gateway/core/wishes.hpp"
#include "infra/runtime/log.hpp"

namespace kiroku::gateway {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_id_bytes = 128;
constexpr std::size_t most_key_bytes = 255;
constexpr std::string_view no_route = "(none)";
constexpr int forbidden = 403;

Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

bool is_visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

/// The client's own if it can be trusted in logs and headers, else a new one.
std::string request_id_of(const Fields& fields) {
    const auto sent = fields.find("x-request-id").value_or("");
    const bool fits = !sent.empty() && sent.size() <= most_id_bytes && is_visible_ascii(sent) &&
                      sent.find_first_of("\"\\<>&") == std::string_view::npos;
    return fits ? std::string{sent} : to_string(random_uuid_v7());
}

std::optional<Problem> read_own_headers(Request& request, const Route& route) {
    if (const auto key = request.fields.find("idempotency-key"); key && request.method == Method::post) {
        const bool fits = !key->empty() && key->size() <= most_key_bytes && is_visible_ascii(*key) &&
                          request.fields.count("idempotency-key") == 1;
        if (!fits) return Problem{CoreRefusal::invalid_idempotency_key};
        request.idempotency_key = *key;
    }
    if (const auto text = request.fields.find("if-match"); text && request.method == Method::post) {
        const auto precondition = route.takes_if_match ? read_if_match(*text) : std::nullopt;
        if (!precondition) return Problem{CoreRefusal::invalid_precondition};
        request.expected = precondition->version;
    }
    if (const auto text = request.fields.find("kiroku-min-position")) {
        auto position = log::Position::parse(*text);
        if (!position) return Problem{CoreRefusal::invalid_position};
        request.min_position = std::move(*position);
    }
    return std::nullopt;
}

/// Whose token isn't believed pays by address, and can't try for ever.
std::optional<Problem> refuse_caller(Request& request, const Route& route, Services services, RateLimits::Verdict& told,
                                     Clock::time_point at) {
    told = services.rate_limits.look(RateClass::denied, request.client, at);
    if (!told.allowed) return RateLimits::refusal(told);
    auto caller =
        authenticate(request.fields, route.permission, services.tokens, services.revocations, request.received);
    if (!caller) {
        if (caller.error().refusal.status < 500)
            told = services.rate_limits.take(RateClass::denied, request.client, at);
        return std::move(caller.error());
    }
    request.caller = std::move(*caller);
    return std::nullopt;
}

/// All that can be said about a request before its route is asked. `told`: the bucket that it was taken from.
std::optional<Problem> refuse_early(Request& request, const Route& route, Services services, RateLimits::Verdict& told,
                                    Clock::time_point at) {
    if (route.permission != Permission::open) {
        if (auto problem = refuse_caller(request, route, services, told, at)) return problem;
    }
    told = request.caller ? services.rate_limits.take(route.rate, request.caller->user.value, at)
                          : services.rate_limits.take(route.rate, request.client, at);
    if (!told.allowed) return RateLimits::refusal(told);
    if (auto problem = refuse(request.target.query, route.parameters)) return problem;
    return read_own_headers(request, route);
}

/// Whose token it is, whatever they may do.
std::optional<UserId> known_user(const Request& request, Services services) {
    const auto caller =
        authenticate(request.fields, Permission::open, services.tokens, services.revocations, request.received);
    return caller ? std::optional{caller->user} : std::nullopt;
}

Problem no_route_problem(const Router::Found& found) {
    if (found.allow.empty()) return CoreRefusal::not_found;
    Problem problem{CoreRefusal::method_not_allowed};
    problem.headers.emplace_back("Allow", found.allow);
    return problem;
}

/// Null: the read models are where the request wants them.
Task<std::optional<Problem>> reach(const Request& request, const Route& route, Services services) {
    if (request.min_position.empty() || route.read_models.empty()) co_return std::nullopt;
    co_return co_await services.reads.reach(route.read_models, request.min_position,
                                            services.settings.position_deadline);
}

/// Answered as a moment ago where that is good enough.
Task<Answer> ask_kept(Request request, const Route& route, Services services) {
    const auto name = KeptAnswers::name_of(request);
    if (const auto* kept = services.kept.find(name, request.min_position, Clock::now())) co_return *kept;
    if (auto problem = co_await reach(request, route, services)) co_return std::move(*problem);
    auto answer = co_await route.handler(std::move(request), services);
    if (const auto* response = std::get_if<Response>(&answer)) {
        services.kept.keep(name, *response, Clock::now() + route.kept_for);
    }
    co_return answer;
}

Task<Answer> ask_route(Request request, const Route& route, Services services) {
    if (route.kept_for.count() > 0) co_return co_await ask_kept(std::move(request), route, services);
    if (auto problem = co_await reach(request, route, services)) co_return std::move(*problem);
    co_return co_await route.handler(std::move(request), services);
}

/// What a handler throws is a bug or broken infrastructure: the log learns it, the client doesn't.
Task<Answer> ask_safely(Request request, const Route& route, Services services) {
    const runtime::About about{request.id, tracing::trace_id(request.trace)};
    try {
        co_return co_await ask_route(std::move(request), route, services);
    } catch (const std::exception& error) {
        runtime::log(runtime::LogLevel::error, about, "gateway: {} {} failed: {}", to_string(route.method),
                     route.pattern, error.what());
    }
    co_return Problem{CoreRefusal::internal_error};
}

Request request_of(RawRequest raw, Target target, std::vector<std::string> path_values, std::string id,
                   Instant received, const ClientAddress& client) {
    return Request{.method = *raw.head.method,
                   .target = std::move(target),
                   .fields = std::move(raw.head.fields),
                   .body = std::move(raw.body),
                   .id = std::move(id),
                   .received = received,
                   .path_values = std::move(path_values),
                   .caller = std::nullopt,
                   .idempotency_key = {},
                   .min_position = {},
                   .expected = std::nullopt,
                   .trace = raw.trace,
                   .client = client};
}

/// What may be done here, and, to a page's browser, that the page may do it.
Answer options_of(const Fields& fields, std::string methods, const Settings& settings) {
    if (methods.empty()) return Problem{CoreRefusal::not_found};
    Response response{.status = 204};
    Origins{settings.origins}.admit_preflight(fields, methods, response);
    response.headers.emplace_back("Allow", std::move(methods));
    return response;
}

struct Routed {
    Answer answer;
    std::string path{};
    const Route* route = nullptr;
    RateLimits::Verdict rate{};

    [[nodiscard]] std::string_view pattern() const {
        return route != nullptr ? std::string_view{route->pattern} : no_route;
    }
};

Task<Routed> route_request(RawRequest raw, const Router& router, Services services, std::string id, Instant received,
                           Clock::time_point at) {
    auto target = read_target(raw.head.target);
    if (!target) {
        co_return Routed{Problem{CoreRefusal::invalid_target, culprit("target", "", target.error())}};
    }
    Routed routed{Response{}, target->path};
    if (raw.head.method == Method::options) {
        routed.answer = options_of(raw.head.fields, router.allowed_on(target->path), services.settings);
        co_return routed;
    }
    auto found = router.find(*raw.head.method, target->path);
    if (found.route == nullptr) {
        routed.answer = no_route_problem(found);
        co_return routed;
    }
    routed.route = found.route;
    if (raw.wants_upgrade) {
        routed.answer = Problem{CoreRefusal::malformed_request, culprit("header", "Upgrade", "is not possible here")};
        co_return routed;
    }
    const ClientAddress client = services.settings.proxies.client(raw.peer, raw.head.fields);
    Request request =
        request_of(std::move(raw), std::move(*target), std::move(found.path_values), std::move(id), received, client);
    Access access = access_of(request, *found.route);
    if (auto problem = refuse_early(request, *found.route, services, routed.rate, at)) {
        routed.answer = std::move(*problem);
        if (std::get<Problem>(routed.answer).refusal.status == forbidden) access.user = known_user(request, services);
    } else {
        if (request.caller) access.user = request.user().user;
        routed.answer = co_await ask_safely(std::move(request), *found.route, services);
    }
    services.audit.note(access, routed.answer, received);
    co_return routed;
}

Response rendered(Answer answer, std::string_view path, std::string_view request_id, Instant at) {
    if (auto* response = std::get_if<Response>(&answer)) return std::move(*response);
    return gateway::answer(std::get<Problem>(answer), path, request_id, at);
}

void tell(std::string_view method, std::string_view route, const Handled& handled, Clock::duration took,
          Services services, const tracing::TraceContext& trace = {}) {
    services.metrics.answered(method, route, handled.response.status, took);
    const auto level = services.settings.access_log ? runtime::LogLevel::info : runtime::LogLevel::debug;
    if (!runtime::logs(level)) return;
    runtime::log(level, {handled.request_id, tracing::trace_id(trace)}, "gateway: {} {} answered {} in {} µs", method,
                 route, handled.response.status, std::chrono::duration_cast<std::chrono::microseconds>(took).count());
}

}  // namespace

Task<Handled> handle_request(RawRequest raw, const Router& router, Services services) {
    const auto began = Clock::now();
    const Instant received = now();
    const Method method = *raw.head.method;
    Handled handled{Response{}, request_id_of(raw.head.fields)};
    RequestSpan span{raw.head.fields, services.settings.traces_sampled};
    raw.trace = span.context();
    const bool is_misread_upgrade = raw.wants_upgrade;
    const Wishes wishes = Wishes::of(raw.head.fields);
    Routed routed = co_await route_request(std::move(raw), router, services, handled.request_id, received, began);
    handled.response = rendered(std::move(routed.answer), routed.path, handled.request_id, received);
    services.rate_limits.tell(routed.rate, handled.response.headers);
    fulfil(wishes, routed.route, Origins{services.settings.origins}, services.copies, handled.response);
    handled.response.close = handled.response.close || is_misread_upgrade;
    tell(to_string(method), routed.pattern(), handled, Clock::now() - began, services, span.context());
    span.end(to_string(method), routed.pattern(), handled.response.status, handled.request_id, services.spans);
    co_return handled;
}

Handled handle_refused(Problem problem, const Head& head, const Router& router, Services services) {
    Handled handled{Response{}, request_id_of(head.fields)};
    const auto target = read_target(head.target);
    const auto allow = target && !head.method ? router.allowed_on(target->path) : std::string{};
    if (!allow.empty() && problem.refusal.status == 405) problem.headers = {{"Allow", allow}};
    handled.response = answer(problem, target ? target->path : "", handled.request_id, now());
    Origins{services.settings.origins}.admit(head.fields.find("origin").value_or(""), handled.response);
    handled.response.close = true;
    tell(head.method ? to_string(*head.method) : "(other)", "(refused)", handled, Clock::duration::zero(), services);
    return handled;
}

Visitor visitor_of(const RawRequest& raw, Services services) {
    return {services.settings.proxies.client(raw.peer, raw.head.fields), request_id_of(raw.head.fields)};
}

std::optional<Handled> refuse_upgrade(const RawRequest& raw, Services services) {
    const auto client = services.settings.proxies.client(raw.peer, raw.head.fields);
    const auto verdict = services.rate_limits.take(RateClass::stream, client, Clock::now());
    if (verdict.allowed && raw.body.empty()) return std::nullopt;
    const Problem problem = verdict.allowed ? Problem{CoreRefusal::malformed_request} : RateLimits::refusal(verdict);
    Handled handled{Response{}, request_id_of(raw.head.fields)};
    handled.response = answer(problem, raw.head.target, handled.request_id, now());
    handled.response.close = true;
    services.rate_limits.tell(verdict, handled.response.headers);
    tell(to_string(*raw.head.method), "/ws", handled, Clock::duration::zero(), services);
    return handled;
}

Handled handle_shed(const Head& head, Services services) {
    const Problem problem{CoreRefusal::overloaded};
    Handled handled{Response{}, request_id_of(head.fields)};
    const auto target = read_target(head.target);
    handled.response = answer(problem, target ? target->path : "", handled.request_id, now());
    Origins{services.settings.origins}.admit(head.fields.find("origin").value_or(""), handled.response);
    tell(to_string(*head.method), "(shed)", handled, Clock::duration::zero(), services);
    return handled;
}

}  // namespace kiroku::gateway
