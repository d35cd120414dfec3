// commands/client/command_client.hpp: sends commands to the deciders and hears what was decided.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "infra/log/command.hpp"

namespace kiroku::commands {

/// How an attempt to have a command decided ended.
struct Answer {
    enum class Outcome {
        decided,    ///< `reply` tells what
        not_sent,   ///< the broker didn't take it: it is not decided and won't be; safe to send again
        no_answer,  ///< nothing heard within the deadline: it may be decided or not; ask again with the same command id
    };
    Outcome outcome = Outcome::no_answer;
    log::Reply reply;
};

/// One client a process. `send` may be called from any thread; answers come on the client's own thread, once each.
class CommandClient {
public:
    using OnAnswer = std::function<void(Answer)>;

    struct Settings {
        std::string bootstrap;
        std::string name;             ///< of this process, unique among those that run: replies are addressed to it
        int most_in_flight = 20'000;  ///< beyond it commands are refused at once as not_sent
    };

    /// Joins the replies topic at its end. Throws BrokerError.
    explicit CommandClient(Settings settings);
    ~CommandClient();

    /// Sends `command` (its `delivery`, `reply_to` and `deadline` are filled in here) and waits for the answer up to
    /// `timeout`.
    void send(log::CommandRecord command, std::chrono::milliseconds timeout, OnAnswer on_answer);

    /// The same, waited for. Not from within an `OnAnswer`.
    Answer send_and_wait(log::CommandRecord command, std::chrono::milliseconds timeout);

    /// Whether the broker answered lately; for readiness.
    [[nodiscard]] bool healthy() const;

private:
    struct Worker;
    std::unique_ptr<Worker> worker_;
};

}  // namespace kiroku::commands
