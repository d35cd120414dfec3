// tests/chaos/bank/routes.cpp: the bank's HTTP.
#include "gateway/core/commands.hpp"
#include "gateway/core/reads.hpp"
#include "gateway/services.hpp"
#include "tests/chaos/bank/bank.hpp"
#include "tests/chaos/bank/read_model.hpp"

namespace kiroku::bank {
namespace {

using namespace gateway;

template <class Command>
Task<Answer> decide(Request request, AccountId account, Command command, std::string body, Services services) {
    const auto intent = services.intents.begin(request, "anybody", body);
    if (!intent) co_return intent.error();
    const auto decided = co_await services.commands.send(account.value, command, *intent);
    if (!decided) co_return decided.error();
    Done done;
    done.position = decided->position;
    for (const auto& event : decided->events) {
        done.version = event.version.value;
        done.events.push_back(event.id.value);
    }
    if (const auto counted = find_event<Counted>(decided->events)) done.value = counted->count;
    if (const auto debited = find_event<Debited>(decided->events)) done.value = debited->balance;
    co_return Response{.body = json::encode(done), .position = decided->position, .replayed = decided->replayed};
}

Task<Answer> count(Request request, AccountId account, Count command, Services services) {
    auto body = json::encode(command);
    return decide(std::move(request), account, command, std::move(body), services);
}

Task<Answer> transfer(Request request, AccountId account, Payment payment, Services services) {
    auto body = json::encode(payment);
    return decide(std::move(request), account, Transfer{payment.op, account, payment.to, payment.amount},
                  std::move(body), services);
}

Task<Answer> show(Request, AccountId account, Services services) {
    const auto query = [account](postgres::Read& read) { return account_of(read, account); };
    const auto row = co_await services.reads.run(query);
    if (!row) co_return row.error();
    Shown shown{.balance = opening_balance};
    if (*row) shown = {(*row)->balance, (*row)->count, (*row)->version};
    co_return Response{.body = json::encode(shown)};
}

}  // namespace

void add_routes(Router& router) {
    router.post("/bank/{id}/count", Permission::open, count).gives(200);
    router.post("/bank/{id}/transfer", Permission::open, transfer).gives(200);
    router.get("/bank/{id}", Permission::open, show).reads({"bank"}).gives(200);
}

}  // namespace kiroku::bank
