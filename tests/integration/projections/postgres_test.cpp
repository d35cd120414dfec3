// tests/integration/projections/postgres_test.cpp: the database adapter on a real server: values, errors, pool and
// lookups.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <future>
#include <limits>

#include "infra/postgres/copy.hpp"
#include "infra/postgres/key_lookup.hpp"
#include "infra/postgres/listener.hpp"
#include "projections/engine/json_column.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/support/database_proxy.hpp"
#include "tests/support/given.hpp"
#include "tests/support/servers.hpp"

using namespace kiroku;
using namespace kiroku::postgres;
using namespace std::chrono_literals;
using test::at;
using test::date;

namespace {

template <class T>
T there_and_back(Connection& connection, const T& value) {
    const Statement statement{"back_" + std::string{Value<T>::sql}, "SELECT $1::" + std::string{Value<T>::sql}};
    const auto rows = connection.run(statement, parameters(value));
    return rows[0].template get<T>(0);
}

/// A row of one text.
std::string copied(std::string_view text) {
    std::string row;
    begin_copied_row(row, 1);
    copy_field(row, [&](std::string& out) { return Value<std::string>::send(out, text), true; });
    return row;
}

/// As what COPY was sent, and as the same value in a statement, in a table's only row.
template <class T>
bool is_copied(Connection& connection, const T& value) {
    Transaction transaction{connection};
    transaction.execute(fmt::format("CREATE TABLE copied (value {})", Value<T>::sql));
    std::string row;
    begin_copied_row(row, 1);
    copy_field(row, [&](std::string& out) {
        Value<T>::send(out, value);
        return true;
    });
    CopyIn copy{transaction, "copied", "value"};
    copy.write(row);
    copy.end();
    const Statement same{fmt::format("same_{}", Value<T>::sql),
                         fmt::format("SELECT value = $1::{} FROM copied", Value<T>::sql)};
    const auto rows = transaction.run(same, parameters(value));
    return rows.size() == 1 && rows[0].template get<bool>(0);
}

struct Thing {
    Uuid id;
    std::string name;
};

const Statement things_by_id{"things_by_id", "SELECT id, name FROM thing WHERE id = ANY($1)"};

std::vector<Thing> things_of(Read& read, std::span<const Uuid> ids) {
    std::vector<Thing> things;
    for (const auto& row : read.query(things_by_id, array_of(ids)))
        things.push_back({row.get<Uuid>(0), row.get<std::string>(1)});
    return things;
}

}  // namespace

