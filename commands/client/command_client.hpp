// commands/client/command_client.hpp: sends commands to the deciders and hears what was decided.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "commands/client/admission.hpp"
#include "commands/client/answer.hpp"
#include "infra/log/command.hpp"
#include "infra/log/partition.hpp"

namespace kiroku::commands {

/// One client a process, called from any thread. Answers come once each, on the client's own thread or in `heard`.
class CommandClient {
public:
    using OnAnswer = commands::OnAnswer;

    struct Settings {
        std::string bootstrap;
        std::string name;          ///< of this process, unique among those that run: replies are addressed to it
        AdmissionLimits limits{};  ///< beyond them commands are shed at once
    };

    /// Joins the replies topic at its end. Throws BrokerError.
    explicit CommandClient(Settings settings);
    ~CommandClient();

    /// Sends `command` (its `delivery`, `reply_to` and `deadline` are filled in here) and waits for the answer up to
    /// `timeout`. Whoever sets its `reply_to.reads_log` promises to tell what they read by `heard`.
    void send(log::CommandRecord command, std::chrono::milliseconds timeout, OnAnswer on_answer);

    /// A decision that the caller has read in the log, on the command that lies at `answers` in the command topic's
    /// partition of the same number. `reply` is called if just that record was sent by this client and awaits it.
    void heard(const log::Partition& partition, CommandId command, Offset answers,
               const std::function<log::Reply()>& reply);

    /// The same as `send`, waited for. Not from within an `OnAnswer`.
    Answer send_and_wait(log::CommandRecord command, std::chrono::milliseconds timeout);

    /// Whether as many wait as may: one more would be shed.
    [[nodiscard]] bool full() const;

    /// What it has gone through; from any thread.
    struct Counts {
        std::size_t in_flight = 0;
        std::uint64_t client_full = 0, partition_full = 0, partition_slow = 0;  ///< shed for that reason
        std::uint64_t no_answer = 0, late = 0;
    };
    [[nodiscard]] Counts counts() const;

    /// Whether the broker answered lately; for readiness.
    [[nodiscard]] bool healthy() const;

private:
    struct Worker;
    std::unique_ptr<Worker> worker_;
};

}  // namespace kiroku::commands
