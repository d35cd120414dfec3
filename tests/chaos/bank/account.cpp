// tests/chaos/bank/account.cpp: what an account allows, and what follows from a transfer.
#include <stdexcept>

#include "commands/decider/state_writer.hpp"
#include "domain/core/decider.hpp"
#include "domain/core/policy.hpp"
#include "tests/chaos/bank/bank.hpp"
#include "tests/chaos/bank/words.hpp"

namespace kiroku::bank {
namespace {

constexpr const char* policy_name = "bank.receive";

enum class Refusal { forbidden };

/// The gateway knows the core's refusals only, so "no" is told as one of them.
std::string_view to_string(Refusal) { return "forbidden"; }

struct Account {
    std::int32_t balance = opening_balance;
    std::int32_t count = 0;
};

using Decided = Decision<AccountEvent, Refusal>;

Decided decide(const Account& account, const Count& command, const DecisionContext&) {
    if (command.by == poison) throw std::logic_error("nobody can count by this number");
    if (command.by <= 0) return std::unexpected(Refusal::forbidden);
    return std::vector<AccountEvent>{Counted{command.op, command.by, account.count + command.by}};
}

Decided decide(const Account& account, const Transfer& command, const DecisionContext&) {
    if (command.amount <= 0 || command.amount > account.balance) return std::unexpected(Refusal::forbidden);
    return std::vector<AccountEvent>{Debited{command.op, command.amount, account.balance - command.amount},
                                     Sent{command.from, command.to, command.amount}};
}

Decided decide(const Account& account, const Receive& command, const DecisionContext&) {
    return std::vector<AccountEvent>{
        Received{command.transfer, command.from, command.amount, account.balance + command.amount}};
}

Account evolve(Account account, const AccountEvent& event) {
    std::visit(overload{[&](const Counted& e) { account.count = e.count; },
                        [&](const Debited& e) { account.balance = e.balance; }, [&](const Sent&) {},
                        [&](const Received& e) { account.balance = e.balance; }},
               event);
    return account;
}

void write_state(std::string& out, const Account& account) {
    commands::StateWriter{out}.member("balance", account.balance).member("count", account.count);
}

std::optional<Outgoing<AccountCommand>> whenever(const Sent& event, EventId id) {
    return Outgoing<AccountCommand>{.aggregate = event.to.value,
                                    .command = Receive{TransferId{id.value}, event.from, event.amount}};
}

}  // namespace

commands::Context context() {
    commands::Context context{"bank", {}};
    context.aggregates.push_back(commands::aggregate<Account, AccountEvent, AccountCommand>("account"));
    return context;
}

std::vector<commands::Policy> policies() {
    const auto receive = [](const Sent& event, EventId id) { return whenever(event, id); };
    return {commands::policy<Sent>(policy_name, receive)};
}

}  // namespace kiroku::bank
