// tests/unit/runtime/supervisor_test.cpp: real children: their lines, ends, restarts and stops.
#include "infra/runtime/supervisor.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <vector>

#include "infra/runtime/probe.hpp"

using namespace kiroku::runtime;
using namespace std::chrono_literals;

TEST_SUITE("runtime/supervisor") {
Command shell(const std::string& name, const std::string& script) {
    return {.name = name, .words = {"/bin/sh", "-c", script}};
}

/// A supervisor that remembers what was said and started.
struct Watched {
    Shutdown shutdown;
    std::vector<std::string> lines;
    std::vector<int> pids;
    Supervisor supervisor{shutdown,
                          [this](const std::string& process, std::string_view line) {
                              lines.push_back(process + ": " + std::string{line});
                          },
                          [this](const Command&, int pid) { pids.push_back(pid); }};

    bool said(const std::string& line) const { return std::ranges::find(lines, line) != lines.end(); }
    bool hears(const std::string& line) {
        return supervisor.wait_until([&] { return said(line); }, 10s);
    }
};

TEST_CASE("waits are longer each time, up to a limit, and short again after a stable run") {
    Backoff backoff;
    CHECK(backoff.after_running(0ms) == Backoff::first);
    CHECK(backoff.after_running(0ms) == 2 * Backoff::first);
    for (int i = 0; i < 20; ++i) backoff.after_running(0ms);
    CHECK(backoff.after_running(0ms) == Backoff::limit);
    CHECK(backoff.after_running(Backoff::stable) == Backoff::first);
}

TEST_CASE("commands run to their end give their exit codes, and their lines with their name") {
    Watched watched;
    CHECK(watched.supervisor.run({shell("a", "echo one; echo two >&2; printf three; exit 3"), shell("b", "kill -9 $$")},
                                 10s) == std::vector{3, 137});
    CHECK(watched.lines == std::vector<std::string>{"a: one", "a: two", "a: three"});
}

TEST_CASE("a command that takes too long is killed") {
    Watched watched;
    CHECK(watched.supervisor.run({shell("slow", "sleep 60")}, 0s) == std::vector{137});
}

TEST_CASE("a program that doesn't exist is named") {
    Watched watched;
    CHECK_THROWS_WITH_AS(watched.supervisor.run({{.name = "x", .words = {"/nowhere/program"}}}, 1s),
                         "x (/nowhere/program) can't be started: No such file or directory.", Failure);
}

TEST_CASE("once all is settled, what dies is started again") {
    Watched watched;
    watched.supervisor.settle();
    watched.supervisor.keep(shell("server", "echo started; exec sleep 60"), 0);
    REQUIRE(watched.hears("server: started"));
    kill(watched.pids.at(0), SIGKILL);
    CHECK(watched.supervisor.wait_until([&] { return watched.pids.size() == 2; }, 10s));
}

TEST_CASE("before that, a server that dies and a process that can't be helped end everything") {
    Watched watched;
    watched.supervisor.keep(shell("server", "exit 1"), 0);
    CHECK_THROWS_WITH_AS(watched.supervisor.wait_until([] { return false; }, 10s),
                         "server ended with 1 before everything was ready.", Failure);
    watched.supervisor.keep(shell("gateway", "exit 3"), 1);
    CHECK_THROWS_AS(watched.supervisor.wait_until([] { return false; }, 10s), Failure);
}

TEST_CASE("before that, a process that just failed is tried again") {
    Watched watched;
    watched.supervisor.keep(shell("gateway", "exit 4"), 1);
    CHECK(watched.supervisor.wait_until([&] { return watched.pids.size() >= 2; }, 10s));
}

TEST_CASE("later stages stop first") {
    Watched watched;
    const auto says_goodbye = [](const std::string& name) {
        return shell(name, "trap 'echo bye; exit' TERM; echo here; while :; do sleep 0.01; done");
    };
    watched.supervisor.keep(says_goodbye("server"), 0);
    watched.supervisor.keep(says_goodbye("gateway"), 2);
    watched.supervisor.keep(says_goodbye("decide"), 1);
    for (const auto* name : {"server", "gateway", "decide"}) REQUIRE(watched.hears(std::string{name} + ": here"));
    watched.lines.clear();
    watched.supervisor.stop();
    CHECK(watched.lines == std::vector<std::string>{"gateway: bye", "decide: bye", "server: bye"});
}

TEST_CASE("a child sees its environment, its files and its standard input") {
    Watched watched;
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    REQUIRE(write(ends[1], "secret\n", 7) == 7);
    close(ends[1]);
    auto command = shell("c", "read word; echo $word $KIROKU_TEST; read more <&7; echo $more.");
    command.environment["KIROKU_TEST"] = "there";
    const int empty = open("/dev/null", O_RDONLY);
    command.files = {{ends[0], 0}, {empty, 7}};
    watched.supervisor.run({command}, 10s);
    close(ends[0]);
    close(empty);
    CHECK(watched.lines == std::vector<std::string>{"c: secret there", "c: ."});
}

TEST_CASE("an endless line is cut, not kept") {
    Watched watched;
    watched.supervisor.run({shell("c", "head -c 200000 /dev/zero | tr '\\0' x")}, 10s);
    CHECK(watched.lines.size() > 1);
}
}
