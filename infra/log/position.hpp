// infra/log/position.hpp: "the log up to here", as writes answer it and reads wait for it.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "infra/kafka/record.hpp"

namespace kiroku::log {

/// For some partitions the offset of the last record that is included: "gamification/3@123,challenges/5@77".
/// Clients treat the text as opaque.
class Position {
public:
    using Key = std::pair<std::string, int>;  ///< context, partition

    /// Nullopt-like error text for anything but what `text()` gives.
    static std::expected<Position, std::string> parse(std::string_view text);

    /// Includes everything up to `offset`, too.
    void include(std::string_view context, int partition, Offset offset);
    void include(const Position& other);

    [[nodiscard]] std::string text() const;
    [[nodiscard]] const std::map<Key, Offset>& offsets() const { return offsets_; }
    [[nodiscard]] bool empty() const { return offsets_.empty(); }

private:
    std::map<Key, Offset> offsets_;
};

}  // namespace kiroku::log
