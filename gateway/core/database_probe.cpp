// gateway/core/database_probe.cpp: whether the read models can be asked, known before somebody asks.
#include "gateway/core/database_probe.hpp"

#include <boost/asio/as_tuple.hpp>

#include "projections/engine/positions.hpp"

namespace kiroku::gateway {

Task<void> DatabaseProbe::run() {
    for (;;) {
        const auto query = [](postgres::Read& read) { return projections::position_of(read, "accounts"); };
        const auto position = co_await reads_.run(query);
        problem_ = position ? "" : "the read models can't be asked";
        timer_.expires_after(interval);
        co_await timer_.async_wait(net::as_tuple(resume));
    }
}

}  // namespace kiroku::gateway
