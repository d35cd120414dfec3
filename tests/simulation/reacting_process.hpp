// tests/simulation/reacting_process.hpp: a reactor on simulated topics: what it sends may get lost, and it may end at
// any time.
#pragma once

#include <optional>

#include "commands/reactor/reaction.hpp"
#include "infra/log/partition_reader.hpp"
#include "tests/simulation/choices.hpp"
#include "tests/simulation/topics.hpp"

namespace kiroku::sim {

/// Each step of a counter calls for one step of the mirror, which lies in partition 0.
extern const Uuid mirror;
commands::Policy mirror_policy();

class ReactingProcess {
public:
    /// A command that it sends; what becomes of it is to be told with this life.
    using Send = std::function<void(int life, std::string value)>;

    ReactingProcess(const Topic& events, commands::Reaction::Cursors& kept, log::Rule rule, Send send)
        : events_(events), kept_(kept), rule_(rule), send_(std::move(send)) {}

    void start();
    void crash() { life_.reset(); }
    [[nodiscard]] bool lives() const { return life_.has_value(); }

    /// Reads up to so many records of a partition, unless what it sent last is still on its way.
    void step(int partition, int most);
    void told(int life, bool delivered);

    [[nodiscard]] bool idle() const;

private:
    struct Life {
        commands::Reaction reaction;
        std::vector<log::PartitionReader> readers{};
        std::vector<std::int64_t> at{};
        int on_their_way = 0;
        bool failed = false;
    };
    void read_from(const commands::Reaction::Cursors& cursors);

    const Topic& events_;
    commands::Reaction::Cursors& kept_;  ///< by the group, for whoever comes next
    log::Rule rule_;
    Send send_;
    int lives_ = 0;
    std::optional<Life> life_;
};

}  // namespace kiroku::sim
