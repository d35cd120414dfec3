// projections/identity/accounts.hpp: "who may log in, and who is this?", behind POST /auth/login and GET /me.
//
// Two tables, because two aggregates have their say: the claim on an e-mail address, and the user. An account can log
// in once both are there and name each other.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infra/postgres/read.hpp"
#include "projections/engine/read_model.hpp"
#include "projections/engine/reads.hpp"
#include "projections/engine/shown.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::identity {

/// Who claimed an address.
struct EmailClaimRow {
    EmailClaimId email_claim;
    UserId user;

    bool operator==(const EmailClaimRow&) const = default;
};

struct AccountRow {
    UserId user;
    EmailClaimId email_claim;
    std::string email;
    std::string display_name;
    std::string timezone;
    std::string credential;  ///< sealed: only infra/crypto with the server's key can tell what is in it
    Instant registered_at;
    std::vector<std::string> roles;  ///< beyond that of all learners, sorted

    bool operator==(const AccountRow&) const = default;
};

struct EmailClaimFold {
    using Row = EmailClaimRow;
    using Key = EmailClaimId;
    using Meta = projections::Meta;
    using Events = projections::Reads<EmailClaimed>;

    static const projections::Table<Row>& table();
    static Row start(const Key& claim) { return {.email_claim = claim, .user = {}}; }
    static Key key_of(const Row& row) { return row.email_claim; }
    static Key keys(const EmailClaimed&, const Meta& meta) { return EmailClaimId{meta.aggregate}; }
    static void fold(Row& row, const EmailClaimed& event, const Meta& meta);
};

struct AccountFold {
    using Row = AccountRow;
    using Key = UserId;
    using Meta = projections::Meta;
    using Events = projections::Reads<UserRegistered, RoleGranted, RoleRevoked>;

    static const projections::Table<Row>& table();
    static Row start(const Key& user);
    static Key key_of(const Row& row) { return row.user; }
    static Key keys(const auto&, const Meta& meta) { return UserId{meta.aggregate}; }
    static void fold(Row& row, const UserRegistered& event, const Meta& meta);
    static void fold(Row& row, const RoleGranted& event, const Meta& meta);
    static void fold(Row& row, const RoleRevoked& event, const Meta& meta);
};

projections::ReadModel accounts();

/// The account that may log in with this address; nothing if nobody may.
std::optional<AccountRow> account_by_claim(postgres::Read& read, const EmailClaimId& email_claim);

/// The same by the address itself, as operators type it.
std::optional<AccountRow> account_by_email(postgres::Read& read, const std::string& email);

/// Everybody who has a role beyond that of all learners, by address.
std::vector<AccountRow> accounts_with_roles(postgres::Read& read);

/// Nothing if there is no such user.
std::optional<projections::Shown<AccountRow>> account_of(postgres::Read& read, const UserId& user);
std::vector<projections::Shown<AccountRow>> accounts_of(postgres::Read& read, std::span<const UserId> users);

}  // namespace kiroku::identity
