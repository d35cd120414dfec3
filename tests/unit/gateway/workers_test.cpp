// tests/unit/gateway/workers_test.cpp: work off the io thread comes back to it, and never piles up.
#include "gateway/core/workers.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <latch>

using namespace kiroku::gateway;
using namespace std::chrono_literals;

namespace {

Task<void> ask(Workers& workers, std::latch& begin, std::vector<std::optional<std::thread::id>>& answers) {
    const auto work = [&begin] {
        begin.wait();
        return std::this_thread::get_id();
    };
    answers.push_back(co_await workers.run(work));
}

}  // namespace

TEST_SUITE("gateway/workers") {
TEST_CASE("as many as may wait do; the next is refused at once; all others are answered on the io thread") {
    net::io_context io{1};
    std::latch begin{1};
    std::vector<std::optional<std::thread::id>> answers;
    Workers workers{io, 1, 2};
    const auto ask_once = [&] { net::co_spawn(io, ask(workers, begin, answers), [](const std::exception_ptr&) {}); };
    ask_once();
    io.run_for(1ms);
    while (workers.waiting() > 0) std::this_thread::yield();
    for (int i = 0; i < 3; ++i) ask_once();
    io.restart();
    io.run_for(20ms);
    REQUIRE(answers.size() == 1);
    CHECK_FALSE(answers[0]);

    begin.count_down();
    while (answers.size() < 4) {
        io.restart();
        io.run_for(5ms);
    }
    for (std::size_t i = 1; i < 4; ++i) {
        REQUIRE(answers[i]);
        CHECK(*answers[i] != std::this_thread::get_id());
    }
}
}
