// tests/integration/projections/awards.hpp: somebody earns something.
#pragma once

#include "schemas/gamification/codec.hpp"
#include "tests/support/random_story.hpp"

namespace kiroku::test {

inline const auto mika = named<UserId>("mika");
constexpr std::string_view noon = "2026-03-06T12:00:00.000Z";

inline Happened award(const UserId& user, std::int64_t amount, std::string_view occurred, std::string_view name = "") {
    return on(user, noon,
              gamification::XpAwarded{.award_id = name.empty() ? AwardId{random_uuid_v7()} : named<AwardId>(name),
                                      .source_event_id = named<EventId>(occurred),
                                      .rule = "session_completed",
                                      .rules_version = RulesVersion{1},
                                      .amount = Xp{amount},
                                      .total_xp = Xp{amount},
                                      .reason = "Completed",
                                      .occurred_at = at(occurred)});
}

}  // namespace kiroku::test
