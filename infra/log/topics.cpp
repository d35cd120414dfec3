#include "infra/log/topics.hpp"

#include <fmt/format.h>

#include "infra/log/command.hpp"

namespace kiroku::log {
namespace {

using Settings = std::map<std::string, std::string>;

constexpr int broker_timeout_ms = 10'000;
constexpr std::string_view a_week_ms = "604800000";
constexpr std::string_view an_hour_ms = "3600000";

Settings with(Settings settings, const Settings& more) {
    settings.insert(more.begin(), more.end());
    return settings;
}

}  // namespace

kafka::TopicPlan signals_plan() {
    return {std::string{signals_topic}, 1, {{"cleanup.policy", "delete"}, {"retention.ms", "600000"}}};
}

std::vector<kafka::TopicPlan> topic_plans(std::span<const std::string_view> contexts, int partitions, int brokers) {
    const Settings kept{{"cleanup.policy", "delete"},
                        {"min.insync.replicas", brokers >= 3 ? "2" : "1"},
                        {"unclean.leader.election.enable", "false"}};
    std::vector<kafka::TopicPlan> plans;
    for (const auto context : contexts) {
        plans.push_back(
            {command_topic(context), partitions,
             with({{"message.timestamp.type", "LogAppendTime"}, {"retention.ms", std::string{a_week_ms}}}, kept)});
        plans.push_back(
            {event_topic(context), partitions, with({{"retention.ms", "-1"}, {"retention.bytes", "-1"}}, kept)});
    }
    plans.push_back({"audit", 1, with({{"retention.ms", "-1"}, {"retention.bytes", "-1"}}, kept)});
    plans.push_back({std::string{replies_topic}, partitions, with({{"retention.ms", std::string{an_hour_ms}}}, kept)});
    return plans;
}

std::vector<std::string> flaws_in(const kafka::Admin::Topic& topic, const kafka::TopicPlan& plan) {
    std::vector<std::string> flaws;
    for (const auto& [name, wanted] : plan.settings) {
        const auto found = topic.settings.find(name);
        if (found == topic.settings.end() || found->second == wanted) continue;
        const bool stricter = name == "min.insync.replicas" && found->second > wanted;
        const bool own_choice = name == "retention.ms" && wanted != "-1";  // of commands and replies: any will do
        if (stricter || own_choice) continue;
        flaws.push_back(fmt::format("topic {} has {}={}, it must be {}", plan.name, name, found->second, wanted));
    }
    return flaws;
}

void expect_sound_topics(const std::string& bootstrap, std::span<const std::string_view> contexts) {
    kafka::Admin admin{bootstrap};
    std::string all;
    std::map<std::string, int> partitions;
    for (const auto& plan : topic_plans(contexts, default_partitions, admin.brokers(broker_timeout_ms))) {
        const auto topic = admin.describe(plan.name);
        partitions[plan.name] = topic.partitions;
        for (const auto& flaw : flaws_in(topic, plan)) all += (all.empty() ? "" : "; ") + flaw;
    }
    for (const auto context : contexts) {
        if (partitions[command_topic(context)] == partitions[event_topic(context)]) continue;
        all += fmt::format("{}{} has {} partitions and {} has {}: they must be as many", all.empty() ? "" : "; ",
                           command_topic(context), partitions[command_topic(context)], event_topic(context),
                           partitions[event_topic(context)]);
    }
    if (!all.empty()) throw kafka::BrokerError(all);
}

}  // namespace kiroku::log
