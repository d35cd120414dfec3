// tests/unit/realtime/conversation_test.cpp: the protocol kiroku.v1.json, message by message.
#include "gateway/realtime/conversation.hpp"

#include "gateway/core/problem.hpp"
#include "infra/crypto/key_set.hpp"
#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

using namespace std::chrono_literals;

const UserId mika = named<UserId>("mika");
const SessionId session = named<SessionId>("mika's phone");
const Instant start = at("2026-03-06T12:00:00.000Z");
const ChallengeId tomato = named<ChallengeId>("tomato");
const ChallengeSessionId practice = named<ChallengeSessionId>("practice");
const std::string practised = "challenge:" + to_string(tomato);

Response refusal(std::string_view code, bool retryable = false) {
    const Problem problem{RefusalEntry{.code = code, .status = 404, .message = "No.", .retryable = retryable},
                          RawJson{"{}"}};
    return answer(problem, "/", "r", start);
}

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
    Presence presence{named<UserId>("gateway").value, [](const std::string&) {}, {}};
    struct Errand {
        RawRequest request;
        std::function<void(Response)> then;
    };
    std::vector<Errand> errands;
    AskRoute ask = [this](RawRequest request, std::function<void(Response)> then) {
        errands.push_back({std::move(request), std::move(then)});
    };
    PublishCounts published;
    std::vector<std::pair<CoreRefusal, std::optional<UserId>>> refused;
    ClientAddress address = *ClientAddress::parse("203.0.113.7");
    std::int64_t next_offset = 0;
};

struct Client {
    explicit Client(World& of, ConversationLimits limits = {})
        : world(of),
          talk(ConversationParts{of.hub, of.presence, of.revoked, of.tokens, of.ask, of.published, limits, of.address,
                                 [&of](CoreRefusal refusal, const auto& user) {
                                     of.refused.emplace_back(refusal, user);
                                 }},
               outbox, start) {}

    void say(const std::string& message, Instant now = start) { talk.hear(message, now); }
    void authenticate(const std::string& token, Instant now = start) {
        say(R"({"type":"authenticate","token":")" + token + "\"}", now);
    }
    void log_in() { authenticate(token = world.token()); }
    void publish(const std::string& id, const std::string& message) {
        say(R"({"type":"publish","id":")" + id + R"(","message":)" + message + "}");
    }
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
    std::string token;
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

TEST_CASE("who is refused is told for the record") {
    World world;
    Client{world}.authenticate("x");
    Client{world}.authenticate(world.token(mika, session, start - 16min));
    Client client{world};
    client.authenticate(world.token(mika, session, start, {"nobody"}));
    client.subscribe("leaderboard:global");
    client.authenticate(world.token(named<UserId>("yuki")));
    const std::vector<std::pair<CoreRefusal, std::optional<UserId>>> expected{
        {CoreRefusal::invalid_token, std::nullopt},
        {CoreRefusal::expired_token, std::nullopt},
        {CoreRefusal::forbidden, mika},
        {CoreRefusal::forbidden, mika}};
    CHECK(world.refused == expected);
}

TEST_CASE("what is asked of the routes comes from the client's address") {
    World world;
    Client client{world};
    client.log_in();
    client.subscribe(practised);
    client.publish("1", R"({"type":"record_progress","sessionId":")" + to_string(practice) + R"(","progress":{}})");
    REQUIRE(world.errands.size() == 2);
    for (const auto& errand : world.errands) CHECK(errand.request.peer == world.address);
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

TEST_SUITE("realtime: what may be listened to") {
TEST_CASE("roles are looked at each time") {
    World world;
    Client client{world};
    client.authenticate(world.token(mika, session, start, {"guest"}));
    client.subscribe("me");
    CHECK(client.hears<ws::Error>().code == "forbidden");
    client.log_in();
    client.hears<ws::Authenticated>();
    client.subscribe("me");
    CHECK(client.hears<ws::Subscribed>().channel == "me");
}

TEST_CASE("a challenge is looked up as its reader would, and then shows who is there") {
    World world;
    Client client{world};
    client.log_in();
    client.subscribe(practised);
    CHECK(client.outbox.empty());
    REQUIRE(world.errands.size() == 1);
    const auto& asked = world.errands[0].request;
    CHECK(asked.head.method == Method::get);
    CHECK(asked.head.target == "/challenges/" + to_string(tomato));
    CHECK(asked.head.fields.find("authorization") == "Bearer " + client.token);
    world.errands[0].then({});
    const auto subscribed = client.hears<ws::Subscribed>();
    CHECK(subscribed.channel == practised);
    world.presence.pass(start);
    CHECK(client.hears<ws::Presence>().members.at(0).user_id == mika);

    Client again{world};
    again.log_in();
    again.say(R"({"type":"subscribe","channel":")" + practised + R"(","since":")" + subscribed.position + "\"}");
    world.errands[1].then({});
    CHECK(again.hears<ws::Subscribed>().recovered);
}

TEST_CASE("a challenge that there isn't, or not for this one, is refused in the route's own words") {
    World world;
    Client client{world};
    client.log_in();
    client.subscribe(practised);
    world.errands[0].then(refusal("challenge_not_found"));
    const auto error = client.hears<ws::Error>();
    CHECK(error.code == "challenge_not_found");
    CHECK(error.channel == practised);
    CHECK(error.retryable == false);
    client.subscribe(practised);
    world.errands[1].then({.status = 500, .body = "nonsense"});
    CHECK(client.hears<ws::Error>().code == "internal_error");
    client.is_open();
    for (const std::string name : {"challenge:", "challenge:x", "challenge:019567800000700080000000000000AB"}) {
        client.subscribe(name);
        CHECK(client.hears<ws::Error>().code == "unknown_channel");
    }
    CHECK(world.presence.channels() == 0);
}

TEST_CASE("of a connection so many channels, and so many questions at a time") {
    World world;
    Client client{world, {.channels = 2, .errands = 2}};
    client.log_in();
    for (int i = 0; i < 3; ++i) client.subscribe("challenge:" + to_string(named<ChallengeId>(std::to_string(i))));
    const auto busy = client.hears<ws::Error>();
    CHECK(busy.code == "too_many_requests");
    CHECK(busy.retryable == true);
    world.errands[0].then({});
    world.errands[1].then({});
    client.hears<ws::Subscribed>();
    client.hears<ws::Subscribed>();
    client.subscribe("me");
    CHECK(client.hears<ws::Error>().code == "too_many_channels");
    client.say(R"({"type":"unsubscribe","channel":"challenge:)" + to_string(named<ChallengeId>("0")) + "\"}");
    client.hears<ws::Unsubscribed>();
    client.subscribe("me");
    client.hears<ws::Subscribed>();
}

