// tests/integration/projections/crash_test.cpp: projectors that are killed, over and over, in the middle of their work.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/support/projected.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using test::ProjectedWorld;

namespace {

constexpr const char* context_variable = "KIROKU_TEST_CONTEXT";
constexpr const char* schema_variable = "KIROKU_TEST_SCHEMA";

/// This program again, running only the test case below that projects until it is killed.
class Child {
public:
    explicit Child(const ProjectedWorld& world) {
        ::setenv(context_variable, world.log.context().c_str(), 1);
        ::setenv(schema_variable, world.schema.session().schema.c_str(), 1);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);  // a signal to -1 would go to everybody
        if (pid_ != 0) return;
        const int nowhere = ::open("/dev/null", O_WRONLY);
        ::dup2(nowhere, STDOUT_FILENO);
        ::dup2(nowhere, STDERR_FILENO);
        ::execl("/proc/self/exe", "integration_tests", "--no-skip",
                "--test-case=a child that projects until it is killed", nullptr);
        ::_exit(127);
    }
    ~Child() { kill(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGCONT);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    void stop() const { ::kill(pid_, SIGSTOP); }
    void go_on() const { ::kill(pid_, SIGCONT); }

private:
    pid_t pid_ = -1;
};

}  // namespace

TEST_SUITE("crashes") {
TEST_CASE("a child that projects until it is killed" * doctest::skip()) {
    if (std::getenv(context_variable) == nullptr) return;
    postgres::Session session;
    session.server = test::postgres_server();
    session.schema = std::getenv(schema_variable);
    auto models = ProjectedWorld::read_models_of(std::getenv(context_variable));
    projections::run_projectors({test::kafka_server(), session, std::move(models)}, {});
}

TEST_CASE("killed at any moment, projectors lose nothing and count nothing twice") {
    ProjectedWorld world;
    const auto story = test::random_story(41, 40, 4'000);
    std::mt19937 random{41};
    std::jthread writing{[&] {
        for (std::size_t told = 0; told < story.size(); ++told) {
            world.log.write(story[told]);
            if (told % 100 == 0) std::this_thread::sleep_for(60ms);
        }
    }};
    for (int life = 0; life < 8; ++life) {
        const Child child{world};
        std::this_thread::sleep_for(std::chrono::milliseconds{std::uniform_int_distribution{250, 700}(random)});
    }
    writing.join();
    const Child last{world};
    world.wait_until_read();
    world.check_verified();
}

TEST_CASE("one that was stopped finds its place taken when it wakes up") {
    ProjectedWorld world;
    const Child first{world};
    world.log.write(test::random_story(42, 20, 500));
    world.wait_until_read();
    first.stop();
    world.log.write(test::random_story(43, 20, 500));
    const Child second{world};
    world.wait_until_read();
    first.go_on();
    world.log.write(test::random_story(44, 20, 500));
    world.wait_until_read();
    world.check_verified();
}
}
