// projections/engine/fold_table.hpp: a table whose rows add up what happened, by a fold that knows nothing of tables.
//
//     struct ProgressFold {
//         using Row = ProgressRow;
//         using Key = UserId;
//         using Events = Reads<XpAwarded, LevelReached>;
//         static const Table<Row>& table();
//         static Row start(const Key& user) { return {.user = user}; }
//         static Key key_of(const Row& row) { return row.user; }
//         static Key keys(const auto&, const Meta& meta) { return UserId{meta.aggregate}; }  // or several: an array
//         static void fold(Row& row, const XpAwarded& event, const Meta&) { row.total_xp = event.total_xp; }
//         static void fold(Row& row, const LevelReached& event, const Meta&) { row.level = event.level; }
//     };
//
// A row's events must come from one aggregate, or its fold must not care for their order: partitions have none among
// each other. `fold` doesn't fail.
#pragma once

#include <iterator>
#include <unordered_map>
#include <variant>
#include <vector>

#include "projections/engine/digest.hpp"
#include "projections/engine/table_fold.hpp"

namespace kiroku::projections {

template <class Fold>
class FoldTable : public TableFold {
public:
    using Row = typename Fold::Row;
    using Key = typename Fold::Key;

    /// Live, as many rows as this are kept in either of two generations.
    static constexpr std::size_t most_rows = 20'000;

    explicit FoldTable(Keep keep) : keep_(keep) {}

    const TableShape& shape() const override { return Fold::table().shape(); }
    bool appends() const override { return false; }

    bool reads(std::string_view type) const override { return Fold::Events::names(type); }

    void take(const Event& event) override {
        if (auto read = digest<typename Fold::Events>(event)) taken_.push_back({std::move(*read), event});
    }
    std::size_t taken() const override { return taken_.size(); }
    void take_back(std::size_t to) override {
        taken_.erase(taken_.begin() + static_cast<std::ptrdiff_t>(to), taken_.end());
    }

    std::vector<postgres::Array> missing() override {
        ColumnArrays keys{static_cast<std::size_t>(shape().key_columns())};
        for_each_key([&](const Key& key) {
            if (find(key) != nullptr) return;
            const auto& made = rows_.try_emplace(key, Kept{Fold::start(key)}).first->second;
            keys.add(Fold::table(), made.row);
        });
        return std::move(keys).take();
    }

    void loaded(std::span<const Field> fields) override {
        auto row = Fold::table().row(fields);
        rows_[Fold::key_of(row)].row = std::move(row);
    }

    void fold() override {
        for (const auto& [event, meta] : taken_) {
            std::visit([&](const auto& one) { fold_one(one, meta); }, event);
        }
        taken_.clear();
    }

    std::vector<postgres::Array> changed() override {
        ColumnArrays columns{shape().columns.size()};
        for (const auto* kept : changed_) columns.add(Fold::table(), kept->row);
        return std::move(columns).take();
    }

    void copy_changed(const std::function<void(std::string_view)>& take) const override {
        CopyRows<Row> rows{Fold::table(), take};
        for (const auto* kept : changed_) rows.add(kept->row);
        rows.end();
    }

    void settle() override {
        for (auto* kept : changed_) kept->changed = false;
        changed_.clear();
        if (keep_ != Keep::some || rows_.size() < most_rows) return;
        older_ = std::exchange(rows_, {});
    }

    void forget() override {
        taken_.clear();
        changed_.clear();
        rows_.clear();
        older_.clear();
    }

    std::size_t bytes() const override {
        return (rows_.size() + older_.size()) * (sizeof(typename Rows::value_type) + node_bytes + text_bytes_);
    }

    void each_row(const Visit& visit) const override {
        Texts texts;
        for (const auto& [key, kept] : rows_) {
            tell_row(Fold::table(), kept.row, texts);
            visit(texts);
        }
    }
    void each_changed(const Visit& visit) const override {
        Texts texts;
        for (const auto* kept : changed_) {
            tell_row(Fold::table(), kept->row, texts);
            visit(texts);
        }
    }
    void retell(std::span<const Field> fields, Texts& texts) const override {
        retell_row(Fold::table(), fields, texts);
    }

    /// The row as folded so far, or null; for tests.
    const Row* row(const Key& key) {
        const auto* kept = find(key);
        return kept == nullptr ? nullptr : &kept->row;
    }

private:
    struct Kept {
        Row row;
        bool changed = false;
    };
    struct HashKey {
        std::size_t operator()(const Key& key) const {
            if constexpr (requires { key.hash(); })
                return key.hash();
            else
                return std::hash<Key>{}(key);
        }
    };
    struct Taken {
        typename Fold::Events::Any event;
        Event meta;
    };
    using Rows = std::unordered_map<Key, Kept, HashKey>;

    template <class E, class Use>
    static void with_keys(const E& event, const Meta& meta, Use use) {
        const auto keys = Fold::keys(event, meta);
        if constexpr (std::same_as<std::remove_cvref_t<decltype(keys)>, Key>)
            use(keys);
        else
            for (const Key& key : keys) use(key);
    }

    template <class Use>
    void for_each_key(Use use) {
        for (const auto& [event, meta] : taken_) {
            std::visit([&](const auto& one) { with_keys(one, meta, use); }, event);
        }
    }

    template <class E>
    void fold_one(const E& event, const Meta& meta) {
        with_keys(event, meta, [&](const Key& key) {
            auto* kept = find(key);
            if (kept == nullptr) kept = &rows_.try_emplace(key, Kept{Fold::start(key)}).first->second;
            Fold::fold(kept->row, event, meta);
            if (++folded_ % weigh_every == 0) weigh(kept->row);
            if (!std::exchange(kept->changed, true)) changed_.push_back(kept);
        });
    }

    /// What a row's texts and lists take isn't known to anybody; as long as the row is written out, say.
    void weigh(const Row& row) {
        std::size_t bytes = 0;
        Texts texts;
        tell_row(Fold::table(), row, texts);
        for (const auto& text : texts) bytes += text ? text->size() : 0;
        text_bytes_ = (3 * text_bytes_ + bytes) / 4;
    }

    /// Found among the older ones, a row moves to the newer.
    Kept* find(const Key& key) {
        if (const auto found = rows_.find(key); found != rows_.end()) return &found->second;
        const auto older = older_.find(key);
        if (older == older_.end()) return nullptr;
        return &rows_.insert(older_.extract(older)).position->second;
    }

    static constexpr std::size_t node_bytes = 48;  // of the hash table, and the allocator's
    static constexpr std::uint64_t weigh_every = 1'024;

    Keep keep_;
    std::size_t text_bytes_ = 0;  // of a row, about
    std::uint64_t folded_ = 0;
    std::vector<Taken> taken_;
    Rows rows_;
    Rows older_;
    std::vector<Kept*> changed_;
};

}  // namespace kiroku::projections
