// tests/integration/kafka/admin_test.cpp: topics' settings, as a real broker keeps them.
#include "infra/kafka/admin.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "tests/support/servers.hpp"

using namespace kiroku;

namespace {

/// As the broker tells them once what was changed has reached the one that is asked: within 10 s.
kafka::Admin::Topic described(kafka::Admin& admin, const std::string& topic, const std::string& flush_messages) {
    for (int tries = 0; tries < 100; ++tries) {
        const auto found = admin.describe(topic);
        if (found.settings.at("flush.messages") == flush_messages) return found;
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    return admin.describe(topic);
}

}  // namespace

TEST_SUITE("a topic's settings") {
TEST_CASE("what is changed is changed, and its other settings stay") {
    kafka::Admin admin{test::kafka_server()};
    const auto topic = test::unused_name();
    REQUIRE(admin.create({topic, 1, {{"retention.ms", "-1"}}}, 1));
    admin.change(topic, {{"flush.messages", "1"}});
    CHECK(described(admin, topic, "1").own_settings ==
          std::map<std::string, std::string>{{"retention.ms", "-1"}, {"flush.messages", "1"}});
    admin.change(topic, {{"flush.messages", "7"}});
    const auto found = described(admin, topic, "7");
    CHECK(found.settings.at("flush.messages") == "7");
    CHECK(found.settings.at("retention.ms") == "-1");
}

TEST_CASE("a value that makes no sense is refused, and so is a topic that isn't there") {
    kafka::Admin admin{test::kafka_server()};
    const auto topic = test::unused_name();
    CHECK_THROWS_AS(admin.change(topic, {{"flush.messages", "1"}}), kafka::BrokerError);
    REQUIRE(admin.create({topic, 1, {}}, 1));
    CHECK_THROWS_AS(admin.change(topic, {{"flush.messages", "often"}}), kafka::BrokerError);
    CHECK(admin.describe(topic).own_settings.empty());
}
}
