// infra/kiroku/operator_port.hpp: where operators and Prometheus ask a process that serves nobody else how it is doing.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "infra/runtime/options.hpp"
#include "infra/runtime/vitals.hpp"

namespace kiroku {

/// A process that is told to stop, and can't finish in time, ends all the same: nothing needs a clean end to be
/// correct.
inline constexpr std::chrono::seconds drain_deadline{18};

struct OperatorPortSettings {
    std::string listen = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: none
};

void declare(runtime::Options& options, OperatorPortSettings& settings);

/// Answers `GET /metrics`, `/healthz` (it moves; whether servers can be reached is no matter) and `/readyz` (all its
/// parts are ready), one request after the other, on a thread of its own, until it is destroyed.
class OperatorPort {
public:
    /// Throws Failure(config) if it can't listen there. `vitals` must outlive it.
    OperatorPort(const OperatorPortSettings& settings, const runtime::Vitals& vitals);
    ~OperatorPort();

private:
    struct Server;
    std::unique_ptr<Server> server_;  // null: none is wanted
};

}  // namespace kiroku
