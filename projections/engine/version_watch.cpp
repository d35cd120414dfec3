#include "projections/engine/version_watch.hpp"

#include <fmt/format.h>

#include <utility>

namespace kiroku::projections {
namespace {

constexpr std::int64_t unknown = 0;

std::uint64_t hash_of(const log::Envelope& event) {
    const auto name =
        std::hash<std::string_view>{}(event.context()) * 31 + std::hash<std::string_view>{}(event.aggregate_name());
    return name * 0x9E3779B97F4A7C15ULL ^ std::hash<Uuid>{}(event.aggregate);
}

}  // namespace

std::string VersionWatch::see(const log::Envelope& event) {
    auto& version = known(event);
    const auto expected = version + 1;
    if (version != unknown && event.version.value != expected) {
        return fmt::format("aggregate_version_gap: {} of {} has version {} after {}", event.subject, event.context(),
                           event.version.value, version);
    }
    version = event.version.value;
    return {};
}

std::int64_t& VersionWatch::known(const log::Envelope& event) {
    const auto hash = hash_of(event);
    if (const auto found = recent_.find(hash); found != recent_.end()) return found->second;
    if (recent_.size() >= most_aggregates) older_ = std::exchange(recent_, {});
    const auto older = older_.find(hash);
    return recent_.try_emplace(hash, older == older_.end() ? unknown : older->second).first->second;
}

}  // namespace kiroku::projections
