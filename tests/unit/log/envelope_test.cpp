// tests/unit/log/envelope_test.cpp: what lies in the topics reads back as it was written, and damage is named.
#include "infra/log/envelope.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "infra/log/command.hpp"
#include "infra/log/partition_reader.hpp"
#include "infra/log/position.hpp"

using namespace kiroku;
using namespace kiroku::log;

namespace {

std::string golden(const std::string& path) {
    std::ifstream in{std::string{KIROKU_SOURCE_DIR} + "/" + path};
    std::ostringstream text;
    text << in.rdbuf();
    auto all = text.str();
    while (!all.empty() && all.back() == '\n') all.pop_back();
    return all;
}

std::string event_text(Term term, int sequence, int part, int parts, std::int64_t version) {
    const auto id = random_uuid_v7();
    const auto subject = "learner/" + to_string(id);
    std::string out;
    write_envelope({.id = EventId{id},
                    .type = "gamification.level_reached.v1",
                    .subject = subject,
                    .aggregate = id,
                    .time = Instant{},
                    .place = {term, Sequence{sequence}, part, parts},
                    .version = Version{version},
                    .command = CommandId{id},
                    .command_hash = "h",
                    .command_offset = Offset{1},
                    .correlation = "c",
                    .causation = {},
                    .actor = "anonymous",
                    .organization = {},
                    .traceparent = {},
                    .personal_keys = {},
                    .data = R"({"level":2})"},
                   out);
    return out;
}

kafka::Record record(std::int64_t offset, std::string_view value) {
    return {.topic = "gamification.events",
            .partition = 0,
            .offset = Offset{offset},
            .timestamp = {},
            .key = {},
            .value = value};
}

}  // namespace

TEST_SUITE("log/records") {
TEST_CASE("the golden event reads and writes to the same bytes") {
    const auto text = golden("schemas/core/envelope.v1.example.json");
    const auto event = read_envelope(text);
    REQUIRE_MESSAGE(event.has_value(), event.error());
    CHECK(event->context() == "gamification");
    CHECK(event->aggregate_name() == "learner");
    CHECK(event->place.term == Term{4180});
    CHECK(event->data == R"({"level":2})");
    std::string again;
    write_envelope(*event, again);
    CHECK(again == text);
}

TEST_CASE("a fence is one, and no event is") {
    const auto text = fence_record("identity", "decide-1", Instant{});
    const auto fence = read_envelope(text);
    REQUIRE(fence.has_value());
    CHECK(fence->is_fence());
    CHECK_FALSE(read_envelope(event_text(Term{0}, 1, 1, 1, 1))->is_fence());
}

TEST_CASE("damage is named") {
    CHECK_FALSE(read_envelope("").has_value());
    CHECK_FALSE(read_envelope("[]").has_value());
    CHECK_FALSE(read_envelope(R"({"type":"x")").has_value());
    CHECK(read_envelope(R"({"specversion":"1.0","type":"a.b.v1","data":{}})").error() == "an event without a subject");
    CHECK(read_envelope(R"({"specversion":"2.0"})").error() == "specversion is 2.0");
    CHECK_FALSE(read_envelope(event_text(Term{0}, 1, 1, 1, 1) + "x").has_value());
    CHECK_FALSE(read_envelope(event_text(Term{0}, 1, 1, 1, 1) + "{}").has_value());
}

TEST_CASE("a command reads back") {
    CommandRecord command;
    command.delivery = random_uuid_v7();
    command.type = "identity.start_session.v1";
    command.aggregate = "sessions";
    command.id = random_uuid_v7();
    command.command = CommandId{random_uuid_v7()};
    command.hash = "abc";
    command.correlation = "c";
    command.actor = "user/x";
    command.expected = Version{7};
    command.reply_to = {3, "gateway-1", true};
    command.deadline = Instant{std::chrono::milliseconds{1'700'000'000'123}};
    command.data = R"({"sessionId":"x\"y"})";
    const auto read = read_command(write_command(command));
    REQUIRE_MESSAGE(read.has_value(), read.error());
    CHECK(read->delivery == command.delivery);
    CHECK(read->id == command.id);
    CHECK(read->reply_to.partition == 3);
    CHECK(read->reply_to.asker == "gateway-1");
    CHECK(read->reply_to.reads_log);
    CHECK(read->deadline == command.deadline);
    CHECK(read->expected == Version{7});
    CHECK(read->data == command.data);
    CHECK_FALSE(read_command("{}").has_value());
    command.expected.reset();
    CHECK_FALSE(read_command(write_command(command))->expected);
}

