// gateway/core/database_probe.hpp: whether the read models can be asked, known before somebody asks.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <string>

#include "gateway/core/reads.hpp"

namespace kiroku::gateway {

/// Used on the io thread only.
class DatabaseProbe {
public:
    static constexpr std::chrono::seconds interval{1};

    DatabaseProbe(net::io_context& io, Reads& reads) : reads_{reads}, timer_{io} {}

    /// Asks again and again, as long as the io_context runs.
    Task<void> run();

    /// Empty: nothing is wrong.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    Reads& reads_;
    net::steady_timer timer_;
    std::string problem_ = "not asked yet";
};

}  // namespace kiroku::gateway
