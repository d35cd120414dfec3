#include "projections/engine/verify.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "projections/engine/memory_fold.hpp"
#include "projections/engine/parked.hpp"
#include "projections/engine/row_hashes.hpp"

namespace kiroku::projections {
namespace {

constexpr int rows_a_fetch = 10'000;
constexpr std::uint64_t most_rows_compared = 300'000;  // of a table, one by one; they are in memory then

/// Shows every row of a table within the transaction, as the fold would tell it.
void each_live_row(postgres::Transaction& transaction, const TableFold& table, const TableFold::Visit& visit) {
    const auto& shape = table.shape();
    transaction.execute(
        fmt::format("DECLARE verified NO SCROLL CURSOR FOR SELECT {} FROM {}", shape.column_list(), shape.name));
    std::vector<Field> fields(shape.columns.size());
    TableFold::Texts texts;
    for (;;) {
        const auto rows = transaction.execute(fmt::format("FETCH {} FROM verified", rows_a_fetch));
        if (rows.empty()) break;
        for (const auto& row : rows) {
            for (std::size_t column = 0; column < fields.size(); ++column)
                fields[column] = row.text(static_cast<int>(column));
            table.retell(fields, texts);
            visit(texts);
        }
    }
    transaction.execute("CLOSE verified");
}

/// One table, both as it is and as the log gives it.
struct ComparedTable {
    explicit ComparedTable(const TableFold& table)
        : table(&table), live(table.shape().key_columns()), folded(table.shape().key_columns()) {
        const auto& columns = table.shape().columns;
        for (std::size_t number = 0; number < columns.size(); ++number) {
            if (columns[number].sql == "jsonb") json_columns.push_back(number);
        }
    }

    /// The database writes JSON in its own way.
    TableFold::Texts comparable(TableFold::Texts row) const {
        for (const auto column : json_columns) {
            if (row[column]) row[column] = canonical_json(*row[column]);
        }
        return row;
    }

    const TableFold* table;
    std::vector<std::size_t> json_columns;
    RowHashes live, folded;
    std::set<std::size_t> looked_at;  // ranges that differ, as many as memory takes
    RowsByKey live_rows, folded_rows;

    void look_closer() {
        std::uint64_t rows = 0;
        for (const auto range : live.differing(folded)) {
            rows += live.rows(range) + folded.rows(range);
            if (!looked_at.empty() && rows > most_rows_compared) return;
            looked_at.insert(range);
        }
    }
    void keep(RowsByKey& rows, const TableFold::Texts& row) const {
        if (looked_at.contains(live.range_of(row))) rows[key_of(table->shape(), row)] = comparable(row);
    }
};

/// One read model's part.
class Comparison {
public:
    Comparison(const ReadModel& model, Checkpoints checkpoints, MemoryFold::Places parked, double sample)
        : model_(model),
          checkpoints_(std::move(checkpoints)),
          parked_(std::move(parked)),
          sampled_(static_cast<std::size_t>(sample * RowHashes::ranges)),
          fold_(model, checkpoints_, parked_) {
        for (const auto& table : fold_.tables()) tables_.emplace_back(*table);
    }

    [[nodiscard]] const Checkpoints& checkpoints() const { return checkpoints_; }

    void apply(const Chunk& chunk) {
        fold_.apply(chunk,
                    [this](std::size_t table, const auto& row) { add(tables_[table], tables_[table].folded, row); });
    }

    /// Behind the log's end: whether rows of histories are to be seen once more.
    bool hash(postgres::Transaction& transaction) {
        bool again = false;
        for (auto& one : tables_) {
            if (!one.table->appends()) one.table->each_row([&](const auto& row) { add(one, one.folded, row); });
            each_live_row(transaction, *one.table, [&](const auto& row) { add(one, one.live, row); });
            one.look_closer();
            again = again || (one.table->appends() && !one.looked_at.empty());
        }
        return again;
    }

    /// The log from its beginning once more.
    void start_again() { again_ = std::make_unique<MemoryFold>(model_, checkpoints_, parked_); }
    void apply_again(const Chunk& chunk) {
        again_->apply(chunk, [this](std::size_t table, const auto& row) {
            tables_[table].keep(tables_[table].folded_rows, row);
        });
    }

