// gateway/lookups.hpp: rows that are asked for by their key so often that many of them share a query.
#pragma once

#include "infra/postgres/key_lookup.hpp"
#include "projections/gamification/progress.hpp"
#include "projections/identity/accounts.hpp"

namespace kiroku::gateway {

class Lookups {
public:
    explicit Lookups(postgres::ReadPool& pool)
        : accounts{pool, identity::accounts_of, &identity::AccountRow::user},
          progress{pool, gamification::progress_of_all, &gamification::ProgressRow::user} {}

    postgres::KeyLookup<UserId, projections::Shown<identity::AccountRow>> accounts;
    postgres::KeyLookup<UserId, projections::Shown<gamification::ProgressRow>> progress;
};

}  // namespace kiroku::gateway
