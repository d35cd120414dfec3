// infra/kiroku/state_report.hpp: an aggregate's history as `kiroku state` tells it.
#pragma once

#include <string>
#include <vector>

#include "infra/replay/correlation_tree.hpp"

namespace kiroku {

struct AggregateHistory {
    std::string subject;  ///< "learner/<id>"
    log::Partition partition;
    std::string state;                              ///< a JSON object
    std::vector<const replay::KeptEvent*> own;      ///< in their order
    std::vector<replay::Correlation> correlations;  ///< its own events, and all that came before and after them
};

/// `width`: of the terminal; 0: lines are as long as they are.
std::string as_text(const AggregateHistory& history, std::size_t width);

/// One object.
std::string as_json(const AggregateHistory& history);

}  // namespace kiroku
