// tests/unit/replay/request_trace_test.cpp: the way of a request, told from what lies in the topics.
#include "infra/replay/request_trace.hpp"

#include <doctest/doctest.h>

#include "infra/replay/trace_search.hpp"
#include "tests/unit/replay/replayed_event.hpp"

using namespace kiroku;
using replay::Fate;
using replay::TracedCommand;
using test::at;
using test::named;
using test::ReplayedEvent;

namespace {

const Instant noon = at("2026-03-06T12:00:00Z");
constexpr const char* traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

Instant after_ms(int ms) { return noon + std::chrono::milliseconds{ms}; }

/// What was found, as a test says it.
class Found {
public:
    Found() { records.requests.insert("asked"); }

    Found& command(const std::string& name, std::int64_t offset, int ms, const std::string& cause = "") {
        log::CommandRecord record{.delivery = named<EventId>("delivery of " + name).value,
                                  .type = "gamification.do.v1",
                                  .aggregate = "learner",
                                  .id = {},
                                  .command = named<CommandId>(name),
                                  .hash = "h",
                                  .correlation = "asked",
                                  .causation = cause.empty() ? "" : to_string(named<EventId>(cause)),
                                  .actor = "user/mika",
                                  .roles = {},
                                  .organization = {},
                                  .traceparent = traceparent,
                                  .expected = {},
                                  .reply_to = {},
                                  .deadline = {},
                                  .data = "{}"};
        records.commands.push_back({here, Offset{offset}, after_ms(ms), std::move(record)});
        return *this;
    }

    Found& event(const std::string& name, const std::string& command, std::int64_t command_offset, std::int64_t offset,
                 int ms, const std::string& request = "asked", const std::string& cause = "") {
        ReplayedEvent told{.partition = here,
                           .correlation = request,
                           .id = name,
                           .time = after_ms(ms),
                           .offset = Offset{offset},
                           .command = command,
                           .causation = cause.empty() ? "" : to_string(named<EventId>(cause))};
        told.event();
        told.envelope.command_offset = Offset{command_offset};
        told.envelope.place.part = told.envelope.place.parts = 1;
        told.text.clear();
        log::write_envelope(told.envelope, told.text);
        records.events.push_back(replay::keep({told.partition, told.offset, told.envelope, told.text}));
        records.written.emplace(replay::PlaceIn{here, Offset{offset}}, after_ms(ms + 1));
        return *this;
    }

    Found& reply(const std::string& command, int ms, const std::string& refusal, bool replayed = false) {
        records.replies.push_back({after_ms(ms),
                                   {.delivery = named<EventId>("delivery of " + command).value,
                                    .command = named<CommandId>(command),
                                    .replayed = replayed,
                                    .refusal = refusal}});
        return *this;
    }

    replay::RequestTrace trace() const { return replay::trace_of(records); }

    log::Partition here{"gamification", 1};
    replay::FoundRecords records;
};

}  // namespace

