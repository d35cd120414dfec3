// tests/unit/gateway/events_query_test.cpp: what analysts ask for, where a stream goes on, and what is kept from them.
#include "gateway/analytics/events_query.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <set>

#include "gateway/analytics/withheld.hpp"
#include "schemas/catalog.hpp"
#include "tests/support/given.hpp"
#include "tests/unit/gateway/house.hpp"

using namespace kiroku;
using namespace kiroku::gateway;

namespace {

constexpr std::string_view contexts[] = {"identity", "challenges", "gamification"};
const Cursors cursors{*crypto::Secret::from_bytes(std::string(crypto::Secret::size, 'k'))};

std::expected<EventsQuery, Problem> asked(const std::string& query, std::string_view now = "2026-03-06T12:00:00Z") {
    Request request;
    request.target = *read_target("/analytics/events?" + query);
    request.received = test::at(now);
    return read_events_query(request, contexts, cursors);
}

std::string refusal(const std::string& query) {
    const auto read = asked(query);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().refusal.status == 400);
    return read.error().details.text;
}

const std::vector<replay::Rest> rest{{{"challenges", 5}, Offset{77}, {Offset{75}, {log::Term{12}, log::Sequence{60}}}},
                                     {{"gamification", 3}, Offset{0}, {}}};

}  // namespace

