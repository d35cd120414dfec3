// tests/bench/decider_load.cpp: commands into the log and proven answers back, without the gateway's HTTP.
#include <condition_variable>
#include <mutex>

#include "commands/client/command_client.hpp"
#include "commands/client/command_record.hpp"
#include "schemas/challenges/codec.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/latencies.hpp"

namespace kiroku::bench {
namespace {

constexpr std::chrono::seconds answer_within{5};

/// Keeps so many commands in flight, each sent when the one before it was answered.
class Asker {
public:
    Asker(const std::string& bootstrap, const Window& window)
        : window_(window), client_({.bootstrap = bootstrap, .name = "bench-" + to_string(random_uuid_v7())}) {}

    void run(int in_flight) {
        in_flight_ = in_flight;
        for (int slot = 0; slot < in_flight; ++slot) send();
        std::unique_lock lock{mutex_};
        ended_.wait(lock, [this] { return in_flight_ == 0; });
    }

    [[nodiscard]] const Latencies& latencies() const { return latencies_; }
    [[nodiscard]] std::size_t failures() const { return failures_; }
    [[nodiscard]] std::size_t total() const { return total_; }  ///< warming up included

private:
    void send() {
        client_.send(start_a_session(), answer_within,
                     [this, began = Clock::now()](const commands::Answer& answer) { answered(answer, began); });
    }

    log::CommandRecord start_a_session() const {
        const challenges::StartSession command{.challenge_id = challenge_,
                                               .user_id = user_,
                                               .challenge_type = ChallengeType::pomodoro,
                                               .difficulty = Difficulty{2},
                                               .timezone = "Europe/Berlin"};
        auto record = commands::command_record(random_uuid_v7(), command);
        record.command = CommandId{random_uuid_v7()};
        record.hash = "bench";
        record.correlation = to_string(record.command);
        record.actor = "operator/bench";
        return record;
    }

    // On the client's thread, one at a time.
    void answered(const commands::Answer& answer, Clock::time_point began) {
        const auto now = Clock::now();
        const bool accepted = answer.outcome == commands::Answer::Outcome::decided && answer.reply.accepted();
        ++total_;
        if (!accepted) ++failures_;
        if (accepted && window_.holds(now)) latencies_.add(now - began);
        if (now < window_.to) return send();
        const std::lock_guard lock{mutex_};
        if (--in_flight_ == 0) ended_.notify_one();
    }

    Window window_;
    ChallengeId challenge_{random_uuid_v7()};
    UserId user_{random_uuid_v7()};
    Latencies latencies_;
    std::size_t failures_ = 0;
    std::size_t total_ = 0;
    std::mutex mutex_;
    std::condition_variable ended_;
    int in_flight_ = 0;
    commands::CommandClient client_;  // ends first
};

std::string measure(const Arguments& arguments) {
    const auto window = Window::after(arguments.number("warm", 1), arguments.number("seconds", 5));
    const auto cpu = own_cpu_seconds();
    Asker asker{arguments.text("kafka"), window};
    asker.run(arguments.count("in-flight", 1));
    return fmt::format(R"({{{},"total":{},"failures":{},"clientCpu":{:.3f}}})",
                       asker.latencies().members(window.length()), asker.total(), asker.failures(),
                       own_cpu_seconds() - cpu);
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
