// tests/unit/tracing/trace_context_test.cpp: W3C trace context, read and made.
#include "infra/tracing/trace_context.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "commands/contexts.hpp"
#include "gateway/core/spans.hpp"
#include "tests/support/given.hpp"

using namespace kiroku;
using tracing::read_traceparent;

namespace {

const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

gateway::Fields fields(const std::vector<std::string>& traceparents) {
    gateway::Fields fields;
    for (const auto& one : traceparents) fields.add("traceparent", one);
    return fields;
}

}  // namespace

TEST_SUITE("trace context") {
TEST_CASE("a traceparent is read and written") {
    const auto context = read_traceparent(good);
    CHECK(context.known());
    CHECK(context.sampled);
    CHECK(tracing::trace_id(context) == "4bf92f3577b34da6a3ce929d0e0e4736");
    CHECK(tracing::hex(context.span) == "00f067aa0ba902b7");
    CHECK(tracing::traceparent(context) == good);
    CHECK_FALSE(read_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").sampled);
    CHECK(read_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe").sampled == false);
    CHECK(read_traceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-09-what comes later").sampled);
}

TEST_CASE("what the recommendation calls invalid is none") {
    for (const std::string bad : {"", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                  "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                  "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                  "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                  "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
                                  "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                                  "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
                                  "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                  "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                  "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what comes later"}) {
        CAPTURE(bad);
        CHECK_FALSE(read_traceparent(bad).known());
    }
    CHECK(tracing::traceparent({}).empty());
    CHECK(tracing::trace_id({}).empty());
}

TEST_CASE("a child is another hop of the same trace, none of none") {
    const auto parent = read_traceparent(good);
    const auto child = tracing::child_of(parent);
    CHECK(child.trace == parent.trace);
    CHECK(child.sampled);
    CHECK(child.span != parent.span);
    CHECK(child != tracing::child_of(parent));
    CHECK(read_traceparent(tracing::traceparent(child)) == child);
    CHECK_FALSE(tracing::child_of({}).known());
}

TEST_CASE("a policy's hop is the same one whoever takes it") {
    const auto parent = read_traceparent(good);
    const auto command = test::named<CommandId>("a command").value;
    CHECK(tracing::child_of(parent, command) == tracing::child_of(parent, command));
    CHECK(tracing::child_of(parent, command).span != tracing::SpanId{});
}

TEST_CASE("a policy's command goes on with its event's trace, by whomever it is sent") {
    std::ifstream file{std::string{KIROKU_SOURCE_DIR} + "/schemas/challenges/events/session_completed.v1.example.json"};
    const std::string data{std::istreambuf_iterator<char>{file}, {}};
    const auto policies = commands::all_policies();
    const std::string type = "challenges.session_completed.v1";
    const auto policy = std::ranges::find(policies, type, &commands::Policy::event_type);
    REQUIRE(policy != policies.end());
    const auto respond = [&](std::string_view parent) {
        return policy->respond({test::named<EventId>("it"), type, data, "asked", "", parent})->traceparent;
    };
    const auto answer = read_traceparent(respond(good));
    CHECK(answer.trace == read_traceparent(good).trace);
    CHECK(answer.span != read_traceparent(good).span);
    CHECK(respond(good) == respond(good));
    CHECK(respond("").empty());
}

TEST_CASE("a request takes part in the trace that it names, once and well, else begins one") {
    CHECK(gateway::RequestSpan{fields({good}), 0}.context().trace == read_traceparent(good).trace);
    CHECK(gateway::RequestSpan{fields({good}), 0}.context().span != read_traceparent(good).span);
    CHECK(gateway::RequestSpan{fields({good}), 0}.context().sampled);
    for (const auto& traceparents : std::vector<std::vector<std::string>>{{}, {"nonsense"}, {good, good}}) {
        const gateway::RequestSpan begun{fields(traceparents), 0};
        CHECK(begun.context().known());
        CHECK(begun.context().trace != read_traceparent(good).trace);
        CHECK_FALSE(begun.context().sampled);
    }
    CHECK(gateway::RequestSpan{fields({}), 1}.context().sampled);
}

TEST_CASE("about the share of new traces is sampled that is asked for") {
    int sampled = 0;
    for (int i = 0; i < 2'000; ++i) sampled += gateway::RequestSpan{fields({}), 0.25}.context().sampled;
    CHECK(sampled > 350);
    CHECK(sampled < 650);
}
}
