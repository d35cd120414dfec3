// tests/unit/replay/correlation_tree_test.cpp: what led to what, told from the events alone.
#include "infra/replay/correlation_tree.hpp"

#include <doctest/doctest.h>

#include "tests/unit/replay/replayed_event.hpp"

using namespace kiroku;
using replay::CausingCommand;
using replay::KeptEvent;
using test::at;
using test::named;
using test::ReplayedEvent;

namespace {

struct Told {
    std::string id, command, causation{}, correlation = "request";
    int second = 0;
    int partition = 0;
    std::int64_t offset = 0;
};

std::vector<KeptEvent> kept(const std::vector<Told>& told) {
    std::vector<KeptEvent> events;
    for (const auto& one : told) {
        ReplayedEvent replayed{.partition = {"gamification", one.partition},
                               .correlation = one.correlation,
                               .id = one.id,
                               .time = at("2026-03-06T12:00:00Z") + std::chrono::seconds{one.second},
                               .offset = Offset{one.offset}};
        const auto causation = one.causation.empty() ? "" : to_string(named<EventId>(one.causation));
        replayed.causation = causation;
        replayed.command = one.command;
        events.push_back(replay::keep(replayed.event()));
    }
    return events;
}

/// "request(a[1 2(b[3])])": commands with their events, those with the commands that they led to.
class Shown {
public:
    explicit Shown(const std::vector<Told>& told) : told_(told), events_(kept(told)) {
        for (const auto& correlation : replay::correlations_of(events_)) {
            text += correlation.id;
            show(correlation.commands);
        }
    }

    std::string text;

private:
    void show(const std::vector<CausingCommand>& commands) {
        text += '(';
        for (const auto& command : commands) {
            for (const auto& one : told_)
                if (named<CommandId>(one.command) == command.id) {
                    text += one.command;
                    break;
                }
            text += '[';
            for (const auto& [event, led_to] : command.events) {
                for (const auto& one : told_)
                    if (named<EventId>(one.id) == event->envelope.id) text += one.id;
                if (!led_to.empty()) show(led_to);
            }
            text += ']';
        }
        text += ')';
    }

    const std::vector<Told>& told_;
    std::vector<KeptEvent> events_;
};

std::string shown(const std::vector<Told>& told) { return Shown{told}.text; }

}  // namespace

TEST_SUITE("correlation tree") {
TEST_CASE("a request, its command, its events, what policies answered them with") {
    CHECK(shown({{.id = "3", .command = "b", .causation = "2", .second = 1, .partition = 1},
                 {.id = "1", .command = "a", .offset = 7},
                 {.id = "4", .command = "c", .causation = "3", .second = 2},
                 {.id = "2", .command = "a", .offset = 8},
                 {.id = "5", .command = "d", .causation = "1", .second = 3}}) == "request(a[1(d[5])2(b[3(c[4])])])");
}

TEST_CASE("requests in the order of their first events") {
    CHECK(shown({{.id = "1", .command = "a", .correlation = "late", .second = 2},
                 {.id = "2", .command = "b", .correlation = "early", .second = 1},
                 {.id = "3", .command = "c", .correlation = "late", .second = 3}}) == "early(b[2])late(a[1]c[3])");
}

TEST_CASE("a command whose cause isn't there stands beside the request's own") {
    CHECK(shown({{.id = "1", .command = "a"}, {.id = "2", .command = "b", .causation = "gone", .second = 1}}) ==
          "request(a[1]b[2])");
}

TEST_CASE("the same command id in two partitions is two commands") {
    CHECK(shown({{.id = "1", .command = "a"}, {.id = "2", .command = "a", .second = 1, .partition = 1}}) ==
          "request(a[1]a[2])");
}

TEST_CASE("events that name each other as their cause are left out, not followed for ever") {
    CHECK(
        shown({{.id = "1", .command = "a", .causation = "2"}, {.id = "2", .command = "b", .causation = "1"}}).empty());
}
}
