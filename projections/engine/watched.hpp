// projections/engine/watched.hpp: what is told of projecting a read model while it goes on.
#pragma once

#include <atomic>
#include <cstdint>

#include "infra/tracing/exporter.hpp"

namespace kiroku::projections {

/// Written by the read model's own thread, read by any.
struct ProjectCounts {
    std::atomic<std::uint64_t> batches = 0, events = 0;
    std::atomic<std::uint64_t> write_us = 0;  ///< all batches took so long, waiting for the database included
    std::atomic<std::uint64_t> retries = 0;   ///< of batches
    std::atomic<std::uint64_t> in_doubt = 0;  ///< of those: nobody knew whether the commit had happened
};

/// Both may be null.
struct Watched {
    tracing::Exporter* spans = nullptr;  ///< gets one for each decision of a sampled trace
    ProjectCounts* counts = nullptr;
};

}  // namespace kiroku::projections