TEST_CASE("what comes when the client is gone goes nowhere") {
    World world;
    {
        Client client{world};
        client.log_in();
        client.subscribe(practised);
    }
    world.errands[0].then({});
    CHECK(world.presence.channels() == 0);
    CHECK(world.hub.subscriptions() == 0);
}
}

TEST_SUITE("realtime: publishing") {
TEST_CASE("progress is the same wish as the POST with its id as the key") {
    World world;
    Client client{world};
    client.log_in();
    client.publish("k 1", R"({"type":"record_progress","sessionId":")" + to_string(practice) +
                              R"(","progress":{"currentPhase":"rest"}})");
    REQUIRE(world.errands.size() == 1);
    const auto& asked = world.errands[0].request;
    CHECK(asked.head.method == Method::post);
    CHECK(asked.head.target == "/challenge-sessions/" + to_string(practice) + "/progress");
    CHECK(asked.head.fields.find("idempotency-key") == "k 1");
    CHECK(asked.head.fields.find("content-type") == "application/json");
    CHECK(asked.body == R"({"currentPhase":"rest"})");
    CHECK(client.outbox.empty());
    world.errands[0].then({.body = R"({"position":"p"})", .position = "p", .replayed = true});
    const auto ack = client.hears<ws::Ack>();
    CHECK(ack.id == "k 1");
    CHECK(ack.position == "p");
    CHECK(ack.replayed == true);
    CHECK(ack.answer->text == R"({"position":"p"})");
    CHECK(world.published.done == 1);
}

TEST_CASE("a refusal names what it answers, and whether to try again") {
    World world;
    Client client{world};
    client.log_in();
    client.publish("a", R"({"type":"record_progress","sessionId":")" + to_string(practice) + R"(","progress":{}})");
    world.errands[0].then(refusal("deadline_exceeded", true));
    const auto error = client.hears<ws::Error>();
    CHECK(error.id == "a");
    CHECK(error.code == "deadline_exceeded");
    CHECK(error.retryable == true);
    for (const std::string message : {R"({})", R"({"type":"dance"})", R"({"type":"record_progress"})",
                                      R"({"type":"show_typing","channel":"me","more":1})"}) {
        client.publish("b", message);
        CHECK(client.hears<ws::Error>().code == "invalid_message");
    }
    CHECK(world.published.refused == 5);
    CHECK(world.errands.size() == 1);
    client.is_open();
    client.publish("", "{}");
    client.is_closed(CloseCode::bad_message);
}

TEST_CASE("so many are under way at a time") {
    World world;
    Client client{world, {.errands = 2}};
    client.log_in();
    const auto message = R"({"type":"record_progress","sessionId":")" + to_string(practice) + R"(","progress":{}})";
    for (const auto* id : {"a", "b", "c"}) client.publish(id, message);
    const auto error = client.hears<ws::Error>();
    CHECK(error.id == "c");
    CHECK(error.code == "too_many_requests");
    CHECK(error.retryable == true);
    world.errands[0].then({});
    CHECK(client.hears<ws::Ack>().id == "a");
    client.publish("c", message);
    CHECK(world.errands.size() == 3);
}

TEST_CASE("typing reaches the others who are there, and is done at once") {
    World world;
    Client client{world}, other{world};
    client.log_in();
    other.authenticate(world.token(named<UserId>("yuki"), named<SessionId>("yuki's phone")));
    const auto typing = R"({"type":"show_typing","channel":")" + practised + "\"}";
    client.publish("t", typing);
    CHECK(client.hears<ws::Error>().code == "not_subscribed");
    for (auto* one : {&client, &other}) {
        one->subscribe(practised);
        world.errands.back().then({});
        one->hears<ws::Subscribed>();
    }
    world.presence.pass(start);
    client.hears<ws::Presence>();
    other.hears<ws::Presence>();
    client.publish("t", typing);
    CHECK(client.hears<ws::Ack>().id == "t");
    CHECK(other.hears<ws::Typing>().user_id == mika);
    client.publish("u", typing);
    CHECK(client.hears<ws::Ack>().id == "u");
    CHECK(other.outbox.empty());
    CHECK(world.errands.size() == 2);
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
