// tests/unit/realtime/conversation_test.cpp: the protocol kiroku.v1.json, message by message.
#include "gateway/realtime/conversation.hpp"

#include "infra/crypto/key_set.hpp"
#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

using namespace std::chrono_literals;

const UserId mika = named<UserId>("mika");
const SessionId session = named<SessionId>("mika's phone");
const Instant start = at("2026-03-06T12:00:00.000Z");

struct World {
    World() : hub(partitions_of(2), from_the_start(partitions_of(2)), Positions{a_key()}, {}) {}

    [[nodiscard]] std::string token(UserId user = mika, SessionId of = session, Instant issued = start,
                                    std::vector<std::string> roles = {"learner"}) {
        return tokens.issue(
            {.user = user, .session = of, .timezone = "Asia/Tokyo", .roles = std::move(roles), .expires = {}}, issued);
    }

    void happen(std::string name) {
        const auto slot = hub.partitions().of("gamification", mika.value);
        hub.take(decision(slot, {event(std::move(name), mika, next_offset++)}));
    }

    crypto::KeySet keys = crypto::KeySet::random();
    AccessTokens tokens{keys, {}};
    RevokedSessions revoked{16min};
    Hub hub;
    std::int64_t next_offset = 0;
};

struct Client {
    explicit Client(World& of, ConversationLimits limits = {})
        : world(of), talk(ConversationParts{of.hub, of.revoked, of.tokens, limits}, outbox, start) {}

    void say(const std::string& message, Instant now = start) { talk.hear(message, now); }
    void authenticate(const std::string& token, Instant now = start) {
        say(R"({"type":"authenticate","token":")" + token + "\"}", now);
    }
    void log_in() { authenticate(world.token()); }
    void subscribe(const std::string& channel) { say(R"({"type":"subscribe","channel":")" + channel + "\"}"); }

    template <class Message>
    Message hears() {
        REQUIRE_FALSE(outbox.empty());
        return read_as<Message>(*outbox.take());
    }

    void is_closed(CloseCode code) const {
        REQUIRE(outbox.closing());
        CHECK(outbox.closing()->code == code);
        CHECK(outbox.closing()->reason.size() <= 120);
    }
    void is_open() const { CHECK_FALSE(outbox.closing()); }

    World& world;
    Outbox outbox{{}, [] {}};
    Conversation talk;
};

TEST_SUITE("realtime: conversation") {
TEST_CASE("authenticates without a word, and subscribes") {
    World world;
    Client client{world};
    client.log_in();
    CHECK(client.outbox.empty());
    client.subscribe("me");
    const auto subscribed = client.hears<ws::Subscribed>();
    CHECK(subscribed.channel == "me");
    CHECK_FALSE(subscribed.recovered);
    world.happen("xp");
    CHECK(client.hears<ws::Event>().channel == "me");
    client.is_open();
}

TEST_CASE("goes on from the position of the last event") {
    World world;
    Client client{world};
    client.log_in();
    client.subscribe("me");
    client.hears<ws::Subscribed>();
    world.happen("first");
    const auto position = client.hears<ws::Event>().position;
    world.happen("second");

    Client again{world};
    again.log_in();
    again.say(R"({"type":"subscribe","channel":"me","since":")" + position + "\"}");
    const auto subscribed = again.hears<ws::Subscribed>();
    CHECK(subscribed.recovered);
    CHECK(subscribed.position == position);
    CHECK(name_in(again.hears<ws::Event>().event.text) == "second");
    CHECK(again.outbox.empty());
}

TEST_CASE("unsubscribes, pings, and stays after mistakes that do no harm") {
    World world;
    Client client{world};
    client.log_in();
    client.say(R"({"type":"ping"})");
    client.hears<ws::Pong>();
    client.subscribe("leaderboard:mars");
    CHECK(client.hears<ws::Error>().code == "unknown_channel");
    client.say(R"({"type":"unsubscribe","channel":"me"})");
    CHECK(client.hears<ws::Error>().code == "not_subscribed");
    client.subscribe("me");
    client.hears<ws::Subscribed>();
    client.subscribe("me");
    CHECK(client.hears<ws::Error>().code == "already_subscribed");
    client.say(R"({"type":"unsubscribe","channel":"me"})");
    CHECK(client.hears<ws::Unsubscribed>().channel == "me");
    world.happen("unheard");
    CHECK(client.outbox.empty());
    client.subscribe("leaderboard:global");
    client.hears<ws::Subscribed>();
    client.is_open();
}

