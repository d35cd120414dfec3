// infra/kiroku/trace_report.hpp: the way of a request, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "infra/replay/request_trace.hpp"

namespace kiroku {

/// How far a read model is with a request's events.
struct Projected {
    std::string read_model;
    std::size_t events = 0;  ///< that it reads
    std::size_t passed = 0;  ///< of those: its position is behind them
    std::size_t parked = 0;  ///< of those: their aggregates wait there

    [[nodiscard]] bool done() const { return passed == events && parked == 0; }
};

struct TraceReport {
    const replay::FoundRecords& found;
    replay::RequestTrace trace;
    std::vector<Projected> projected;
    std::string not_projected;  ///< why `projected` is empty, if nobody could be asked
};

/// `width`: of the terminal; 0: none.
std::string as_text(const TraceReport& report, std::size_t width);
std::string as_json(const TraceReport& report);

}  // namespace kiroku
