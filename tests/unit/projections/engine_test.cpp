// tests/unit/projections/engine_test.cpp: the engine's small parts.
#include <atomic>
#include <set>
#include <thread>

#include "infra/postgres/parameters.hpp"
#include "projections/engine/chunk_queue.hpp"
#include "projections/engine/keyset.hpp"
#include "projections/engine/table_sql.hpp"
#include "projections/engine/version_watch.hpp"
#include "projections/read_models.hpp"
#include "tests/support/given.hpp"

using namespace kiroku;
using namespace kiroku::projections;
using test::at;
using test::named;
using namespace std::chrono_literals;

namespace {

log::Envelope event_of(std::string_view context_type, std::string_view subject, const Uuid& id, std::int64_t version) {
    log::Envelope event;
    event.type = context_type;
    event.subject = subject;
    event.aggregate = id;
    event.version = {version};
    return event;
}

ChunkPointer chunk_of(int steps) {
    auto chunk = std::make_shared<Chunk>();
    for (int step = 0; step < steps; ++step) chunk->add_end({"shelf", 0}, {Offset{step + 1}, {}}, {});
    return chunk;
}

}  // namespace

TEST_SUITE("keyset") {
TEST_CASE("its text leads back to it") {
    for (const auto* moment :
         {"2026-03-06T12:00:00.123Z", "1969-12-31T23:59:59.999Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"}) {
        const Keyset keyset{at(moment), named<AwardId>(moment).value};
        CHECK(Keyset::parse(keyset.text()) == keyset);
    }
}

TEST_CASE("no other text is one") {
    const auto id = to_string(named<AwardId>("award"));
    for (const auto& text :
         {std::string{}, std::string{"_"}, "1_" + id + "0", "1 _" + id, "_" + id, "253402300800000_" + id,
          "9223372036854775808_" + id, std::string{"1_not-an-id"}, "1' OR 1=1 --_" + id}) {
        INFO(text);
        CHECK_FALSE(Keyset::parse(text));
    }
}
}

TEST_SUITE("array parameters") {
TEST_CASE("every text is an element of its own") {
    postgres::Array array;
    for (const auto* text : {"plain", "", "NULL", "a\"b", "a\\b", "{a,b}", " "}) array.add(text);
    array.add_null();
    CHECK(array.text() == R"({"plain","","NULL","a\"b","a\\b","{a,b}"," ",NULL})");
    CHECK(postgres::Array{}.text() == "{}");
}
}

TEST_SUITE("version watch") {
const auto mika = named<UserId>("mika").value;
const auto ayo = named<UserId>("ayo").value;
constexpr std::string_view type = "gamification.xp_awarded.v1";

TEST_CASE("the next version is right, any other is a gap") {
    VersionWatch watch;
    CHECK(watch.see(event_of(type, "learner/mika", mika, 1)).empty());
    CHECK(watch.see(event_of(type, "learner/mika", mika, 2)).empty());
    CHECK(watch.see(event_of(type, "learner/mika", mika, 4)) ==
          "aggregate_version_gap: learner/mika of gamification has version 4 after 2");
    CHECK_FALSE(watch.see(event_of(type, "learner/mika", mika, 2)).empty());
    CHECK(watch.see(event_of(type, "learner/mika", mika, 3)).empty());
}

TEST_CASE("where nothing is known, any version may be the next") {
    VersionWatch watch;
    CHECK(watch.see(event_of(type, "learner/ayo", ayo, 17)).empty());
    CHECK(watch.see(event_of(type, "learner/ayo", ayo, 18)).empty());
    CHECK_FALSE(watch.see(event_of(type, "learner/ayo", ayo, 20)).empty());
}

TEST_CASE("aggregates of one id don't mix") {
    VersionWatch watch;
    CHECK(watch.see(event_of(type, "learner/mika", mika, 5)).empty());
    CHECK(watch.see(event_of("identity.session_started.v1", "sessions/mika", mika, 1)).empty());
    CHECK(watch.see(event_of("identity.user_registered.v1", "user/mika", mika, 1)).empty());
    CHECK(watch.see(event_of(type, "learner/mika", mika, 6)).empty());
}

TEST_CASE("of more aggregates than it can know, those seen lately are known") {
    VersionWatch watch;
    CHECK(watch.see(event_of(type, "learner/mika", mika, 1)).empty());
    for (std::size_t other = 0; other < VersionWatch::most_aggregates + 10; ++other) {
        (void)watch.see(event_of(type, "learner/other", uuid_v5(mika, std::to_string(other)), 1));
    }
    CHECK_FALSE(watch.see(event_of(type, "learner/mika", mika, 3)).empty());
}
}