TEST_SUITE("gateway/events_query") {
TEST_CASE("nothing asked for: the first thousand of all") {
    const auto query = asked("");
    REQUIRE(query.has_value());
    CHECK(query->contexts == std::vector<std::string>{"identity", "challenges", "gamification"});
    CHECK(query->limit == 1'000);
    CHECK_FALSE(query->period.since);
    CHECK_FALSE(query->filter.where);
    CHECK(query->filter.share == 1);
}

TEST_CASE("the filters of kiroku events") {
    const auto query = asked(
        "context=gamification,challenges&type=xp_awarded,level_reached.v1&subject=learner&actor=user&organization=o"
        "&since=2026-03-01&until=1h&where=data.amount%20%3E%2030&sample=0.5&limit=7");
    REQUIRE(query.has_value());
    CHECK(query->contexts == std::vector<std::string>{"challenges", "gamification"});
    CHECK(query->filter.types == std::vector<std::string>{"xp_awarded", "level_reached.v1"});
    CHECK(query->filter.subject == "learner");
    CHECK(query->filter.actor == "user");
    CHECK(query->filter.organization == "o");
    CHECK(query->filter.since == test::at("2026-03-01T00:00:00Z"));
    CHECK(query->filter.until == test::at("2026-03-06T11:00:00Z"));
    CHECK(query->filter.where.has_value());
    CHECK(query->filter.share == 0.5);
    CHECK(query->limit == 7);
    CHECK(asked("type=gamification.xp_awarded")->contexts == std::vector<std::string>{"gamification"});
}

TEST_CASE("what makes no sense is refused by its name, an expression by its column") {
    CHECK(refusal("context=cooking").find(R"("parameter":"context")") != std::string::npos);
    CHECK(refusal("since=yesterday").find(R"("parameter":"since")") != std::string::npos);
    CHECK(refusal("until=cooking/1@2").find("there is no context cooking") != std::string::npos);
    CHECK(refusal("sample=2").find(R"("parameter":"sample")") != std::string::npos);
    CHECK(refusal("sample=1000").find("share") != std::string::npos);
    const auto where = refusal("where=data.amount%20%3E%20%3E%203");
    CHECK(where.find(R"("parameter":"where")") != std::string::npos);
    CHECK(where.find(R"("column":15)") != std::string::npos);
    CHECK(where.find("column 15: expected a value") != std::string::npos);
}

TEST_CASE("a cursor goes on where it was made, for the same filters only, as of when they were asked first") {
    const auto first = asked("type=xp_awarded&since=2h&limit=10");
    REQUIRE(first.has_value());
    const auto cursor = cursors.write({first->asked, rest}, first->filters);
    const auto next = asked("limit=20&since=2h&type=xp_awarded&cursor=" + cursor, "2026-03-06T18:00:00Z");
    REQUIRE(next.has_value());
    CHECK(next->limit == 20);
    CHECK(next->asked == first->asked);
    CHECK(next->filter.since == test::at("2026-03-06T10:00:00Z"));
    CHECK(next->rest == rest);
    CHECK(refusal("type=xp_awarded&since=3h&cursor=" + cursor).find(R"("parameter":"cursor")") != std::string::npos);
    CHECK(refusal("since=2h&cursor=" + cursor).find("cursor") != std::string::npos);
}

TEST_CASE("no cursor can be made up, changed or signed by another") {
    const Cursor place{test::at("2026-03-06T12:00:00Z"), rest};
    const auto good = cursors.write(place, "");
    CHECK(asked("cursor=" + good).has_value());
    for (std::size_t at = 0; at < good.size(); ++at) {
        auto changed = good;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        CAPTURE(at);
        CHECK_FALSE(cursors.read(changed, ""));
    }
    for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(cursors.read(good.substr(0, size), ""));
    CHECK_FALSE(cursors.read("nonsense", ""));
    CHECK_FALSE(Cursors{crypto::Secret::random()}.read(good, ""));
}

TEST_CASE("a cursor of all partitions fits into a target") {
    std::vector<replay::Rest> all;
    for (const auto context : contexts)
        for (int number = 0; number < 12; ++number)
            all.push_back({{std::string{context}, number},
                           Offset{123'456'789},
                           {Offset{123'456'780}, {log::Term{100'000'000}, log::Sequence{23'456'000}}}});
    CHECK(cursors.write({test::at("2026-03-06T12:00:00Z"), all}, "").size() <= Cursors::longest);
}
}

TEST_SUITE("gateway/withheld") {
using Members = std::set<std::string>;

/// What analysts see of each event's data. Whoever adds an event or a member says here, or in gateway/analytics, that
/// it is, or isn't, for them.
const std::map<std::string_view, Members> shown{
    {"challenges.challenge_created.v1",
     {"challengeType", "title", "description", "difficulty", "estimatedDuration", "instructions", "successCriteria",
      "rewards", "createdBy", "owner"}},
    {"challenges.session_abandoned.v1",
     {"userId", "challengeId", "challengeType", "difficulty", "occurredAt", "timezone"}},
    {"challenges.session_abandoned.v2",
     {"userId", "challengeId", "challengeType", "difficulty", "occurredAt", "timezone", "reason"}},
    {"challenges.session_completed.v1",
     {"userId", "challengeId", "challengeType", "difficulty", "performanceScore", "completionTime", "occurredAt",
      "timezone"}},
    {"challenges.session_progressed.v1", {"userId", "currentPhase"}},
    {"challenges.session_started.v1",
     {"challengeId", "userId", "challengeType", "difficulty", "timezone", "currentPhase", "startedAt"}},
    {"identity.refresh_reuse_detected.v1", {"sessionId", "presented", "current"}},
    {"identity.refresh_rotated.v1", {"sessionId", "generation", "rotatedAt"}},
    {"identity.role_granted.v1", {"role"}},
    {"identity.role_revoked.v1", {"role"}},
    {"identity.session_revoked.v1", {"sessionId", "reason"}},
    {"identity.session_started.v1", {"sessionId", "generation"}},
    {"identity.user_registered.v1", {"timezone"}},
};

/// The names of an object's own members.
Members members_of(const std::string& object) {
    Members names;
    int depth = 0;
    for (std::size_t at = 0; at < object.size(); ++at) {
        if (object[at] == '{' || object[at] == '[') ++depth;
        if (object[at] == '}' || object[at] == ']') --depth;
        if (object[at] != '"') continue;
        auto end = at + 1;
        while (object[end] != '"') end += object[end] == '\\' ? 2 : 1;
        if (depth == 1 && object[end + 1] == ':') names.insert(object.substr(at + 1, end - at - 1));
        at = end;
    }
    return names;
}

std::string example_of(const schemas::Entry& entry) {
    auto path = std::string{KIROKU_SOURCE_DIR} + "/" + std::string{entry.file};
    path.replace(path.rfind(".json"), 5, ".example.json");
    std::ifstream file{path};
    std::string text;
    std::getline(file, text);
    return text;
}

TEST_CASE("analysts see what is listed here, and of identity nothing that tells who somebody is") {
    const auto withheld = withheld_from_analysts();
    CHECK(withheld.hides("identity.email_claimed.v1"));
    CHECK(withheld.hides("identity.whatever_comes.v1"));
    for (const auto& entry : schemas::catalog()) {
        if (entry.kind != "event" || withheld.hides(entry.type)) continue;
        if (entry.file.starts_with("schemas/gamification/")) continue;  // figures of pseudonyms, all of it
        CAPTURE(entry.type);
        auto members = members_of(example_of(entry));
        for (const auto hidden : withheld.hidden_in(entry.type)) members.erase(std::string{hidden});
        REQUIRE(shown.contains(entry.type));
        CHECK(members == shown.at(entry.type));
    }
}
}
