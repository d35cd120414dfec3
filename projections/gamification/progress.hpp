// projections/gamification/progress.hpp: "how far am I?", behind GET /me/progress.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infra/postgres/read.hpp"
#include "projections/engine/read_model.hpp"
#include "projections/engine/reads.hpp"
#include "projections/engine/shown.hpp"
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
    std::optional<LocalDate> daily_last;  ///< the latest active day, in the learner's zone then
    StreakCount weekly_streak;
    StreakCount weekly_longest;
    std::optional<LocalDate> weekly_last;  ///< a day in the latest active week
    StreakCount completion_streak;
    StreakCount completion_longest;
    std::string timezone{"UTC"};                    ///< of the latest activity that was recorded
    std::vector<UnlockedAchievement> achievements;  ///< in the order unlocked
    std::int32_t sessions_completed = 0;
    Instant updated_at;

    bool operator==(const ProgressRow&) const = default;
};

struct ProgressFold {
    using Row = ProgressRow;
    using Key = UserId;
    using Meta = projections::Meta;
    using Events =
        projections::Reads<ActivityRecorded, XpAwarded, LevelReached, StreakExtended, StreakEnded, AchievementUnlocked>;

    static const projections::Table<Row>& table();
    static Row start(const Key& user);
    static Key key_of(const Row& row) { return row.user; }
    static Key keys(const auto&, const Meta& meta) { return UserId{meta.aggregate}; }

    static void fold(Row& row, const ActivityRecorded& event, const Meta& meta);
    static void fold(Row& row, const XpAwarded& event, const Meta& meta);
    static void fold(Row& row, const LevelReached& event, const Meta& meta);
    static void fold(Row& row, const StreakExtended& event, const Meta& meta);
    static void fold(Row& row, const StreakEnded& event, const Meta& meta);
    static void fold(Row& row, const AchievementUnlocked& event, const Meta& meta);
};

projections::ReadModel progress();

/// Nothing if nothing was ever recorded.
std::optional<projections::Shown<ProgressRow>> progress_of(postgres::Read& read, const UserId& user);

/// The rows that there are, in any order; for postgres::KeyLookup. Of whom nothing but parked events were recorded, the
/// row is the one that everybody begins with.
std::vector<projections::Shown<ProgressRow>> progress_of_all(postgres::Read& read, std::span<const UserId> users);

}  // namespace kiroku::gamification