TEST_SUITE("request trace") {
TEST_CASE("a command, its events, what policies answered, with the time of each") {
    Found found;
    found.event("third", "answer", 8, 102, 9, "asked", "first").command("answer", 8, 7, "first");
    found.event("second", "wish", 5, 101, 0).command("wish", 5, 0).event("first", "wish", 5, 100, 0);
    const auto trace = found.trace();
    REQUIRE(trace.commands.size() == 1);
    const auto& wish = trace.commands.front();
    CHECK(wish.fate == Fate::decided);
    REQUIRE(wish.events.size() == 2);
    CHECK(wish.events[0].event->envelope.id == named<EventId>("first"));
    CHECK(wish.events[1].commands.empty());
    REQUIRE(wish.events[0].commands.size() == 1);
    const auto& answer = wish.events[0].commands.front();
    CHECK(answer.id == named<CommandId>("answer"));
    CHECK(answer.events.size() == 1);
    CHECK(answer.begin() == after_ms(7));
    CHECK(answer.end() == after_ms(10));
    CHECK(trace.begin == noon);
    CHECK(trace.end == after_ms(10));
    CHECK(trace.traces == std::set<std::string, std::less<>>{"4bf92f3577b34da6a3ce929d0e0e4736"});
}

TEST_CASE("what became of a command without events") {
    Found found;
    found.command("refused", 1, 0).reply("refused", 3, "not_yours");
    found.command("quiet", 2, 1).reply("quiet", 4, "");
    found.command("unheard of", 3, 2);
    const auto trace = found.trace();
    REQUIRE(trace.commands.size() == 3);
    CHECK(trace.commands[0].fate == Fate::refused);
    CHECK(trace.commands[0].reply->reply.refusal == "not_yours");
    CHECK(trace.commands[0].end() == after_ms(3));
    CHECK(trace.commands[1].fate == Fate::quiet);
    CHECK(trace.commands[2].fate == Fate::unknown);
}

TEST_CASE("a command that was decided before, for another request, doesn't take its events") {
    Found found;
    found.command("wish", 9, 60).reply("wish", 61, "", true).event("first", "wish", 5, 100, 0, "earlier");
    const auto trace = found.trace();
    REQUIRE(trace.commands.size() == 1);
    CHECK(trace.commands[0].fate == Fate::repeated);
    CHECK(trace.commands[0].events.empty());
    REQUIRE(trace.commands[0].decided_before != nullptr);
    CHECK(trace.commands[0].decided_before->envelope.correlation == "earlier");
    CHECK(trace.begin == after_ms(60));
}

TEST_CASE("the same key with another wish is refused, not repeated") {
    Found found;
    found.command("wish", 9, 60)
        .reply("wish", 61, "idempotency_key_reused")
        .event("first", "wish", 5, 100, 0, "earlier");
    CHECK(found.trace().commands[0].fate == Fate::refused);
}

TEST_CASE("commands that their topic has forgotten are known by their events") {
    Found found;
    found.event("first", "wish", 5, 100, 0).event("second", "answer", 6, 101, 3, "asked", "first");
    const auto trace = found.trace();
    REQUIRE(trace.commands.size() == 1);
    CHECK(trace.commands[0].written == nullptr);
    CHECK(trace.commands[0].begin() == noon);
    CHECK(trace.commands[0].offset == Offset{5});
    CHECK(trace.commands[0].events[0].commands.size() == 1);
}

TEST_CASE("a command whose cause isn't there stands beside the request's own") {
    CHECK(Found{}.command("wish", 5, 0).command("answer", 8, 7, "gone").trace().commands.size() == 2);
}

TEST_CASE("events that name each other as their cause are left out, not followed for ever") {
    Found found;
    found.event("a", "one", 1, 100, 0, "asked", "b").event("b", "two", 2, 101, 1, "asked", "a");
    CHECK(found.trace().commands.empty());
}

TEST_CASE("ids of version 7 tell when they were made, others don't") {
    CHECK(replay::time_in("0195677c-1d80-7a3e-9c51-2f6b8d4e0a17") ==
          Instant{std::chrono::milliseconds{0x0195677c1d80}});
    CHECK(replay::time_in("0195677c1d807a3e9c512f6b8d4e0a17") ==
          replay::time_in("00-0195677c1d807a3e9c512f6b8d4e0a17-00f067aa0ba902b7-01"));
    CHECK(replay::time_in("0195677c1d807a3e9c512f6b8d4e0a17"));
    CHECK_FALSE(replay::time_in("4bf92f3577b34da6a3ce929d0e0e4736"));
    CHECK_FALSE(replay::time_in("3c1f6a52-5d0e-4b8a-9f57-0c7f5a1e2b64"));
    CHECK_FALSE(replay::time_in("my own request"));
}

TEST_CASE("trace ids are taken from a traceparent") {
    CHECK(replay::trace_id_of(traceparent) == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(replay::trace_id_of("4bf92f3577b34da6a3ce929d0e0e4736").empty());
    CHECK(replay::trace_id_of("").empty());
}
}
