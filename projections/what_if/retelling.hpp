// projections/what_if/retelling.hpp: what learners would have got for what they did, had other rules been in force.
//
// What a learner did is in the log word for word as the policy asked gamification to record it: ActivityRecorded has
// all fields of RecordActivity. So each activity is decided again from there, by the same decider, in the order and at
// the time at which it was decided then, and no other context needs to be read (infra/decisions/0016). An activity that
// gamification had not recorded yet doesn't count, as it didn't count for anybody.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/gamification/learner.hpp"
#include "projections/engine/chunk.hpp"

namespace kiroku::what_if {

/// The command that this was recorded for.
gamification::RecordActivity command_of(const gamification::ActivityRecorded& activity);

/// From when on the other rules hold; before it everything stays as it was. A learner to whom they have applied once
/// stays with them, whatever clocks say.
struct Since {
    std::optional<Instant> time{};               ///< what was recorded at this time or later
    std::map<log::Partition, Offset> offsets{};  ///< what lies there or behind

    [[nodiscard]] bool includes(const log::Partition& partition, const projections::Event& first) const;
};

/// What a learner has got.
struct Gains {
    Xp xp;
    std::int64_t awards = 0;
    std::int64_t milestones = 0;
    std::vector<const std::string*> achievements{};  ///< their ids, kept by whoever made this
};

/// Whose activity can't be decided again, and why: from there on nothing is known of what would have been.
struct LeftOut {
    UserId learner;
    log::Partition partition;
    Offset offset;
    std::string reason;
};

/// For the learners of some partitions: tells read models what would have been (a projections::Retell), and keeps what
/// everybody got and would have got. Other events pass as they are. One thread at a time; `rules` must outlive it.
class Retelling {
public:
    Retelling(const gamification::RuleBook& rules, Since since) : rules_(rules), since_(std::move(since)) {}
    Retelling(const Retelling&) = delete;
    Retelling& operator=(const Retelling&) = delete;

    void tell(const projections::Chunk& chunk, const projections::Step& step, projections::Chunk& told);

    struct Learner {
        gamification::Learner state;  ///< as it would be
        Gains before, after;          ///< as it was, as it would be
        bool apart = false;           ///< the other rules have applied
        std::string left_out{};       ///< why
    };
    [[nodiscard]] const std::unordered_map<UserId, Learner>& learners() const { return learners_; }
    [[nodiscard]] const std::vector<LeftOut>& left_out() const { return left_out_; }

private:
    using Event = projections::Event;
    using LearnerEvent = gamification::LearnerEvent;
    using Decided = std::expected<std::vector<LearnerEvent>, std::string>;

    static Decided read(std::span<const Event> events);
    [[nodiscard]] Decided decide_again(const Learner& learner, const std::vector<LearnerEvent>& then,
                                       const Event& first) const;
    void count(Gains& gains, const std::vector<LearnerEvent>& events);
    void write(std::span<const Event> then, const std::vector<LearnerEvent>& was,
               const std::vector<LearnerEvent>& events);

    const gamification::RuleBook& rules_;
    Since since_;
    std::unordered_map<UserId, Learner> learners_;
    std::vector<LeftOut> left_out_;
    std::set<std::string, std::less<>> achievements_;
    std::vector<std::string> texts_;  // of `written_`
    std::vector<Event> written_;
};

}  // namespace kiroku::what_if
