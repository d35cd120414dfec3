// tests/unit/replay/event_writer_test.cpp: events as lines, as CSV, as a table.
#include "infra/replay/event_writer.hpp"

#include <doctest/doctest.h>

#include "tests/unit/replay/replayed_event.hpp"

using namespace kiroku;
using replay::Column;
using replay::EventWriter;
using test::ReplayedEvent;

namespace {

std::vector<Column> columns(std::initializer_list<const char*> names) {
    std::vector<Column> columns;
    for (const auto* name : names) columns.push_back({name, *replay::Path::parse(name)});
    return columns;
}

std::string written(EventWriter& writer, std::vector<ReplayedEvent> events) {
    std::string out;
    writer.begin(out);
    for (auto& replayed : events) {
        const auto event = replayed.event();
        writer.write({event.partition, event.offset, event.text}, out);
    }
    writer.settle(out);
    return out;
}

}  // namespace

TEST_SUITE("event writer") {
TEST_CASE("NDJSON is each event as it lies in the log") {
    ReplayedEvent one, other{.data = R"({"text":"a\nb"})"};
    const auto expected = std::string{one.event().text} + '\n' + std::string{other.event().text} + '\n';
    CHECK(written(*replay::ndjson_writer(), {one, other}) == expected);
}

TEST_CASE("CSV has a header, quotes what needs it, and nothing for null") {
    const auto writer =
        replay::csv_writer(columns({"time", "position", "data.reason", "data.amount", "data.tags", "data"}));
    CHECK(written(*writer, {{.data = R"({"reason":"say \"hi\", now","amount":3.5,"tags":["a",1]})"},
                            {.data = R"({"reason":"two\nlines","amount":null})"},
                            {.data = R"({"reason":"plain"})"}}) ==
          "time,position,data.reason,data.amount,data.tags,data\n"
          "2026-03-06T12:00:00.000Z,gamification/3@123,\"say \"\"hi\"\", now\",3.5,\"[\"\"a\"\",1]\","
          "\"{\"\"reason\"\":\"\"say \\\"\"hi\\\"\", now\"\",\"\"amount\"\":3.5,\"\"tags\"\":[\"\"a\"\",1]}\"\n"
          "2026-03-06T12:00:00.000Z,gamification/"
          "3@123,\"two\nlines\",,,\"{\"\"reason\"\":\"\"two\\nlines\"\",\"\"amount\"\":null}\"\n"
          "2026-03-06T12:00:00.000Z,gamification/3@123,plain,,,\"{\"\"reason\"\":\"\"plain\"\"}\"\n");
}

TEST_CASE("CSV of no events is its header; truths and whole numbers are bare") {
    CHECK(written(*replay::csv_writer(columns({"id", "data.done"})), {}) == "id,data.done\n");
    CHECK(written(*replay::csv_writer(columns({"aggregateversion", "data.done"})), {{.data = R"({"done":true})"}}) ==
          "aggregateversion,data.done\n12,true\n");
}

TEST_CASE("a single empty or odd value") {
    std::string out;
    for (const auto* value : {"", "a\rb", "a b"}) replay::append_csv(out += '|', value);
    CHECK(out == "||\"a\rb\"|a b");
}

TEST_CASE("a table's columns are as wide as what is in them, but for the last") {
    const auto writer = replay::table_writer(columns({"data.a", "context", "data.b"}), 0);
    CHECK(written(*writer,
                  {{.data = R"({"a":"三三三三三三三三","b":"x"})"}, {.data = R"({"a":1,"b":"longer than others"})"}}) ==
          "data.a    context       data.b\n三三三三三三三三  gamification  x\n1         gamification  longer than "
          "others\n");
}

TEST_CASE("a table's lines are cut at the terminal's width, between characters") {
    const auto writer = replay::table_writer(columns({"context", "data.a"}), 16);
    CHECK(written(*writer, {{.data = R"({"a":"三三三三"})"}}) == "context       da\ngamification  三三\n");
}

TEST_CASE("what is in an event can't steer the terminal") {
    const auto writer = replay::table_writer(columns({"data.a"}), 0);
    CHECK(written(*writer, {{.data = "{\"a\":\"x\\u001b[2Jy\\u009bz\\n\xC3\xA9\"}"}}) == "data.a\nx.[2Jy.z.\xC3\xA9\n");
}

TEST_CASE("a table begins once there is enough to measure, or nothing more for now") {
    const auto writer = replay::table_writer(columns({"data.a"}), 0);
    std::string out;
    writer->begin(out);
    writer->settle(out);
    CHECK(out.empty());
    ReplayedEvent replayed{.data = R"({"a":1})"};
    const auto event = replayed.event();
    writer->write({event.partition, event.offset, event.text}, out);
    CHECK(out.empty());
    writer->settle(out);
    CHECK(out == "data.a\n1\n");
    writer->write({event.partition, event.offset, event.text}, out);
    CHECK(out == "data.a\n1\n1\n");
}
}
