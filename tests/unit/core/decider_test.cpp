// tests/unit/core/decider_test.cpp: what a decision makes up, it makes up again.
#include "domain/core/decider.hpp"

#include "tests/support/given.hpp"

namespace kiroku {

TEST_SUITE("core/decider") {
TEST_CASE("the ids of a decision follow from its command") {
    const DecisionContext one{.now = test::at("2026-03-06T12:00:00Z"), .command = test::named<CommandId>("one")};
    const DecisionContext later{.now = test::at("2026-03-07T12:00:00Z"), .command = test::named<CommandId>("one")};
    const DecisionContext other{.now = test::at("2026-03-06T12:00:00Z"), .command = test::named<CommandId>("other")};
    CHECK(one.new_id("ticket") == later.new_id("ticket"));
    CHECK(one.new_id("ticket") != one.new_id("note"));
    CHECK(one.new_id("ticket") != other.new_id("ticket"));
}
}

}  // namespace kiroku
