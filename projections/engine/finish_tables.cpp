#include "projections/engine/finish_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <iterator>
#include <thread>
#include <vector>

#include "projections/engine/table_sql.hpp"

namespace kiroku::projections {
namespace {

constexpr std::size_t most_sorting_bytes = 256UL << 20;  // of one index
constexpr std::size_t least_sorting_bytes = 1UL << 20;   // that PostgreSQL works with

enum class Key { missing, indexed, made };

/// Nobody else makes keys and indexes of the table until the transaction ends; not even a process that is gone, whose
/// last statement the server still works at. `mode`: a lock that conflicts with theirs.
void hold(postgres::Transaction& transaction, const TableShape& shape, std::string_view mode) {
    transaction.execute(fmt::format("LOCK TABLE {} IN {} MODE", shape.name, mode));
}

bool is_there(postgres::Transaction& transaction, const IndexSql& index) {
    return transaction.execute(fmt::format("SELECT to_regclass('{}') IS NOT NULL", index.name))[0].get<bool>(0);
}

Key key_of(postgres::Transaction& transaction, const TableShape& shape) {
    const auto primary = transaction.execute(
        fmt::format("SELECT 1 FROM pg_index WHERE indrelid = '{}'::regclass AND indisprimary", shape.name));
    if (!primary.empty()) return Key::made;
    return is_there(transaction, index_of_key(shape)) ? Key::indexed : Key::missing;
}

std::vector<IndexSql> missing_of(const postgres::Session& session, const TableShape& shape) {
    postgres::Connection connection{session};
    postgres::Transaction transaction{connection};
    hold(transaction, shape, "SHARE UPDATE EXCLUSIVE");
    auto missing = indexes_of(shape);
    std::erase_if(missing, [&](const auto& index) { return is_there(transaction, index); });
    if (key_of(transaction, shape) == Key::missing) missing.insert(missing.begin(), index_of_key(shape));
    return missing;
}

/// One of `at_once` that share what there is.
void create(const postgres::Session& session, const IndexSql& index, int at_once, const IndexingLimits& limits) {
    const auto share = limits.most_bytes / static_cast<std::size_t>(at_once);
    postgres::Connection connection{session};
    connection.execute(fmt::format("SET maintenance_work_mem = '{}kB'; SET max_parallel_maintenance_workers = {}",
                                   std::clamp(share, least_sorting_bytes, most_sorting_bytes) >> 10,
                                   limits.jobs / at_once - 1));
    connection.execute(index.create);
}

void analyze(const postgres::Session& session, const TableShape& shape) {
    postgres::Connection{session}.execute(fmt::format("ANALYZE {}", shape.name));
}

/// Calls `work` with each number below `count`, on so many threads; then throws what the first failure was.
void in_parallel(int threads, std::size_t count, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next = 0;
    std::vector<std::exception_ptr> failures(count);
    const auto take_turns = [&] {
        for (auto at = next++; at < count; at = next++) {
            try {
                work(at);
            } catch (...) {
                failures[at] = std::current_exception();
            }
        }
    };
    {
        std::vector<std::jthread> running;
        for (int thread = 0; thread < threads; ++thread) running.emplace_back(take_turns);
    }
    for (const auto& failure : failures)
        if (failure) std::rethrow_exception(failure);
}

}  // namespace

void ensure_key(const postgres::Session& session, const TableShape& shape) {
    postgres::Connection connection{session};
    postgres::Transaction transaction{connection};
    if (key_of(transaction, shape) == Key::made) return;
    hold(transaction, shape, "ACCESS EXCLUSIVE");
    const auto key = key_of(transaction, shape);
    if (key == Key::missing) transaction.execute(add_key(shape));
    if (key == Key::indexed) transaction.execute(add_key_from_index(shape));
    transaction.commit();
}

void finish_tables(const postgres::Session& session, const ReadModel& model, const IndexingLimits& limits) {
    auto patient = session;
    patient.application = "kiroku index " + model.name;
    patient.lock_timeout = patient.statement_timeout = patient.idle_in_transaction_timeout = {};
    const auto tables = model.make_tables(Keep::some);
    std::vector<IndexSql> missing;
    for (const auto& table : tables)
        std::ranges::copy(missing_of(patient, table->shape()), std::back_inserter(missing));
    const auto at_once = std::min(limits.jobs, static_cast<int>(missing.size()));
    in_parallel(at_once, missing.size(), [&](std::size_t at) { create(patient, missing[at], at_once, limits); });
    in_parallel(limits.jobs, tables.size(), [&](std::size_t at) {
        ensure_key(patient, tables[at]->shape());
        analyze(patient, tables[at]->shape());
    });
}

}  // namespace kiroku::projections
