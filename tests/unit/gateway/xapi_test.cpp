// tests/unit/gateway/xapi_test.cpp: what learning events are as xAPI statements.
#include <algorithm>
#include <map>

#include "gateway/xapi/statement.hpp"
#include "schemas/challenges/codec.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/support/random_story.hpp"
#include "tests/support/xapi_rules.hpp"

using namespace kiroku;
using test::at;
using test::Happened;
using test::named;

namespace {

constexpr std::string_view home = "https://academy.example";
const auto mika = named<UserId>("mika");
const auto session = named<ChallengeSessionId>("session");
const auto tomato = named<ChallengeId>("tomato");

std::expected<std::string, json::Violation> told(const Happened& event, std::string_view home_page = home,
                                                 std::string_view organization = "") {
    log::Envelope envelope;
    envelope.id = event.id;
    envelope.type = event.type;
    envelope.aggregate = event.aggregate;
    envelope.time = event.time;
    envelope.data = event.data;
    envelope.organization = organization;
    return xapi::statement_of(envelope, "challenges/3@17", home_page);
}

void check_sound(const std::string& statement) {
    INFO(statement);
    for (const auto& fault : test::faults_of_statement(statement)) FAIL_CHECK(fault);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Happened completed(std::int32_t score, std::int64_t seconds) {
    return test::on(session, "2026-03-06T13:00:00Z",
                    challenges::SessionCompleted{.user_id = mika,
                                                 .challenge_id = tomato,
                                                 .challenge_type = ChallengeType::pomodoro,
                                                 .difficulty = Difficulty{2},
                                                 .performance_score = PerformanceScore{score},
                                                 .completion_time = Seconds{seconds},
                                                 .occurred_at = at("2026-03-06T12:25:00Z"),
                                                 .timezone = "Asia/Tokyo"});
}

Happened unlocked(const std::string& id, const std::string& title) {
    return test::on(
        mika, "2026-03-06T13:00:00Z",
        gamification::AchievementUnlocked{.achievement_id = id, .rarity = gamification::Rarity::epic, .title = title});
}

}  // namespace

TEST_SUITE("xAPI statements") {
TEST_CASE("a completed session: who, what, how well, how long, when, and where in the log") {
    const auto event = completed(92, 1500);
    const auto statement = told(event).value();
    check_sound(statement);
    CHECK(statement ==
          R"({"id":")" + to_string(event.id) +
              R"(","actor":{"objectType":"Agent","account":{"homePage":"https://academy.example","name":")" +
              to_string(mika) +
              R"("}},"verb":{"id":"http://adlnet.gov/expapi/verbs/completed","display":{"en":"completed"}},)"
              R"("object":{"objectType":"Activity","id":"https://academy.example/challenges/)" +
              to_string(tomato) +
              R"(","definition":{"type":"http://adlnet.gov/expapi/activities/lesson"}},)"
              R"("result":{"score":{"scaled":0.92,"raw":92,"min":0,"max":100},"completion":true,"duration":"PT1500S"},)"
              R"("context":{"registration":")" +
              to_string(session) +
              R"(","platform":"Kiroku","extensions":{"https://academy.example/xapi/challenge-type":"pomodoro",)"
              R"("https://academy.example/xapi/difficulty":2,"https://academy.example/xapi/timezone":"Asia/Tokyo",)"
              R"("https://academy.example/xapi/position":"challenges/3@17"}},)"
              R"("timestamp":"2026-03-06T12:25:00.000Z","version":"1.0.0"})");
}

TEST_CASE("scores and durations at their bounds") {
    for (const int score : {0, 7, 29, 58, 99, 100}) check_sound(told(completed(score, 0)).value());
    CHECK(has(told(completed(100, 0)).value(), R"("scaled":1,"raw":100)"));
    CHECK(has(told(completed(0, 315'360'000)).value(), R"("duration":"PT315360000S")"));
}

TEST_CASE("a session begun is initialized, one given up is abandoned and not complete") {
    const auto started = told(test::on(session, "2026-03-06T12:00:01Z",
                                       challenges::SessionStarted{.challenge_id = tomato,
                                                                  .user_id = mika,
                                                                  .challenge_type = ChallengeType::pomodoro,
                                                                  .difficulty = Difficulty{2},
                                                                  .timezone = "Asia/Tokyo",
                                                                  .current_phase = "started",
                                                                  .started_at = at("2026-03-06T12:00:00Z")}))
                             .value();
    check_sound(started);
    CHECK(has(started, "http://adlnet.gov/expapi/verbs/initialized"));
    CHECK(has(started, R"("timestamp":"2026-03-06T12:00:00.000Z")"));
    CHECK_FALSE(has(started, R"("result")"));
    const auto abandoned = told(test::on(session, "2026-03-06T13:00:00Z",
                                         challenges::SessionAbandoned{.user_id = mika,
                                                                      .challenge_id = tomato,
                                                                      .challenge_type = ChallengeType::pomodoro,
                                                                      .difficulty = Difficulty{2},
                                                                      .occurred_at = at("2026-03-06T12:25:00Z"),
                                                                      .timezone = "Asia/Tokyo"}))
                               .value();
    check_sound(abandoned);
    CHECK(has(abandoned, "https://w3id.org/xapi/adl/verbs/abandoned"));
    CHECK(has(abandoned, R"("result":{"completion":false})"));
    const auto of_old = told(test::on(session, "2026-03-06T13:00:00Z",
                                      challenges::SessionAbandonedV1{.user_id = mika,
                                                                     .challenge_id = tomato,
                                                                     .challenge_type = ChallengeType::pomodoro,
                                                                     .difficulty = Difficulty{2},
                                                                     .occurred_at = at("2026-03-06T12:25:00Z"),
                                                                     .timezone = "Asia/Tokyo"}))
                            .value();
    const auto behind_id = abandoned.find("\"actor\"");
    CHECK(of_old.substr(behind_id) == abandoned.substr(behind_id));
}

