// commands/client/awaited_answers.hpp: who waits for the answer to which command.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "commands/client/admission.hpp"
#include "commands/client/answer.hpp"
#include "infra/log/partition.hpp"

namespace kiroku::commands {

/// An attempt to have a command decided.
struct Asked {
    CommandId command;
    log::Partition home;     ///< where its record lies
    bool reads_log = false;  ///< as in its record's `reply_to`
    std::chrono::steady_clock::time_point since, until;
    OnAnswer on_answer;
};

/// Attempts by number. Any thread; each is answered once, on the thread that brings its answer.
class AwaitedAnswers {
public:
    explicit AwaitedAnswers(AdmissionLimits limits = {}) : admission_(limits) {}

    /// Whether one more may be sent now.
    [[nodiscard]] Admission ask(const log::Partition& home, std::chrono::milliseconds timeout,
                                std::chrono::steady_clock::time_point now) const;

    void await(std::uint64_t number, Asked asked);

    void answer(std::uint64_t number, Answer answer);

    /// Its record is reported to lie there, in its partition.
    void lies_at(std::uint64_t number, Offset offset);

    /// A decision was read in `partition` of the log, on the record at `answers`. Only an attempt that reads the log
    /// is answered, and only if that record is its own: the same command may have been sent twice, and whoever sent
    /// it later is owed a replay. `reply` is called if it may be.
    void hear(const log::Partition& partition, CommandId command, Offset answers,
              const std::function<log::Reply()>& reply);

    /// Those that waited until `now` in vain are told.
    void give_up(std::chrono::steady_clock::time_point now);

    [[nodiscard]] std::size_t size() const;

    struct Counts {
        std::uint64_t gave_up = 0;  ///< who waited in vain
        std::uint64_t late = 0;     ///< of those, whose answer came all the same, if not much later
    };
    [[nodiscard]] Counts counts() const;

private:
    OnAnswer end(std::uint64_t number, bool answered);
    void came_late(CommandId command);

    struct Heard {
        Offset answers;
        log::Reply reply;
    };
    struct Waiter {
        Asked asked;
        Offset lies_at{-1};
        std::optional<Heard> heard;  // before it was known where the record lies
    };
    std::optional<log::Reply> locate(std::uint64_t number, Offset offset);
    std::optional<std::uint64_t> whose(const log::Partition& partition, CommandId command, Offset answers,
                                       const std::function<log::Reply()>& reply);
    std::optional<std::uint64_t> next_late(std::chrono::steady_clock::time_point now) const;

    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, Waiter> waiters_;
    std::multimap<CommandId, std::uint64_t> readers_;  // those that `hear` answers
    std::set<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> deadlines_;
    AdmissionControl admission_;
    std::unordered_set<CommandId> given_up_;  // the latest
    std::deque<CommandId> given_up_in_order_;
    Counts counts_;
};

}  // namespace kiroku::commands
