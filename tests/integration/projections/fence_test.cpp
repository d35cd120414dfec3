// tests/integration/projections/fence_test.cpp: two projectors of one read model, stopped ones that wake up,
// connections that break at the worst moment: every event counts once.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <barrier>

#include "projections/engine/log_probe.hpp"
#include "projections/engine/projector.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/support/database_proxy.hpp"
#include "tests/support/projected.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using projections::Fenced;
using projections::Projector;
using test::ProjectedWorld;
using test::RunningProjectors;

namespace {

/// All that is in the log, as chunks of a few records.
std::vector<projections::ChunkPointer> chunks_of(ProjectedWorld& world, int records) {
    world.log.settle();
    log::EventReader reader{test::kafka_server()};
    projections::LogProbe probe{test::kafka_server()};
    std::map<log::Partition, log::Cursor> from;
    for (const auto& partition : world.partitions()) from[partition] = {};
    reader.read(from);
    std::vector<projections::ChunkPointer> chunks;
    while (!reader.all_at_end()) {
        auto chunk = std::make_shared<projections::Chunk>();
        reader.poll(200, records, [&](const log::ReadDecision& decision) {
            chunk->add(decision, *probe.log_id(decision.partition));
        });
        if (!chunk->empty()) chunks.push_back(std::move(chunk));
    }
    return chunks;
}

std::span<const projections::ChunkPointer> one(const projections::ChunkPointer& chunk) { return {&chunk, 1}; }

postgres::Session with_isolation(postgres::Session session, const std::string& level) {
    const auto option = fmt::format("options=-c%20default_transaction_isolation%3D{}", level);
    const bool uri = session.server.find("://") != std::string::npos;
    REQUIRE(uri);
    session.server += (session.server.find('?') == std::string::npos ? "?" : "&") + option;
    return session;
}

constexpr auto levels = {"read%5C%20committed", "repeatable%5C%20read"};

}  // namespace

