// gateway/realtime/errands.hpp: what a connection has this gateway's own routes do, as if it had asked over HTTP: the
// same checks, metrics and idempotency.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/core/request.hpp"
#include "gateway/core/response.hpp"

namespace kiroku::gateway::realtime {

/// Asks a route and hands over its answer, later and on the same thread.
using AskRoute = std::function<void(RawRequest, std::function<void(Response)>)>;

/// A request as the holder of this access token would send it.
RawRequest request_of(Method method, std::string target, std::string_view token);

/// One connection's. Its answers go nowhere once it is gone.
class Errands {
public:
    using Then = std::function<void(const Response&)>;

    Errands(const AskRoute& ask, std::size_t most) : ask_(ask), most_(most) {}

    /// False: as many as may be are under way.
    [[nodiscard]] bool run(RawRequest request, Then then);

private:
    const AskRoute& ask_;
    std::size_t most_;
    std::shared_ptr<std::size_t> under_way_;  // from the first one on
};

}  // namespace kiroku::gateway::realtime
