#include "projections/what_if/retelling.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/gamification/policy.hpp"
#include "schemas/gamification/codec.hpp"

namespace kiroku::what_if {

using namespace gamification;

RecordActivity command_of(const ActivityRecorded& activity) {
    return {.source_event_id = activity.source_event_id,
            .kind = activity.kind,
            .challenge_type = activity.challenge_type,
            .difficulty = activity.difficulty,
            .performance_score = activity.performance_score,
            .completion_time = activity.completion_time,
            .occurred_at = activity.occurred_at,
            .timezone = activity.timezone};
}

bool Since::includes(const log::Partition& partition, const projections::Event& first) const {
    if (time) return first.time >= *time;
    const auto from = offsets.find(partition);
    return from == offsets.end() || first.offset >= from->second;
}

void Retelling::tell(const projections::Chunk& chunk, const projections::Step& step, projections::Chunk& told) {
    const auto events = chunk.all_of(step);
    const auto& first = events.front();
    if (!first.type.starts_with("gamification.")) return told.add(step, events);
    auto& learner = learners_[UserId{first.aggregate}];
    if (!learner.left_out.empty()) return told.add(step, events, learner.left_out);
    const auto leave_out = [&](std::string reason) {
        left_out_.push_back({UserId{first.aggregate}, step.partition, first.offset, reason});
        learner.left_out = std::move(reason);
        told.add(step, events, learner.left_out);
    };
    auto was = read(events);
    if (!was) return leave_out(std::move(was.error()));
    learner.apart = learner.apart || since_.includes(step.partition, first);
    const auto would_be = learner.apart ? decide_again(learner, *was, first) : was;
    if (!would_be) return leave_out(would_be.error());
    for (const auto& event : *would_be) learner.state = evolve(std::move(learner.state), event);
    count(learner.before, *was);
    count(learner.after, *would_be);
    write(events, *was, *would_be);
    told.add(step, written_);
}

Retelling::Decided Retelling::read(std::span<const Event> events) {
    std::vector<LearnerEvent> read;
    for (const auto& event : events) {
        auto decoded = json::decode_variant<LearnerEvent>(event.type, event.data);
        if (!decoded) {
            return std::unexpected(fmt::format("indigestible_event: {} at offset {}: {} {}", event.type,
                                               event.offset.value, decoded.error().path, decoded.error().problem));
        }
        read.push_back(*std::move(decoded));
    }
    return read;
}

Retelling::Decided Retelling::decide_again(const Learner& learner, const std::vector<LearnerEvent>& then,
                                           const Event& first) const {
    const auto* activity = std::get_if<ActivityRecorded>(&then.front());
    if (activity == nullptr) return std::unexpected("unknown_decision: it doesn't begin with an activity");
    const auto command = policy_command_id(activity->source_event_id, record_activity_policy);
    auto decision =
        decide(learner.state, command_of(*activity), Context{{.now = first.time, .command = command}, rules_});
    if (!decision) return std::unexpected(fmt::format("refused: {}", to_string(decision.error())));
    if (!decision->empty() && std::get<ActivityRecorded>(decision->front()).local_date != activity->local_date)
        return std::unexpected("another_day: by this machine's time zones it was on another day than was recorded");
    return *std::move(decision);
}

void Retelling::count(Gains& gains, const std::vector<LearnerEvent>& events) {
    for (const auto& event : events) {
        if (const auto* awarded = std::get_if<XpAwarded>(&event)) {
            gains.xp = awarded->total_xp;
            ++gains.awards;
        } else if (std::holds_alternative<StreakMilestoneReached>(event)) {
            ++gains.milestones;
        } else if (const auto* unlocked = std::get_if<AchievementUnlocked>(&event)) {
            gains.achievements.push_back(&*achievements_.insert(unlocked->achievement_id).first);
        }
    }
}

/// What came out as it was is told in the log's own words, and under the log's ids as far as there are.
void Retelling::write(std::span<const Event> then, const std::vector<LearnerEvent>& was,
                      const std::vector<LearnerEvent>& events) {
    written_.clear();
    texts_.resize(std::max(texts_.size(), events.size()));
    for (std::size_t part = 0; part < events.size(); ++part) {
        auto& event = written_.emplace_back(then[std::min(part, then.size() - 1)]);
        if (part < was.size() && events[part] == was[part]) continue;
        auto& text = texts_[part];
        text.clear();
        json::encode(events[part], text);
        event.type = json::type_of(events[part]);
        event.data = text;
        event.version = log::Version{then.front().version.value + static_cast<std::int64_t>(part)};
        if (part >= then.size()) event.id = EventId{uuid_v5(then.front().id.value, std::to_string(part))};
    }
}

}  // namespace kiroku::what_if
