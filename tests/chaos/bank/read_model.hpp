// tests/chaos/bank/read_model.hpp: every account's row, behind GET /bank/{id}.
#pragma once

#include <optional>

#include "infra/postgres/read.hpp"
#include "projections/engine/reads.hpp"
#include "tests/chaos/bank/words.hpp"

namespace kiroku::bank {

struct AccountRow {
    AccountId account;
    std::int32_t balance = 0, count = 0;
    std::int64_t version = 0;
};

struct AccountFold {
    using Row = AccountRow;
    using Key = AccountId;
    using Meta = projections::Meta;
    using Events = projections::Reads<Counted, Debited, Sent, Received>;

    static const projections::Table<Row>& table();
    static Row start(const Key& account);
    static Key key_of(const Row& row) { return row.account; }
    static Key keys(const auto&, const Meta& meta) { return AccountId{meta.aggregate}; }
    static void fold(Row& row, const Counted& event, const Meta& meta);
    static void fold(Row& row, const Debited& event, const Meta& meta);
    static void fold(Row& row, const Sent& event, const Meta& meta);
    static void fold(Row& row, const Received& event, const Meta& meta);
};

std::optional<AccountRow> account_of(postgres::Read& read, const AccountId& account);

}  // namespace kiroku::bank
