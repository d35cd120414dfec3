// tests/support/happened.hpp: happened(events).then(rows): what a read model makes of a story.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "projections/engine/declare.hpp"
#include "projections/engine/event.hpp"
#include "schemas/core/json.hpp"
#include "tests/support/given.hpp"

namespace kiroku::test {

/// An event of an aggregate, as the log would hand it to a read model.
struct Happened {
    std::string type;
    std::string data;
    std::string aggregate_name;
    Uuid aggregate;
    Instant time;
    EventId id;
    std::int64_t version = 1;

    [[nodiscard]] projections::Event event() const {
        return {.type = type,
                .id = id,
                .aggregate = aggregate,
                .time = time,
                .version = {version},
                .offset = {},
                .data = data};
    }
};

/// To be recorded at a time, for an aggregate: `on(mika, at("…"), XpAwarded{…})`.
template <class Id, class E>
Happened on(const Id& aggregate, Instant time, const E& event) {
    return {std::string{E::type},     json::encode(event), std::string{E::aggregate}, aggregate.value, time,
            EventId{random_uuid_v7()}};
}

template <class Id, class E>
Happened on(const Id& aggregate, std::string_view time, const E& event) {
    return on(aggregate, at(time), event);
}

/// A row as a line of text, for messages.
template <class Row>
std::string line(const projections::Table<Row>& table, const Row& row) {
    std::string text;
    for (const auto& column : table.columns()) {
        std::string value;
        text += column.shape.name + '=' + (column.write(row, value) ? value : "null") + ' ';
    }
    return text;
}

template <class Row>
std::string lines(const projections::Table<Row>& table, const std::vector<Row>& rows) {
    std::string text;
    for (const auto& row : rows) text += "\n  " + line(table, row);
    return text.empty() ? "\n  nothing" : text;
}

/// What happened, in order.
class Story {
public:
    explicit Story(std::vector<Happened> events) : events_(std::move(events)) {}

    /// The rows of a fold, whatever their order.
    template <class Fold>
    void then(const std::vector<typename Fold::Row>& expected) const {
        projections::FoldTable<Fold> table{projections::Keep::all};
        compare(Fold::table(), folded(table, Fold::table()), expected);
    }

    template <class History>
    void then_recorded(const std::vector<typename History::Row>& expected) const {
        projections::HistoryTable<History> table;
        compare(History::table(), folded(table, History::table()), expected);
    }

    /// One row of a fold, which must be there.
    template <class Fold>
    typename Fold::Row row(const typename Fold::Key& key) const {
        projections::FoldTable<Fold> table{projections::Keep::all};
        folded(table, Fold::table());
        const auto* found = table.row(key);
        REQUIRE(found != nullptr);
        return *found;
    }

private:
    template <class Row>
    std::vector<Row> folded(projections::TableFold& table, const projections::Table<Row>& shape) const {
        for (const auto& event : events_) table.take(event.event());
        table.fold();
        std::vector<Row> rows;
        table.each_changed([&](std::span<const std::optional<std::string>> fields) {
            Row row{};
            for (std::size_t number = 0; const auto& column : shape.columns()) column.read(row, fields[number++]);
            rows.push_back(std::move(row));
        });
        return rows;
    }

    template <class Row>
    static void compare(const projections::Table<Row>& table, std::vector<Row> rows, std::vector<Row> expected) {
        const auto by_text = [&](const Row& a, const Row& b) { return line(table, a) < line(table, b); };
        std::ranges::sort(rows, by_text);
        std::ranges::sort(expected, by_text);
        INFO("expected:", lines(table, expected), "\nfolded:", lines(table, rows));
        CHECK(rows == expected);
    }

    std::vector<Happened> events_;
};

template <class... Events>
Story happened(Events... events) {
    return Story{{std::move(events)...}};
}

}  // namespace kiroku::test
