// infra/tracing/exporter.hpp: sends spans to an OpenTelemetry collector, and never keeps anybody waiting for that.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "infra/tracing/otlp.hpp"

namespace kiroku::tracing {

/// From any thread. A thread of its own posts what was added, in batches. What doesn't fit into the queue, and what the
/// collector doesn't take at once, is dropped and counted: nothing is tried again.
class Exporter {
public:
    struct Settings {
        std::string url;  ///< the collector's, as in http://127.0.0.1:4318/v1/traces
        Origin origin;
        std::size_t most_waiting = 4'096;
        std::size_t batch = 512;                    ///< spans a request; as many are sent at once
        std::chrono::milliseconds pause{1'000};     ///< after which fewer are sent, too
        std::chrono::milliseconds patience{5'000};  ///< with the collector
        std::chrono::milliseconds farewell{1'000};  ///< of it at the end
    };

    explicit Exporter(Settings settings);
    ~Exporter();
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    void add(Span span);

    struct Counts {
        std::uint64_t exported = 0;
        std::uint64_t dropped = 0;  ///< for want of room
        std::uint64_t failed = 0;   ///< not taken by the collector
    };
    [[nodiscard]] Counts counts() const;

private:
    struct Worker;
    std::unique_ptr<Worker> worker_;
};

}  // namespace kiroku::tracing
