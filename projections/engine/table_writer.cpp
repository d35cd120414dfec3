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

TableWriter::TableWriter(std::unique_ptr<TableFold> fold)
    : fold_(std::move(fold)),
      select_(select_by_keys(fold_->shape())),
      insert_(insert_rows(fold_->shape(), !fold_->appends())) {}

void TableWriter::write(postgres::Transaction& transaction) {
    if (fold_->taken() == 0) return;
    load(transaction);
    fold_->fold();
    if (const auto changed = fold_->changed(); !changed.empty()) transaction.run(insert_, values_of(changed));
}

void TableWriter::load(postgres::Transaction& transaction) {
    const auto missing = fold_->missing();
    if (missing.empty()) return;
    const auto rows = transaction.run(select_, values_of(missing));
    std::vector<Field> fields(fold_->shape().columns.size());
    for (const auto& row : rows) {
        for (std::size_t column = 0; column < fields.size(); ++column)
            fields[column] = row.text(static_cast<int>(column));
        fold_->loaded(fields);
    }
}

}  // namespace kiroku::projections
