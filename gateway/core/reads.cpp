// gateway/core/reads.cpp: asks the read models without keeping the io thread waiting.
#include "gateway/core/reads.hpp"

#include <spdlog/spdlog.h>

namespace kiroku::gateway {

Problem Reads::problem_of(const postgres::ReadError& error) {
    switch (error.kind) {
        case postgres::ReadError::Kind::queue_full: return CoreRefusal::overloaded;
        case postgres::ReadError::Kind::unavailable:
            spdlog::warn("gateway: the read models can't be asked: {}", error.message);
            return CoreRefusal::unavailable;
        case postgres::ReadError::Kind::failed: break;
    }
    spdlog::error("gateway: a query failed: {}", error.message);
    return CoreRefusal::internal_error;
}

Task<std::optional<Problem>> Reads::reach(std::vector<std::string> read_models, log::Position position,
                                          std::chrono::milliseconds within) {
    const Arrival<projections::Reached> arrival{io_};
    positions_.wait(read_models, position, within,
                    [arrival](projections::Reached reached) { arrival.deliver(reached); });
    switch (co_await arrival.wait()) {
        case projections::Reached::yes: co_return std::nullopt;
        case projections::Reached::too_late: co_return Problem{CoreRefusal::projection_lagging};
        case projections::Reached::unavailable: break;
    }
    co_return Problem{CoreRefusal::unavailable};
}

}  // namespace kiroku::gateway
