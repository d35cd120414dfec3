// tests/unit/projections/comparing_test.cpp: how verify tells rows apart: hashes of ranges, then the rows themselves.
#include <doctest/doctest.h>

#include "projections/engine/row_difference.hpp"
#include "projections/engine/row_hashes.hpp"
#include "schemas/core/raw_json.hpp"

using namespace kiroku;
using projections::Difference;
using projections::RowHashes;
using projections::TableShape;
using Texts = projections::TableFold::Texts;

namespace {

const TableShape shape{"shelf", {{"shelf_id", "text", false, true, ""}, {"note", "text", true, false, ""}}, {}};

RowHashes hashes(const std::vector<Texts>& rows) {
    RowHashes made{1};
    for (const auto& row : rows) made.add(made.range_of(row), row);
    return made;
}

}  // namespace

TEST_SUITE("comparing rows") {
TEST_CASE("the same rows in any order have the same hashes") {
    std::vector<Texts> rows;
    for (int number = 0; number < 10'000; ++number) rows.push_back({std::to_string(number), "note"});
    const auto there = hashes(rows);
    std::ranges::reverse(rows);
    CHECK(there.differing(hashes(rows)).empty());
}

TEST_CASE("one field, a null, a missing row, a row more: each is seen, and in its range only") {
    const std::vector<Texts> rows{{"a", "1"}, {"b", "2"}, {"c", ""}};
    const auto there = hashes(rows);
    for (const auto& other : std::vector<std::vector<Texts>>{{{"a", "1"}, {"b", "3"}, {"c", ""}},
                                                             {{"a", "1"}, {"b", "2"}, {"c", std::nullopt}},
                                                             {{"a", "1"}, {"b", "2"}},
                                                             {{"a", "1"}, {"b", "2"}, {"c", ""}, {"d", ""}}}) {
        CHECK(there.differing(hashes(other)).size() == 1);
    }
    CHECK(there.differing(hashes({{"a", "2"}, {"b", "1"}, {"c", ""}})).size() == 2);  // values exchanged
    CHECK(hashes({{"ab", "c"}}).differing(hashes({{"a", "bc"}})).size() == 2);
}

TEST_CASE("what differs is told with both values, the first few rows only") {
    const projections::RowsByKey live{
        {"shelf_id=a", {"a", "1"}}, {"shelf_id=b", {"b", "2"}}, {"shelf_id=c", {"c", "3"}}};
    const projections::RowsByKey folded{
        {"shelf_id=a", {"a", std::nullopt}}, {"shelf_id=c", {"c", "3"}}, {"shelf_id=d", {"d", "4"}}};
    std::vector<Difference> told;
    CHECK(compare_rows(shape, live, folded, 10, told) == 3);
    REQUIRE(told.size() == 3);
    CHECK((told[0].key == "shelf_id=a" && told[0].column == "note" && told[0].live == "1" && told[0].folded == "null"));
    CHECK(
        (told[1].key == "shelf_id=b" && told[1].column.empty() && told[1].live == "a row" && told[1].folded == "null"));
    CHECK((told[2].key == "shelf_id=d" && told[2].live == "null" && told[2].folded == "a row"));
    told.clear();
    CHECK(compare_rows(shape, live, folded, 1, told) == 3);
    CHECK(told.size() == 1);
    CHECK(key_of(shape, {"x", "y"}) == "shelf_id=x");
}

TEST_CASE("JSON is the same however it is written") {
    CHECK(canonical_json(R"({"b": [1, null], "a": {"y": 1e2, "x": "\u00e9"}})") ==
          canonical_json(R"({"a":{"x":"é","y":100},"b":[1.0,null]})"));
    CHECK(canonical_json("[1,2]") != canonical_json("[2,1]"));
    CHECK(canonical_json(R"({"a":true})") != canonical_json(R"({"a":false})"));
    CHECK(canonical_json("{") == "{");
}
}