TEST_SUITE("chunk queue") {
TEST_CASE("who puts waits while it is full, and goes on when there is room") {
    ChunkQueue queue;
    std::stop_source stop;
    REQUIRE(queue.put(chunk_of(ChunkQueue::most_events), stop.get_token()));
    std::atomic<bool> done = false;
    std::jthread putting{[&] {
        CHECK(queue.put(chunk_of(1), stop.get_token()));
        done = true;
    }};
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    CHECK_FALSE(done);
    CHECK(queue.take(1, 1min, stop.get_token()).size() == 1);
    putting.join();
    CHECK(done);
}

TEST_CASE("it gives whole chunks, about as much as asked for") {
    ChunkQueue queue;
    std::stop_source stop;
    for (int chunk = 0; chunk < 5; ++chunk) REQUIRE(queue.put(chunk_of(10), stop.get_token()));
    CHECK(queue.take(25, 1min, stop.get_token()).size() == 3);
    CHECK(queue.take(25, 1min, stop.get_token()).size() == 2);
}

TEST_CASE("closed or stopped, nobody waits") {
    ChunkQueue queue;
    std::stop_source stop;
    queue.close();
    CHECK_FALSE(queue.put(chunk_of(1), stop.get_token()));
    ChunkQueue other;
    stop.request_stop();
    CHECK(other.take(1, 1min, stop.get_token()).empty());
}
}

TEST_SUITE("table declarations") {
TEST_CASE("the SQL follows from the declaration") {
    const TableShape shape{"shelf",
                           {{"timeframe", "text", false, true, ""},
                            {"user_id", "uuid", false, true, ""},
                            {"xp", "bigint", false, false, "CHECK (xp >= 0)"},
                            {"note", "jsonb", true, false, ""}},
                           {"timeframe, xp DESC"}};
    CHECK(create_table(shape, false) ==
          "CREATE TABLE shelf (\n  timeframe text NOT NULL,\n  user_id uuid NOT NULL,\n  xp bigint NOT NULL CHECK (xp "
          ">= 0),\n"
          "  note jsonb\n) WITH (fillfactor = 80);\nALTER TABLE shelf ADD CONSTRAINT shelf_pkey PRIMARY KEY "
          "(timeframe, user_id);\n"
          "CREATE INDEX shelf_timeframe_xp_idx ON shelf (timeframe, xp DESC);\n");
    CHECK(select_by_keys(shape).sql ==
          "SELECT timeframe, user_id, xp, note FROM unnest($1::text[], $2::uuid[]) AS wanted(timeframe, user_id) "
          "JOIN shelf USING (timeframe, user_id)");
    CHECK(insert_rows(shape, false).sql ==
          "INSERT INTO shelf (timeframe, user_id, xp, note) SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[], "
          "$4::jsonb[])");
    CHECK(insert_rows(shape, true).sql ==
          insert_rows(shape, false).sql +
              " ON CONFLICT (timeframe, user_id) DO UPDATE SET xp = EXCLUDED.xp, note = EXCLUDED.note");
}

TEST_CASE("names of tables are used once, keys come first, contexts are known") {
    constexpr std::size_t most_of_a_name = 63;  // PostgreSQL cuts what is longer
    std::set<std::string> names;
    for (const auto& model : all_read_models()) {
        CHECK_FALSE(model.contexts.empty());
        for (const auto& table : model.make_tables(Keep::some)) {
            const auto& shape = table->shape();
            CHECK(names.insert(shape.name).second);
            CHECK(index_of_key(shape).name.size() <= most_of_a_name);
            for (const auto& index : indexes_of(shape)) {
                CHECK(names.insert(index.name).second);
                CHECK(index.name.size() <= most_of_a_name);
            }
            const auto keys = static_cast<std::size_t>(shape.key_columns());
            REQUIRE(keys > 0);
            for (std::size_t column = 0; column < shape.columns.size(); ++column)
                CHECK(shape.columns[column].is_key == (column < keys));
        }
    }
}
}
