// tests/unit/gateway/memory_log.hpp: deciders, policies and the event tail in memory, with the real rules.
#pragma once

#include <map>
#include <set>

#include "commands/client/command_client.hpp"
#include "commands/contexts.hpp"
#include "gateway/core/services.hpp"

namespace kiroku::test {

/// What a broker, `decide` and `react` do together, at once and for ever, without any of them.
class MemoryLog final : public gateway::CausedDecisions, public gateway::Revocations {
public:
    Instant now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    bool reacts = true;                                                      ///< false: as if no `react` ran
    commands::Answer::Outcome outcome = commands::Answer::Outcome::decided;  ///< another one: nothing is decided
    bool withholds = false;                                                  ///< answers are kept back until `release`
    std::set<SessionId> revoked;
    bool knows_revocations = true;
    int decisions = 0;  ///< made, replays not counted

    void send(log::CommandRecord command, std::chrono::milliseconds, commands::CommandClient::OnAnswer on_answer);
    void release();
    [[nodiscard]] std::size_t withheld() const { return withheld_.size(); }

    gateway::Task<std::shared_ptr<const gateway::SeenDecision>> await(CommandId command,
                                                                      std::chrono::milliseconds) override;
    bool is_revoked(const SessionId& session) const override { return revoked.contains(session); }
    bool known() const override { return knows_revocations; }

private:
    struct Decision {
        std::string hash;
        log::Reply reply;
    };

    commands::Answer decide(const log::CommandRecord& command);
    commands::AggregateState& state_of(const commands::AggregateType& type, const Uuid& id);
    const commands::AggregateType& type_of(const log::CommandRecord& command) const;
    void react(const log::Reply& reply);

    std::vector<commands::Context> contexts_ = commands::all_contexts(*commands::read_rule_book({}));
    std::vector<commands::Policy> policies_ = commands::all_policies();
    std::map<std::pair<std::string, Uuid>, std::unique_ptr<commands::AggregateState>> states_;
    std::map<std::pair<Uuid, std::string_view>, std::int64_t> versions_;
    std::map<std::pair<Uuid, CommandId>, Decision> decided_;
    std::map<CommandId, std::shared_ptr<const gateway::SeenDecision>> seen_;
    std::vector<std::function<void()>> withheld_;
    std::int64_t offset_ = 0;
};

}  // namespace kiroku::test
