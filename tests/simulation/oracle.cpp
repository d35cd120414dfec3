#include "tests/simulation/oracle.hpp"

#include <fmt/format.h>

#include "tests/simulation/reacting_process.hpp"
#include "tests/simulation/replay.hpp"
#include "tests/support/counter.hpp"

namespace kiroku::sim {

void Oracle::took(int number, Offset offset, std::string_view value) {
    const auto record = log::read_envelope(value);
    if (!record) throw Violation("a record that is none: " + record.error());
    auto& partition = partitions_[number];
    if (record->is_fence()) {
        partition.term = offset.value;
        partition.clock.hear({record->time, record->command_offset});
        partition.sequence = 0;
        partition.parts = 0;
        ++fences_;
        return;
    }
    if (record->place.term.value != partition.term || record->place.sequence.value != partition.sequence + 1) {
        ++void_records_;
        return;
    }
    ++partition.sequence;
    auto& open = partition.open;
    if (partition.parts == 0) {
        open = {.command = record->command,
                .command_offset = record->command_offset.value,
                .aggregate = std::string{record->aggregate_name()},
                .counter = record->aggregate,
                .hash = std::string{record->command_hash},
                .first_version = record->version.value,
                .last_offset = offset.value,
                .clock = partition.clock,
                .events = {}};
    }
    if (record->command != open.command || record->place.part != ++partition.parts)
        throw Violation("a decision whose parts are mixed up");
    open.last_offset = offset.value;
    open.events.emplace_back(record->id, std::string{record->data});
    if (record->place.part == record->place.parts) whole(partition);
}

void Oracle::whole(Partition& partition) {
    const auto& fact = partition.open;
    partition.parts = 0;
    if (!decided_.insert(fact.command).second) throw Violation("a command was decided twice");
    if (!partition.facts.empty() && fact.command_offset <= partition.facts.back().command_offset)
        throw Violation("commands were decided out of order");
    auto& [version, total] = counters_[fact.counter];
    if (fact.first_version != version + 1)
        throw Violation(fmt::format("version {} follows {}", fact.first_version, version));
    const int amount = std::stoi(fact.hash);
    if (std::ssize(fact.events) != std::abs(amount)) throw Violation("a decision that isn't its command's");
    for (const auto& [id, data] : fact.events) {
        total += amount > 0 ? 1 : -1;
        ++version;
        if (test::total_of(data) != total || total < 0) throw Violation("decided on a state that it doesn't extend");
    }
    partition.facts.push_back(fact);
}

const Fact* Oracle::fact(int partition, CommandId command) const {
    const auto found = partitions_.find(partition);
    if (found == partitions_.end()) return nullptr;
    for (const auto& fact : found->second.facts) {
        if (fact.command == command) return &fact;
    }
    return nullptr;
}

void Oracle::answered(const Intent& intent, const commands::Answer& answer, std::int64_t command_offset) {
    if (answer.outcome != commands::Answer::Outcome::decided) return;
    const auto& reply = answer.reply;
    if (!reply.accepted()) {
        const auto& partition = partitions_[intent.partition];
        refusals_.push_back({intent.partition, command_offset, reply.refusal, partition.facts.size(), partition.clock});
        return;
    }
    if (reply.events.empty()) {
        if (intent.amount != 0) throw Violation("told that nothing was to be done, which isn't so");
        return;
    }
    const auto* known = fact(intent.partition, intent.id);
    if (known == nullptr) throw Violation("told of a success that the log doesn't hold");
    if (known->hash != intent.hash()) throw Violation("told of a success with another body");
    if (known->events.size() != reply.events.size()) throw Violation("told of a part of a decision");
    for (std::size_t place = 0; place < reply.events.size(); ++place) {
        const auto& event = reply.events[place];
        if (event.id != known->events[place].first || event.data != known->events[place].second ||
            event.version.value != known->first_version + static_cast<std::int64_t>(place)) {
            throw Violation("told of another decision than the log holds");
        }
    }
}

void Oracle::check_again(const commands::Context& context, const Topics& topics) const {
    for (int number = 0; number < partitions; ++number) {
        const auto again = replay(context, topics.commands, number, expired(number, topics.commands));
        const auto found = partitions_.find(number);
        const std::vector<Fact> none;
        const auto& facts = found == partitions_.end() ? none : found->second.facts;
        if (facts.size() != again.decisions.size())
            throw Violation(fmt::format("decided again, {} decisions are {}", facts.size(), again.decisions.size()));
        for (std::size_t at = 0; at < facts.size(); ++at) {
            if (facts[at].command_offset != again.decisions[at].command_offset ||
                facts[at].events != again.decisions[at].events) {
                throw Violation(fmt::format("decided again, command {} leads elsewhere", facts[at].command_offset));
            }
        }
        check_refusals(number, again.refusals);
    }
}

/// A command without an event may have been refused for its age if a fence told a later time before the next command
/// was decided; it was, if that is what its asker was told.
std::set<std::int64_t> Oracle::expired(int number, const Topic& commands) const {
    const auto found = partitions_.find(number);
    if (found == partitions_.end()) return {};
    const auto deadline = [&](std::int64_t offset) {
        return log::read_command(commands.record(number, offset).value)->deadline;
    };
    std::set<std::int64_t> expired;
    auto next = found->second.facts.begin();
    for (std::int64_t offset = 0; offset < commands.size(number); ++offset) {
        while (next != found->second.facts.end() && next->command_offset < offset) ++next;
        const bool at_end = next == found->second.facts.end();
        if (!at_end && next->command_offset == offset) continue;
        const auto& clock = at_end ? found->second.clock : next->clock;
        if (deadline(offset) != Instant{} && clock.has_expired(Offset{offset}, deadline(offset)))
            expired.insert(offset);
    }
    for (const auto& refusal : refusals_) {
        if (refusal.partition != number) continue;
        if (refusal.code != "command_expired") {
            expired.erase(refusal.command_offset);
        } else if (!refusal.clock.has_expired(Offset{refusal.command_offset}, deadline(refusal.command_offset)) &&
                   commands.record(number, refusal.command_offset).timestamp <= deadline(refusal.command_offset)) {
            throw Violation("refused for its age before its time");
        }
    }
    return expired;
}

void Oracle::check_refusals(int number, const std::map<std::int64_t, std::string>& again) const {
    for (const auto& refusal : refusals_) {
        if (refusal.partition != number) continue;
        const auto other = again.find(refusal.command_offset);
        if (other == again.end() || other->second != refusal.code) {
            throw Violation(fmt::format("command {}/{} was refused ({}); decided again it is {}", number,
                                        refusal.command_offset, refusal.code,
                                        other == again.end() ? "accepted" : other->second));
        }
        const auto& facts = partitions_.at(number).facts;
        const auto before = std::ranges::count_if(
            facts, [&](const Fact& fact) { return fact.command_offset < refusal.command_offset; });
        if (before > static_cast<std::ptrdiff_t>(refusal.facts))
            throw Violation("a refusal was told before the log held what it rests on");
    }
}

void Oracle::check_reactions() const {
    std::size_t steps = 0, mirrored = 0;
    for (const auto& [number, partition] : partitions_) {
        for (const auto& fact : partition.facts) {
            if (fact.aggregate == "mirror") ++mirrored;
            if (fact.aggregate != "counter") continue;
            for (const auto& [id, data] : fact.events) {
                ++steps;
                if (!decided_.contains(policy_command_id(id, mirror_policy().name)))
                    throw Violation("an event that its policy never answered");
            }
        }
    }
    if (steps != mirrored) throw Violation(fmt::format("{} steps are mirrored {} times", steps, mirrored));
}

void Oracle::check_tables(const ServerTables& tables) const {
    std::size_t rows = 0;
    for (const auto& [counter, counted] : counters_) {
        const auto& [version, total] = counted;
        if (version == 0) continue;
        ++rows;
        const auto row = tables.rows.find({to_string(counter)});
        const ServerTables::Fields expected{to_string(counter), std::to_string(total), std::to_string(version)};
        if (row == tables.rows.end()) throw Violation("a counter without a row");
        if (row->second != expected)
            throw Violation(fmt::format("a row says total {} by {} events; the log: {} by {}",
                                        row->second[1].value_or(""), row->second[2].value_or(""), total, version));
    }
    if (rows != tables.rows.size()) throw Violation("a row of nobody");
}

void Oracle::check_store(const commands::DecisionStore& store, int number) const {
    const auto found = partitions_.find(number);
    if (found == partitions_.end()) return;
    const auto next = store.progress().cursor.next.value;
    std::map<Uuid, std::vector<const Fact*>> expected;
    for (const auto& fact : found->second.facts) {
        auto& facts = expected[fact.counter];
        if (fact.last_offset < next) facts.push_back(&fact);
    }
    for (const auto& [counter, facts] : expected) {
        std::size_t at = 0;
        if (facts.empty()) continue;
        store.each_decision({facts.front()->aggregate, counter}, [&](const commands::ProvenDecision& kept) {
            const auto* fact = at < facts.size() ? facts[at] : nullptr;
            if (fact == nullptr || kept.command != fact->command || kept.hash != fact->hash ||
                kept.first.value != fact->first_version || kept.last_event.value != fact->last_offset ||
                kept.events.size() != fact->events.size() || kept.events.back().id != fact->events.back().first ||
                kept.events.back().data != fact->events.back().second) {
                throw Violation("the store holds what the log doesn't");
            }
            ++at;
        });
        if (at != facts.size()) throw Violation("the store lacks what it says it has included");
    }
}

std::size_t Oracle::facts() const {
    std::size_t sum = 0;
    for (const auto& [number, partition] : partitions_) sum += partition.facts.size();
    return sum;
}

}  // namespace kiroku::sim
