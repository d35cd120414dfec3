#include "tests/simulation/step_counts.hpp"

#include <array>
#include <limits>

#include "projections/engine/declare.hpp"

namespace kiroku::sim {

struct Stepped {
    static constexpr std::string_view type = "sim.stepped.v1";
    std::int32_t total = 0;
};

struct Mirrored {
    static constexpr std::string_view type = "sim.mirrored.v1";
    std::int32_t total = 0;
};

template <class Event>
requires std::same_as<Event, Stepped> || std::same_as<Event, Mirrored>
bool read_json(json::Reader& in, json::Value& value, Event& out) {
    static constexpr std::array<std::string_view, 1> names{"total"};
    json::Seen seen;
    const bool whole = in.each_field(value, [&](std::string_view name, json::Value& member) {
        if (name == "total")
            return in.once(seen, 0) &&
                   in.integer(member, out.total, {.min = 0, .max = std::numeric_limits<std::int32_t>::max()});
        return in.stranger(seen, name, member);
    });
    return whole && in.require(seen, 1, names);
}

namespace {

using projections::column;
using projections::key;

struct CountRow {
    Uuid counter;
    std::int64_t total = 0;
    std::int64_t events = 0;
};

struct CountFold {
    using Row = CountRow;
    using Key = Uuid;
    using Events = projections::Reads<Stepped, Mirrored>;

    static const projections::Table<Row>& table() {
        static const projections::Table<Row> table{
            "step_counts",
            "A row a counter.",
            {key("counter", &Row::counter), column("total", &Row::total), column("events", &Row::events)}};
        return table;
    }
    static Row start(const Key& counter) { return {.counter = counter}; }
    static Key key_of(const Row& row) { return row.counter; }
    static Key keys(const auto&, const projections::Meta& meta) { return meta.aggregate; }
    static void fold(Row& row, const auto& event, const projections::Meta&) {
        row.total = event.total;
        ++row.events;
    }
};

}  // namespace

projections::ReadModel step_counts() {
    return projections::read_model("step_counts", 1, "how many steps were made?", {projections::folded<CountFold>()});
}

}  // namespace kiroku::sim
