#include "projections/engine/table_writer.hpp"

#include "projections/engine/table_sql.hpp"

namespace kiroku::projections {
namespace {

postgres::Parameters values_of(const std::vector<postgres::Array>& arrays) {
    postgres::Parameters values;
    for (const auto& array : arrays) values.push_back(array.text());
    return values;
}

}  // namespace

TableWriter::TableWriter(const TableShape& shape, bool appends)
    : select_(select_by_keys(shape)), insert_(insert_rows(shape, !appends)) {}

void TableWriter::write(postgres::Transaction& transaction, TableFold& fold) const {
    if (fold.taken() == 0) return;
    load(transaction, fold);
    fold.fold();
    if (const auto changed = fold.changed(); !changed.empty()) transaction.run(insert_, values_of(changed));
}

void TableWriter::load(postgres::Transaction& transaction, TableFold& fold) const {
    const auto missing = fold.missing();
    if (missing.empty()) return;
    const auto rows = transaction.run(select_, values_of(missing));
    std::vector<Field> fields(fold.shape().columns.size());
    for (const auto& row : rows) {
        for (std::size_t column = 0; column < fields.size(); ++column)
            fields[column] = row.text(static_cast<int>(column));
        fold.loaded(fields);
    }
}

}  // namespace kiroku::projections
