#include "projections/identity/accounts.hpp"

#include "projections/engine/declare.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku::identity {

using postgres::Statement;
using projections::column;
using projections::key;
using projections::Table;

const Table<EmailClaimRow>& EmailClaimFold::table() {
    static const Table<Row> table{"account_claims",
                                  {key("email_claim_id", &Row::email_claim), column("user_id", &Row::user)}};
    return table;
}

void EmailClaimFold::fold(Row& row, const EmailClaimed& event, const Meta&) { row.user = event.user_id; }

const Table<AccountRow>& AccountFold::table() {
    static const Table<Row> table{
        "accounts",
        {key("user_id", &Row::user), column("email_claim_id", &Row::email_claim), column("email", &Row::email),
         column("display_name", &Row::display_name), column("timezone", &Row::timezone),
         column("credential", &Row::credential), column("registered_at", &Row::registered_at)},
        {"email_claim_id"}};
    return table;
}

AccountRow AccountFold::start(const UserId& user) {
    AccountRow row{};
    row.user = user;
    return row;
}

void AccountFold::fold(Row& row, const UserRegistered& event, const Meta& meta) {
    row.email_claim = event.email_claim_id;
    row.email = event.email;
    row.display_name = event.display_name;
    row.timezone = event.timezone;
    row.credential = event.credential;
    row.registered_at = meta.time;
}

projections::ReadModel accounts() {
    return projections::read_model("accounts", 1,
                                   {projections::folded<EmailClaimFold>(), projections::folded<AccountFold>()});
}

std::optional<AccountRow> account_by_claim(postgres::Read& read, const EmailClaimId& email_claim) {
    static const Statement statement{
        "account_by_claim",
        AccountFold::table().select("WHERE email_claim_id = $1 AND user_id = "
                                    "(SELECT user_id FROM account_claims WHERE email_claim_id = $1)")};
    const auto rows = read.query(statement, email_claim);
    if (rows.empty()) return std::nullopt;
    return AccountFold::table().row(rows[0]);
}

std::optional<AccountRow> account_of(postgres::Read& read, const UserId& user) {
    const auto found = accounts_of(read, {&user, 1});
    if (found.empty()) return std::nullopt;
    return found.front();
}

std::vector<AccountRow> accounts_of(postgres::Read& read, std::span<const UserId> users) {
    static const Statement statement{"accounts_of", AccountFold::table().select("WHERE user_id = ANY($1)")};
    return AccountFold::table().rows(read.query(statement, postgres::array_of(users)));
}

}  // namespace kiroku::identity
