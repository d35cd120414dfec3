// tests/unit/commands/authority_test.cpp: deciders ask again who may send a command; what gateways said doesn't count.
#include "commands/challenges/context.hpp"
#include "schemas/challenges/codec.hpp"
#include "tests/unit/commands/owned_partition.hpp"

using namespace kiroku;
using namespace kiroku::commands;

namespace {

const Uuid session = *Uuid::parse("0195678a-9f00-7b1d-8c22-5e7f90a1b2c3");
const std::string as_alice = "user/" + to_string(alice), as_bob = "user/" + to_string(bob);

challenges::StartSession start(const Uuid& user) {
    return {.challenge_id = ChallengeId{claim},
            .user_id = UserId{user},
            .challenge_type = ChallengeType::pomodoro,
            .difficulty = Difficulty{2},
            .timezone = "Asia/Tokyo"};
}

/// A partition of challenges after it has become the deciders' to ask.
struct Guarded : World {
    Guarded() {
        context = challenges_context();
        recorded = authority_since;
        deciding.reset(new PartitionOwner(owner()));
        own(*deciding);
    }

    template <class Command>
    log::Reply put(const Command& command, const std::string& by, const std::string& with_roles) {
        actor = by;
        roles = with_roles;
        hear(*deciding, sent("challenge_session", session, command, intent()));
        log.take_all(*deciding);
        return log.replies.back();
    }

    std::unique_ptr<PartitionOwner> deciding;
};

}  // namespace

TEST_SUITE("commands/authority") {
TEST_CASE("a command put there by somebody who may not send it is refused by name, changes nothing and is counted") {
    Guarded world;
    const auto before = world.log.records.size();
    for (const auto& [actor, roles] :
         {std::pair{as_alice, ""}, std::pair{as_alice, "analyst"}, std::pair{std::string{"anonymous"}, ""},
          std::pair{std::string{}, "learner"}, std::pair{std::string{"operator/ana"}, ""}}) {
        CAPTURE(actor);
        CAPTURE(roles);
        CHECK(world.put(start(alice), actor, roles).refusal == "forbidden");
    }
    CHECK(world.log.records.size() == before);
    CHECK(world.deciding->counts().forbidden == 5);
    CHECK(world.deciding->counts().refused == 5);
    CHECK(world.put(start(alice), as_alice, "learner").accepted());
    CHECK(world.log.records.size() == before + 1);
    CHECK(world.deciding->counts().forbidden == 5);
}

TEST_CASE("to somebody else, a session is as if it weren't there") {
    Guarded world;
    REQUIRE(world.put(start(alice), as_alice, "learner").accepted());
    const auto before = world.log.records.size();
    const challenges::AbandonSession of_alice{.user_id = UserId{alice}}, of_bob{.user_id = UserId{bob}};
    CHECK(world.put(of_bob, as_bob, "learner").refusal == "session_not_found");
    CHECK(world.put(of_alice, as_bob, "learner").refusal == "session_not_found");
    CHECK(world.log.records.size() == before);
    CHECK(world.deciding->counts().forbidden == 0);
    CHECK(world.put(of_alice, as_alice, "learner").accepted());
}

TEST_CASE("what the log took in before it carried roles is decided as it was then") {
    Guarded world;
    world.recorded = authority_since - std::chrono::milliseconds{1};
    CHECK(world.put(start(alice), "test", "").accepted());
    CHECK(world.deciding->counts().forbidden == 0);
    world.recorded = authority_since;
    CHECK(world.put(challenges::AbandonSession{.user_id = UserId{alice}}, "test", "").refusal == "forbidden");
}

TEST_CASE("decided again from nothing, the same is refused and the same accepted") {
    Guarded world;
    CHECK(world.put(start(alice), "operator/ana", "").refusal == "forbidden");
    CHECK(world.put(start(alice), as_alice, "learner").accepted());
    world.log.records.clear();  // the events are lost, the commands aren't
    const auto first = world.log.replies;
    world.log.replies.clear();
    const test::Folder empty;
    world.store = std::make_unique<store::RocksdbMap>(empty.path);
    auto again = world.owner();
    world.own(again);
    world.hear_from(again);
    world.log.take_all(again);
    REQUIRE(world.log.replies.size() == first.size());
    for (std::size_t i = 0; i < first.size(); ++i) CHECK(world.log.replies[i].refusal == first[i].refusal);
}

TEST_CASE("an older version of an event leads to the same state, from the store and from nothing") {
    Guarded world;
    REQUIRE(world.put(start(alice), as_alice, "learner").accepted());
    // An older program abandons it: as it wrote such events.
    const auto told = intent();
    world.sent("challenge_session", session, challenges::AbandonSession{.user_id = UserId{alice}}, told);
    const challenges::SessionAbandonedV1 abandoned{.user_id = UserId{alice},
                                                   .challenge_id = ChallengeId{claim},
                                                   .challenge_type = ChallengeType::pomodoro,
                                                   .difficulty = Difficulty{2},
                                                   .occurred_at = world.recorded,
                                                   .timezone = "Asia/Tokyo"};
    const auto data = json::encode(abandoned), subject = "challenge_session/" + to_string(session);
    std::string record;
    log::write_envelope({.id = EventId{random_uuid_v7()},
                         .type = challenges::SessionAbandonedV1::type,
                         .subject = subject,
                         .aggregate = session,
                         .time = world.recorded,
                         .place = {log::Term{0}, log::Sequence{2}, 1, 1},
                         .version = log::Version{2},
                         .command = told,
                         .command_hash = "h",
                         .command_offset = Offset{1},
                         .correlation = "c",
                         .causation = {},
                         .actor = as_alice,
                         .organization = {},
                         .traceparent = {},
                         .personal_keys = {},
                         .data = data},
                        record);
    world.log.records.push_back(record);
    const test::Folder empty;
    const auto check = [&] {
        world.deciding.reset(new PartitionOwner(world.owner()));
        world.own(*world.deciding);
        const challenges::RecordProgress progress{.user_id = UserId{alice}, .current_phase = "focus"};
        CHECK(world.put(progress, as_alice, "learner").refusal == "session_abandoned");
        const auto quiet = world.put(challenges::AbandonSession{.user_id = UserId{alice}}, as_alice, "learner");
        CHECK(quiet.accepted());
        CHECK(quiet.events.empty());
        world.deciding->write();
    };
    check();
    check();
    world.store = std::make_unique<store::RocksdbMap>(empty.path);
    check();
    // Whoever asks the same again is told what lies there.
    world.hear(*world.deciding,
               world.sent("challenge_session", session, challenges::AbandonSession{.user_id = UserId{alice}}, told));
    CHECK(world.log.replies.back().replayed);
    REQUIRE(world.log.replies.back().events.size() == 1);
    CHECK(world.log.replies.back().events[0].type == "challenges.session_abandoned.v1");
}
}
