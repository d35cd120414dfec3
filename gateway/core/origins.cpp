// gateway/core/origins.cpp: which web pages may talk to this gateway.
#include "gateway/core/origins.hpp"

#include <algorithm>

namespace kiroku::gateway {
namespace {

constexpr std::string_view headers_taken =
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Kiroku-Min-Position, Last-Event-ID, "
    "X-Request-Id, traceparent, tracestate";
constexpr std::string_view headers_shown =
    "ETag, Idempotent-Replayed, Kiroku-Position, Link, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "WWW-Authenticate, X-Request-Id";
constexpr std::string_view preflight_seconds = "7200";  // as long as any browser remembers

}  // namespace

std::string_view fault_of_origin(std::string_view origin) {
    if (origin == "*") return "any page could act for whoever is logged in: name each origin";
    const auto scheme = origin.find("://");
    if (scheme == std::string_view::npos ||
        (origin.substr(0, scheme) != "https" && origin.substr(0, scheme) != "http")) {
        return "it must begin with https:// or http://";
    }
    const auto host = origin.substr(scheme + 3);
    if (host.empty() || host.find_first_of("/?#@ ") != std::string_view::npos) {
        return "behind the scheme only host and port belong, without a slash at the end";
    }
    const bool upper = std::ranges::any_of(host, [](char c) { return c >= 'A' && c <= 'Z'; });
    return upper ? "browsers send it in lower case" : "";
}

bool Origins::allows(std::string_view origin) const { return std::ranges::find(allowed_, origin) != allowed_.end(); }

void Origins::admit(std::string_view origin, Response& response) const {
    if (allowed_.empty()) return;
    response.varies_by_origin = true;
    if (origin.empty() || !allows(origin)) return;
    response.headers.emplace_back("Access-Control-Allow-Origin", origin);
    response.headers.emplace_back("Access-Control-Expose-Headers", headers_shown);
}

void Origins::admit_preflight(const Fields& fields, std::string_view methods, Response& response) const {
    const auto origin = fields.find("origin");
    if (!origin || !fields.find("access-control-request-method") || !allows(*origin)) return;
    response.headers.emplace_back("Access-Control-Allow-Methods", methods);
    response.headers.emplace_back("Access-Control-Allow-Headers", headers_taken);
    response.headers.emplace_back("Access-Control-Max-Age", preflight_seconds);
}

}  // namespace kiroku::gateway
