// infra/replay/where.hpp: `--where`: a condition on events, parsed once.
//
//     data.amount > 30 && type == "gamification.xp_awarded.v1"
//     subject startsWith 'learner/' && !(data.rule in ["streak", "level"])
//     data.tags contains "deep" || data.items[0].count >= 3
//
// Tightest first: `!`; `== != < <= > >= in contains startsWith endsWith`; `&&`; `||`. Values are paths (path.hpp),
// numbers, texts in single or double quotes, true, false and null.
//
// What an event doesn't have is null. Null equals only null, and any other comparison with it is false, as it is
// between values of different kinds. Texts compare byte by byte, so that times do, too: `time >= "2026-03-06"`.
// `contains` looks for a text in a text, or for a value in an array. A value by itself is a condition if it is true.
#pragma once

#include <expected>
#include <memory>
#include <string_view>

#include "infra/replay/fields.hpp"

namespace kiroku::replay {

struct Node;

/// Copies share the parsed expression; any thread may ask it, with Fields of its own.
class Where {
public:
    static std::expected<Where, SyntaxError> parse(std::string_view text);

    /// Of the event that `fields` looks at.
    [[nodiscard]] bool holds(Fields& fields) const;

private:
    explicit Where(std::shared_ptr<const Node> root) : root_(std::move(root)) {}

    std::shared_ptr<const Node> root_;
};

}  // namespace kiroku::replay
