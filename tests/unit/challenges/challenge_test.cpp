// tests/unit/challenges/challenge_test.cpp: a challenge is created once; the starter catalogue is fit to be loaded.
#include "domain/challenges/challenge.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "schemas/challenges/codec.hpp"
#include "tests/support/given.hpp"

namespace kiroku::challenges {
namespace {

using test::named;
using test::told;

const auto noon = told("2026-03-06T12:00:00Z");

CreateChallenge create(std::string title) {
    return {.challenge_type = ChallengeType::custom,
            .title = std::move(title),
            .description = "Answer no chat for an hour.",
            .difficulty = Difficulty{3},
            .estimated_duration = Minutes{60},
            .instructions = {"Close the chat.", "Open it an hour later."},
            .success_criteria = RawJson{R"({"minutes":60})"},
            .rewards = {RawJson{R"({"kind":"badge"})"}},
            .created_by = "user",
            .owner = named<UserId>("mika")};
}

ChallengeCreated created(std::string title) {
    return {.challenge_type = ChallengeType::custom,
            .title = std::move(title),
            .description = "Answer no chat for an hour.",
            .difficulty = Difficulty{3},
            .estimated_duration = Minutes{60},
            .instructions = {"Close the chat.", "Open it an hour later."},
            .success_criteria = RawJson{R"({"minutes":60})"},
            .rewards = {RawJson{R"({"kind":"badge"})"}},
            .created_by = "user",
            .owner = named<UserId>("mika")};
}

auto given(std::vector<ChallengeEvent> history) { return test::given<Challenge>(std::move(history)); }

StarterCatalogue starter_catalogue() {
    std::ifstream file{KIROKU_SOURCE_DIR "/domain/challenges/catalogue.v1.json"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    auto catalogue = json::decode<StarterCatalogue>(text);
    REQUIRE_MESSAGE(catalogue.has_value(), catalogue.error().path << " " << catalogue.error().problem);
    return *catalogue;
}

}  // namespace

TEST_SUITE("challenges/challenge") {
TEST_CASE("a challenge is created") { given({}).when(create("Quiet hour"), noon).then(created("Quiet hour")); }

TEST_CASE("other content under the same id is refused") {
    given({created("Quiet hour")}).when(create("Loud hour"), noon).then_refused(Refusal::challenge_exists);
}

TEST_CASE("the same content again: nothing") {
    given({created("Quiet hour")}).when(create("Quiet hour"), noon).then_nothing();
}

TEST_CASE(
    "the starter catalogue has challenges of each type and difficulty, for everybody, each with an id of its own") {
    const auto catalogue = starter_catalogue();
    CHECK(catalogue.challenges.size() >= 12);
    std::set<ChallengeId> ids;
    std::set<std::string> titles;
    std::map<ChallengeType, std::set<Difficulty>> difficulties;
    for (const auto& [id, challenge] : catalogue.challenges) {
        CAPTURE(challenge.title);
        CHECK(ids.insert(id).second);
        CHECK(titles.insert(challenge.title).second);
        CHECK(challenge.instructions.size() >= 3);
        CHECK(challenge.created_by == "system");
        CHECK_FALSE(challenge.owner.has_value());
        difficulties[challenge.challenge_type].insert(challenge.difficulty);
    }
    for (const auto type : {ChallengeType::pomodoro, ChallengeType::distraction_drill, ChallengeType::real_life_task}) {
        CHECK(difficulties[type].size() == 5);
    }
}

TEST_CASE("loading the starter catalogue twice adds nothing") {
    for (const auto& [id, challenge] : starter_catalogue().challenges) {
        const auto events = given({}).when(challenge, noon).events();
        CHECK(events.size() == 1);
        given(events).when(challenge, told("2027-03-06T12:00:00Z")).then_nothing();
    }
}
}

}  // namespace kiroku::challenges