TEST_CASE("achievements and levels are earned; ids fit into an IRI, titles into JSON") {
    const auto badge = told(unlocked("first/step \"三\"", "It's \"so\" {home}")).value();
    check_sound(badge);
    CHECK(has(badge, R"("id":"https://academy.example/achievements/first%2Fstep%20%22%E4%B8%89%22")"));
    CHECK(has(badge, R"("name":{"en":"It's \"so\" {home}"})"));
    CHECK(has(badge, R"("timestamp":"2026-03-06T13:00:00.000Z")"));
    CHECK_FALSE(has(badge, "registration"));
    const auto level =
        told(test::on(mika, "2026-03-06T13:00:00Z", gamification::LevelReached{.level = Level{7}})).value();
    check_sound(level);
    CHECK(has(level, R"("id":"https://academy.example/levels/7")"));
    CHECK(has(level, R"("name":")" + to_string(mika) + '"'));
}

TEST_CASE("a slash at the end of the home page makes no difference; an organization is told") {
    const auto event = completed(92, 1500);
    CHECK(told(event, "https://academy.example//") == told(event));
    const auto statement = told(event, home, "org \"1\"").value();
    check_sound(statement);
    CHECK(has(statement, R"("https://academy.example/xapi/organization":"org \"1\"")"));
}

TEST_CASE("every learning event of a random story is a sound statement of its own, without an address") {
    std::map<std::string, int> seen;
    const auto types = xapi::learning_events();
    for (const unsigned seed : {1U, 2U, 3U}) {
        for (const auto& decision : test::random_story(seed, 20, 1'000)) {
            for (const auto& event : decision) {
                const bool learning = std::ranges::find(types, event.type) != types.end();
                const auto statement = told(event);
                CHECK(statement.has_value() == learning);
                if (!statement) continue;
                check_sound(*statement);
                CHECK(has(*statement, R"({"id":")" + to_string(event.id) + '"'));
                CHECK_FALSE(has(*statement, "example.org"));
                ++seen[event.type];
            }
        }
    }
    for (const auto type : types) {
        INFO(type);
        CHECK(seen[std::string{type}] > 0);
    }
}

TEST_CASE("what the event says must make sense") {
    auto event = completed(92, 1500);
    event.data = "{}";
    CHECK_FALSE(told(event).has_value());
}

TEST_CASE("home pages are http addresses that more can be said after") {
    for (const auto* good : {"https://academy.example", "http://127.0.0.1:8080", "https://academy.example/kiroku/"})
        CHECK(xapi::is_home_page(good));
    for (const auto* bad : {"", "academy.example", "https://", "https:///x", "ftp://academy.example", "https://a b",
                            "https://a\"b", "https://a?b", "https://a#b", "mailto:mika@example.org"})
        CHECK_FALSE(xapi::is_home_page(bad));
}
}

TEST_SUITE("xAPI rules") {
TEST_CASE("each thing that is wrong with a statement is found") {
    const auto sound = told(completed(92, 1500)).value();
    const std::pair<std::string, std::string> spoils[] = {
        {R"("id":")", R"("id":"x)"},
        {R"("timestamp":"2026)", R"("timestamp":"26)"},
        {":00.000Z", ":00.000"},
        {"http://adlnet.gov/expapi/verbs/completed", "completed"},
        {R"("display":{"en":"completed"})", R"("display":{})"},
        {R"("homePage":"https://academy.example",)", ""},
        {R"("account":{)", R"("mbox":"mailto:a@b.c","account":{)"},
        {"0.92", "1.92"},
        {"0.92", "0.91"},
        {R"("raw":92)", R"("raw":192)"},
        {"PT1500S", "1500"},
        {"PT1500S", "PT"},
        {R"("completion":true)", R"("completion":"yes")"},
        {R"("registration":")", R"("registration":"session/)"},
        {"https://academy.example/xapi/difficulty", "difficulty"},
        {R"("platform":"Kiroku")", R"("stored":null)"},
        {"https://academy.example/challenges/", "a challenge "},
        {R"("version":"1.0.0"})", R"("version":"1.0.0")"},
    };
    for (const auto& [right, wrong] : spoils) {
        INFO(right, " -> ", wrong);
        REQUIRE(has(sound, right));
        auto spoilt = sound;
        spoilt.replace(spoilt.find(right), right.size(), wrong);
        CHECK_FALSE(test::faults_of_statement(spoilt).empty());
    }
}
}
