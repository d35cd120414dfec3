// schemas/core/time.cpp: RFC 3339 without locales, streams or allocation.
#include "schemas/core/time.hpp"

#include <array>
#include <cstddef>

namespace kiroku {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t date_size = 10;
constexpr std::size_t seconds_size = 19;
constexpr std::size_t max_decimals = 9;

/// A run of digits at a place in a text; the first that is none spoils the whole.
class Digits {
public:
    explicit Digits(std::string_view text) : text_(text) {}

    int at(std::size_t place, std::size_t count) {
        int value = 0;
        for (std::size_t i = place; i < place + count; ++i) {
            const int digit = text_[i] - '0';
            good_ = good_ && digit >= 0 && digit <= 9;
            value = value * 10 + digit;
        }
        return value;
    }
    bool good() const { return good_; }

private:
    std::string_view text_;
    bool good_ = true;
};

template <class Days>
std::optional<Days> read_date(std::string_view text) {
    if (text[4] != '-' || text[7] != '-') return std::nullopt;
    Digits digits{text};
    const int year = digits.at(0, 4);
    const int month = digits.at(5, 2);
    const int day = digits.at(8, 2);
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!digits.good() || !date.ok()) return std::nullopt;
    return Days{date};
}

/// Takes `.123456789` from the front of `rest`.
std::optional<milliseconds> take_decimals(std::string_view& rest) {
    if (rest.empty() || rest.front() != '.') return milliseconds{0};
    std::size_t count = 1;
    while (count < rest.size() && rest[count] >= '0' && rest[count] <= '9') ++count;
    if (count == 1 || count - 1 > max_decimals) return std::nullopt;
    int value = 0;
    for (std::size_t i = 1; i <= 3; ++i) value = value * 10 + (i < count ? rest[i] - '0' : 0);
    rest.remove_prefix(count);
    return milliseconds{value};
}

std::optional<minutes> read_offset(std::string_view text) {
    if (text == "Z" || text == "z") return minutes{0};
    if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    Digits digits{text};
    const int hour = digits.at(1, 2);
    const int minute = digits.at(4, 2);
    if (!digits.good() || hour > 23 || minute > 59) return std::nullopt;
    const auto offset = hours{hour} + minutes{minute};
    return text[0] == '-' ? -offset : offset;
}

std::optional<seconds> read_clock(std::string_view text) {
    if ((text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') return std::nullopt;
    Digits digits{text};
    const int hour = digits.at(11, 2);
    const int minute = digits.at(14, 2);
    const int second = digits.at(17, 2);
    if (!digits.good() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return hours{hour} + minutes{minute} + seconds{second};
}

void put(char* out, unsigned value, std::size_t count) {
    for (std::size_t i = count; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

void put_date(char* out, const std::chrono::year_month_day& date) {
    put(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    put(out + 5, static_cast<unsigned>(date.month()), 2);
    put(out + 8, static_cast<unsigned>(date.day()), 2);
}

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
    if (text.size() <= seconds_size) return std::nullopt;
    const auto date = read_date<std::chrono::sys_days>(text);
    const auto clock = read_clock(text);
    auto rest = text.substr(seconds_size);
    const auto decimals = take_decimals(rest);
    const auto offset = read_offset(rest);
    if (!date || !clock || !decimals || !offset) return std::nullopt;
    const Instant instant = *date + *clock + *decimals - *offset;
    static constexpr Instant first = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
    static constexpr Instant end = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};
    if (instant < first || instant >= end) return std::nullopt;
    return instant;
}

std::optional<LocalDate> parse_date(std::string_view text) {
    if (text.size() != date_size) return std::nullopt;
    return read_date<LocalDate>(text);
}

void append(std::string& out, Instant instant) {
    const auto day = std::chrono::floor<days>(instant);
    const auto of_day = static_cast<unsigned>((instant - day).count());
    std::array<char, 24> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
                              '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
    put_date(text.data(), std::chrono::year_month_day{day});
    put(text.data() + 11, of_day / 3'600'000, 2);
    put(text.data() + 14, of_day / 60'000 % 60, 2);
    put(text.data() + 17, of_day / 1'000 % 60, 2);
    put(text.data() + 20, of_day % 1'000, 3);
    out.append(text.data(), text.size());
}

void append(std::string& out, LocalDate date) {
    std::array<char, date_size> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0'};
    put_date(text.data(), std::chrono::year_month_day{date});
    out.append(text.data(), text.size());
}

std::string to_string(Instant instant) {
    std::string text;
    append(text, instant);
    return text;
}

std::string to_string(LocalDate date) {
    std::string text;
    append(text, date);
    return text;
}

}  // namespace kiroku
