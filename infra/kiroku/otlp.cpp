#include "infra/kiroku/otlp.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "infra/runtime/exit.hpp"

namespace kiroku {
namespace {

using Counts = tracing::Exporter::Counts;

struct Told {
    runtime::Measure measure;
    std::uint64_t Counts::*count;
};

constexpr std::array told{
    Told{{"kiroku_spans_exported_total", "counter", "Spans that the collector of traces took."}, &Counts::exported},
    Told{{"kiroku_spans_dropped_total", "counter", "Spans dropped because as many waited as may."}, &Counts::dropped},
    Told{{"kiroku_spans_failed_total", "counter", "Spans dropped because the collector didn't take them."},
         &Counts::failed}};

double read(const tracing::Exporter* spans, std::uint64_t Counts::*count) {
    return spans == nullptr ? 0 : static_cast<double>(spans->counts().*count);
}

}  // namespace

void declare(runtime::Options& options, OtlpSettings& settings) {
    options.add("otlp", settings.url,
                "an OpenTelemetry collector's address, as in http://127.0.0.1:4318/v1/traces; traces go nowhere if not "
                "given");
}

std::unique_ptr<tracing::Exporter> exporter_of(const OtlpSettings& settings, const std::string& verb) {
    if (settings.url.empty()) return nullptr;
    if (!settings.url.starts_with("http://") && !settings.url.starts_with("https://")) {
        throw runtime::Failure(runtime::Exit::config,
                               fmt::format("--otlp {} is no address of an OpenTelemetry collector.", settings.url),
                               "Give one as in http://127.0.0.1:4318/v1/traces.");
    }
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return std::make_unique<tracing::Exporter>(tracing::Exporter::Settings{
        .url = settings.url,
        .origin = {.service = "kiroku-" + verb, .instance = fmt::format("{}-{}", host.data(), ::getpid())}});
}

void watch_spans(const tracing::Exporter* spans, runtime::Vitals& vitals) {
    for (const auto& [measure, count] : told) vitals.watch(measure, [spans, count] { return read(spans, count); });
}

void watch_spans(const tracing::Exporter* spans, gateway::Metrics& metrics) {
    for (const auto& [measure, count] : told) {
        metrics.watch_total(std::string{measure.name}, std::string{measure.meaning},
                            [spans, count] { return read(spans, count); });
    }
}

}  // namespace kiroku
