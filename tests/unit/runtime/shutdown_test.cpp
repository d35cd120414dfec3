// tests/unit/runtime/shutdown_test.cpp: being asked to stop, once, twice, and by whom.
#include "infra/runtime/shutdown.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "infra/runtime/program.hpp"

using namespace kiroku::runtime;
using namespace std::chrono_literals;

TEST_SUITE("runtime/shutdown") {
/// Runs it in a process of its own, which signals may end; how that ended.
template <class Body>
int in_child(Body body) {
    const pid_t pid = fork();
    if (pid == 0) std::_Exit(body());
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("nobody asks: a wait ends with its time") {
    const Shutdown shutdown;
    CHECK_FALSE(shutdown.wait_for(1ms));
    CHECK_FALSE(shutdown.requested());
}

TEST_CASE("a request ends every wait and stays") {
    Shutdown shutdown;
    const auto token = shutdown.token();
    shutdown.request();
    CHECK(shutdown.wait_for(10s));
    CHECK(shutdown.wait_for(10s));
    CHECK(token.stop_requested());
}

TEST_CASE("the first signal asks") {
    for (const int signal : {SIGTERM, SIGINT}) {
        CHECK(in_child([signal] {
                  const Shutdown shutdown;
                  kill(getpid(), signal);
                  return shutdown.wait_for(10s) ? 42 : 1;
              }) == 42);
    }
}

TEST_CASE("the second signal ends the process at once") {
    CHECK(in_child([] {
              const Shutdown shutdown;
              kill(getpid(), SIGTERM);
              shutdown.wait_for(10s);
              std::this_thread::sleep_for(20ms);
              kill(getpid(), SIGTERM);
              std::this_thread::sleep_for(10s);
              return 42;
          }) == 130);
}

TEST_CASE("a program whose verb has ended by itself isn't killed by being told to end") {
    struct Nothing {};
    CHECK(in_child([] {
              Program program;
              program.verb<Nothing>(
                  {"rest", "does nothing", ""}, [](Options&, Nothing&) {},
                  [](const Nothing&, Shutdown&) { return Exit::ok; });
              const std::array<const char*, 2> words{"kiroku", "rest"};
              if (program.run(static_cast<int>(words.size()), words.data()) != Exit::ok) return 1;
              kill(getpid(), SIGTERM);
              std::this_thread::sleep_for(20ms);
              return 42;
          }) == 42);
}
}
