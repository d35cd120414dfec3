#include "tests/simulation/memory_database.hpp"

#include <algorithm>

#include "infra/postgres/error.hpp"

namespace kiroku::sim {
namespace {

using test::Fields;
using test::rows_of;

void load(const std::map<Fields, Fields>& rows, projections::TableFold& fold) {
    for (const auto& key : rows_of(fold.missing())) {
        const auto found = rows.find(key);
        if (found == rows.end()) continue;
        std::vector<projections::Field> fields;
        for (const auto& field : found->second) fields.push_back(field ? projections::Field{*field} : std::nullopt);
        fold.loaded(fields);
    }
}

}  // namespace

void MemoryDatabase::call() {
    before_();
    if (choices_.chance(8)) throw postgres::ConnectionLost("simulated");
}

projections::Checkpoints MemoryDatabase::claim(std::span<const log::Partition> partitions, const Uuid& owner, bool) {
    call();
    for (const auto& partition : partitions) {
        auto& checkpoint = server_.checkpoints[partition];
        ++checkpoint.epoch;
        checkpoint.owner = owner;
    }
    return server_.checkpoints;
}

projections::Checkpoints MemoryDatabase::checkpoints() {
    call();
    return server_.checkpoints;
}

bool MemoryDatabase::write(const projections::Checkpoints& from, const projections::Checkpoints& to,
                           const projections::Folds& folds, std::span<const projections::ParkedDecision> parked) {
    if (!parked.empty()) throw std::logic_error("nothing here can't be digested");
    call();
    const bool fits = std::ranges::all_of(to, [&](const auto& one) {
        const auto& stored = server_.checkpoints.at(one.first);
        const auto& expected = from.at(one.first);
        return stored.epoch == expected.epoch && stored.cursor.next == expected.cursor.next;
    });
    if (!fits && server_.compare_and_set) return false;
    auto rows = server_.rows;
    for (const auto& fold : folds) {
        load(rows, *fold);
        fold->fold();
        const auto keys = static_cast<std::ptrdiff_t>(fold->shape().key_columns());
        for (auto& row : rows_of(fold->changed())) rows[Fields(row.begin(), row.begin() + keys)] = std::move(row);
    }
    if (choices_.chance(4)) throw postgres::ConnectionLost("simulated, before the commit");
    server_.rows = std::move(rows);
    for (const auto& [partition, checkpoint] : to) {
        auto& stored = server_.checkpoints.at(partition);
        const auto epoch = stored.epoch;
        const auto owner = stored.owner;
        stored = checkpoint;
        stored.epoch = epoch;
        stored.owner = owner;
    }
    before_();  // it may end here, too
    if (choices_.chance(4)) throw postgres::CommitInDoubt("simulated, after the commit");
    return true;
}

}  // namespace kiroku::sim