TEST_SUITE("the projectors' fence") {
TEST_CASE("whoever was claimed over is fenced at its next batch, and has written nothing of it") {
    for (const std::string level : levels) {
        INFO(level);
        ProjectedWorld world;
        world.log.write(test::random_story(11, 10, 400));
        const auto chunks = chunks_of(world, 50);
        REQUIRE(chunks.size() > 6);
        const auto session = with_isolation(world.schema.session(), level);
        Projector first{world.model("progress"), session, {}};
        first.claim(world.partitions());
        first.apply(one(chunks[0]));
        Projector second{world.model("progress"), session, {}};
        second.claim(world.partitions());
        CHECK_THROWS_AS(first.apply(one(chunks[1])), Fenced);
        for (const auto& chunk : chunks) second.apply(one(chunk));
        CHECK_THROWS_AS(first.apply(one(chunks[1])), Fenced);
        for (const auto& verdict : projections::verify({test::kafka_server(), session, {world.model("progress")}}))
            CHECK(verdict.holds());
    }
}

TEST_CASE("a claim waits for the batch that a stopped projector has under way, and that batch counts or doesn't") {
    for (const std::string level : levels) {
        INFO(level);
        ProjectedWorld world{1};
        world.log.write(test::random_story(12, 3, 60));
        const auto chunks = chunks_of(world, 1'000);
        const auto session = with_isolation(world.schema.session(), level);
        Projector first{world.model("xp_history"), session, {}};
        first.claim(world.partitions());

        // The first one's batch, stopped behind its fence.
        postgres::Connection stopped{session};
        auto transaction = std::make_unique<postgres::Transaction>(stopped);
        auto to = first.checkpoints();
        for (auto& [partition, checkpoint] : to) checkpoint.cursor = chunks.back()->steps().back().after;
        const auto values = projections::advance_values("xp_history", first.checkpoints(), to);
        REQUIRE(transaction->run(projections::advance_statement(), values).touched() == 1);

        std::atomic<bool> claimed = false;
        Projector second{world.model("xp_history"), session, {}};
        std::jthread claiming{[&] {
            second.claim(world.partitions());
            claimed = true;
        }};
        std::this_thread::sleep_for(300ms);
        CHECK_FALSE(claimed);
        transaction.reset();  // it dies; its position goes with it
        claiming.join();
        CHECK(second.checkpoints().begin()->second.cursor.next.value == 0);
        CHECK_THROWS_AS(first.apply(chunks), Fenced);
        second.apply(chunks);
        for (const auto& verdict : projections::verify({test::kafka_server(), session, {world.model("xp_history")}}))
            CHECK(verdict.holds());
    }
}

TEST_CASE("many who claim and write at once: each event once") {
    for (const std::string level : levels) {
        INFO(level);
        ProjectedWorld world;
        world.log.write(test::random_story(13, 10, 600));
        const auto chunks = chunks_of(world, 20);
        const auto session = with_isolation(world.schema.session(), level);
        std::atomic<int> fenced = 0;
        {
            std::barrier all_claimed{3};
            std::vector<std::jthread> projectors;
            for (int number = 0; number < 3; ++number) {
                projectors.emplace_back([&] {
                    for (int life = 0; life < 6; ++life) {
                        Projector projector{world.model("leaderboard"), session, {}};
                        projector.claim(world.partitions());
                        if (life % 2 == 0) all_claimed.arrive_and_wait();  // one of them may write, not the others
                        try {
                            for (const auto& chunk : chunks) projector.apply(one(chunk));
                        } catch (const Fenced&) {
                            ++fenced;
                        }
                    }
                });
            }
        }
        CHECK(fenced >= 2);
        Projector last{world.model("leaderboard"), session, {}};
        last.claim(world.partitions());
        last.apply(chunks);
        for (const auto& verdict : projections::verify({test::kafka_server(), session, {world.model("leaderboard")}})) {
            CHECK(verdict.holds());
            CHECK(verdict.rows > 10);
        }
    }
}

TEST_CASE("a second process takes over, and the first steps down without an error") {
    ProjectedWorld world;
    RunningProjectors first{world.settings()};
    world.log.write(test::random_story(14, 10, 300));
    world.wait_until_read();
    const RunningProjectors second{world.settings()};
    for (unsigned more = 15; more < 60 && !first.has_ended(); ++more) {  // the second needs a moment to claim
        std::this_thread::sleep_for(200ms);
        world.log.write(test::random_story(more, 10, 60));
        world.wait_until_read();
    }
    CHECK(first.wait_for_end().empty());
    world.check_verified();
}
}

TEST_SUITE("doubt") {
TEST_CASE("a commit in doubt is looked up: it counts once, whether it was done or not") {
    for (const auto when : {test::DatabaseProxy::Cut::before_commit, test::DatabaseProxy::Cut::after_commit}) {
        INFO("cut: ", static_cast<int>(when));
        ProjectedWorld world;
        world.log.write(test::random_story(16, 10, 300));
        const auto chunks = chunks_of(world, 50);
        test::DatabaseProxy proxy{world.schema.session()};
        for (const auto& model : world.models) {
            Projector projector{model, proxy.session(), {}};
            projector.claim(world.partitions());
            for (const auto& chunk : chunks) {
                proxy.cut(when);
                projector.apply(one(chunk));
            }
        }
        world.check_verified();
    }
}

TEST_CASE("connections that are killed all the time, and a server that goes away for a while") {
    ProjectedWorld world;
    test::DatabaseProxy proxy{world.schema.session()};
    auto settings = world.settings();
    settings.session = proxy.session();
    const RunningProjectors running{settings};
    const auto story = test::random_story(17, 20, 1'500);
    auto connection = world.connect();
    for (std::size_t told = 0; told < story.size(); ++told) {
        world.log.write(story[told]);
        if (told % 25 == 0) {
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'kiroku project%'");
            std::this_thread::sleep_for(10ms);
        }
        if (told == 700) proxy.block(true);
        if (told == 900) proxy.block(false);
    }
    world.wait_until_read();
    world.check_verified();
}

TEST_CASE("a position that no projector has moved ends the claim: nothing is written on a guess") {
    ProjectedWorld world{1};
    world.log.write(test::random_story(18, 5, 100));
    const auto chunks = chunks_of(world, 20);
    Projector projector{world.model("progress"), world.schema.session(), {}};
    projector.claim(world.partitions());
    projector.apply(one(chunks[0]));
    projector.apply(one(chunks[1]));
    world.connect().execute("UPDATE checkpoint SET next_offset = 3 WHERE read_model = 'progress'");
    CHECK_THROWS_AS(projector.apply(one(chunks[2])), projections::PositionMoved);
}
}
