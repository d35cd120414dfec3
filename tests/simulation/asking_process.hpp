// tests/simulation/asking_process.hpp: whoever sends commands and waits for answers, as a gateway does: from replies,
// or from the log that it reads.
#pragma once

#include <map>
#include <vector>

#include "commands/client/awaited_answers.hpp"
#include "infra/log/partition_reader.hpp"
#include "tests/simulation/topics.hpp"

namespace kiroku::sim {

/// What a caller wants done, with the id that it tells again when it asks again.
struct Intent {
    CommandId id;
    Uuid counter;
    int partition;
    int amount;

    [[nodiscard]] std::string hash() const { return std::to_string(amount); }
};

/// A command's record on its way into the log.
struct SentCommand {
    int asker;
    std::uint64_t number;
    int partition;
    std::string value;
};

class AskingProcess {
public:
    using OnAnswer = commands::OnAnswer;

    AskingProcess(int number, bool reads_log, log::Rule rule);

    /// The record to be sent; `on_answer` is called once, with what is heard of it until `until`.
    SentCommand ask(const Intent& intent, Instant now, std::chrono::milliseconds within, OnAnswer on_answer);

    void lies_at(std::uint64_t number, Offset offset) { awaited_.lies_at(number, offset); }
    void hear_reply(const std::string& value);
    void read(const Topic& events, int partition, int most);
    void give_up(Instant now);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::size_t waiting() const { return awaited_.size(); }
    [[nodiscard]] bool reads_log() const { return reads_log_; }

private:
    int number_;
    std::string name_;
    bool reads_log_;
    std::uint64_t last_number_ = 0;
    std::vector<log::PartitionReader> readers_;
    std::vector<std::int64_t> reading_;
    commands::AwaitedAnswers awaited_;
};

}  // namespace kiroku::sim
