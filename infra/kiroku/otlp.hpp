// infra/kiroku/otlp.hpp: whether and where a process exports what it does as traces.
#pragma once

#include <memory>
#include <string>

#include "gateway/core/metrics.hpp"
#include "infra/runtime/options.hpp"
#include "infra/runtime/vitals.hpp"
#include "infra/tracing/exporter.hpp"

namespace kiroku {

struct OtlpSettings {
    std::string url;  ///< empty: nowhere
};

void declare(runtime::Options& options, OtlpSettings& settings);

/// What spans of this verb's process are given to; null if they go nowhere. Throws Failure(config) for what is no URL
/// of HTTP.
std::unique_ptr<tracing::Exporter> exporter_of(const OtlpSettings& settings, const std::string& verb);

/// Adds what became of spans to `/metrics`. `spans` may be null, and must outlive the others.
void watch_spans(const tracing::Exporter* spans, runtime::Vitals& vitals);
void watch_spans(const tracing::Exporter* spans, gateway::Metrics& metrics);

}  // namespace kiroku
