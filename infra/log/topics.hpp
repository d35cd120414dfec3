// infra/log/topics.hpp: the topics that a log is made of, and what is asked of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "infra/kafka/admin.hpp"

namespace kiroku::log {

inline constexpr int default_partitions = 4;  // a context; changing it later moves keys. See decisions/0005

/// Who is there and who is typing, from gateway to gateway: nothing of the log, kept for minutes.
inline constexpr std::string_view signals_topic = "kiroku-signals";

kafka::TopicPlan signals_plan();
/// The topics of these contexts, `replies`, and `audit` for its signed checkpoints. `brokers`: with three or more, two
/// must have each record.
std::vector<kafka::TopicPlan> topic_plans(std::span<const std::string_view> contexts, int partitions, int brokers);

/// What makes a topic unfit, a sentence each: history that expires, a decision's time that is not the log's own …
std::vector<std::string> flaws_in(const kafka::Admin::Topic& topic, const kafka::TopicPlan& plan);

/// Throws BrokerError that names every flaw, if any topic of these contexts is missing or unfit.
void expect_sound_topics(const std::string& bootstrap, std::span<const std::string_view> contexts);

}  // namespace kiroku::log
