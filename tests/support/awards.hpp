// tests/support/awards.hpp: somebody earns something.
#pragma once

#include "schemas/gamification/codec.hpp"
#include "tests/support/happened.hpp"

namespace kiroku::test {

inline const auto mika = named<UserId>("mika");
constexpr std::string_view noon = "2026-03-06T12:00:00.000Z";

/// All that was ever earned: so much. Named by its time unless `name` tells two of one moment apart.
inline gamification::XpAwarded award(std::int64_t amount, std::string_view occurred, std::string_view name = "") {
    return {.award_id = named<AwardId>(name.empty() ? occurred : name),
            .source_event_id = named<EventId>(occurred),
            .rule = "session_completed",
            .rules_version = RulesVersion{1},
            .amount = Xp{amount},
            .total_xp = Xp{amount},
            .reason = "Completed",
            .occurred_at = at(occurred)};
}

/// The same as it lies in the log, recorded at noon; each is another award unless it has a name.
inline Happened award(const UserId& user, std::int64_t amount, std::string_view occurred, std::string_view name = "") {
    const auto other = to_string(random_uuid_v7());
    return on(user, noon, award(amount, occurred, name.empty() ? other : name));
}

}  // namespace kiroku::test
