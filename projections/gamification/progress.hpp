// projections/gamification/progress.hpp: "how far am I?", behind GET /me/progress.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infra/postgres/read.hpp"
#include "projections/engine/read_model.hpp"
#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

/// One learner's row. A streak's count is the run that ends on its last day, whether that run still lives or not: that
/// depends on today, which is the reader's business.
struct ProgressRow {
    UserId user;
    Xp total_xp;
    Level level{1};
    StreakCount daily_streak;
    StreakCount daily_longest;
    std::optional<LocalDate> daily_last;  ///< the latest active day, in the learner's zone
    StreakCount weekly_streak;
    StreakCount weekly_longest;
    std::optional<LocalDate> weekly_last;  ///< the latest active day again; its ISO week counts
    StreakCount completion_streak;
    StreakCount completion_longest;
    std::string timezone = "UTC";  ///< the one that the latest activity was in
    RawJson achievements{"[]"};    ///< an array of {achievementId, rarity, title, unlockedAt}, in the order unlocked
    std::int32_t sessions_completed = 0;
    Instant updated_at;

    bool operator==(const ProgressRow&) const = default;
};

projections::ReadModel progress();

/// Nothing if nothing was ever recorded.
std::optional<ProgressRow> progress_of(postgres::Read& read, const UserId& user);

/// The rows that there are, in any order; for postgres::KeyLookup.
std::vector<ProgressRow> progress_of_all(postgres::Read& read, std::span<const UserId> users);

}  // namespace kiroku::gamification
