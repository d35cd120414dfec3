// infra/kiroku/topics.cpp: kiroku topics: makes the log's topics, checks those there are, and says when they are
// synced.
#include <fmt/format.h>

#include <cstdio>

#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/log/command.hpp"
#include "infra/log/topics.hpp"

namespace kiroku {
namespace {

using runtime::Exit;

constexpr const char* lazily = "9223372036854775807";  // Kafka's own default

struct TopicsSettings {
    runtime::Broker broker;
    int partitions = log::default_partitions;
    std::string sync = "unchanged";
};

void declare(runtime::Options& options, TopicsSettings& settings) {
    runtime::declare(options, settings.broker);
    options.add("partitions", settings.partitions, "of each new topic; can't be changed later")
        ->check(CLI::Range(1, 256));
    options
        .add("sync", settings.sync,
             "when commands and events reach a broker's disk: always before they count, or lazily, as the kernel does")
        ->check(CLI::IsMember({"always", "lazily", "unchanged"}).description("always|lazily|unchanged"));
}

constexpr const char* manual =
    R"(Makes <context>.commands, <context>.events, replies and kiroku-signals where they are missing, then checks those of the
log: events must never expire, commands must carry the broker's own time. With three brokers or more each record is on
three, and two must have it before it counts. What gateways tell each other by kiroku-signals, who is there and who is
typing, is kept for minutes, and nobody misses it.

Kafka leaves it to the kernel when records reach the disk. Brokers that lose power one at a time lose nothing, for the
others have it; all at once, in one rack or on one machine, they lose the last half minute, answered or not. With
--sync always (Kafka's flush.messages=1 on all topics but replies and kiroku-signals) they don't, and every command waits for
the disk. It may be changed at any time; what was written before is on the disk half a minute later, or after `sync`. Topics that
are there stay as they are without it; new ones are lazy.

Examples:
  kiroku topics
  kiroku topics --sync always
  kiroku topics --kafka b1:9092,b2:9092 --partitions 48
)";

Exit run(const TopicsSettings& settings, runtime::Shutdown&) {
    runtime::check_given(settings.broker);
    return with_remedies([&] {
        kafka::Admin admin{settings.broker.kafka};
        const int brokers = admin.brokers(10'000);
        int made = 0;
        auto plans = log::topic_plans(context_names(), settings.partitions, brokers);
        plans.push_back(log::signals_plan());
        for (const auto& plan : plans) {
            if (admin.create(plan, brokers >= 3 ? 3 : 1)) {
                ++made;
                std::fputs(fmt::format("made {} with {} partitions\n", plan.name, plan.partitions).c_str(), stdout);
            }
            const bool is_fleeting = plan.name == log::replies_topic || plan.name == log::signals_topic;
            if (settings.sync == "unchanged" || is_fleeting) continue;
            admin.change(plan.name, {{"flush.messages", settings.sync == "always" ? "1" : lazily}});
            std::fputs(fmt::format("{} is synced {}\n", plan.name, settings.sync).c_str(), stdout);
        }
        log::expect_sound_topics(settings.broker.kafka, context_names());
        std::fputs(made == 0 ? "all topics were there, and are sound\n" : "all topics are sound\n", stdout);
        return Exit::ok;
    });
}

}  // namespace

void add_topics(runtime::Program& program) {
    program.verb<TopicsSettings>({"topics", "makes and checks the log's topics", manual}, declare, run);
}

}  // namespace kiroku
