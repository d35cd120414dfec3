// tests/unit/projections/batching_test.cpp: however the log is cut into batches, whatever fails, and in whatever order
// the partitions come: a read model's rows are the same.
#include <map>

#include "projections/read_models.hpp"
#include "tests/support/array_rows.hpp"
#include "tests/support/random_story.hpp"

using namespace kiroku;
using projections::Keep;
using projections::TableFold;

namespace {

using test::Fields;
using test::rows_of;
using Stored = std::map<std::vector<std::string>, Fields>;  // by key

std::vector<std::string> key_of(const Fields& fields, int columns) {
    std::vector<std::string> key;
    for (int column = 0; column < columns; ++column) key.push_back(fields[static_cast<std::size_t>(column)].value());
    return key;
}

/// Does to `stored` what a transaction does to a table.
void write_batch(TableFold& table, Stored& stored, bool commits) {
    const auto keys = table.shape().key_columns();
    for (const auto& wanted : rows_of(table.missing())) {
        const auto found = stored.find(key_of(wanted, keys));
        if (found == stored.end()) continue;
        std::vector<projections::Field> fields;
        for (const auto& field : found->second) fields.push_back(field ? projections::Field{*field} : std::nullopt);
        table.loaded(fields);
    }
    table.fold();
    const auto changed = rows_of(table.changed());
    if (!commits) return table.forget();
    for (const auto& row : changed) {
        const auto key = key_of(row, keys);
        if (table.appends()) REQUIRE_FALSE(stored.contains(key));
        stored[key] = row;
    }
    table.settle();
}

Stored in_one_go(const projections::ReadModel& model, std::size_t number, const std::vector<test::Told>& story) {
    const auto table = std::move(model.make_tables(Keep::all)[number]);
    for (const auto& told : story) {
        for (const auto& event : told) table->take(event.event());
    }
    table->fold();
    Stored stored;
    table->each_changed([&](const Fields& row) { stored[key_of(row, table->shape().key_columns())] = row; });
    return stored;
}

/// Batches of chance sizes, some of which fail and are done again, some behind a restart.
Stored in_batches(const projections::ReadModel& model, std::size_t number, const std::vector<test::Told>& story,
                  std::mt19937& random) {
    const auto chance = [&](double probability) { return std::bernoulli_distribution{probability}(random); };
    Stored stored;
    auto table = std::move(model.make_tables(Keep::some)[number]);
    for (std::size_t begin = 0; begin < story.size();) {
        const auto size = std::uniform_int_distribution<std::size_t>{1, chance(0.1) ? 400U : 12U}(random);
        const auto end = std::min(story.size(), begin + size);
        const bool commits = !chance(0.2);
        for (auto told = begin; told < end; ++told) {
            for (const auto& event : story[told]) table->take(event.event());
        }
        write_batch(*table, stored, commits);
        if (commits) begin = end;
        if (chance(0.1)) table = std::move(model.make_tables(Keep::some)[number]);
    }
    return stored;
}

/// The same decisions, each aggregate's in their order, but the aggregates mixed differently.
std::vector<test::Told> mixed_anew(const std::vector<test::Told>& story, std::mt19937& random) {
    std::map<std::pair<std::string, Uuid>, std::vector<test::Told>> by_aggregate;
    std::vector<std::pair<std::string, Uuid>> turns;
    for (const auto& told : story) {
        turns.emplace_back(told.front().aggregate_name, told.front().aggregate);
        by_aggregate[turns.back()].push_back(told);
    }
    std::ranges::shuffle(turns, random);
    std::map<std::pair<std::string, Uuid>, std::size_t> taken;
    std::vector<test::Told> mixed;
    for (const auto& turn : turns) mixed.push_back(by_aggregate[turn][taken[turn]++]);
    return mixed;
}

template <class Check>
void for_each_table(Check check) {
    for (const auto& model : projections::all_read_models()) {
        for (std::size_t number = 0; number < model.tables.size(); ++number) {
            INFO(model.name, ", table ", number);
            check(model, number);
        }
    }
}

/// Calls `check(story, random)` for some stories, each with chance of its own.
template <class Check>
void for_each_story(const Check& check) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        INFO("seed ", seed);
        std::mt19937 random{seed};
        check(test::random_story(seed, 12, 1'500), random);
    }
}

}  // namespace

TEST_SUITE("read models in batches") {
TEST_CASE("any batches, failures and restarts give the same rows") {
    for_each_story([](const auto& story, auto& random) {
        for_each_table([&](const auto& model, std::size_t number) {
            const auto expected = in_one_go(model, number, story);
            REQUIRE_FALSE(expected.empty());
            CHECK(in_batches(model, number, story, random) == expected);
        });
    });
}

TEST_CASE("any order among aggregates gives the same rows") {
    for_each_story([](const auto& story, auto& random) {
        for_each_table([&](const auto& model, std::size_t number) {
            CHECK(in_one_go(model, number, mixed_anew(story, random)) == in_one_go(model, number, story));
        });
    });
}

TEST_CASE("an event that can't be read is told by its id, and nothing of it is kept") {
    auto broken = test::random_story(1, 1, 3).front().front();
    broken.data = R"({"emailClaimId":7})";
    const auto tables = projections::all_read_models().front().make_tables(Keep::some);
    CHECK_THROWS_WITH_AS(tables.front()->take(broken.event()), doctest::Contains(to_string(broken.id).c_str()),
                         projections::Indigestible);
    CHECK(tables.front()->taken() == 0);
}
}
