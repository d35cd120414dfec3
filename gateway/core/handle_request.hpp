// gateway/core/handle_request.hpp: one guarded request in, one answer out, whatever happens.
#pragma once

#include <optional>
#include <string>

#include "gateway/core/request.hpp"
#include "gateway/core/response.hpp"
#include "gateway/core/router.hpp"
#include "gateway/core/services.hpp"
#include "gateway/core/task.hpp"
#include "gateway/services.hpp"

namespace kiroku::gateway {

struct Handled {
    Response response;
    std::string request_id;
};

/// Finds the route, checks what every route wants checked (token, permission, query, our headers, the position to wait
/// for), lets it answer, and tells metrics and log. Never throws. The router outlives the call.
Task<Handled> handle_request(RawRequest raw, const Router& router, Services services);

/// The answer to what the guard refused. The router tells what a path allows to whoever came with a method of no use.
Handled handle_refused(Problem problem, const Head& head, const Router& router, Services services);

/// Whose WebSocket it becomes.
Visitor visitor_of(const RawRequest& raw, Services services);

/// What becomes of a WebSocket whose address opens too many of them, or whose handshake has a body; null: it may.
std::optional<Handled> refuse_upgrade(const RawRequest& raw, Services services);

/// The answer to a request that is one too many at the moment. Made for as little as can be.
Handled handle_shed(const Head& head, Services services);

}  // namespace kiroku::gateway
