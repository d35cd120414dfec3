// projections/engine/finish_tables.cpp: what tables need to be asked, once their rows are in: keys, indexes,
// statistics.
#include <fmt/format.h>

#include <atomic>
#include <exception>
#include <thread>

#include "projections/engine/table_sql.hpp"
#include "projections/engine/versions.hpp"

namespace kiroku::projections {
namespace {

constexpr const char* sorting_memory = "256MB";

bool has_index(postgres::Transaction& transaction, const TableShape& shape, bool primary) {
    return !transaction
                .execute(fmt::format("SELECT 1 FROM pg_index WHERE indrelid = '{}'::regclass AND indisprimary = {}",
                                     shape.name, primary))
                .empty();
}

void finish(const postgres::Session& session, const TableShape& shape) {
    postgres::Connection connection{session};
    postgres::Transaction transaction{connection};
    transaction.execute(fmt::format("SET LOCAL maintenance_work_mem = '{}'", sorting_memory));
    if (!has_index(transaction, shape, true)) transaction.execute(add_key(shape));
    if (!has_index(transaction, shape, false)) {
        for (const auto& index : create_indexes(shape)) transaction.execute(index);
    }
    transaction.execute(fmt::format("ANALYZE {}", shape.name));
    transaction.commit();
}

}  // namespace

void finish_tables(const postgres::Session& session, const ReadModel& model, int jobs) {
    auto patient = session;
    patient.application = "kiroku index " + model.name;
    patient.lock_timeout = patient.statement_timeout = patient.idle_in_transaction_timeout = {};
    const auto tables = model.make_tables(Keep::some);
    std::atomic<std::size_t> next = 0;
    std::vector<std::exception_ptr> failures(tables.size());
    {
        std::vector<std::jthread> threads;
        for (int job = 0; job < jobs; ++job) {
            threads.emplace_back([&] {
                for (auto at = next++; at < tables.size(); at = next++) {
                    try {
                        finish(patient, tables[at]->shape());
                    } catch (...) {
                        failures[at] = std::current_exception();
                    }
                }
            });
        }
    }
    for (const auto& failure : failures)
        if (failure) std::rethrow_exception(failure);
}

}  // namespace kiroku::projections
