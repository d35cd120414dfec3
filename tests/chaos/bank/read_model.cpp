// tests/chaos/bank/read_model.cpp: every account's row.
#include "tests/chaos/bank/read_model.hpp"

#include "projections/engine/declare.hpp"
#include "tests/chaos/bank/bank.hpp"

namespace kiroku::bank {

using projections::column;
using projections::key;

const projections::Table<AccountRow>& AccountFold::table() {
    static const projections::Table<Row> table{
        "bank_accounts",
        "A row an account.",
        {key("account_id", &Row::account), column("balance", &Row::balance, "CHECK (balance >= 0)"),
         column("count", &Row::count), column("version", &Row::version)}};
    return table;
}

AccountRow AccountFold::start(const Key& account) { return {.account = account, .balance = opening_balance}; }

void AccountFold::fold(Row& row, const Counted& event, const Meta& meta) {
    row.count = event.count;
    row.version = meta.version.value;
}
void AccountFold::fold(Row& row, const Debited& event, const Meta& meta) {
    row.balance -= event.amount;
    row.version = meta.version.value;
}
void AccountFold::fold(Row& row, const Sent&, const Meta& meta) { row.version = meta.version.value; }
void AccountFold::fold(Row& row, const Received& event, const Meta& meta) {
    row.balance += event.amount;
    row.version = meta.version.value;
}

projections::ReadModel read_model() {
    return projections::read_model("bank", 1, "what has everybody?", {projections::folded<AccountFold>()});
}

std::optional<AccountRow> account_of(postgres::Read& read, const AccountId& account) {
    static const postgres::Statement statement{"bank_account", AccountFold::table().select("WHERE account_id = $1")};
    const auto rows = read.query(statement, account);
    if (rows.empty()) return std::nullopt;
    return AccountFold::table().row(rows[0]);
}

}  // namespace kiroku::bank
