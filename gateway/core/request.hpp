// gateway/core/request.hpp: one request on its way to its route.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "gateway/core/caller.hpp"
#include "gateway/core/client_address.hpp"
#include "gateway/core/fields.hpp"
#include "gateway/core/http.hpp"
#include "gateway/core/target.hpp"
#include "infra/log/position.hpp"
#include "infra/tracing/trace_context.hpp"

namespace kiroku::gateway {

/// Request line and header, as they came in.
struct Head {
    std::optional<Method> method;  ///< null: one that is not used here
    std::string target;
    int version = 11;
    Fields fields;
};

/// A whole request that has passed the guard.
struct RawRequest {
    Head head;
    std::string body;
    bool keep_alive = true;
    bool wants_upgrade = false;
    tracing::TraceContext trace{};  ///< this gateway's hop
    ClientAddress peer{};           ///< the other end of the connection
};

/// A request that has found its route. All of it is checked; handlers have nothing left to refuse about HTTP.
struct Request {
    Method method = Method::get;
    Target target;
    Fields fields;
    std::string body;
    std::string id;                        ///< `X-Request-Id`, the client's or ours
    Instant received;                      ///< the gateway's "now" for everything in this request
    std::vector<std::string> path_values;  ///< what stands in the pattern's braces, in order
    std::optional<Caller> caller;          ///< set unless the route is open
    std::string idempotency_key;           ///< empty: none was sent
    log::Position min_position;            ///< empty: none was sent
    std::optional<std::int64_t> expected;  ///< the version that `If-Match` wants what is changed to have
    tracing::TraceContext trace{};         ///< this gateway's hop: what follows is its child
    ClientAddress client;                  ///< from where, as far as trusted proxies tell

    /// For routes that are not open.
    [[nodiscard]] const Caller& user() const { return *caller; }

    [[nodiscard]] std::string text(std::string_view parameter, std::string_view otherwise = "") const {
        return std::string{target.query.find(parameter).value_or(otherwise)};
    }
    /// For parameters that the route declares as integers: the router has checked them.
    [[nodiscard]] int number(std::string_view parameter, int otherwise) const;
};

}  // namespace kiroku::gateway
