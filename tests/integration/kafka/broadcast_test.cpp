// tests/integration/kafka/broadcast_test.cpp: what is told is heard by all who listen, in one order, and by nobody
// later.
#include "infra/kafka/broadcast.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

#include "infra/kafka/admin.hpp"
#include "tests/support/servers.hpp"

namespace kiroku {
namespace {

using namespace std::chrono_literals;

/// One process.
class Process {
public:
    explicit Process(const std::string& topic, const std::string& bootstrap = test::kafka_server(), int most = 10'000)
        : broadcast_{{.bootstrap = bootstrap, .topic = topic, .most_waiting = most},
                     [this](std::vector<std::string> heard) { take(std::move(heard)); }} {}

    /// Says hello until it hears itself: from there on it misses nothing.
    void listen() {
        for (int i = 0; i < 300 && !hears("hello", 100ms); ++i) tell("hello");
        const std::scoped_lock lock{mutex_};
        heard_.clear();
    }

    bool tell(const std::string& message) { return broadcast_.send(message); }

    bool hears(const std::string& message, std::chrono::milliseconds within = 20s) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, within, [&] { return std::ranges::find(heard_, message) != heard_.end(); });
    }

    /// But for the greetings.
    std::vector<std::string> heard() {
        const std::scoped_lock lock{mutex_};
        auto all = heard_;
        std::erase(all, "hello");
        return all;
    }

    [[nodiscard]] kafka::Broadcast::Counts counts() const { return broadcast_.counts(); }

private:
    void take(std::vector<std::string> heard) {
        const std::scoped_lock lock{mutex_};
        std::ranges::move(heard, std::back_inserter(heard_));
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> heard_;
    kafka::Broadcast broadcast_;
};

std::string new_topic() {
    const auto topic = test::unused_name();
    kafka::Admin{test::kafka_server()}.create({topic, 1, {}}, 1);
    return topic;
}

TEST_SUITE("a broadcast") {
TEST_CASE("all who listen hear the same in the same order, their own, too") {
    const auto topic = new_topic();
    Process one{topic}, other{topic};
    one.listen();
    other.listen();
    for (int i = 0; i < 500; ++i) {
        CHECK(one.tell("a" + std::to_string(i)));
        CHECK(other.tell("b" + std::to_string(i)));
    }
    for (auto* process : {&one, &other}) {
        CHECK(process->hears("a499"));
        CHECK(process->hears("b499"));
    }
    CHECK(one.heard().size() == 1'000);
    CHECK(one.heard() == other.heard());
}

TEST_CASE("who comes later hears nothing of before") {
    const auto topic = new_topic();
    Process one{topic};
    one.listen();
    one.tell("early");
    CHECK(one.hears("early"));
    Process late{topic};
    late.listen();
    one.tell("now");
    CHECK(late.hears("now"));
    CHECK(late.heard() == std::vector<std::string>{"now"});
}

TEST_CASE("what is said last is still delivered when its teller goes") {
    const auto topic = new_topic();
    Process one{topic};
    one.listen();
    {
        Process leaving{topic};
        leaving.listen();
        leaving.tell("goodbye");
    }
    CHECK(one.hears("goodbye"));
}

TEST_CASE("without a broker nobody waits: so much is kept for a moment, the rest is dropped") {
    Process alone{"nowhere", "127.0.0.1:1", 100};
    int taken = 0;
    for (int i = 0; i < 1'000; ++i) taken += alone.tell("x") ? 1 : 0;
    CHECK(taken == 100);
    CHECK(alone.counts().dropped >= 900);
}

TEST_CASE("a topic that comes into being later is listened to then") {
    const auto topic = test::unused_name();
    Process early{topic};
    early.tell("lost");
    kafka::Admin{test::kafka_server()}.create({topic, 1, {}}, 1);
    early.listen();
    early.tell("heard");
    CHECK(early.hears("heard", 30s));
}
}

}  // namespace
}  // namespace kiroku