TEST_CASE("ends at a message that can't be understood") {
    World world;
    for (const std::string message :
         {"", "hello", "{}", R"({"type":"dance"})", R"({"type":"subscribe"})", "[1,2]", "null",
          R"({"type":"ping","extra":1})", R"({"type":"subscribe","channel":7})", R"({"type":"ping","type":"ping"})",
          R"({"type":"ping"} )"
          "x"}) {
        CAPTURE(message);
        Client client{world};
        client.log_in();
        client.say(message);
        client.is_closed(CloseCode::bad_message);
    }
    Client client{world};
    client.log_in();
    client.say(R"({"type":"subscribe","channel":"me","since":")" + std::string(5000, 'x') + "\"}");
    client.is_closed(CloseCode::bad_message);
}

TEST_CASE("ends unless the first message authenticates") {
    World world;
    Client unknown{world};
    unknown.subscribe("me");
    unknown.is_closed(CloseCode::unauthorized);
    unknown.log_in();
    unknown.is_closed(CloseCode::unauthorized);
    CHECK(unknown.outbox.empty());
    CHECK(world.hub.subscriptions() == 0);
}

TEST_CASE("ends at a token that is invalid, another server's, or old") {
    World world, elsewhere;
    for (const auto& token : {std::string{"x"}, std::string{"a.b.c"}, elsewhere.token(), world.token() + "A",
                              world.token(mika, session, start - 16min)}) {
        CAPTURE(token);
        Client client{world};
        client.authenticate(token);
        client.is_closed(CloseCode::unauthorized);
    }
}

TEST_CASE("ends when nobody authenticates in time") {
    World world;
    Client client{world};
    CHECK(client.talk.deadline() == start + 10s);
    client.talk.pass(start + 9999ms);
    client.is_open();
    client.talk.pass(start + 10s);
    client.is_closed(CloseCode::not_authenticated);
}

TEST_CASE("ends with its token, unless that is renewed in time") {
    World world;
    Client client{world};
    client.log_in();
    const auto end = start + 15min + 30s;
    CHECK(client.talk.deadline() == end);
    client.authenticate(world.token(mika, session, start + 14min), start + 14min);
    CHECK(client.hears<ws::Authenticated>().expires_at == start + 29min);
    client.talk.pass(end);
    client.is_open();
    client.talk.pass(end + 14min);
    client.is_closed(CloseCode::unauthorized);
}

TEST_CASE("never changes its user") {
    World world;
    Client client{world};
    client.log_in();
    client.authenticate(world.token(named<UserId>("yuki")));
    client.is_closed(CloseCode::forbidden);
}

TEST_CASE("ends with its login session, and with no other") {
    World world;
    Client client{world}, other{world};
    client.log_in();
    other.authenticate(world.token(mika, named<SessionId>("mika's laptop")));
    world.revoked.revoke(session, start, start);
    client.is_closed(CloseCode::forbidden);
    other.is_open();
    Client late{world};
    late.log_in();
    late.is_closed(CloseCode::forbidden);
}

TEST_CASE("ends when its user loses a role, wherever they are logged in, and may come back with a new token") {
    World world;
    Client phone{world}, laptop{world}, other{world};
    phone.log_in();
    laptop.authenticate(world.token(mika, named<SessionId>("mika's laptop")));
    other.authenticate(world.token(named<UserId>("yuki"), named<SessionId>("yuki's phone")));
    world.revoked.end_connections_of(mika);
    phone.is_closed(CloseCode::forbidden);
    laptop.is_closed(CloseCode::forbidden);
    other.is_open();
    Client again{world};
    again.log_in();
    again.is_open();
}

TEST_CASE("ends when too much is said at once, but bears a steady talker") {
    World world;
    const ConversationLimits limits{.messages_at_once = 5, .messages_a_second = 2};
    Client steady{world, limits};
    steady.log_in();
    for (int i = 1; i <= 100; ++i) steady.say(R"({"type":"ping"})", start + i * 500ms);
    steady.is_open();
    Client chatterbox{world, limits};
    chatterbox.log_in();
    for (int i = 0; i < 4; ++i) chatterbox.say(R"({"type":"ping"})");
    chatterbox.is_open();
    chatterbox.talk.hear_ping(start);
    chatterbox.is_closed(CloseCode::too_many_messages);
}
}

TEST_SUITE("realtime: revoked sessions") {
TEST_CASE("are remembered longer than a token lives, and not for ever") {
    RevokedSessions revoked{16min};
    revoked.revoke(session, start, start);
    CHECK(revoked.is_revoked(session));
    CHECK_FALSE(revoked.is_revoked(named<SessionId>("another")));
    revoked.revoke(named<SessionId>("another"), start + 16min, start + 16min);
    CHECK(revoked.is_revoked(session));
    revoked.revoke(named<SessionId>("third"), start + 16min + 1ms, start + 16min + 1ms);
    CHECK_FALSE(revoked.is_revoked(session));
    CHECK(revoked.size() == 2);
}

TEST_CASE("from long ago are not kept at all") {
    RevokedSessions revoked{16min};
    revoked.revoke(session, start - 1h, start);
    CHECK(revoked.size() == 0);
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
