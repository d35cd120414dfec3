// infra/kiroku/gateway_serve.hpp: puts a gateway together and runs it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "commands/client/admission.hpp"
#include "gateway/core/settings.hpp"
#include "infra/kiroku/otlp.hpp"
#include "infra/runtime/settings.hpp"

namespace kiroku {

struct GatewaySettings {
    runtime::Broker broker;
    runtime::Database database;
    runtime::Folders folders;
    gateway::Settings gateway;
    std::filesystem::path rules;
    std::vector<std::string> trusted_proxies;
    std::string rate_limits;  ///< empty: the usual ones
    int gateways = 1;
    int occurred_within_hours = 48;
    int token_minutes = 15;
    int password_memory_mib = 64;
    int read_connections = 4;
    int command_timeout_ms = 5'000;
    int reward_timeout_ms = 2'000;
    int position_timeout_ms = 2'000;
    int unready_seconds = 0;
    int drain_seconds = 15;
    int live_streams = 1'000;
    int event_streams = 4;
    int event_stream_seconds = 60;
    OtlpSettings otlp;
    double otlp_sampled = 1;
    commands::AdmissionLimits commands{.in_flight = 1'000, .per_partition = 500};
};

/// Serves until `stop` becomes readable, then ends what is in flight. Throws what can't be had at the start.
void serve_gateway(const GatewaySettings& settings, int stop);

}  // namespace kiroku
