// gateway/core/reads.hpp: asks the read models without keeping the io thread waiting.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "gateway/core/arrival.hpp"
#include "gateway/core/problem.hpp"
#include "infra/log/position.hpp"
#include "infra/postgres/key_lookup.hpp"
#include "infra/postgres/read_pool.hpp"
#include "projections/engine/positions.hpp"

namespace kiroku::gateway {

/// Used on the io thread; what it refers to must outlive all requests.
class Reads {
public:
    Reads(net::io_context& io, postgres::ReadPool& pool, projections::Positions& positions)
        : io_{io}, pool_{pool}, positions_{positions} {}

    /// `query(postgres::Read&)` on one of the pool's threads.
    template <class Query>
    Task<std::expected<std::invoke_result_t<Query&, postgres::Read&>, Problem>> run(Query query) {
        using Row = std::invoke_result_t<Query&, postgres::Read&>;
        const Arrival<postgres::ReadResult<Row>> arrival{io_};
        auto done = [arrival](postgres::ReadResult<Row> result) { arrival.deliver(std::move(result)); };
        pool_.run(std::move(query), std::move(done));
        return outcome_of(arrival);
    }

    /// A row by its key, asked for together with the keys that others ask for at the same time.
    template <class Key, class Row>
    Task<std::expected<std::optional<Row>, Problem>> find(postgres::KeyLookup<Key, Row>& lookup, Key key) {
        using Found = postgres::ReadResult<std::optional<Row>>;
        const Arrival<Found> arrival{io_};
        lookup.find(key, [arrival](Found result) { arrival.deliver(std::move(result)); });
        return outcome_of(arrival);
    }

    /// Waits until the read models include the position, as far as they read its contexts. Null: they do.
    Task<std::optional<Problem>> reach(std::vector<std::string> read_models, log::Position position,
                                       std::chrono::milliseconds within);

private:
    template <class Row>
    static Task<std::expected<Row, Problem>> outcome_of(Arrival<postgres::ReadResult<Row>> arrival) {
        postgres::ReadResult<Row> result = co_await arrival.wait();
        if (!result) co_return std::unexpected(problem_of(result.error()));
        co_return std::move(*result);
    }

    /// Tells the operators what the client doesn't learn.
    static Problem problem_of(const postgres::ReadError& error);

    net::io_context& io_;
    postgres::ReadPool& pool_;
    projections::Positions& positions_;
};

}  // namespace kiroku::gateway
