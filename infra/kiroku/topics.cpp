// infra/kiroku/topics.cpp: kiroku topics: makes the log's topics and checks those there are.
#include <fmt/format.h>

#include <cstdio>

#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/log/topics.hpp"

namespace kiroku {
namespace {

using runtime::Exit;

struct TopicsSettings {
    runtime::Broker broker;
    int partitions = log::default_partitions;
};

void declare(runtime::Options& options, TopicsSettings& settings) {
    runtime::declare(options, settings.broker);
    options.add("partitions", settings.partitions, "of each new topic; can't be changed later")
        ->check(CLI::Range(1, 256));
}

constexpr const char* manual =
    R"(Makes <context>.commands, <context>.events and replies where they are missing, then checks all of them: events must
never expire, commands must carry the broker's own time. With three brokers or more each record is on three, and
two must have it before it counts.

Examples:
  kiroku topics
  kiroku topics --kafka b1:9092,b2:9092 --partitions 48
)";

Exit run(const TopicsSettings& settings, runtime::Shutdown&) {
    runtime::check_given(settings.broker);
    return with_remedies([&] {
        kafka::Admin admin{settings.broker.kafka};
        const int brokers = admin.brokers(10'000);
        int made = 0;
        for (const auto& plan : log::topic_plans(context_names(), settings.partitions, brokers)) {
            if (!admin.create(plan, brokers >= 3 ? 3 : 1)) continue;
            ++made;
            std::fputs(fmt::format("made {} with {} partitions\n", plan.name, plan.partitions).c_str(), stdout);
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
