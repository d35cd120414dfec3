// gateway/analytics/cursor.cpp: where a stream of events ended, so that the next one goes on behind it.
#include "gateway/analytics/cursor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "infra/crypto/base64url.hpp"
#include "infra/log/json_line.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::size_t tag_size = 12;

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
    return crypto::base64url(tag(place, filters) + place);
}

std::optional<Cursor> Cursors::read(std::string_view text, std::string_view filters) const {
    const auto bytes = crypto::from_base64url(text);
    if (!bytes || bytes->size() < tag_size) return std::nullopt;
    const auto place = std::string_view{*bytes}.substr(tag_size);
    if (!crypto::equal(tag(place, filters), std::string_view{*bytes}.substr(0, tag_size))) return std::nullopt;
    return cursor_in(place);
}

std::string Cursors::tag(std::string_view place, std::string_view filters) const {
    const auto print = crypto::fingerprint(key_, fmt::format("analytics cursor 1\n{}\n{}", filters, place));
    return {reinterpret_cast<const char*>(print.data()), tag_size};
}

}  // namespace kiroku::gateway
