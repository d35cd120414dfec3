#include "infra/replay/correlation_tree.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace kiroku::replay {
namespace {

/// Ids are unique within what they name, but nothing keeps two callers from giving the same one.
using CommandKey = std::pair<CommandId, log::Partition>;

struct Decided {
    std::vector<const KeptEvent*> events;
    bool placed = false;
};

class Planter {
public:
    explicit Planter(const std::vector<KeptEvent>& events) {
        for (const auto& event : events) in_order_.push_back(&event);
        std::ranges::sort(in_order_, {}, [](const KeptEvent* event) {
            return std::tie(event->envelope.time, event->partition, event->offset);
        });
        for (const auto* event : in_order_) {
            ids_.insert(to_string(event->envelope.id));
            auto& decided = decisions_[{event->envelope.command, event->partition}];
            if (decided.events.empty() && !event->envelope.causation.empty())
                answers_[std::string{event->envelope.causation}].push_back(&decided);
            decided.events.push_back(event);
        }
    }

    std::vector<Correlation> plant() {
        std::vector<Correlation> correlations;
        for (const auto* event : in_order_) {
            auto& decided = decisions_.at({event->envelope.command, event->partition});
            if (decided.placed || ids_.contains(event->envelope.causation)) continue;
            const auto id = event->envelope.correlation;
            auto found = std::ranges::find(correlations, id, &Correlation::id);
            if (found == correlations.end()) found = correlations.insert(found, {std::string{id}, {}});
            found->commands.push_back(command_of(decided));
        }
        return correlations;
    }

private:
    CausingCommand command_of(Decided& decided) {
        decided.placed = true;
        CausingCommand command{decided.events.front()->envelope.command, {}};
        for (const auto* event : decided.events) {
            auto& caused = command.events.emplace_back(CausedEvent{event, {}});
            const auto answers = answers_.find(to_string(event->envelope.id));
            if (answers == answers_.end()) continue;
            for (auto* answer : answers->second)
                if (!answer->placed) caused.commands.push_back(command_of(*answer));
        }
        return command;
    }

    std::vector<const KeptEvent*> in_order_;
    std::set<std::string, std::less<>> ids_;
    std::map<CommandKey, Decided> decisions_;
    std::map<std::string, std::vector<Decided*>> answers_;  // by the event that they answer
};

}  // namespace

const log::Envelope& CausingCommand::first() const { return events.front().event->envelope; }

std::vector<Correlation> correlations_of(const std::vector<KeptEvent>& events) { return Planter{events}.plant(); }

}  // namespace kiroku::replay
