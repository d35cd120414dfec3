#include "infra/log/position.hpp"

#include <fmt/format.h>

#include "infra/log/json_line.hpp"

namespace kiroku::log {
namespace {

constexpr std::size_t most_partitions = 256;

bool read_one(std::string_view text, Position& position) {
    const auto slash = text.find('/');
    const auto at = text.find('@');
    if (slash == 0 || slash == std::string_view::npos || at == std::string_view::npos || at < slash) return false;
    const auto context = text.substr(0, slash);
    if (context.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string_view::npos) return false;
    int partition = -1;
    Offset offset{-1};
    if (!read_number(text.substr(slash + 1, at - slash - 1), partition) || partition < 0) return false;
    if (!read_number(text.substr(at + 1), offset.value) || offset.value < 0) return false;
    position.include(context, partition, offset);
    return true;
}

}  // namespace

std::expected<Position, std::string> Position::parse(std::string_view text) {
    Position position;
    while (!text.empty()) {
        const auto comma = text.find(',');
        if (position.offsets_.size() == most_partitions || !read_one(text.substr(0, comma), position)) {
            return std::unexpected("that is no position that Kiroku gave");
        }
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
        if (text.empty()) return std::unexpected("that is no position that Kiroku gave");
    }
    return position;
}

void Position::include(std::string_view context, int partition, Offset offset) {
    auto& known = offsets_.try_emplace({std::string{context}, partition}, offset).first->second;
    known = std::max(known, offset);
}

void Position::include(const Position& other) {
    for (const auto& [where, offset] : other.offsets_) include(where.first, where.second, offset);
}

std::string Position::text() const {
    std::string out;
    for (const auto& [where, offset] : offsets_) {
        fmt::format_to(std::back_inserter(out), "{}{}/{}@{}", out.empty() ? "" : ",", where.first, where.second,
                       offset.value);
    }
    return out;
}

}  // namespace kiroku::log
