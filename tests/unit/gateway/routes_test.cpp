// tests/unit/gateway/routes_test.cpp: what routes answer, over the real rules and a log in memory.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/unit/gateway/house.hpp"

using namespace kiroku;
using namespace kiroku::test;

namespace {

const ChallengeId morning{uuid_v5({}, "morning pomodoro")};

/// A learner with a challenge at hand.
struct Learning : House {
    explicit Learning(gateway::Settings given = House::quick()) : House{std::move(given)} {
        shelf.put(morning, {ChallengeType::pomodoro, Difficulty{2}, std::nullopt});
    }

    std::string key(int number) { return bearer() + fmt::format("Idempotency-Key: key-{}\r\n", number); }
    Told start(const std::string& fields) {
        return post(fmt::format("/challenges/{}/sessions", to_string(morning)), "{}", fields);
    }
    std::unique_ptr<Pending> start_meanwhile(const std::string& fields, Told& answer) {
        return ask_meanwhile(
            fmt::format("POST /challenges/{}/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n{}\r\n",
                        to_string(morning), fields),
            answer);
    }
    std::string started() { return start(bearer()).member("id"); }
    Told complete(const std::string& session, const std::string& fields, int score = 80) {
        return post(fmt::format("/challenge-sessions/{}/complete", session),
                    fmt::format(R"({{"performanceScore":{},"completionTime":1500}})", score), fields);
    }
};

std::string code(const Told& told) { return fmt::format("{} {}", told.status, told.member("code")); }

}  // namespace

