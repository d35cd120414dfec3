// gateway/analytics/cursor.cpp: where a stream of events ended, so that the next one goes on behind it.
#include "gateway/analytics/cursor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "infra/log/json_line.hpp"

namespace kiroku::gateway {
namespace {

/// What comes before `separator` in the text, which loses both.
std::string_view take(std::string_view& text, char separator) {
    const auto one = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    return one;
}

std::int64_t take_number(std::string_view& text, char separator) {
    std::int64_t number = -1;
    log::read_number(take(text, separator), number);
    return number;
}

std::string written(const replay::Rest& rest) {
    const auto& [partition, first, from] = rest;
    return fmt::format(" {}/{}@{}:{}:{}:{}", partition.context, partition.number, first.value, from.next.value,
                       from.standing.term.value, from.standing.sequence.value);
}

/// "1772798400000 challenges/0@77:75:12:60 gamification/3@123:123:9:55". We wrote it: its tag says so.
Cursor cursor_in(std::string_view place) {
    Cursor cursor{Instant{std::chrono::milliseconds{take_number(place, ' ')}}, {}};
    while (!place.empty()) {
        auto one = take(place, ' ');
        const std::string context{take(one, '/')};
        const auto number = static_cast<int>(take_number(one, '@'));
        const Offset first{take_number(one, ':')}, next{take_number(one, ':')};
        const log::Term term{take_number(one, ':')};
        cursor.rest.push_back({{context, number}, first, {next, {term, log::Sequence{take_number(one, ':')}}}});
    }
    return cursor;
}

}  // namespace

std::string Cursors::write(const Cursor& cursor, std::string_view filters) const {
    auto place = fmt::format("{}", cursor.asked.time_since_epoch().count());
    for (const auto& rest : cursor.rest) place += written(rest);
    return seal_.close(place, filters);
}

std::optional<Cursor> Cursors::read(std::string_view text, std::string_view filters) const {
    return seal_.open(text, filters).transform([](const std::string& place) { return cursor_in(place); });
}

}  // namespace kiroku::gateway
