// gateway/analytics/cursor.hpp: where a stream of events ended, so that the next one goes on behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infra/crypto/seal.hpp"
#include "infra/replay/ranges.hpp"
#include "schemas/core/time.hpp"

namespace kiroku::gateway {

struct Cursor {
    Instant asked;                   ///< for the first page: "2h ago" means before then
    std::vector<replay::Rest> rest;  ///< of all partitions that are read
};

/// Writes cursors as clients keep them, with a keyed tag: any gateway with the same keys understands them, and nobody
/// can make one up. `filters`: what the stream was asked for; a cursor goes on with nothing else.
class Cursors {
public:
    static constexpr int longest = 3'500;  ///< characters

    explicit Cursors(crypto::Secret key) : seal_{key, "analytics cursor 2"} {}

    [[nodiscard]] std::string write(const Cursor& cursor, std::string_view filters) const;

    /// Null for what wasn't given out, or not for these filters.
    [[nodiscard]] std::optional<Cursor> read(std::string_view text, std::string_view filters) const;

private:
    crypto::Seal seal_;
};

}  // namespace kiroku::gateway
