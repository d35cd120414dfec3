// commands/decider/partition_feeds.hpp: reads for the owners of a context's partitions what each of them asks for.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "commands/decider/partition_owner.hpp"
#include "infra/kafka/consumer.hpp"

namespace kiroku::commands {

using PartitionOwners = std::map<int, PartitionOwner>;

/// Events up to its fence for an owner that catches up, commands for one that decides. A partition comes and goes while
/// the others are read on.
class PartitionFeeds {
public:
    /// `wakeup` (an eventfd) is written to whenever there is something to hand over.
    PartitionFeeds(const std::string& context, const std::string& bootstrap, PartitionOwners& owners, int wakeup);

    /// Begins and ends reading as the owners' phases say. To be called after each of them that takes over, before it
    /// hears anything more.
    void follow();

    /// Hand over some of what was read. False: there was nothing.
    bool hand_over_events();
    bool hand_over_commands(Instant clock);

    void end_commands();

    /// Where a partition's commands end, as far as is known from reading them.
    [[nodiscard]] std::optional<Offset> heard_end(int number) const;

    /// At least so many commands lie there. Asks, but doesn't wait for a broker that is away.
    Offset end_of_commands(int number);

private:
    using Clock = std::chrono::steady_clock;

    /// Partitions of one topic, each from an offset of its own.
    struct Reading {
        void begin(int number, Offset from);
        void end(int number);

        std::string topic;
        kafka::Consumer consumer;
        std::set<int> numbers{};
    };
    struct CatchingUp {
        Clock::time_point since;
        std::uint64_t events_before;
    };

    [[nodiscard]] PartitionOwner* owner_of(int number);
    void hand_over_event(const kafka::Record& record);
    void look_for_events(int number);
    void look_for_commands(int number);
    [[nodiscard]] std::optional<kafka::Watermarks> ask(const Reading& reading, int number);
    void pause(Reading& reading, int number);
    void tell_speed(int number, const PartitionOwner& owner);

    std::string context_;
    PartitionOwners& owners_;
    Reading events_, commands_;
    std::map<int, Clock::time_point> not_before_;  // what isn't found is not looked for all the time
    Clock::time_point no_question_before_;
    std::map<int, CatchingUp> begun_;
};

}  // namespace kiroku::commands
