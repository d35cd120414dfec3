// infra/runtime/vitals.hpp: how a process is doing: what it measures, whether it is ready, and that it still moves.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kiroku::runtime {

/// What a name in `/metrics` means.
struct Measure {
    std::string_view name;
    std::string_view kind;  ///< "gauge" or "counter"
    std::string_view meaning;
};

struct Sample {
    std::string_view name;  ///< of a Measure
    std::string labels;     ///< as in `partition="3"`, several after commas; may be empty
    double value = 0;
};

/// Any thread. The parts of a process (a thread each, usually) tell all they know again and again; whoever asks hears
/// the latest of each.
class Vitals {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds hangs_after{60};  ///< longer than any wait that has an end

    explicit Vitals(std::span<const Measure> measures) : measures_(measures.begin(), measures.end()) {}

    /// `problem`: why this part isn't ready; empty if it is. `remark`: what somebody should see to, though it is ready.
    void tell(const std::string& part, std::vector<Sample> samples, std::string problem, Clock::time_point now,
              std::string remark = {});

    /// Beside what is told: counters that are looked up when somebody asks, from any thread. Before anybody does.
    void watch(const Measure& measure, std::function<double()> read) {
        watched_.emplace_back(measure, std::move(read));
    }

    /// All samples, in Prometheus' text format.
    [[nodiscard]] std::string metrics() const;

    /// By part, why it isn't ready. A process whose parts haven't told anything yet is starting.
    [[nodiscard]] std::map<std::string, std::string> problems() const;

    /// By part, what somebody should see to.
    [[nodiscard]] std::map<std::string, std::string> remarks() const;

    /// Parts that haven't told anything for so long that they must hang.
    [[nodiscard]] std::vector<std::string> hanging(Clock::time_point now) const;

private:
    struct Part {
        std::vector<Sample> samples;
        std::string problem;
        Clock::time_point told;
        std::string remark;
    };

    mutable std::mutex mutex_;
    std::vector<Measure> measures_;
    std::vector<std::pair<Measure, std::function<double()>>> watched_;
    std::map<std::string, Part> parts_;
};

}  // namespace kiroku::runtime
