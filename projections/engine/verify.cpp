#include "projections/engine/verify.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "projections/engine/log_probe.hpp"
#include "projections/engine/memory_fold.hpp"
#include "projections/engine/table_sql.hpp"

namespace kiroku::projections {
namespace {

constexpr int rows_a_statement = 5'000;

/// A table of this session only, with the rows as folded.
class FoldedTable {
public:
    FoldedTable(postgres::Transaction& transaction, const TableFold& fold)
        : transaction_(transaction), shape_(fold.shape()) {
        transaction_.execute(fmt::format("CREATE TEMPORARY TABLE {} (LIKE {})", name(), shape_.name));
        insert_ = {name(), insert_rows_into("pg_temp." + name(), shape_, false)};
        fold.each_row([this](std::span<const std::optional<std::string>> fields) { add(fields); });
        flush();
    }

    [[nodiscard]] std::string name() const { return "folded_" + shape_.name; }
    [[nodiscard]] std::uint64_t rows() const { return rows_; }

private:
    void add(std::span<const std::optional<std::string>> fields) {
        arrays_.resize(fields.size());
        for (std::size_t column = 0; column < fields.size(); ++column) {
            if (fields[column])
                arrays_[column].add(*fields[column]);
            else
                arrays_[column].add_null();
        }
        if (++rows_ % rows_a_statement == 0) flush();
    }

    void flush() {
        if (arrays_.empty()) return;
        postgres::Parameters values;
        for (const auto& array : arrays_) values.push_back(array.text());
        transaction_.run(insert_, values);
        arrays_.clear();
    }

    postgres::Transaction& transaction_;
    const TableShape& shape_;
    postgres::Statement insert_;
    std::vector<postgres::Array> arrays_;
    std::uint64_t rows_ = 0;
};

/// All columns of both sides, of the rows that differ; first how many there are.
std::string comparison(const TableShape& shape, const std::string& folded, int most) {
    std::vector<std::string> keys;
    std::vector<std::string> order;
    std::vector<std::string> live;
    std::vector<std::string> other;
    for (const auto& column : shape.columns) {
        if (column.is_key) {
            keys.push_back(column.name);
            order.push_back(fmt::format("coalesce(live.{0}, folded.{0})", column.name));
        }
        live.push_back("live." + column.name);
        other.push_back("folded." + column.name);
    }
    return fmt::format(
        "SELECT count(*) OVER (), {0}, {1} FROM {2} AS live FULL JOIN pg_temp.{3} AS folded USING ({4}) "
        "WHERE ROW({0}) IS DISTINCT FROM ROW({1}) ORDER BY {5} LIMIT {6}",
        fmt::join(live, ", "), fmt::join(other, ", "), shape.name, folded, fmt::join(keys, ", "),
        fmt::join(order, ", "), most);
}

class RowComparison {
public:
    RowComparison(const TableShape& shape, const postgres::Row& row)
        : shape_(shape), row_(row), columns_(static_cast<int>(shape.columns.size())) {}

    void add_to(std::vector<Difference>& differences) const {
        const bool missing = !live(0).has_value();
        const bool extra = !folded(0).has_value();
        if (missing || extra) {
            differences.push_back({shape_.name, key(), "", missing ? "null" : "a row", extra ? "null" : "a row"});
            return;
        }
        for (int column = 0; column < columns_; ++column) {
            if (live(column) == folded(column)) continue;
            differences.push_back({shape_.name, key(), shape_.columns[static_cast<std::size_t>(column)].name,
                                   std::string{live(column).value_or("null")},
                                   std::string{folded(column).value_or("null")}});
        }
    }

private:
    [[nodiscard]] Field live(int column) const { return row_.text(1 + column); }
    [[nodiscard]] Field folded(int column) const { return row_.text(1 + columns_ + column); }
    [[nodiscard]] std::string key() const {
        std::vector<std::string> parts;
        for (int column = 0; column < shape_.key_columns(); ++column) {
            const auto value = live(column) ? live(column) : folded(column);
            parts.push_back(
                fmt::format("{}={}", shape_.columns[static_cast<std::size_t>(column)].name, value.value_or("null")));
        }
        return fmt::format("{}", fmt::join(parts, ","));
    }

    const TableShape& shape_;
    const postgres::Row& row_;
    int columns_;
};

void compare(postgres::Transaction& transaction, const TableFold& fold, int most_shown, Verdict& verdict) {
    const FoldedTable folded{transaction, fold};
    verdict.rows += folded.rows();
    const auto differing = transaction.execute(comparison(fold.shape(), folded.name(), most_shown));
    if (differing.empty()) return;
    verdict.differing_rows += differing[0].get<std::uint64_t>(0);
    for (const auto& row : differing) RowComparison{fold.shape(), row}.add_to(verdict.differences);
}

std::map<log::Partition, Offset> farthest(const std::vector<Checkpoints>& all) {
    std::map<log::Partition, Offset> ends;
    for (const auto& checkpoints : all) {
        for (const auto& [partition, checkpoint] : checkpoints) {
            auto& end = ends[partition];
            end = std::max(end, checkpoint.cursor.next);
        }
    }
    return ends;
}

log::Position position_at(const Checkpoints& checkpoints) {
    log::Position position;
    for (const auto& [partition, checkpoint] : checkpoints) {
        const auto next = checkpoint.cursor.next.value;
        if (next > 0) position.include(partition.context, partition.number, Offset{next - 1});
    }
    return position;
}

}  // namespace

std::vector<Verdict> verify(const std::string& bootstrap, const postgres::Session& session,
                            const std::vector<ReadModel>& read_models, int most_shown) {
    auto patient = session;
    patient.application = "kiroku verify";
    patient.statement_timeout = {};
    patient.idle_in_transaction_timeout = {};
    postgres::Connection connection{patient};
    postgres::Transaction transaction{connection};
    transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");  // positions and rows of one moment

    LogProbe probe{bootstrap};
    std::vector<Checkpoints> checkpoints;
    std::vector<MemoryFold> folds;
    for (const auto& model : read_models) {
        checkpoints.push_back(read_checkpoints(transaction, model.name));
        probe.check(model.name, checkpoints.back());
        folds.emplace_back(model, checkpoints.back());
    }
    fold_log(bootstrap, farthest(checkpoints), folds);

    std::vector<Verdict> verdicts;
    for (std::size_t number = 0; number < read_models.size(); ++number) {
        auto& verdict = verdicts.emplace_back();
        verdict.read_model = read_models[number].name;
        verdict.position = position_at(checkpoints[number]);
        verdict.events = folds[number].events();
        for (const auto& table : folds[number].tables()) compare(transaction, *table, most_shown, verdict);
    }
    return verdicts;
}

}  // namespace kiroku::projections
