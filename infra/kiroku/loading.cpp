#include "infra/kiroku/loading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

#include "infra/kiroku/moment_option.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/replay/ends_at.hpp"
#include "infra/replay/ranges.hpp"
#include "infra/runtime/exit.hpp"

namespace kiroku {

void declare(runtime::Options& options, LoadingOptions& loading) {
    options.add("jobs", loading.jobs, "threads, each with partitions of its own; 0: a thread a processor")
        ->check(CLI::Range(0, 64));
    options.add("max-rate", loading.max_rate, "records read a second, at the most; 0: as fast as it goes")
        ->check(CLI::NonNegativeNumber);
    options.add("memory", loading.memory,
                "for rows that are folded, as in 512MB; beyond it they wait in the tables. The database sorts indexes "
                "in no more");
}

namespace {

/// "512MB" → 512,000,000.
std::size_t bytes_of(std::string size) {
    try {
        if (CLI::AsSizeValue{true}(size).empty()) return std::stoull(size);
    } catch (const CLI::ValidationError&) {
    }
    throw runtime::Failure(runtime::Exit::usage, fmt::format("--memory {} is no size.", size), "Say 512MB or 4GB.");
}

projections::Ends present_ends(const std::string& bootstrap, const std::vector<std::string>& contexts) {
    projections::LogProbe probe{bootstrap};
    projections::Ends ends;
    for (const auto& partition : probe.partitions_of(contexts)) ends[partition] = probe.watermarks(partition).next;
    return ends;
}

}  // namespace

projections::LoadSettings load_settings(const LoadingOptions& loading) {
    projections::LoadSettings settings;
    settings.jobs =
        loading.jobs > 0 ? loading.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    settings.most_records_a_second = loading.max_rate;
    settings.most_bytes = bytes_of(loading.memory);
    return settings;
}

projections::Ends ends_at(const std::string& bootstrap, const std::vector<projections::ReadModel>& read_models,
                          const std::string& moment, const std::string& option) {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto parsed = moment_option(option, moment, now, context_names());
    std::set<std::string> contexts;
    for (const auto& model : read_models) contexts.insert(model.contexts.begin(), model.contexts.end());
    const std::vector<std::string> read{contexts.begin(), contexts.end()};
    try {
        return parsed ? replay::ends_at(bootstrap, read, *parsed) : present_ends(bootstrap, read);
    } catch (const replay::UnknownPartition& unknown) {
        throw runtime::Failure(runtime::Exit::usage, fmt::format("The position names {}.", unknown.what()),
                               "Positions are those that Kiroku gave, for this log.");
    }
}

void LoadingProgress::follow(projections::RebuildSettings& rebuild) {
    rebuild.on_step = [this](const std::string& step) { shown_->step(step); };
    rebuild.on_progress = [this](const projections::LoadProgress& progress) {
        std::vector<Progress::Part> parts;
        for (const auto& [partition, done, all] : progress) {
            parts.push_back({fmt::format("{}/{}", partition.context, partition.number),
                             static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(all)});
        }
        shown_->show(parts);
    };
}

}  // namespace kiroku
