// gateway/core/metrics.cpp: what `/metrics` tells, kept by prometheus-cpp.
#include "gateway/core/metrics.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <vector>

namespace kiroku::gateway {
namespace {

const prometheus::Histogram::BucketBoundaries seconds_buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                              0.05,   0.1,   0.25,   0.5,   1,    2.5};

struct Series {
    std::string_view method, route;
    int status;

    friend auto operator<=>(const Series&, const Series&) = default;
};

struct Watching {
    std::string name, meaning;
    std::function<double()> read;
    std::string_view kind;
};

}  // namespace

/// Looking a series up in a family is slow, so those that were used are kept at hand.
struct Metrics::Families {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter().Name("kiroku_http_requests_total").Help("Answered requests.").Register(registry);
    prometheus::Family<prometheus::Histogram>& durations =
        prometheus::BuildHistogram()
            .Name("kiroku_http_request_duration_seconds")
            .Help("From a request's last byte to its answer's first.")
            .Register(registry);
    std::map<Series, std::pair<prometheus::Counter*, prometheus::Histogram*>> known;
    std::vector<Watching> watching;
};

Metrics::Metrics() : families_{std::make_unique<Families>()} {}
Metrics::~Metrics() = default;

void Metrics::answered(std::string_view method, std::string_view route, int status, std::chrono::nanoseconds took) {
    auto& [counter, histogram] = families_->known[{method, route, status}];
    if (counter == nullptr) {
        const std::string verb{method}, pattern{route};
        counter = &families_->requests.Add({{"method", verb}, {"route", pattern}, {"status", std::to_string(status)}});
        histogram = &families_->durations.Add({{"method", verb}, {"route", pattern}}, seconds_buckets);
    }
    counter->Increment();
    histogram->Observe(std::chrono::duration<double>(took).count());
}

void Metrics::watch(std::string name, std::string meaning, std::function<double()> read) {
    families_->watching.push_back({std::move(name), std::move(meaning), std::move(read), "gauge"});
}

void Metrics::watch_total(std::string name, std::string meaning, std::function<double()> read) {
    families_->watching.push_back({std::move(name), std::move(meaning), std::move(read), "counter"});
}

std::string Metrics::text() const {
    std::string out = prometheus::TextSerializer{}.Serialize(families_->registry.Collect());
    for (const auto& [name, meaning, read, kind] : families_->watching) {
        out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, meaning, kind, read());
    }
    return out;
}

}  // namespace kiroku::gateway
