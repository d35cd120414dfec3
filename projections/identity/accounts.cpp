#include "projections/identity/accounts.hpp"

#include <algorithm>

#include "projections/engine/declare.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku::identity {

using postgres::Statement;
using projections::column;
using projections::key;
using projections::Table;

const Table<EmailClaimRow>& EmailClaimFold::table() {
    static const Table<Row> table{
        "account_claims",
        "Who may have an e-mail address: a row an address that was ever claimed.",
        {key("email_claim_id", &Row::email_claim).means("The address, as a keyed hash of its normal form.").personal(),
         column("user_id", &Row::user).means("Whose account it is for.")}};
    return table;
}

void EmailClaimFold::fold(Row& row, const EmailClaimed& event, const Meta&) { row.user = event.user_id; }

const Table<AccountRow>& AccountFold::table() {
    static const Table<Row> table{
        "accounts",
        "People who registered: a row a user. One can log in once account_claims names the same user for the address.",
        {key("user_id", &Row::user).means("The user; the same id everywhere."),
         column("email_claim_id", &Row::email_claim)
             .means("The address, as a keyed hash of its normal form.")
             .personal(),
         column("email", &Row::email).means("The e-mail address as it was typed.").personal(),
         column("display_name", &Row::display_name).means("What others see, chosen by the user.").personal(),
         column("timezone", &Row::timezone).means("Chosen when registering, an IANA name."),
         column("credential", &Row::credential).means("The password's hash, sealed with the server's key.").secret(),
         column("registered_at", &Row::registered_at).means("When the registration was recorded."),
         column("roles", &Row::roles).means("What they may do beyond what everybody may: a list of role names.")},
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

void AccountFold::fold(Row& row, const RoleGranted& event, const Meta&) {
    std::string role{to_string(event.role)};
    const auto place = std::ranges::lower_bound(row.roles, role);
    if (place == row.roles.end() || *place != role) row.roles.insert(place, std::move(role));
}

void AccountFold::fold(Row& row, const RoleRevoked& event, const Meta&) {
    std::erase(row.roles, to_string(event.role));
}

projections::ReadModel accounts() {
    return projections::read_model("accounts", 2, "who may log in, and who is this?",
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

std::optional<AccountRow> account_by_email(postgres::Read& read, const std::string& email) {
    static const Statement statement{
        "account_by_email",
        AccountFold::table().select("WHERE email = $1 AND user_id = (SELECT user_id FROM account_claims c "
                                    "WHERE c.email_claim_id = accounts.email_claim_id)")};
    const auto rows = read.query(statement, email);
    if (rows.empty()) return std::nullopt;
    return AccountFold::table().row(rows[0]);
}

std::vector<AccountRow> accounts_with_roles(postgres::Read& read) {
    static const Statement statement{"accounts_with_roles",
                                     AccountFold::table().select("WHERE roles <> '[]' ORDER BY email, user_id")};
    return AccountFold::table().rows(read.query(statement));
}

std::optional<projections::Shown<AccountRow>> account_of(postgres::Read& read, const UserId& user) {
    const auto found = accounts_of(read, {&user, 1});
    if (found.empty()) return std::nullopt;
    return found.front();
}

std::vector<projections::Shown<AccountRow>> accounts_of(postgres::Read& read, std::span<const UserId> users) {
    static const Statement statement{"accounts_of", projections::select_shown(AccountFold::table(), "accounts",
                                                                              "user_id", "WHERE user_id = ANY($1)")};
    return projections::shown_rows(AccountFold::table(), read.query(statement, postgres::array_of(users)));
}

}  // namespace kiroku::identity
