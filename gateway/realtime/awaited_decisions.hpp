// gateway/realtime/awaited_decisions.hpp: a request waits for the decision that its own command caused.
#pragma once

#include <chrono>
#include <map>
#include <memory>

#include "gateway/core/services.hpp"
#include "gateway/realtime/hub.hpp"

namespace kiroku::gateway::realtime {

/// One thread. Requests may still wait when it goes: nobody answers them any more but their deadline.
class AwaitedDecisions final : public CausedDecisions {
public:
    explicit AwaitedDecisions(Executor executor)
        : executor_(std::move(executor)), waiting_(std::make_shared<Waiting>()) {}

    /// Where to look first. Until it is set, only what is yet to come is found.
    void look_in(const Hub& hub) { hub_ = &hub; }

    Task<std::shared_ptr<const SeenDecision>> await(CommandId command, std::chrono::milliseconds within) override;

    /// Tells whoever waits for it.
    void tell(const PastDecision& decision, const Partitions& partitions);

    [[nodiscard]] std::size_t waiting() const { return waiting_->size(); }

private:
    struct Waiter;
    using Waiting = std::multimap<CommandId, Waiter*>;

    Executor executor_;
    std::shared_ptr<Waiting> waiting_;
    const Hub* hub_ = nullptr;
};

}  // namespace kiroku::gateway::realtime
