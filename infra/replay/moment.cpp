#include "infra/replay/moment.hpp"

#include "infra/log/json_line.hpp"

namespace kiroku::replay {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_digits = 9;

std::optional<milliseconds> unit_of(char letter) {
    switch (letter) {
        case 'w': return std::chrono::weeks{1};
        case 'd': return std::chrono::days{1};
        case 'h': return std::chrono::hours{1};
        case 'm': return std::chrono::minutes{1};
        case 's': return std::chrono::seconds{1};
        default: return std::nullopt;
    }
}

/// "1d12h".
std::optional<milliseconds> parse_duration(std::string_view text) {
    milliseconds sum{0};
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        const auto digits = text.find_first_not_of("0123456789");
        if (digits == std::string_view::npos || digits == 0 || digits > most_digits) return std::nullopt;
        const auto unit = unit_of(text[digits]);
        int count = 0;
        if (!unit || !log::read_number(text.substr(0, digits), count)) return std::nullopt;
        sum += *unit * count;
        text.remove_prefix(digits + 1);
    }
    return sum;
}

}  // namespace

std::expected<Moment, std::string> parse_moment(std::string_view text, Instant now) {
    if (text.find('@') != std::string_view::npos) {
        auto position = log::Position::parse(text);
        if (position) return *std::move(position);
    } else if (const auto time = parse_instant(text)) {
        return *time;
    } else if (const auto date = text.size() == 10 ? parse_date(text) : std::nullopt) {
        return Instant{date->time_since_epoch()};
    } else if (const auto ago = parse_duration(text)) {
        return now - *ago;
    }
    return std::unexpected(
        "expected a time such as 2026-03-06T12:00:00Z, a date, how long ago (45s, 30m, 2h, 7d, 1d12h), or a position "
        "such as "
        "gamification/3@123,challenges/5@77");
}

}  // namespace kiroku::replay
