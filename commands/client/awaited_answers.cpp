// commands/client/awaited_answers.cpp: who waits for the answer to which command.
#include "commands/client/awaited_answers.hpp"

#include <algorithm>

namespace kiroku::commands {
namespace {

constexpr std::size_t most_given_up = 4'096;  // whose answers are recognised as late

}  // namespace

Admission AwaitedAnswers::ask(const log::Partition& home, std::chrono::milliseconds timeout,
                              std::chrono::steady_clock::time_point now) const {
    const std::lock_guard lock{mutex_};
    return admission_.ask(home, timeout, now);
}

void AwaitedAnswers::await(std::uint64_t number, Asked asked) {
    const std::lock_guard lock{mutex_};
    deadlines_.emplace(asked.until, number);
    if (asked.reads_log) readers_.emplace(asked.command, number);
    admission_.sent(asked.home, number, asked.since);
    waiters_[number].asked = std::move(asked);
}

void AwaitedAnswers::answer(std::uint64_t number, Answer answer) {
    const auto on_answer = end(number, true);
    if (on_answer) return on_answer(std::move(answer));
    const std::lock_guard lock{mutex_};
    came_late(answer.reply.command);
}

/// Whom to tell, who waits no more; null if nobody does.
OnAnswer AwaitedAnswers::end(std::uint64_t number, bool answered) {
    const std::lock_guard lock{mutex_};
    auto waiter = waiters_.extract(number);
    if (waiter.empty()) return nullptr;
    auto& asked = waiter.mapped().asked;
    deadlines_.erase({asked.until, number});
    const auto [first, last] = readers_.equal_range(asked.command);
    const auto reader = std::find_if(first, last, [&](const auto& one) { return one.second == number; });
    if (reader != last) readers_.erase(reader);
    if (answered) {
        admission_.answered(asked.home, number);
    } else {
        admission_.gave_up(asked.home, number);
        ++counts_.gave_up;
        if (given_up_.insert(asked.command).second) given_up_in_order_.push_back(asked.command);
        if (given_up_in_order_.size() > most_given_up) {
            given_up_.erase(given_up_in_order_.front());
            given_up_in_order_.pop_front();
        }
    }
    return std::move(asked.on_answer);
}

void AwaitedAnswers::came_late(CommandId command) { counts_.late += given_up_.erase(command); }

void AwaitedAnswers::lies_at(std::uint64_t number, Offset offset) {
    if (auto reply = locate(number, offset)) answer(number, {Answer::Outcome::decided, std::move(*reply)});
}

std::optional<log::Reply> AwaitedAnswers::locate(std::uint64_t number, Offset offset) {
    const std::lock_guard lock{mutex_};
    const auto found = waiters_.find(number);
    if (found == waiters_.end()) return std::nullopt;
    found->second.lies_at = offset;
    auto heard = std::exchange(found->second.heard, std::nullopt);
    if (!heard || heard->answers != offset) return std::nullopt;
    return std::move(heard->reply);
}

void AwaitedAnswers::hear(const log::Partition& partition, CommandId command, Offset answers,
                          const std::function<log::Reply()>& reply) {
    if (const auto number = whose(partition, command, answers, reply))
        answer(*number, {Answer::Outcome::decided, reply()});
}

std::optional<std::uint64_t> AwaitedAnswers::whose(const log::Partition& partition, CommandId command, Offset answers,
                                                   const std::function<log::Reply()>& reply) {
    const std::lock_guard lock{mutex_};
    std::optional<std::uint64_t> number;
    const auto [first, last] = readers_.equal_range(command);
    if (first == last) came_late(command);
    for (auto reader = first; reader != last; ++reader) {
        auto& waiter = waiters_.at(reader->second);
        if (waiter.asked.home != partition) continue;
        if (waiter.lies_at.value < 0) waiter.heard = {answers, reply()};
        if (waiter.lies_at == answers) number = reader->second;
    }
    return number;
}

void AwaitedAnswers::give_up(std::chrono::steady_clock::time_point now) {
    for (auto late = next_late(now); late; late = next_late(now)) {
        if (const auto on_answer = end(*late, false)) on_answer({});
    }
}

std::optional<std::uint64_t> AwaitedAnswers::next_late(std::chrono::steady_clock::time_point now) const {
    const std::lock_guard lock{mutex_};
    if (deadlines_.empty() || deadlines_.begin()->first > now) return std::nullopt;
    return deadlines_.begin()->second;
}

AwaitedAnswers::Counts AwaitedAnswers::counts() const {
    const std::lock_guard lock{mutex_};
    return counts_;
}

std::size_t AwaitedAnswers::size() const {
    const std::lock_guard lock{mutex_};
    return waiters_.size();
}

}  // namespace kiroku::commands
