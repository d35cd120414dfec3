// gateway/core/readiness.hpp: whether this gateway should be sent requests.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace kiroku::gateway {

/// Used on the io thread only. Liveness is another matter: a gateway that answers at all is alive.
class Readiness {
public:
    /// `check` gives what is wrong, empty if nothing is; it must not block.
    void require(std::string name, std::function<std::string()> check) {
        checks_.push_back({std::move(name), std::move(check)});
    }

    /// From now on it says no, so that a balancer looks elsewhere.
    void drain() { draining_ = true; }
    [[nodiscard]] bool draining() const { return draining_; }

    struct Check {
        std::string name;
        std::function<std::string()> problem;
    };
    [[nodiscard]] const std::vector<Check>& checks() const { return checks_; }

private:
    std::vector<Check> checks_;
    bool draining_ = false;
};

}  // namespace kiroku::gateway
