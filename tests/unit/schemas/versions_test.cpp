// tests/unit/schemas/versions_test.cpp: golden bytes of every version that was ever written are read as today's type.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "infra/log/envelope.hpp"
#include "projections/engine/digest.hpp"
#include "schemas/catalog.hpp"
#include "schemas/challenges/codec.hpp"

namespace {

using namespace kiroku;

/// The golden file of a schema; `which`: .example.json or .upcast.json.
std::string golden(std::string_view schema, const std::string& which) {
    auto path = std::string{KIROKU_SOURCE_DIR} + "/" + std::string{schema};
    path.replace(path.rfind(".json"), 5, which);
    std::ifstream file{path};
    REQUIRE_MESSAGE(file.good(), path);
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    REQUIRE(text.ends_with('\n'));
    text.pop_back();
    return text;
}

const schemas::Entry& entry_of(std::string_view type) {
    for (const auto& entry : schemas::catalog())
        if (entry.type == type) return entry;
    FAIL("no schema has the type ", type);
    return schemas::catalog().front();
}

/// A record of the log with these data, and the data as they are read from it.
std::string through_the_log(std::string_view type, const std::string& data) {
    log::Envelope event;
    event.type = type;
    event.subject = "thing/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17";
    event.place = {log::Term{1}, log::Sequence{1}, 1, 1};
    event.version = log::Version{1};
    event.data = data;
    std::string record;
    log::write_envelope(event, record);
    const auto read = log::read_envelope(record);
    REQUIRE(read);
    CHECK(read->type == type);
    return std::string{read->data};
}

std::string without_version(std::string_view type) { return std::string{type.substr(0, type.rfind('.'))}; }

}  // namespace

TEST_SUITE("schemas/versions") {
TEST_CASE("golden bytes of every older version become what is written down, as aggregates read them") {
    REQUIRE_FALSE(schemas::older_versions().empty());
    for (const auto& older : schemas::older_versions()) {
        CAPTURE(older.type);
        const auto& entry = entry_of(older.type);
        const auto stored = through_the_log(older.type, golden(entry.file, ".example.json"));
        const auto renewed = older.renew(older.type, stored);
        REQUIRE_MESSAGE(renewed, renewed.error().path, " ", renewed.error().problem);
        CHECK(*renewed == golden(entry.file, ".upcast.json"));
        const auto& today = entry_of(older.today);
        CHECK(today.recode(*renewed) == *renewed);
        CHECK(today.aggregate == entry.aggregate);
    }
}

TEST_CASE("every version but the newest is upcast, and it to the newest") {
    for (const auto& entry : schemas::catalog()) {
        if (entry.kind != "event" && entry.kind != "command") continue;
        CAPTURE(entry.type);
        const auto* const older = schemas::older_version(entry.type);
        const auto& today = older == nullptr ? entry : entry_of(older->today);
        CHECK(without_version(today.type) == without_version(entry.type));
        for (const auto& other : schemas::catalog()) {
            if (without_version(other.type) != without_version(entry.type) || other.kind != entry.kind) continue;
            CHECK(other.type.size() <= today.type.size());
            if (other.type.size() == today.type.size()) CHECK(other.type <= today.type);
        }
    }
}

TEST_CASE("read models and aggregates see one type, whichever version lies in the log") {
    using challenges::SessionAbandoned;
    using Events = projections::Reads<challenges::SessionStarted, SessionAbandoned>;
    CHECK(Events::types() == std::vector<std::string_view>{"challenges.session_started.v1",
                                                           "challenges.session_abandoned.v2",
                                                           "challenges.session_abandoned.v1"});
    const std::string file = "schemas/challenges/events/session_abandoned.";
    for (const auto& [type, schema, reason] :
         {std::tuple{"challenges.session_abandoned.v1", file + "v1.json", challenges::AbandonReason::unspecified},
          std::tuple{"challenges.session_abandoned.v2", file + "v2.json", challenges::AbandonReason::interrupted}}) {
        CAPTURE(type);
        const auto data = golden(schema, ".example.json");
        const auto seen = projections::digest<Events>(
            {.type = type, .id = {}, .aggregate = {}, .time = {}, .version = {}, .offset = {}, .data = data});
        REQUIRE(seen);
        CHECK(std::get<SessionAbandoned>(*seen).reason == reason);
        const auto event = json::decode_variant<challenges::ChallengeSessionEvent>(type, data);
        REQUIRE(event);
        CHECK(std::get<SessionAbandoned>(*event) == std::get<SessionAbandoned>(*seen));
    }
}

TEST_CASE("what isn't there in an older version is missed under its own name") {
    const auto missing =
        json::decode_variant<challenges::ChallengeSessionEvent>("challenges.session_abandoned.v1", "{}");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().path == "/userId");
    CHECK_FALSE(json::decode_variant<challenges::ChallengeSessionEvent>("challenges.session_abandoned.v3", "{}"));
    CHECK(json::decode_as<challenges::SessionAbandoned>("challenges.session_abandoned.v1", "{}").error() ==
          missing.error());
}
}