TEST_SUITE("postgres: values") {
TEST_CASE("what is written comes back") {
    const test::OwnSchema schema;
    Connection connection{schema.session()};
    for (const auto* moment : {"2026-03-06T12:00:00.123Z", "2026-03-06T12:00:00.000Z", "1969-12-31T23:59:59.999Z",
                               "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.990Z"}) {
        CHECK(there_and_back(connection, at(moment)) == at(moment));
    }
    CHECK(there_and_back(connection, date("2024-02-29")) == date("2024-02-29"));
    const auto id = random_uuid_v7();
    CHECK(there_and_back(connection, id) == id);
    CHECK(there_and_back(connection, std::int64_t{-9'223'372'036'854'775'807}) == -9'223'372'036'854'775'807);
    CHECK(there_and_back(connection, true));
    const std::string text = "O'Hara \"\\\" {,} 三 \n\t";
    CHECK(there_and_back(connection, text) == text);
    const std::vector<std::string> list{"a", text, ""};
    CHECK(there_and_back(connection, list) == list);
    CHECK(there_and_back(connection, std::vector<RawJson>{{R"({"a":[1,null]})"}}) ==
          std::vector<RawJson>{{R"({"a":[1,null]})"}});
}

TEST_CASE("COPY takes the binary forms for what the texts say") {
    const test::OwnSchema schema;
    Connection connection{schema.session()};
    for (const auto* moment : {"2026-03-06T12:00:00.123Z", "2000-01-01T00:00:00Z", "1999-12-31T23:59:59.999Z",
                               "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.990Z"}) {
        CHECK(is_copied(connection, at(moment)));
    }
    for (const auto* day : {"2024-02-29", "2000-01-01", "1999-12-31", "0001-01-01", "9999-12-31"})
        CHECK(is_copied(connection, date(day)));
    CHECK(is_copied(connection, random_uuid_v7()));
    CHECK(is_copied(connection, test::named<UserId>("ayo")));
    CHECK(is_copied(connection, std::numeric_limits<std::int64_t>::min()));
    CHECK(is_copied(connection, std::int64_t{1} << 40));
    CHECK(is_copied(connection, -2));
    CHECK(is_copied(connection, true));
    CHECK(is_copied(connection, false));
    CHECK(is_copied(connection, gamification::ActivityKind::abandoned));
    for (const auto* text : {"", "\\N", "O'Hara \"\\\" {,} 三 \n\t\r"}) CHECK(is_copied(connection, std::string{text}));
    CHECK(is_copied(connection, RawJson{R"({"a":[1,null,"é"]})"}));
    CHECK(is_copied(connection, std::vector<std::string>{"a", "\"\\\n", ""}));
    CHECK(is_copied(connection, std::vector<std::string>{}));
}

TEST_CASE("COPY takes rows in any stretches, and nulls") {
    const test::OwnSchema schema;
    Connection connection{schema.session()};
    connection.execute("CREATE TABLE thing (id integer, name text)");
    Transaction transaction{connection};
    constexpr int rows = 1'000;
    std::string bytes;
    for (int id = 0; id < rows; ++id) {
        begin_copied_row(bytes, 2);
        copy_field(bytes, [&](std::string& out) { return Value<int>::send(out, id), true; });
        copy_field(bytes, [&](std::string& out) { return Value<std::string>::send(out, "name"), id % 2 == 0; });
    }
    CopyIn copy{transaction, "thing", "id, name"};
    for (std::size_t at = 0; at < bytes.size(); at += 7) copy.write(std::string_view{bytes}.substr(at, 7));
    copy.end();
    transaction.commit();
    const auto found = connection.execute("SELECT count(DISTINCT id), sum(id), count(name) FROM thing");
    CHECK(found[0].get<int>(0) == rows);
    CHECK(found[0].get<int>(1) == rows * (rows - 1) / 2);
    CHECK(found[0].get<int>(2) == rows / 2);
}

TEST_CASE("a COPY that is given up leaves nothing, and the connection is as good as before") {
    const test::OwnSchema schema;
    Connection connection{schema.session()};
    connection.execute("CREATE TABLE thing (id integer)");
    {
        Transaction transaction{connection};
        CopyIn copy{transaction, "thing", "id"};
        copy.write(copied("1234"));
    }
    CHECK(connection.execute("SELECT count(*) FROM thing")[0].get<int>(0) == 0);
    {
        Transaction transaction{connection};
        CHECK_THROWS_AS((CopyIn{transaction, "nothing_of_that_name", "id"}), SchemaMissing);
    }
    CHECK(connection.execute("SELECT 7")[0].get<int>(0) == 7);
}

TEST_CASE("a COPY whose server is gone says so") {
    const test::OwnSchema schema;
    Connection connection{schema.session()};
    Connection other{schema.session()};
    connection.execute("CREATE TABLE thing (name text)");
    Transaction transaction{connection};
    CopyIn copy{transaction, "thing", "name"};
    other.execute("SELECT pg_terminate_backend(" + std::to_string(connection.backend_pid()) + ")");
    std::this_thread::sleep_for(50ms);
    const auto until_told = [&] {
        copy.write(copied("row"));
        copy.end();
    };
    CHECK_THROWS_AS(until_told(), ConnectionLost);
}

TEST_CASE("arrays hold any text, and nulls") {
    const test::OwnSchema schema;
    Connection connection{schema.session()};
    Array array;
    const std::vector<std::string> texts{"", "NULL", "a\"b", "a\\b", "{a,b}", "a'b", "\n"};
    for (const auto& text : texts) array.add(text);
    array.add_null();
    const auto rows = connection.run({"unnest", "SELECT * FROM unnest($1::text[])"}, parameters(array));
    REQUIRE(rows.size() == static_cast<int>(texts.size()) + 1);
    for (std::size_t number = 0; number < texts.size(); ++number)
        CHECK(rows[static_cast<int>(number)].get<std::string>(0) == texts[number]);
    CHECK_FALSE(rows[rows.size() - 1].get<std::optional<std::string>>(0));
}
}

