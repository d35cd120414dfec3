// gateway/core/metrics.hpp: what `/metrics` tells, in Prometheus' text format.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kiroku::gateway {

/// Used on the io thread only.
class Metrics {
public:
    Metrics();
    ~Metrics();

    /// One answered request. `route` is the pattern, never the path asked for.
    void answered(std::string_view method, std::string_view route, int status, std::chrono::nanoseconds took);

    /// A value that is looked up when somebody asks: connections, queue lengths. `read` must outlive this object.
    void watch(std::string name, std::string meaning, std::function<double()> read);

    /// Likewise for what only ever grows.
    void watch_total(std::string name, std::string meaning, std::function<double()> read);

    [[nodiscard]] std::string text() const;

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace kiroku::gateway
