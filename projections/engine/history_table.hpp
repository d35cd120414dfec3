// projections/engine/history_table.hpp: a table that keeps a row for each event of a kind.
//
//     struct XpHistoryRows {
//         using Row = XpHistoryRow;
//         using Events = Reads<XpAwarded>;
//         static const Table<Row>& table();
//         static Row row_of(const XpAwarded& event, const Meta& meta) { … }
//     };
#pragma once

#include <iterator>
#include <vector>

#include "projections/engine/digest.hpp"
#include "projections/engine/table_fold.hpp"

namespace kiroku::projections {

template <class History>
class HistoryTable : public TableFold {
public:
    using Row = typename History::Row;

    const TableShape& shape() const override { return History::table().shape(); }
    bool appends() const override { return true; }

    bool reads(std::string_view type) const override { return History::Events::names(type); }

    void take(const Event& event) override {
        const auto read = digest<typename History::Events>(event);
        if (!read) return;
        new_.push_back(std::visit([&](const auto& one) { return History::row_of(one, event); }, *read));
    }
    std::size_t taken() const override { return new_.size(); }
    void take_back(std::size_t to) override { new_.erase(new_.begin() + static_cast<std::ptrdiff_t>(to), new_.end()); }

    std::vector<postgres::Array> missing() override { return {}; }
    void loaded(std::span<const Field>) override {}
    void fold() override {}

    std::vector<postgres::Array> changed() override {
        ColumnArrays columns{shape().columns.size()};
        for (const auto& row : new_) columns.add(History::table(), row);
        return std::move(columns).take();
    }

    void copy_changed(const std::function<void(std::string_view)>& take) const override {
        CopyRows<Row> rows{History::table(), take};
        for (const auto& row : new_) rows.add(row);
        rows.end();
    }

    void settle() override { new_.clear(); }
    void forget() override { new_.clear(); }
    std::size_t bytes() const override { return 0; }

    void each_row(const Visit&) const override {}
    void each_changed(const Visit& visit) const override {
        Texts texts;
        for (const auto& row : new_) {
            tell_row(History::table(), row, texts);
            visit(texts);
        }
    }
    void retell(std::span<const Field> fields, Texts& texts) const override {
        retell_row(History::table(), fields, texts);
    }

private:
    std::vector<Row> new_;
};

}  // namespace kiroku::projections
