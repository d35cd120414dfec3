// tests/unit/replay/where_test.cpp: which expressions make sense, and which events they hold for.
#include "infra/replay/where.hpp"

#include <doctest/doctest.h>

#include "infra/replay/where_parser.hpp"
#include "tests/unit/replay/replayed_event.hpp"

using namespace kiroku;
using replay::Fields;
using replay::Where;
using test::ReplayedEvent;

namespace {

constexpr const char* rich_data =
    R"({"amount":35,"share":0.5,"big":9007199254740993,"rule":"streak","reason":"O'Hara \"\\\" é三","done":true,"undone":false,)"
    R"("nothing":null,"tags":["deep","focus",3,true,null],"items":[{"x":1,"name":"a"},{"x":[7,{"y":"z"}]}],)"
    R"("odd name":1,"nested":{"empty":{},"list":[]}})";

bool holds(const std::string& expression, ReplayedEvent replayed = {.data = rich_data}) {
    const auto where = Where::parse(expression);
    INFO(expression, ": column ", where ? 0 : where.error().column, " ", where ? "" : where.error().message);
    REQUIRE(where.has_value());
    const auto event = replayed.event();
    Fields fields;
    fields.look_at(event);
    return where->holds(fields);
}

void check(std::initializer_list<const char*> expressions, bool expected) {
    for (const auto* expression : expressions) {
        INFO(expression);
        CHECK(holds(expression) == expected);
    }
}

void refused(const std::string& expression, std::size_t column, const std::string& says) {
    const auto where = Where::parse(expression);
    INFO(expression);
    REQUIRE(!where.has_value());
    CHECK(where.error().column == column);
    INFO(where.error().message);
    CHECK(where.error().message.find(says) != std::string::npos);
}

}  // namespace

TEST_SUITE("where") {
TEST_CASE("the issue's own example") {
    const std::string expression = R"(data.amount > 30 && type == "gamification.xp_awarded.v1")";
    CHECK(holds(expression));
    CHECK(!holds(expression, {.data = R"({"amount":30})"}));
    CHECK(!holds(expression, {.type = "gamification.xp_awarded.v2"}));
}

TEST_CASE("numbers compare as numbers, whole or not") {
    check({"data.amount == 35", "data.amount == 35.0", "data.amount != 34", "data.amount < 35.5", "data.amount <= 35",
           "data.amount > -1", "data.amount >= 35", "data.share == 0.5", "data.share < 1", "data.share == 5e-1",
           "35 == data.amount", "data.big == 9007199254740993", "data.big != 9007199254740992", "9 < 10"},
          true);
    check({"data.amount == 34", "data.amount != 35", "data.amount < 35", "data.amount <= 34.9", "data.amount > 35",
           "data.amount >= 35.1", "data.share > 1"},
          false);
}

TEST_CASE("texts compare byte by byte, so times do too") {
    check({"data.rule == 'streak'", "data.rule == \"streak\"", "data.rule != 'level'", "data.rule < 'streaks'",
           "'a' < 'b'", "time >= '2026-03-06'", "time < '2026-03-06T12:00:00.001Z'",
           "time == '2026-03-06T12:00:00.000Z'"},
          true);
    check({"data.rule == 'Streak'", "data.rule > 'streak'", "time < '2026-03-06'"}, false);
}

TEST_CASE("texts with quotes, escapes and other alphabets") {
    check({R"(data.reason == "O'Hara \"\\\" é三")", R"(data.reason == 'O\'Hara "\\" é三')",
           R"(data.reason == "O'Hara \u0022\\\u0022 \u00e9\u4e09")", R"(data.reason contains '三')",
           R"("\ud83d\ude00" == '😀')", R"("a\nb\tc\/" == 'a
b	c/')"},
          true);
}

TEST_CASE("words for texts and lists") {
    check({"data.reason contains 'Hara'", "data.tags contains 'deep'", "data.tags contains 3",
           "data.tags contains true", "data.tags contains null", "data.rule startsWith 'str'",
           "data.rule endsWith 'eak'", "type startsWith 'gamification.'", "data.rule in ['level', 'streak']",
           "data.amount in [1, 35.0]", "data.missing in ['a', null]"},
          true);
    check({"data.reason contains 'hara'", "data.tags contains 'dee'", "data.tags contains 4",
           "data.rule startsWith 'eak'", "data.rule endsWith 'str'", "data.amount contains 3",
           "data.amount startsWith '3'", "data.rule in ['level']", "data.amount in ['35']", "data.missing contains 'a'",
           "data.items contains 1"},
          false);
}

TEST_CASE("what isn't there is null: equal to null only, and never less or greater") {
    check({"data.missing == null", "null == data.nothing", "data.nothing == null", "data.missing != 3",
           "data.amount != null", "data.items[7] == null", "data.amount.x == null", "data.rule[0] == null",
           "data.missing.x.y == data.nothing", "organization == null", "causationid == null", "!data.missing"},
          true);
    check({"data.missing == 3", "data.missing < 3", "data.missing >= 3", "data.missing == ''", "data.missing", "null",
           "data.nothing <= null", "data.missing != null", "3 > data.missing"},
          false);
}

TEST_CASE("kinds don't mix") {
    check({"data.amount != '35'", "data.done != 'true'", "data.done != 1", "data.items != 'x'"}, true);
    check({"data.amount == '35'", "data.amount > '3'", "data.rule > 3", "data.done == 1", "data.done > false",
           "data.tags == 3", "data.amount", "data.rule", "data"},
          false);
}

TEST_CASE("truths are conditions by themselves") {
    check({"data.done", "!data.undone", "data.done == true", "data.undone == false", "true", "!false", "!!data.done",
           "data.done == !data.undone"},
          true);
    check({"data.undone", "!data.done", "false", "data.done == false"}, false);
}

TEST_CASE("paths lead into objects and lists") {
    check({"data.items[0].x == 1", "data.items[0].name == 'a'", "data.items[1].x[1].y == 'z'", "data['odd name'] == 1",
           "data[\"amount\"] == 35", "data.nested.empty == data.nested.empty", "data.nested.list != data.nested.empty",
           "data . items [ 0 ] . x == 1"},
          true);
    check({"data.items[1].name == 'a'", "data.items.x == 1", "data.items[0][0] == 1"}, false);
}

TEST_CASE("attributes, in either case; numbers that lie as texts are numbers") {
    check({"subject startsWith 'learner/'", "aggregate == 'learner'", "subject endsWith aggregateid",
           "context == 'gamification'", "partition == 3", "offset == 123", "position == 'gamification/3@123'",
           "aggregateVersion > 9", "aggregateversion == 12", "correlationId == 'asked'", "actor startsWith 'policy/'",
           "commandOffset == 977", "term == 10 && sequence == 7 && part == 2 && parts == 4",
           "id != commandid && id != null", "traceparent == null"},
          true);
    CHECK(holds("organization == 'acme'", {.organization = "acme"}));
    CHECK(holds("id == '" + to_string(test::named<EventId>("an event")) + "'"));
}

TEST_CASE("tightest first: not, comparisons, and, or; parentheses change it") {
    check({"true || false && false", "false && false || true", "!false && true", "!(true && false)",
           "!data.undone == true", "data.amount > 30 && data.share < 1 || false", "true && (false || true)",
           "((data.amount)) == 35", "(data.amount > 30) == true"},
          true);
    check({"(true || false) && false", "false && (false || true)", "!true || false", "!(data.amount > 30)"}, false);
}

TEST_CASE("and, or: all are asked until it is clear") {
    check({"true && true && true", "false || false || true"}, true);
    check({"true && true && false", "false || false || false"}, false);
}

TEST_CASE("an event is looked at as it is, not as the one before") {
    const auto where = *Where::parse("data.amount == 1");
    Fields fields;
    ReplayedEvent one{.data = R"({"amount":1})"}, other{.data = R"({"amount":2})"}, broken{.data = R"({"amount":)"};
    for (int turn = 0; turn < 2; ++turn) {
        const auto first = one.event(), second = other.event(), third = broken.event();
        fields.look_at(first);
        CHECK(where.holds(fields));
        fields.look_at(second);
        CHECK(!where.holds(fields));
        fields.look_at(third);
        CHECK(!where.holds(fields));
    }
}
}