TEST_SUITE("gateway/routes") {
TEST_CASE("a session starts, goes on, and each answer has its position twice") {
    Learning given;
    const auto started = given.start(given.bearer());
    REQUIRE(started.status == 201);
    CHECK(started.member("status") == "in_progress");
    CHECK(started.member("challengeId") == to_string(morning));
    CHECK(started.member("userId") == to_string(House::user("mika")));
    CHECK(started.member("position") == started.header("Kiroku-Position"));
    CHECK(started.header("Location") == "/challenge-sessions/" + started.member("id"));
    CHECK(started.header("Idempotent-Replayed").empty());

    const auto progress =
        given.post("/challenge-sessions/" + started.member("id") + "/progress",
                   R"({"currentPhase":"break","distractionEvents":[{"at":"2026-03-06T12:00:00Z","kind":"phone"}]})",
                   given.bearer());
    CHECK(progress.status == 200);
    CHECK(progress.member("currentPhase") == "break");
    CHECK(progress.body.find(R"("distractionEvents":[{"at":"2026-03-06T12:00:00.000Z","kind":"phone"}])") !=
          std::string::npos);
    CHECK(progress.header("Kiroku-Position") != started.header("Kiroku-Position"));
}

TEST_CASE("the same key and body: the first answer again, once decided") {
    Learning given;
    const auto first = given.start(given.key(1));
    const auto again = given.start(given.key(1));
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    CHECK(again.header("Idempotent-Replayed") == "true");
    CHECK(given.log.decisions == 1);
    CHECK(given.start(given.key(2)).member("id") != first.member("id"));
    CHECK(given.start(given.bearer()).member("id") != given.start(given.bearer()).member("id"));
}

TEST_CASE("a key is its user's own, and its target's") {
    Learning given;
    const auto mine = given.start(given.key(1));
    const auto theirs = given.start(given.bearer("noor") + "Idempotency-Key: key-1\r\n");
    CHECK(theirs.status == 201);
    CHECK(theirs.member("id") != mine.member("id"));
    CHECK(theirs.header("Idempotent-Replayed").empty());
}

TEST_CASE("the same key with another body is another wish: refused") {
    Learning given;
    const auto session = given.started();
    CHECK(given.complete(session, given.key(1), 80).status == 202);
    CHECK(code(given.complete(session, given.key(1), 81)) == "422 idempotency_key_reused");
    CHECK(given.complete(session, given.key(1), 80).header("Idempotent-Replayed") == "true");
}

TEST_CASE("a key in flight is refused, and good again afterwards") {
    Learning given;
    given.log.withholds = true;
    Told first;
    const auto pending = given.start_meanwhile(given.key(1), first);
    given.run_until([&] { return given.log.withheld() == 1; });
    const auto second = given.start(given.key(1));
    CHECK(code(second) == "409 request_in_flight");
    CHECK(second.member("retryable") == "true");
    given.log.release();
    given.run_until([&] { return pending->done.load(); });
    CHECK(first.status == 201);
    CHECK(given.start(given.key(1)).header("Idempotent-Replayed") == "true");
}

TEST_CASE("told to stop, it answers what is in flight, and closes") {
    Learning given;
    given.log.withholds = true;
    Told last;
    const auto pending = given.start_meanwhile(given.bearer(), last);
    given.run_until([&] { return given.log.withheld() == 1; });
    given.drain();
    given.io.run_for(std::chrono::milliseconds{50});
    CHECK_FALSE(given.drained);
    CHECK(given.exchange({"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"}, 1).empty());
    given.log.release();
    given.run_until([&] { return pending->done.load() && given.drained; });
    CHECK(last.status == 201);
    CHECK(last.header("Connection") == "close");
}

TEST_CASE("completing tells the whole reward, all three streaks, and a position that covers both") {
    Learning given;
    const auto told = given.complete(given.started(), given.bearer(), 100);
    CHECK(told.status == 202);  // without a database the session itself can't be told
    CHECK(told.member("xpAwarded") == told.member("totalXp"));
    CHECK(std::stoi(told.member("xpAwarded")) > 0);
    for (const auto* type : {"daily", "weekly", "challenge_completion"}) {
        CAPTURE(type);
        CHECK(told.body.find(fmt::format(
                  R"({{"currentStreak":1,"longestStreak":1,"streakType":"{}","isActive":true,"nextMilestone":)",
                  type)) != std::string::npos);
    }
    CHECK(told.body.find(R"("achievements":[{"id":)") != std::string::npos);
}

TEST_CASE("what a second completion leaves unchanged is told as well") {
    Learning given;
    const auto first = given.complete(given.started(), given.bearer(), 50);
    const auto second = given.complete(given.started(), given.bearer(), 0);
    CHECK(second.member("xpAwarded") == "0");
    CHECK(second.member("totalXp") == first.member("totalXp"));
    CHECK(second.member("level") == first.member("level"));
    CHECK(second.body.find(R"({"currentStreak":1,"longestStreak":1,"streakType":"daily","isActive":true)") !=
          std::string::npos);
    CHECK(second.body.find(R"({"currentStreak":2,"longestStreak":2,"streakType":"challenge_completion")") !=
          std::string::npos);
}

TEST_CASE("a replayed completion gives the first reward again, whatever came after") {
    Learning given;
    const auto session = given.started();
    const auto first = given.complete(session, given.key(1), 70);
    given.complete(given.started(), given.bearer(), 100);
    const auto again = given.complete(session, given.key(1), 70);
    CHECK(again.body == first.body);
    CHECK(again.header("Idempotent-Replayed") == "true");
}

TEST_CASE("a reward that is late is not waited for for ever") {
    Learning given;
    given.log.reacts = false;
    const auto told = given.complete(given.started(), given.bearer());
    CHECK(told.status == 202);
    CHECK(told.member("position") == told.header("Kiroku-Position"));
    CHECK(told.body.find("reward") == std::string::npos);
}

TEST_CASE("a change of another version than the one that was read is refused, and changes nothing") {
    Learning given;
    const auto started = given.start(given.bearer());
    const auto session = started.member("id");
    CHECK(started.header("ETag") == "\"1\"");
    const auto tell = [&](const std::string& phase, const std::string& fields) {
        return given.post("/challenge-sessions/" + session + "/progress",
                          fmt::format(R"({{"currentPhase":"{}"}})", phase), given.bearer() + fields);
    };
    const auto second = tell("break", "If-Match: \"1\"\r\n");
    CHECK(second.status == 200);
    CHECK(second.header("ETag") == "\"2\"");
    const int before = given.log.decisions;
    for (const auto* stale : {"\"1\"", "\"3\"", "W/\"2\"", "\"2-incomplete\"", "\"two\""}) {
        CHECK_MESSAGE(code(tell("focus", fmt::format("If-Match: {}\r\n", stale))) == "412 precondition_failed", stale);
        CHECK(code(given.complete(session, given.bearer() + fmt::format("If-Match: {}\r\n", stale))) ==
              "412 precondition_failed");
    }
    CHECK(given.log.decisions == before);
    CHECK(code(tell("focus", "If-Match: nonsense\r\n")) == "400 invalid_precondition");
    CHECK(code(given.start(given.bearer() + "If-Match: \"1\"\r\n")) == "400 invalid_precondition");
    CHECK(tell("focus", "If-Match: *\r\n").header("ETag") == "\"3\"");
    CHECK(given.complete(session, given.key(1) + "If-Match: \"3\"\r\n").header("ETag") == "\"4\"");
    CHECK(given.complete(session, given.key(1) + "If-Match: \"3\"\r\n").header("Idempotent-Replayed") == "true");
}

TEST_CASE("a refusal by the rules is told whatever version is meant: who may not see a session learns nothing of it") {
    Learning given;
    const auto session = given.started();
    CHECK(code(given.complete(session, given.bearer("ayo") + "If-Match: \"9\"\r\n")) == "404 session_not_found");
    given.complete(session, given.bearer());
    CHECK(code(given.complete(session, given.bearer() + "If-Match: \"9\"\r\n")) == "409 session_already_completed");
}

TEST_CASE("somebody else's session does not exist") {
    Learning given;
    const auto session = given.started();
    CHECK(code(given.complete(session, given.bearer("noor"))) == "404 session_not_found");
    CHECK(code(given.post("/challenge-sessions/" + session + "/abandon", "{}", given.bearer("noor"))) ==
          "404 session_not_found");
    CHECK(code(given.complete("not-an-id", given.bearer())) == "404 not_found");
}

TEST_CASE("somebody else's own challenge does not exist; one's own does at once") {
    Learning given;
    const std::string own = R"({"type":"custom","title":"Inbox zero","difficulty":3,"estimatedDuration":25})";
    const auto created = given.post("/challenges", own, given.bearer());
    REQUIRE(created.status == 201);
    CHECK(created.member("createdBy") == "user");
    CHECK(created.header("Location") == "/challenges/" + created.member("id"));
    CHECK(given.post("/challenges/" + created.member("id") + "/sessions", "", given.bearer()).status == 201);
    CHECK(given.post("/challenges/" + created.member("id") + "/sessions", "", given.bearer("noor")).status != 201);
}

TEST_CASE("a rule's refusal comes with its status") {
    Learning given;
    const auto session = given.started();
    given.complete(session, given.bearer());
    CHECK(code(given.complete(session, given.bearer())) == "409 session_already_completed");
    const auto late =
        given.post("/challenge-sessions/" + given.started() + "/complete",
                   R"({"performanceScore":1,"completionTime":1,"occurredAt":"2001-01-01T00:00:00Z"})", given.bearer());
    CHECK(code(late) == "409 occurred_too_long_ago");
}

TEST_CASE("a command that nobody took is safe to send again; one that nobody answered may have happened") {
    Learning given;
    given.log.outcome = commands::Answer::Outcome::not_sent;
    CHECK(code(given.start(given.bearer())) == "503 command_not_accepted");
    given.log.outcome = commands::Answer::Outcome::shed;
    const auto shed = given.start(given.bearer());
    CHECK(code(shed) == "503 overloaded");
    CHECK(shed.header("Retry-After") == "1");
    given.log.outcome = commands::Answer::Outcome::no_answer;
    CHECK(code(given.start(given.bearer())) == "504 deadline_exceeded");
}

TEST_CASE("registering claims the address, hashes the password, and comes back as often as it is asked with one key") {
    Learning given;
    const std::string body =
        R"({"email":" Mika@Example.org","password":"correct horse","displayName":"Mika","timezone":"Europe/Berlin"})";
    const auto first = given.post("/auth/register", body, "Idempotency-Key: r1\r\n");
    CHECK(first.status == 202);  // without a database nobody can tell whether the account is visible yet
    CHECK(first.member("userId").size() == 36);
    const auto again = given.post("/auth/register", body, "Idempotency-Key: r1\r\n");
    CHECK(again.member("userId") == first.member("userId"));
    CHECK(again.header("Idempotent-Replayed") == "true");
    CHECK(
        code(given.post(
            "/auth/register",
            R"({"email":"mika@example.org","password":"another horse","displayName":"Mika","timezone":"Europe/Berlin"})",
            "Idempotency-Key: r1\r\n")) == "422 idempotency_key_reused");
    CHECK(code(given.post("/auth/register", body)) == "409 email_taken");
    CHECK(
        given
            .post(
                "/auth/register",
                R"({"email":"noor@example.org","password":"correct horse","displayName":"Noor","timezone":"Europe/Berlin"})",
                "Idempotency-Key: r1\r\n")
            .member("userId") != first.member("userId"));
}

TEST_CASE("registering needs an address, a name and a time zone") {
    Learning given;
    const auto told = [&](std::string_view email, std::string_view name, std::string_view zone,
                          std::string_view password = "correct horse") {
        return code(given.post("/auth/register",
                               fmt::format(R"({{"email":"{}","password":"{}","displayName":"{}","timezone":"{}"}})",
                                           email, password, name, zone)));
    };
    CHECK(told("nobody", "N", "UTC") == "422 invalid_request");
    CHECK(told("a@b@c.d", "N", "UTC") == "422 invalid_request");
    CHECK(told("a@b.c", "  ", "UTC") == "422 invalid_request");
    CHECK(told("a@b.c", "N\\nN", "UTC") == "422 invalid_request");
    CHECK(told("a@b.c", "N", "Mars/Olympus") == "422 unknown_timezone");
    CHECK(told("a@b.c", "N", "UTC", "short") == "422 invalid_request");
}

TEST_CASE("a refresh token that isn't ours is refused without asking anybody") {
    Learning given;
    CHECK(code(given.post("/auth/refresh", R"({"refreshToken":"nonsense"})")) == "401 invalid_refresh_token");
    CHECK(given.log.decisions == 0);
}
}
