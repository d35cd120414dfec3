// tests/unit/realtime/websocket_test.cpp: WebSockets over a real loopback connection: handshakes, frames, slow readers.
#include <boost/beast/core/buffers_to_string.hpp>

#include "tests/unit/realtime/loopback.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

const UserId mika = named<UserId>("mika");
const UserId yuki = named<UserId>("yuki");

int code(CloseCode code) { return static_cast<int>(code); }

/// A client's frame with a mask of zeros.
std::string frame(unsigned char first_byte, const std::string& payload, bool masked = true) {
    std::string bytes{static_cast<char>(first_byte)};
    bytes += static_cast<char>(payload.size() | (masked ? 0x80U : 0U));
    if (masked) bytes += std::string(4, '\0');
    return bytes + payload;
}

TEST_SUITE("realtime: websocket") {
TEST_CASE("from the handshake to the first event") {
    Loopback gateway;
    WebSocketClient client{gateway, {.protocols = "graphql-ws, kiroku.v1.json", .origin = ""}};
    REQUIRE_FALSE(client.error);
    CHECK(client.response[boost::beast::http::field::sec_websocket_protocol] == "kiroku.v1.json");
    client.log_in(gateway, mika);
    CHECK(client.subscribe("me").channel == "me");
    gateway.happen("mine", mika, true);
    const auto event = client.hears<ws::Event>();
    CHECK(event.channel == "me");
    CHECK(name_in(event.event.text) == "mine");
    CHECK(client.subscribe("leaderboard:global").channel == "leaderboard:global");
    gateway.happen("hers", yuki, true);
    CHECK(name_in(client.hears<ws::Event>().event.text) == "hers");
}

TEST_CASE("is pushed to within milliseconds") {
    Loopback gateway;
    WebSocketClient client{gateway};
    client.log_in(gateway, mika);
    client.subscribe("me");
    std::vector<std::chrono::steady_clock::duration> took;
    for (int i = 0; i < 50; ++i) {
        const auto start = std::chrono::steady_clock::now();
        gateway.happen("e", mika);
        client.hears<ws::Event>();
        took.push_back(std::chrono::steady_clock::now() - start);
    }
    std::ranges::sort(took);
    CHECK(took[25] < 5ms);
}

TEST_CASE("needs the sub-protocol") {
    Loopback gateway;
    WebSocketClient none{gateway, {.protocols = "", .origin = ""}};
    CHECK(none.close_code() == code(CloseCode::unknown_protocol));
    WebSocketClient another{gateway, {.protocols = "kiroku.v2.json", .origin = ""}};
    CHECK(another.close_code() == code(CloseCode::unknown_protocol));
}

TEST_CASE("is refused before the past is read, from foreign pages, and beyond a number") {
    const auto status = [](Loopback& gateway, WebSocketClient::Options options) {
        WebSocketClient client{gateway, std::move(options)};
        CHECK(client.error == boost::beast::websocket::error::upgrade_declined);
        CHECK(client.response[boost::beast::http::field::content_type] == "application/problem+json");
        return client.response.result_int();
    };
    Loopback too_early{{}, false};
    CHECK(status(too_early, {}) == 503);

    Realtime::Settings settings;
    settings.origins = {"https://kiroku.example"};
    settings.most_connections = 1;
    Loopback gateway{settings};
    CHECK(status(gateway, {.protocols = "kiroku.v1.json", .origin = "https://evil.example"}) == 403);
    WebSocketClient ours{gateway, {.protocols = "kiroku.v1.json", .origin = "https://kiroku.example"}};
    CHECK_FALSE(ours.error);
    CHECK(status(gateway, {}) == 503);
    boost::beast::get_lowest_layer(ours.stream).close();
    CHECK(gateway.has_connections(0));
    CHECK_FALSE(WebSocketClient{gateway}.error);
}

TEST_CASE("ends when nobody authenticates, and when the login session ends") {
    Realtime::Settings settings;
    settings.conversation.authenticate_within = 50ms;
    Loopback gateway{settings};
    WebSocketClient silent{gateway};
    CHECK(silent.close_code() == code(CloseCode::not_authenticated));

    const auto session = named<SessionId>("phone");
    WebSocketClient client{gateway};
    client.log_in(gateway, mika, session);
    client.subscribe("me");
    gateway.on_io([&] {
        auto revoked = event("identity.session_revoked.v1", {}, 0);
        revoked.revoked = session;
        revoked.time = clock_now();
        const auto slot = gateway.partitions.slot({"identity", 0});
        gateway.realtime->take({.decisions = {decision(slot, {revoked})}, .reached = {}, .live = true});
        CHECK(gateway.realtime->revocations().is_revoked(session));
    });
    CHECK(client.close_code() == code(CloseCode::forbidden));
}

TEST_CASE("ends at frames that are wrong") {
    Loopback gateway;
    const auto code_after = [&](const std::string& bytes) {
        WebSocketClient client{gateway};
        client.send_bytes(bytes);
        return client.close_code();
    };
    CHECK(code_after(frame(0x81, "hello", false)) == 1002);
    CHECK(code_after(frame(0x81, "\xff\xfe")) == 1007);
    CHECK(code_after(frame(0x82, "{}")) == code(CloseCode::unsupported_data));
    CHECK(code_after(frame(0xc1, "{}")) == 1002);
    CHECK(code_after(frame(0x81, "{}")) == code(CloseCode::bad_message));
    const std::string too_long("\x81\xff\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00", 14);
    CHECK(code_after(too_long) == 1009);
    std::string pings;
    for (int i = 0; i < 100; ++i) pings += frame(0x89, "");
    CHECK(code_after(pings) == code(CloseCode::too_many_messages));
    CHECK(gateway.has_connections(0));
}

TEST_CASE("who doesn't answer pings is gone after a while") {
    Realtime::Settings settings;
    settings.connection.silence = 1s;
    Loopback gateway{settings};
    WebSocketClient deaf{gateway};
    CHECK(gateway.has_connections(1));
    CHECK(gateway.has_connections(0));
}

TEST_CASE("messages of any length are frames that a client understands") {
    Loopback gateway;
    WebSocketClient client{gateway};
    client.log_in(gateway, mika);
    client.subscribe("me");
    std::size_t longest = 0;
    const auto tell = [&](std::size_t length) {
        const std::string name(length, '.');
        gateway.happen(name, mika);
        const auto text = client.hear();
        longest = std::max(longest, text.size());
        return name_in(read_as<ws::Event>(text).event.text) == name;
    };
    for (std::size_t length = 0; length < 100; ++length) CHECK(tell(length));
    for (std::size_t length = 65'000; length < 65'600; ++length) CHECK(tell(length));
    client.say(R"({"type":"ping"})");
    CHECK(client.hear().size() <= 125);
    CHECK(longest > 65'536);
}

TEST_CASE("pings are answered between whole messages while a client reads slowly") {
    Realtime::Settings settings;
    settings.conversation.messages_at_once = 1'000;
    settings.connection.outbox = {.frames = 1'000, .bytes = std::size_t{128} << 20};
    Loopback gateway{settings};
    WebSocketClient client{gateway};
    int pongs = 0;
    client.stream.control_callback(
        [&](auto kind, auto) { pongs += kind == boost::beast::websocket::frame_type::pong; });
    client.log_in(gateway, mika);
    client.subscribe("me");
    const int messages = 20, pings = 40;
    const std::string padding(4'000'000, '.');  // more than a socket takes at once
    for (int i = 0; i < messages; ++i) {
        gateway.happen(std::to_string(i) + padding, mika);
        for (int ping = 0; ping < pings / messages; ++ping) client.send_bytes(frame(0x89, "are you there"));
    }
    for (int i = 0; i < messages; ++i) CHECK(std::stoi(name_in(client.hears<ws::Event>().event.text)) == i);
    client.say(R"({"type":"ping"})");
    CHECK(client.hear() == R"({"type":"pong"})");
    CHECK(pongs == pings);
}

TEST_CASE("a slow reader is closed, troubles nobody, and goes on exactly where it was") {
    Realtime::Settings settings;
    settings.connection.handshake = 1s;
    Loopback gateway{settings};
    WebSocketClient slow{gateway}, quick{gateway};
    slow.log_in(gateway, mika);
    quick.log_in(gateway, mika);
    auto position = slow.subscribe("me").position;
    quick.subscribe("me");
    const std::string padding(20'000, '.');
    const int events = 1500;
    for (int i = 0; i < events; ++i) {
        gateway.happen(std::to_string(i) + padding, mika);
        CHECK(std::stoi(name_in(quick.hears<ws::Event>().event.text)) == i);
    }

    int heard = 0;
    const auto hear_out = [&](WebSocketClient& client) {
        for (auto text = client.hear(); !text.empty(); text = client.hear()) {
            const auto event = read_as<ws::Event>(text);
            CHECK(std::stoi(name_in(event.event.text)) == heard++);
            position = event.position;
            if (heard == events) return;
        }
    };
    hear_out(slow);
    CHECK(heard < events);
    const int before = heard;
    WebSocketClient back{gateway};
    back.log_in(gateway, mika);
    CHECK(back.subscribe("me", position).recovered);
    hear_out(back);
    CHECK(before < events);
    CHECK(heard == events);
}

TEST_CASE("is closed in an orderly way when the gateway stops, and cut when it goes") {
    Loopback gateway;
    WebSocketClient client{gateway};
    client.log_in(gateway, mika);
    client.subscribe("me");
    gateway.on_io([&] { gateway.realtime->stop(); });
    CHECK(client.close_code() == code(CloseCode::restarting));
    CHECK(gateway.has_connections(0));

    Loopback another;
    WebSocketClient cut{another};
    cut.log_in(another, mika);
    cut.subscribe("me");
    another.on_io([&] { another.realtime.reset(); });
    CHECK(cut.close_code() == 0);
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
