// gateway/realtime/awaited_decisions.cpp: a request waits for the decision that its own command caused.
#include "gateway/realtime/awaited_decisions.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace kiroku::gateway::realtime {
namespace {

using Clock = std::chrono::steady_clock;
using Timer = net::basic_waitable_timer<Clock, net::wait_traits<Clock>, Executor>;

std::shared_ptr<const SeenDecision> seen(const PastDecision& past, const Partitions& partitions) {
    return std::make_shared<const SeenDecision>(past.position(partitions), past.told());
}

}  // namespace

/// Lives in the waiting coroutine.
struct AwaitedDecisions::Waiter {
    Waiter(std::shared_ptr<Waiting> all, const CommandId& command, const Executor& executor,
           std::chrono::milliseconds within)
        : waiting(std::move(all)), timer(executor, within), place(waiting->emplace(command, this)) {}
    ~Waiter() { waiting->erase(place); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    std::shared_ptr<Waiting> waiting;
    Timer timer;
    Waiting::iterator place;
    std::shared_ptr<const SeenDecision> decision;
};

Task<std::shared_ptr<const SeenDecision>> AwaitedDecisions::await(CommandId command, std::chrono::milliseconds within) {
    if (hub_ != nullptr) {
        if (const auto past = hub_->history().answer_to(command)) co_return seen(*past, hub_->partitions());
    }
    Waiter waiter{waiting_, command, executor_, within};
    boost::system::error_code cancelled_or_late;
    auto token = net::redirect_error(resume, cancelled_or_late);
    co_await waiter.timer.async_wait(std::move(token));
    co_return waiter.decision;
}

void AwaitedDecisions::tell(const PastDecision& decision, const Partitions& partitions) {
    const auto [first, last] = waiting_->equal_range(decision.command);
    if (first == last) return;
    const auto told = seen(decision, partitions);
    for (auto waiter = first; waiter != last; ++waiter) {
        waiter->second->decision = told;
        waiter->second->timer.cancel();
    }
}

}  // namespace kiroku::gateway::realtime
