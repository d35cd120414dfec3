#include "tests/simulation/replay.hpp"

#include "commands/decider/partition_owner.hpp"
#include "tests/simulation/memory_map.hpp"

namespace kiroku::sim {
namespace {

/// A log that takes everything at once.
class Undisturbed final : public commands::Outlet {
public:
    bool append(const log::Partition&, std::string_view, std::string_view value, std::uint64_t tag) override {
        tags.push_back(tag);
        values.emplace_back(value);
        return true;
    }
    void reply(const log::ReplyTo&, std::string_view value) override {
        const auto told = log::read_reply(value);
        if (told && !told->accepted()) refused = told->refusal;
    }
    std::uint64_t new_round() override { return 1; }

    void deliver(commands::PartitionOwner& owner) {
        for (; delivered < tags.size(); ++delivered)
            owner.delivered(tags[delivered], Offset{static_cast<std::int64_t>(delivered)});
    }

    std::vector<std::uint64_t> tags;
    std::vector<std::string> values;
    std::size_t delivered = 0;
    std::string refused;
};

}  // namespace

Replayed replay(const commands::Context& context, const Topic& commands, int partition,
                const std::set<std::int64_t>& expired) {
    MemoryMap store;
    Undisturbed log;
    commands::PartitionOwner owner{context, {context_name, partition}, store, log, "again"};
    owner.take_over({}, "again");
    log.deliver(owner);
    static_cast<void>(owner.read({.topic = "",
                                  .partition = partition,
                                  .offset = Offset{0},
                                  .timestamp = {},
                                  .key = {},
                                  .value = log.values.front()}));
    owner.resume_commands();
    Replayed again;
    for (std::int64_t offset = 0; offset < commands.size(partition); ++offset) {
        if (expired.contains(offset)) {
            again.refusals[offset] = "command_expired";
            continue;
        }
        const auto before = log.values.size();
        log.refused.clear();
        owner.decide(commands.record(partition, offset), {});
        log.deliver(owner);
        if (!log.refused.empty()) again.refusals[offset] = log.refused;
        if (log.values.size() == before) continue;
        auto& decision = again.decisions.emplace_back(offset);
        for (auto at = before; at < log.values.size(); ++at) {
            const auto event = log::read_envelope(log.values[at]);
            decision.events.emplace_back(event->id, std::string{event->data});
        }
    }
    return again;
}

}  // namespace kiroku::sim