    Verdict verdict(postgres::Transaction& transaction, std::size_t most_shown) {
        Verdict verdict{.read_model = model_.name, .position = position(), .events = fold_.events(), .differences = {}};
        for (auto& one : tables_) {
            for (std::size_t range = 0; range < sampled_; ++range) verdict.rows += one.folded.rows(range);
            verdict.differing_ranges += one.live.differing(one.folded).size();
            if (one.looked_at.empty()) continue;
            if (!one.table->appends()) one.table->each_row([&](const auto& row) { one.keep(one.folded_rows, row); });
            each_live_row(transaction, *one.table, [&](const auto& row) { one.keep(one.live_rows, row); });
            verdict.differing_rows +=
                compare_rows(one.table->shape(), one.live_rows, one.folded_rows, most_shown, verdict.differences);
        }
        return verdict;
    }

private:
    void add(const ComparedTable& one, RowHashes& hashes, const TableFold::Texts& row) const {
        const auto range = one.live.range_of(row);
        if (range >= sampled_) return;
        if (one.json_columns.empty())
            hashes.add(range, row);
        else
            hashes.add(range, one.comparable(row));
    }

    [[nodiscard]] log::Position position() const {
        log::Position position;
        for (const auto& [partition, checkpoint] : checkpoints_) {
            const auto next = checkpoint.cursor.next.value;
            if (next > 0) position.include(partition.context, partition.number, Offset{next - 1});
        }
        return position;
    }

    const ReadModel& model_;
    Checkpoints checkpoints_;
    MemoryFold::Places parked_;
    std::size_t sampled_;  // ranges below this one
    MemoryFold fold_;
    std::vector<ComparedTable> tables_;
    std::unique_ptr<MemoryFold> again_;
};

MemoryFold::Places places_of(const std::vector<StoredDecision>& parked) {
    MemoryFold::Places places;
    for (const auto& one : parked) places.emplace(one.decision.partition, one.decision.first);
    return places;
}

/// Before the snapshot: a version that is switched in meanwhile would have rows that it doesn't show.
void hold_tables(postgres::Transaction& transaction, const std::vector<ReadModel>& models) {
    for (const auto& model : models) {
        for (const auto& table : model.make_tables(Keep::some))
            transaction.execute(fmt::format("LOCK TABLE {} IN ACCESS SHARE MODE", table->shape().name));
    }
}

using Comparisons = std::vector<Comparison*>;

Ends farthest(const Comparisons& comparisons) {
    Ends ends;
    for (const auto* one : comparisons) {
        for (const auto& [partition, checkpoint] : one->checkpoints()) {
            auto& end = ends[partition];
            end = std::max(end, checkpoint.cursor.next);
        }
    }
    return ends;
}

/// Rows of histories are too many to be kept, so those that matter are read again.
void look_closer(const std::string& bootstrap, const Comparisons& doubtful) {
    if (doubtful.empty()) return;
    for (auto* one : doubtful) one->start_again();
    read_log(bootstrap, farthest(doubtful), [&](const Chunk& chunk) {
        for (auto* one : doubtful) one->apply_again(chunk);
    });
}

}  // namespace

std::vector<Verdict> verify(const VerifySettings& settings) {
    auto patient = settings.session;
    patient.application = "kiroku verify";
    patient.statement_timeout = patient.idle_in_transaction_timeout = {};
    postgres::Connection connection{patient};
    postgres::Transaction transaction{connection};
    transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");  // positions and rows of one moment
    hold_tables(transaction, settings.read_models);

    LogProbe probe{settings.bootstrap};
    std::vector<std::unique_ptr<Comparison>> all;
    Comparisons comparisons;
    for (const auto& model : settings.read_models) {
        auto checkpoints = read_checkpoints(transaction, model.name);
        probe.check(model.name, checkpoints);
        all.push_back(std::make_unique<Comparison>(model, std::move(checkpoints),
                                                   places_of(parked_in(transaction, model.name)), settings.sample));
        comparisons.push_back(all.back().get());
    }
    read_log(settings.bootstrap, farthest(comparisons), [&](const Chunk& chunk) {
        for (auto* one : comparisons) one->apply(chunk);
    });
    Comparisons doubtful;
    for (auto* one : comparisons) {
        if (one->hash(transaction)) doubtful.push_back(one);
    }
    look_closer(settings.bootstrap, doubtful);
    std::vector<Verdict> verdicts;
    for (auto* one : comparisons) verdicts.push_back(one->verdict(transaction, settings.most_shown));
    return verdicts;
}

}  // namespace kiroku::projections