TEST_CASE("a reply reads back, with its events") {
    Reply reply{.asker = "g",
                .delivery = random_uuid_v7(),
                .command = CommandId{random_uuid_v7()},
                .replayed = true,
                .refusal = {},
                .detail = "say \"no\"",
                .position = "identity/1@2",
                .events = {}};
    reply.events.push_back({"a.b.v1", EventId{random_uuid_v7()}, Version{7}, Instant{}, R"({"n":1})"});
    reply.events.push_back({"a.c.v1", EventId{random_uuid_v7()}, Version{8}, Instant{}, R"({"n":[2]})"});
    const auto read = read_reply(write_reply(reply));
    REQUIRE_MESSAGE(read.has_value(), read.error());
    CHECK(read->replayed);
    CHECK(read->detail == "say ?no?");
    REQUIRE(read->events.size() == 2);
    CHECK(read->events[1].data == R"({"n":[2]})");
    CHECK(read->events[1].version == Version{8});
}

TEST_CASE("positions join, and only ours are read") {
    auto position = Position::parse("gamification/3@123,challenges/5@77");
    REQUIRE(position.has_value());
    position->include("gamification", 3, Offset{100});
    position->include("identity", 0, Offset{1});
    CHECK(position->text() == "challenges/5@77,gamification/3@123,identity/0@1");
    for (const auto* bad :
         {"x", "a/1", "a@1", "/1@1", "a/-1@1", "a/1@-1", "a/1@1,", "A/1@1", "a/1@1x", "a/1@99999999999999999999"}) {
        CHECK_FALSE_MESSAGE(Position::parse(bad).has_value(), bad);
    }
}

TEST_CASE("a partition's reader gives whole decisions, and its cursor lies between decisions") {
    PartitionReader reader;
    CHECK(reader.accept(record(0, fence_record("gamification", "a", Instant{}))).empty());
    CHECK(reader.cursor() == Cursor{Offset{1}, {Term{0}, Sequence{0}}});
    const auto first = event_text(Term{0}, 1, 1, 2, 1);
    CHECK(reader.accept(record(1, first)).empty());
    CHECK(reader.cursor().next == Offset{1});
    const auto second = event_text(Term{0}, 2, 2, 2, 2);
    const auto decision = reader.accept(record(2, second));
    REQUIRE(decision.size() == 2);
    CHECK(decision[0].text == first);
    CHECK(decision[1].offset == Offset{2});
    CHECK(reader.cursor() == Cursor{Offset{3}, {Term{0}, Sequence{2}}});
    CHECK_THROWS_AS(reader.accept(record(3, "{}")), UnreadableRecord);
}

TEST_CASE("a gap is refused, and what was read already is ignored") {
    PartitionReader reader;
    const auto fence = fence_record("gamification", "a", Instant{});
    static_cast<void>(reader.accept(record(0, fence)));
    CHECK_THROWS_AS(reader.accept(record(2, event_text(Term{0}, 1, 1, 1, 1))), UnreadableRecord);
    CHECK(reader.accept(record(1, event_text(Term{0}, 1, 1, 2, 1))).empty());
    CHECK(reader.accept(record(1, event_text(Term{0}, 1, 1, 2, 1))).empty());
    CHECK(reader.accept(record(2, event_text(Term{0}, 2, 2, 2, 2))).size() == 2);
    CHECK(reader.counts().void_records == 0);
    reader.skip_to(Offset{9});
    CHECK(reader.accept(record(9, event_text(Term{0}, 3, 1, 1, 3))).size() == 1);
}

TEST_CASE("a decision cut in half by a fence is gone, and decided again it counts") {
    PartitionReader reader;
    static_cast<void>(reader.accept(record(0, fence_record("gamification", "a", Instant{}))));
    static_cast<void>(reader.accept(record(1, event_text(Term{0}, 1, 1, 2, 1))));
    static_cast<void>(reader.accept(record(2, fence_record("gamification", "b", Instant{}))));
    CHECK(reader.accept(record(3, event_text(Term{0}, 2, 2, 2, 2))).empty());
    CHECK(reader.accept(record(4, event_text(Term{2}, 1, 1, 2, 1))).empty());
    CHECK(reader.accept(record(5, event_text(Term{2}, 2, 2, 2, 2))).size() == 2);
    CHECK(reader.counts().void_records == 1);
}
}