TEST_SUITE("postgres: errors") {
TEST_CASE("each says what can be done about it") {
    const test::OwnSchema schema;
    auto session = schema.session();
    session.lock_timeout = 100ms;
    session.statement_timeout = 300ms;
    Connection connection{session};
    connection.execute("CREATE TABLE thing (id integer PRIMARY KEY CHECK (id > 0))");
    CHECK_THROWS_AS(connection.execute("SELECT * FROM nothing_of_that_name"), SchemaMissing);
    CHECK_THROWS_AS(connection.execute("INSERT INTO thing VALUES (-1)"), ValueRefused);
    CHECK_THROWS_AS(connection.run({"cast", "SELECT $1::integer"}, parameters("x")), ValueRefused);
    CHECK_THROWS_AS(connection.execute("SELECT pg_sleep(5)"), Conflict);

    Connection other{session};
    Transaction holding{other};
    holding.execute("LOCK TABLE thing");
    CHECK_THROWS_AS(connection.execute("INSERT INTO thing VALUES (1)"), Conflict);
    CHECK(connection.execute("SELECT 7")[0].get<int>(0) == 7);
}

TEST_CASE("what is refused isn't quoted: messages go to logs") {
    const test::OwnSchema schema;
    Connection connection{schema.session()};
    connection.execute("CREATE TABLE thing (name varchar(3) CHECK (name <> 'me'))");
    const auto said_of = [&](std::string_view name) -> std::string {
        Transaction transaction{connection};
        CopyIn copy{transaction, "thing", "name"};
        try {
            copy.write(copied(name));
            copy.end();
        } catch (const ValueRefused& error) {
            return error.what();
        }
        return "nothing";
    };
    const auto too_long = said_of("mika");
    CHECK(too_long.find("value too long") != std::string::npos);
    CHECK(too_long.find("mika") == std::string::npos);  // the server's context has the row
    const auto checked = said_of("me");
    CHECK(checked.find("violates check constraint") != std::string::npos);
    CHECK(checked.find("(me)") == std::string::npos);  // its details, too
}

TEST_CASE("a connection that is gone stays gone") {
    const test::OwnSchema schema;
    Connection connection{schema.session()};
    Connection other{schema.session()};
    other.execute("SELECT pg_terminate_backend(" + std::to_string(connection.backend_pid()) + ")");
    std::this_thread::sleep_for(50ms);
    CHECK_THROWS_AS(connection.execute("SELECT 1"), ConnectionLost);
    CHECK_THROWS_AS(connection.execute("SELECT 1"), ConnectionLost);
}

TEST_CASE("nobody there") {
    CHECK_THROWS_AS(Connection(Session{.server = "postgresql://nobody@127.0.0.1:1/none"}), ConnectionLost);
}

TEST_CASE("a commit whose answer is lost is in doubt, one that never began is not done") {
    const test::OwnSchema schema;
    Connection{schema.session()}.execute("CREATE TABLE thing (id integer)");
    test::DatabaseProxy proxy{schema.session()};
    for (const auto when : {test::DatabaseProxy::Cut::before_commit, test::DatabaseProxy::Cut::after_commit}) {
        Connection connection{proxy.session()};
        Transaction transaction{connection};
        transaction.execute("INSERT INTO thing VALUES (1)");
        proxy.cut(when);
        CHECK_THROWS_AS(transaction.commit(), CommitInDoubt);
    }
    CHECK(Connection{schema.session()}.execute("SELECT count(*) FROM thing")[0].get<int>(0) == 1);
}

TEST_CASE("a reader can't write") {
    const test::OwnSchema schema;
    auto session = schema.session();
    session.read_only = true;
    Connection connection{session};
    CHECK_THROWS_AS(connection.execute("CREATE TABLE thing (id integer)"), DatabaseError);
}
}

