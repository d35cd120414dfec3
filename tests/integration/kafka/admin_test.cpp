// tests/integration/kafka/admin_test.cpp: topics' settings, as a real broker keeps them.
#include "infra/kafka/admin.hpp"

#include <doctest/doctest.h>

#include "tests/support/servers.hpp"

using namespace kiroku;

TEST_SUITE("a topic's settings") {
TEST_CASE("what is changed is changed, and its other settings stay") {
    kafka::Admin admin{test::kafka_server()};
    const auto topic = test::unused_name();
    REQUIRE(admin.create({topic, 1, {{"retention.ms", "-1"}}}, 1));
    admin.change(topic, {{"flush.messages", "1"}});
    CHECK(admin.describe(topic).own_settings ==
          std::map<std::string, std::string>{{"retention.ms", "-1"}, {"flush.messages", "1"}});
    admin.change(topic, {{"flush.messages", "7"}});
    CHECK(admin.describe(topic).settings.at("flush.messages") == "7");
    CHECK(admin.describe(topic).settings.at("retention.ms") == "-1");
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
