// tests/unit/commands/admission_test.cpp: one more command is taken on, unless it would come too late or be too many.
#include "commands/client/admission.hpp"

#include <doctest/doctest.h>

using namespace kiroku;
using namespace kiroku::commands;
using namespace std::chrono_literals;

namespace {

const log::Partition here{"challenges", 1}, there{"challenges", 2};

struct Sent {
    AdmissionControl control;
    std::uint64_t last = 0;
    AdmissionControl::Clock::time_point now{};

    explicit Sent(AdmissionLimits limits = {}) : control(limits) {}

    std::uint64_t send(const log::Partition& partition = here) {
        control.sent(partition, ++last, now);
        return last;
    }
    [[nodiscard]] Admission ask(const log::Partition& partition = here) const {
        return control.ask(partition, 4s, now);
    }
};

}  // namespace

TEST_SUITE("commands/admission") {
TEST_CASE("as many as may wait, and one more when one is answered or has given up") {
    Sent sent{{.in_flight = 2}};
    const auto first = sent.send(), second = sent.send(there);
    CHECK(sent.ask() == Admission::client_full);
    sent.control.answered(here, first);
    CHECK(sent.ask() == Admission::granted);
    sent.send();
    sent.control.gave_up(there, second);
    CHECK(sent.ask() == Admission::granted);
}

TEST_CASE("a partition that is full takes no more; others do") {
    Sent sent{{.per_partition = 1}};
    const auto first = sent.send();
    CHECK(sent.ask() == Admission::partition_full);
    CHECK(sent.ask(there) == Admission::granted);
    sent.control.answered(here, first);
    CHECK(sent.ask() == Admission::granted);
}

TEST_CASE("a partition whose answers take more than half the time that a command has is left alone") {
    Sent sent;
    const auto first = sent.send();
    sent.now += 2s;
    CHECK(sent.ask() == Admission::granted);
    sent.now += 1ms;
    CHECK(sent.ask() == Admission::partition_slow);
    CHECK(sent.ask(there) == Admission::granted);
    SUBCASE("until it answers") { sent.control.answered(here, first); }
    SUBCASE("until nobody waits any more") { sent.control.gave_up(here, first); }
    CHECK(sent.ask() == Admission::granted);
}

TEST_CASE("an answer that got lost says nothing about a partition that has answered later commands") {
    Sent sent;
    sent.send();
    sent.now += 1s;
    const auto second = sent.send();
    sent.now += 1500ms;
    CHECK(sent.ask() == Admission::partition_slow);
    sent.control.answered(here, second);
    CHECK(sent.ask() == Admission::granted);
}

TEST_CASE("answered twice, or by nobody who asked, counts once") {
    Sent sent{{.in_flight = 1}};
    const auto first = sent.send();
    sent.control.answered(here, first);
    sent.control.answered(here, first);
    sent.control.gave_up(there, 7);
    sent.send();
    CHECK(sent.ask() == Admission::client_full);
}
}