TEST_SUITE("an expression that makes no sense") {
TEST_CASE("is refused with the column and what was expected there") {
    refused("", 1, "expected a value, found the end");
    refused("data.amount >", 14, "expected a value, found the end");
    refused("data.amount > && true", 15, "expected a value, found `&&`");
    refused("data.amount = 3", 13, "equality is `==`");
    refused("data.amount 3", 13, "expected an operator or the end, found `3`");
    refused("data.amount & true", 13, "found `&`");
    refused("(data.amount == 3", 18, "expected an operator or `)`, found the end");
    refused("data.amount == 3)", 17, "found `)`");
    refused("data.a in 3", 11, "expected a list");
    refused("data.a in [data.b]", 12, "expected a text, a number");
    refused("data.a in [1 2]", 14, "expected `,` or `]`, found `2`");
    refused("data. == 3", 7, "expected a name");
    refused("data.items[x] == 3", 12, "expected a place in an array");
    refused("data.items[-1] == 3", 12, "`-1` is no place");
    refused("data.items[1", 13, "expected `]`");
    refused("3 < data.x < 5", 12, "can't be chained");
    refused("data.x == 3.4.5", 11, "`3.4.5` is no number");
    refused("data.x == 12abc", 11, "`12abc` is no number");
    refused("a.amount > 1", 1, "`a` is no attribute; there are id, type, subject");
    refused("type.x == 1", 5, "only `data` has anything within");
    refused("true && tpye == 'x'", 9, "`tpye` is no attribute");
}

TEST_CASE("texts must end, and escape what JSON does") {
    refused("type == 'x", 9, "no closing quote");
    refused("type == \"x\\\"", 9, "no closing quote");
    refused(R"(type == "a\qb")", 11, "`\\q` is no escape");
    refused(R"(type == "\u00g0")", 14, "four hexadecimal digits");
    refused(R"(type == "\ud800")", 10, "surrogate");
}

TEST_CASE("columns count characters, not bytes") { refused("'三三' == 'é' ?", 13, "found `?`"); }

TEST_CASE("neither its length nor its depth is without end") {
    const auto nested = [](int depth) { return std::string(depth, '(') + "true" + std::string(depth, ')'); };
    CHECK(holds(nested(replay::deepest_expression - 1)));
    refused(nested(replay::deepest_expression + 1), replay::deepest_expression + 1, "too deeply");
    refused(std::string(10'000, '('), 1, "longer than");
    CHECK(holds(std::string(replay::deepest_expression - 2, '!') + "true"));
    refused(std::string(4'000, '!'), replay::deepest_expression + 1, "too deeply");
}
}
