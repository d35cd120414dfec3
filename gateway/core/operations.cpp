// gateway/core/operations.cpp: what operators, balancers and other services ask a gateway about itself.
#include "gateway/core/operations.hpp"

#include "gateway/core/metrics.hpp"
#include "gateway/core/readiness.hpp"
#include "gateway/services.hpp"
#include "infra/crypto/key_set.hpp"
#include "schemas/http/codec.hpp"
#include "schemas/identity/http/types.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view keys_cache = "public, max-age=300";

Response health_response(const http::Health& health) {
    const int status = health.status == http::HealthStatus::ok ? 200 : 503;
    return Response{.status = status, .body = json::encode(health)};
}

Task<Answer> alive(Request, Services) { co_return health_response({.status = http::HealthStatus::ok, .checks = {}}); }

Task<Answer> ready(Request, Services services) {
    http::Health health{.status = http::HealthStatus::ok, .checks = {}};
    const auto add = [&](std::string name, std::string problem) {
        const bool passing = problem.empty();
        if (!passing) health.status = http::HealthStatus::unavailable;
        health.checks.push_back({.name = std::move(name),
                                 .status = passing ? http::CheckStatus::passing : http::CheckStatus::failing,
                                 .detail = passing ? std::nullopt : std::optional{std::move(problem)}});
    };
    if (services.readiness.draining()) add("serving", "stopping");
    for (const auto& check : services.readiness.checks()) add(check.name, check.problem());
    co_return health_response(health);
}

Task<Answer> metrics(Request, Services services) {
    co_return Response{.body = services.metrics.text(), .content_type = metrics_type};
}

Task<Answer> public_keys(Request, Services services) {
    co_return Response{.body = services.keys.public_jwks(), .cache_control = keys_cache};
}

Task<Answer> websocket_without_upgrade(Request, Services) {
    Problem problem{CoreRefusal::upgrade_required};
    problem.headers.emplace_back("Upgrade", "websocket");
    co_return problem;
}

}  // namespace

void add_operations_routes(Router& router) {
    router.about("operations");
    router.get("/healthz", Permission::open, alive).called("showLife", "It lives.").gives<http::Health>(200);
    router.get("/readyz", Permission::open, ready)
        .called("showReadiness", "Whether to send it requests, and what is missing if not.")
        .gives<http::Health>(200)
        .gives<http::Health>(503);
    router.get("/metrics", Permission::open, metrics)
        .called("showMetrics", "Figures for Prometheus.")
        .gives_media(200, metrics_type);
    router.get("/.well-known/jwks.json", Permission::open, public_keys)
        .called("showKeys", "The public keys that access tokens are checked with.")
        .gives<identity::http::JwksResponse>(200);
    router.get("/ws", Permission::open, websocket_without_upgrade)
        .counts_as(RateClass::stream)
        .called("openWebSocket", "What happens, as it happens: see /asyncapi.json.")
        .gives(101)
        .refuses(CoreRefusal::upgrade_required, CoreRefusal::forbidden, CoreRefusal::unavailable);
}

}  // namespace kiroku::gateway