TEST_SUITE("postgres: listening") {
TEST_CASE("what is committed is heard in its order, even while something else is asked; what is rolled back is not") {
    const test::OwnSchema schema;
    const kiroku::runtime::Wakeup wakeup;
    Listener listener{schema.session(), "test_channel"};
    Connection speaker{schema.session()};
    speaker.execute("BEGIN; SELECT pg_notify('test_channel', 'never'); ROLLBACK");
    speaker.execute("SELECT pg_notify('test_channel', 'one'); SELECT pg_notify('another_channel', 'two')");
    speaker.execute("SELECT pg_notify('test_channel', 'three')");
    CHECK(listener.connection().execute("SELECT 1")[0].get<int>(0) == 1);
    std::vector<std::string> heard;
    while (heard.size() < 2) {
        const auto more = listener.hear(10s, wakeup);
        REQUIRE_FALSE(more.empty());
        heard.insert(heard.end(), more.begin(), more.end());
    }
    CHECK(heard == std::vector<std::string>{"one", "three"});
}

TEST_CASE("whoever listens can be woken, and learns that the server is gone") {
    const test::OwnSchema schema;
    const kiroku::runtime::Wakeup wakeup;
    Listener listener{schema.session(), "test_channel"};
    wakeup.wake();
    const auto begun = std::chrono::steady_clock::now();
    CHECK(listener.hear(60s, wakeup).empty());
    CHECK(std::chrono::steady_clock::now() - begun < 30s);
    Connection killer{schema.session()};
    killer.execute("SELECT pg_terminate_backend(" + std::to_string(listener.connection().backend_pid()) + ")");
    CHECK_THROWS_AS(while (true) listener.hear(10s, wakeup), ConnectionLost);
}
}

TEST_SUITE("postgres: reading from a pool") {
TEST_CASE("answers come on its threads, and losses are made good") {
    const test::OwnSchema schema;
    ReadPool pool{{.session = schema.session(), .connections = 2}};
    const auto ask = [&](std::string sql) {
        std::promise<ReadResult<int>> answer;
        pool.run(
            [sql](Read& read) {
                return read.query({"ask " + sql, sql})[0].get<int>(0);
            },
            [&](ReadResult<int> result) { answer.set_value(std::move(result)); });
        return answer.get_future().get();
    };
    CHECK(ask("SELECT 7") == 7);
    CHECK(ask("SELECT 1 FROM nothing").error().kind == ReadError::Kind::failed);
    Connection{schema.session()}.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kiroku tests' AND pid <> "
        "pg_backend_pid()");
    std::this_thread::sleep_for(50ms);
    int lost = 0;
    while (!ask("SELECT 7").has_value()) REQUIRE(++lost <= 2);
}

TEST_CASE("what doesn't fit the queue is refused at once, what waits at the end is told") {
    const test::OwnSchema schema;
    std::atomic<int> full = 0;
    std::atomic<int> answered = 0;
    std::atomic<int> unavailable = 0;
    {
        ReadPool pool{{.session = schema.session(), .connections = 1, .most_waiting = 3}};
        for (int number = 0; number < 8; ++number) {
            pool.run(
                [](Read& read) {
                    return read.query({"sleep", "SELECT pg_sleep(0.2)"}).size();
                },
                [&](const ReadResult<int>& result) {
                    if (result)
                        ++answered;
                    else
                        ++(result.error().kind == ReadError::Kind::queue_full ? full : unavailable);
                });
            std::this_thread::sleep_for(5ms);
        }
        CHECK(full == 4);
    }
    CHECK(full + answered + unavailable == 8);
    CHECK(unavailable >= 1);
}

