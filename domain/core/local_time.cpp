// domain/core/local_time.cpp: local dates by the date library.
#include "domain/core/local_time.hpp"

#include <date/tz.h>

#include <algorithm>

namespace kiroku {
namespace {

/// A machine's own setting lies among the zones, but means another zone on each machine.
constexpr std::string_view machine_zone = "localtime";

const date::time_zone* find_zone(std::string_view name) {
    const auto& zones = date::get_tzdb().zones;
    const auto found =
        std::ranges::lower_bound(zones, name, {}, [](const auto& zone) { return std::string_view{zone.name()}; });
    if (found == zones.end() || found->name() != name || name == machine_zone) return nullptr;
    return &*found;
}

}  // namespace

bool is_timezone(std::string_view name) { return find_zone(name) != nullptr; }

std::optional<LocalDate> local_date(Instant instant, std::string_view timezone) {
    const auto* zone = find_zone(timezone);
    if (zone == nullptr) return std::nullopt;
    const auto local = zone->to_local(instant).time_since_epoch();
    return LocalDate{std::chrono::floor<std::chrono::days>(local)};
}

LocalDate monday_of(LocalDate day) { return day - (std::chrono::weekday{day} - std::chrono::Monday); }

}  // namespace kiroku
