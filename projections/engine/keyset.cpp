#include "projections/engine/keyset.hpp"

#include <charconv>

namespace kiroku::projections {
namespace {

constexpr std::int64_t year_0 =
    -62'167'219'200'000;  // in milliseconds since 1970: the years that an Instant's text has
constexpr std::int64_t year_10000 = 253'402'300'800'000;

}  // namespace

const OrderSql& sql_of(Order order) {
    static const OrderSql latest_first{"_latest_first", "<", " DESC", "'infinity'",
                                       "'ffffffff-ffff-ffff-ffff-ffffffffffff'"};
    static const OrderSql earliest_first{"_earliest_first", ">", " ASC", "'-infinity'",
                                         "'00000000-0000-0000-0000-000000000000'"};
    return order == Order::latest_first ? latest_first : earliest_first;
}

std::string Keyset::text() const { return std::to_string(at.time_since_epoch().count()) + '_' + to_string(id); }

std::optional<Keyset> Keyset::parse(std::string_view text) {
    const auto line = text.find('_');
    if (line == std::string_view::npos) return std::nullopt;
    std::int64_t milliseconds = 0;
    const auto* const end = text.data() + line;
    const auto [read, error] = std::from_chars(text.data(), end, milliseconds);
    const auto id = Uuid::parse(text.substr(line + 1));
    if (error != std::errc{} || read != end || !id) return std::nullopt;
    if (milliseconds < year_0 || milliseconds >= year_10000) return std::nullopt;
    return Keyset{Instant{std::chrono::milliseconds{milliseconds}}, *id};
}

}  // namespace kiroku::projections