TEST_CASE("while the server can't be reached, reads fail quickly, and work again afterwards") {
    const test::OwnSchema schema;
    test::DatabaseProxy proxy{schema.session()};
    ReadPool pool{{.session = proxy.session(), .connections = 1}};
    const auto ask = [&] {
        std::promise<ReadResult<int>> answer;
        pool.run(
            [](Read& read) {
                return read.query({"one", "SELECT 1"}).size();
            },
            [&](ReadResult<int> result) { answer.set_value(std::move(result)); });
        return answer.get_future().get();
    };
    CHECK(ask().has_value());
    proxy.block(true);
    std::this_thread::sleep_for(50ms);
    const auto begun = std::chrono::steady_clock::now();
    for (int number = 0; number < 50; ++number) CHECK(ask().error().kind == ReadError::Kind::unavailable);
    CHECK(std::chrono::steady_clock::now() - begun < 2s);
    proxy.block(false);
    std::this_thread::sleep_for(300ms);
    CHECK(ask().has_value());
}
}

TEST_SUITE("postgres: rows by key") {
TEST_CASE("many who ask at once are answered by few queries, each with their own row") {
    const test::OwnSchema schema;
    Connection{schema.session()}.execute("CREATE TABLE thing (id uuid PRIMARY KEY, name text NOT NULL)");
    std::vector<Uuid> ids;
    {
        Connection connection{schema.session()};
        for (int number = 0; number < 500; ++number) {
            ids.push_back(random_uuid_v7());
            connection.run({"insert", "INSERT INTO thing VALUES ($1, $2)"},
                           parameters(ids.back(), to_string(ids.back())));
        }
    }
    ReadPool pool{{.session = schema.session(), .connections = 2}};
    std::atomic<int> queries = 0;
    KeyLookup<Uuid, Thing> lookup{pool,
                                  [&](Read& read, std::span<const Uuid> keys) {
                                      ++queries;
                                      CHECK(keys.size() <= KeyLookup<Uuid, Thing>::most_keys_a_query);
                                      return things_of(read, keys);
                                  },
                                  &Thing::id};
    std::atomic<int> right = 0;
    std::atomic<int> absent = 0;
    constexpr int rounds = 4;
    for (int round = 0; round < rounds; ++round) {
        for (const auto& id : ids) {
            lookup.find(id, [&, id](const ReadResult<std::optional<Thing>>& found) {
                if (found && *found && (*found)->name == to_string(id)) ++right;
            });
        }
    }
    lookup.find(random_uuid_v7(),
                [&](const ReadResult<std::optional<Thing>>& found) { absent += found && !*found ? 1 : 0; });
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (right + absent < rounds * 500 + 1 && std::chrono::steady_clock::now() < give_up)
        std::this_thread::sleep_for(1ms);
    CHECK(right == rounds * 500);
    CHECK(absent == 1);
    CHECK(queries < rounds * 500 / 10);
}

TEST_CASE("who still waits when the pool goes is told so") {
    const test::OwnSchema schema;
    std::atomic<int> told = 0;
    std::atomic<int> unavailable = 0;
    auto pool = std::make_unique<ReadPool>(ReadPool::Settings{.session = schema.session(), .connections = 1});
    KeyLookup<Uuid, Thing> lookup{*pool,
                                  [](Read& read, std::span<const Uuid>) {
                                      read.query({"sleep", "SELECT pg_sleep(0.2)"});
                                      return std::vector<Thing>{};
                                  },
                                  &Thing::id};
    constexpr int asked = 1'000;
    for (int number = 0; number < asked; ++number) {
        lookup.find(random_uuid_v7(), [&](const ReadResult<std::optional<Thing>>& found) {
            ++told;
            if (!found && found.error().kind == ReadError::Kind::unavailable) ++unavailable;
        });
    }
    std::this_thread::sleep_for(50ms);
    pool.reset();
    CHECK(told == asked);
    CHECK(unavailable > asked / 2);
}
}
