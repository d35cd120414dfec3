#include "infra/runtime/vitals.hpp"

#include <fmt/format.h>

namespace kiroku::runtime {
namespace {

std::string head(const Measure& measure) {
    return fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", measure.name, measure.kind, measure.meaning);
}

}  // namespace

void Vitals::tell(const std::string& part, std::vector<Sample> samples, std::string problem, Clock::time_point now,
                  std::string remark) {
    const std::lock_guard lock{mutex_};
    parts_[part] = {std::move(samples), std::move(problem), now, std::move(remark)};
}

std::map<std::string, std::string> Vitals::remarks() const {
    const std::lock_guard lock{mutex_};
    std::map<std::string, std::string> remarks;
    for (const auto& [part, told] : parts_) {
        if (!told.remark.empty()) remarks.emplace(part, told.remark);
    }
    return remarks;
}

std::string Vitals::metrics() const {
    const std::lock_guard lock{mutex_};
    std::string text;
    for (const auto& [measure, read] : watched_) text += head(measure) + fmt::format("{} {}\n", measure.name, read());
    for (const auto& measure : measures_) {
        const auto& name = measure.name;
        text += head(measure);
        for (const auto& [part, told] : parts_) {
            for (const auto& sample : told.samples) {
                if (sample.name != name) continue;
                text += fmt::format("{}{}{}{} {}\n", name, sample.labels.empty() ? "" : "{", sample.labels,
                                    sample.labels.empty() ? "" : "}", sample.value);
            }
        }
    }
    return text;
}

std::map<std::string, std::string> Vitals::problems() const {
    const std::lock_guard lock{mutex_};
    std::map<std::string, std::string> problems;
    for (const auto& [part, told] : parts_)
        if (!told.problem.empty()) problems.emplace(part, told.problem);
    if (parts_.empty()) problems.emplace("process", "starting");
    return problems;
}

std::vector<std::string> Vitals::hanging(Clock::time_point now) const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> hanging;
    for (const auto& [part, told] : parts_)
        if (now - told.told > hangs_after) hanging.push_back(part);
    return hanging;
}

}  // namespace kiroku::runtime
