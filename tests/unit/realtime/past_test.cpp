// tests/unit/realtime/past_test.cpp: which events concern whom, and what clients are told of them.
#include "gateway/realtime/past.hpp"

#include <fstream>
#include <sstream>

#include "gateway/realtime/channel.hpp"
#include "schemas/catalog.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

const Uuid subject = uuid_v5(Uuid{}, "the aggregate");

std::string example(const std::string& path, const std::string& which = ".v1.example.json") {
    std::ifstream file{std::string{KIROKU_SOURCE_DIR} + "/schemas/" + path + which};
    REQUIRE_MESSAGE(file, path);
    std::stringstream text;
    text << file.rdbuf();
    auto data = text.str();
    while (!data.empty() && data.back() == '\n') data.pop_back();
    return data;
}

constexpr std::string_view good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string told_trace(const PastEvent& event, std::string_view traceparent) {
    return traceparent == good && event.owner != UserId{} ? R"("traceparent":")" + std::string{good} + "\"," : "";
}

/// The golden example of an event as the tail makes it of its record.
PastEvent told(const std::string& context, const std::string& name, std::string_view traceparent = {}) {
    const auto partitions = partitions_of(1);
    const log::Partition partition{context, 0};
    const std::string type = context + "." + name + ".v1";
    const std::string about = "thing/" + to_string(subject);
    const auto data = example(context + "/events/" + name);
    log::Envelope envelope{};
    envelope.id = named<EventId>("event");
    envelope.type = type;
    envelope.subject = about;
    envelope.aggregate = subject;
    envelope.time = at("2026-03-06T12:00:00.000Z");
    envelope.command = named<CommandId>("command");
    envelope.version = log::Version{3};
    envelope.traceparent = traceparent;
    envelope.data = data;
    const std::vector<log::RecordedEvent> events{{envelope, Offset{41}, ""}};
    const log::Cursor after{.next = Offset{43}, .standing = {}};
    const auto decision = past_decision({partition, events, after}, partitions);
    CHECK(decision.slot == partitions.slot(partition));
    CHECK(decision.command == named<CommandId>("command"));
    CHECK(decision.next == Offset{43});
    REQUIRE(decision.events.size() == 1);
    const auto& event = decision.events.front();
    CHECK(event.offset == Offset{41});
    const auto* const older = schemas::older_version(type);
    CHECK(event.type() == (older == nullptr ? type : older->today));
    if (older == nullptr) CHECK(event.data() == (context == "identity" ? "{}" : data));
    CHECK(event.text == R"({"id":")" + to_string(envelope.id) + R"(","type":")" + std::string{event.type()} +
                            R"(","subject":")" + about + R"(","time":"2026-03-06T12:00:00.000Z",)" +
                            told_trace(event, traceparent) + R"("data":)" + std::string{event.data()} + "}");
    return event;
}

TEST_SUITE("realtime: past") {
TEST_CASE("what the learner's own aggregate says is told to the learner") {
    for (const auto* name : {"xp_awarded", "level_reached", "streak_extended", "streak_ended",
                             "streak_milestone_reached", "achievement_unlocked"}) {
        CAPTURE(name);
        const auto event = told("gamification", name);
        CHECK(event.owner == UserId{subject});
        CHECK(event.public_text.empty() == (std::string_view{name} != "xp_awarded"));
    }
}

TEST_CASE("what was written in an older version is told in today's") {
    const auto event = told("challenges", "session_abandoned");
    CHECK(event.type() == "challenges.session_abandoned.v2");
    CHECK(event.data() == example("challenges/events/session_abandoned", ".v1.upcast.json"));
}

TEST_CASE("what a challenge session says is told to whoever does it") {
    for (const auto* name : {"session_started", "session_progressed", "session_completed", "session_abandoned"}) {
        CAPTURE(name);
        const auto event = told("challenges", name);
        CHECK(event.owner != UserId{});
        CHECK(event.data().find(to_string(event.owner)) != std::string_view::npos);
        CHECK(event.public_text.empty());
    }
}

TEST_CASE("everybody learns of an award how much it was and whose, and no more") {
    const auto item = json::decode<ws::LeaderboardItem>(told("gamification", "xp_awarded").public_text);
    const auto award = json::decode<gamification::XpAwarded>(example("gamification/events/xp_awarded"));
    REQUIRE(item);
    CHECK(item->user_id == UserId{subject});
    CHECK(item->xp_awarded == award->amount);
    CHECK(item->total_xp == award->total_xp);
    CHECK(item->occurred_at == award->occurred_at);
    CHECK_FALSE(item->display_name);
}

TEST_CASE("the trace is told with the event, to its owner, if it is one") {
    CHECK(told("gamification", "xp_awarded", good).text.find(good) != std::string::npos);
    CHECK(told("gamification", "xp_awarded", good).public_text.find(good) == std::string::npos);
    CHECK(told("gamification", "activity_recorded", good).text.find(good) == std::string::npos);
    for (const std::string_view bad : {"", "nonsense", R"(00-4bf9"})"}) told("challenges", "session_started", bad);
}

TEST_CASE("who lost a role is known by it, who was given one isn't") {
    CHECK(told("identity", "role_revoked").demoted == UserId{subject});
    CHECK(told("identity", "role_granted").demoted == UserId{});
}

TEST_CASE("a revoked login session is known by its id") {
    const auto revoked = told("identity", "session_revoked");
    CHECK(to_string(revoked.revoked) != to_string(SessionId{}));
    CHECK(revoked.owner == UserId{});
}

TEST_CASE("everything else is nobody's, and identity's data is left out") {
    for (const auto& [context, name] : {std::pair{"gamification", "activity_recorded"},
                                        {"challenges", "challenge_created"},
                                        {"identity", "email_claimed"},
                                        {"identity", "user_registered"}}) {
        CAPTURE(name);
        const auto event = told(context, name);
        CHECK(event.owner == UserId{});
        CHECK(event.revoked == SessionId{});
        CHECK(event.public_text.empty());
    }
}

TEST_CASE("positions of one's own channel are made of all challenges partitions and one of gamification") {
    const auto partitions = partitions_of(12);
    const Channel mine{Channel::Kind::me, named<UserId>("mika")};
    CHECK(realtime::partitions_of(mine, partitions).size() == 13);
    CHECK(realtime::partitions_of(leaderboard_channel, partitions).size() == 12);
    CHECK(channel_of("me", mine.user) == mine);
    CHECK(channel_of("leaderboard:global", mine.user) == leaderboard_channel);
    CHECK_FALSE(channel_of("leaderboard:", mine.user));
    CHECK_FALSE(channel_of("ME", mine.user));
    const auto tomato = channel_of("challenge:01956780-0000-7000-8000-0000000000ab", mine.user);
    REQUIRE(tomato);
    CHECK(name_of(*tomato) == "challenge:01956780-0000-7000-8000-0000000000ab");
    CHECK(realtime::partitions_of(*tomato, partitions).empty());
    CHECK_FALSE(channel_of("challenge:01956780-0000-7000-8000-0000000000AB", mine.user));
    CHECK_FALSE(channel_of("challenge:", mine.user));
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
