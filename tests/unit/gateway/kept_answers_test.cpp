// tests/unit/gateway/kept_answers_test.cpp: answers that are given again, and those that must not be.
#include "gateway/core/kept_answers.hpp"

#include <doctest/doctest.h>

using namespace kiroku;
using namespace kiroku::gateway;
using namespace std::chrono_literals;

namespace {

const KeptAnswers::Clock::time_point start{};

Response board(std::string body, std::string position) {
    return {.body = std::move(body), .position = std::move(position)};
}

log::Position at(std::string_view text) { return *log::Position::parse(text); }

}  // namespace

TEST_SUITE("gateway/kept_answers") {
TEST_CASE("an answer is given again for its moment, to whom it includes enough") {
    KeptAnswers kept;
    CHECK(kept.find("a", {}, start) == nullptr);
    kept.keep("a", board("first", "gamification/0@5,gamification/1@9"), start + 100ms);
    CHECK(kept.find("a", {}, start)->body == "first");
    CHECK(kept.find("a", at("gamification/0@5"), start + 99ms)->body == "first");
    CHECK(kept.find("a", at("gamification/0@6"), start) == nullptr);
    CHECK(kept.find("a", at("gamification/2@0"), start) == nullptr);
    CHECK(kept.find("b", {}, start) == nullptr);
}

TEST_CASE("at its end one asks anew, and the others are given it until that is answered, but not for ever") {
    KeptAnswers kept;
    kept.keep("a", board("first", "gamification/0@5"), start + 100ms);
    CHECK(kept.find("a", {}, start + 101ms) == nullptr);
    CHECK(kept.find("a", {}, start + 102ms)->body == "first");
    kept.keep("a", board("second", "gamification/0@6"), start + 203ms);
    CHECK(kept.find("a", {}, start + 110ms)->body == "second");
    CHECK(kept.find("a", {}, start + 10s) == nullptr);
    CHECK(kept.find("a", {}, start + 10s) == nullptr);
}

TEST_CASE("what isn't an answer, or doesn't say what it includes, is not kept; nor more than there is room for") {
    KeptAnswers kept;
    kept.keep("refused", {.status = 503, .position = "gamification/0@5"}, start + 1s);
    kept.keep("silent", board("x", ""), start + 1s);
    CHECK(kept.find("refused", {}, start) == nullptr);
    CHECK(kept.find("silent", {}, start) == nullptr);
    for (std::size_t i = 0; i <= KeptAnswers::most; ++i)
        kept.keep(std::to_string(i), board("x", "gamification/0@5"), start + 1s);
    CHECK(kept.find("0", {}, start) == nullptr);
    CHECK(kept.find(std::to_string(KeptAnswers::most), {}, start) != nullptr);
}

TEST_CASE("who asks, for what, and in which words") {
    Request one;
    one.target = *read_target("/leaderboards/global?limit=5");
    one.caller.emplace().user = UserId{uuid_v5({}, "a")};
    Request other = one;
    CHECK(KeptAnswers::name_of(one) == KeptAnswers::name_of(other));
    other.caller->user = UserId{uuid_v5({}, "b")};
    CHECK(KeptAnswers::name_of(one) != KeptAnswers::name_of(other));
    other = one;
    other.target = *read_target("/leaderboards/global?limit=6");
    CHECK(KeptAnswers::name_of(one) != KeptAnswers::name_of(other));
}
}
