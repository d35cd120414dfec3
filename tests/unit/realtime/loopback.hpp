// tests/unit/realtime/loopback.hpp: real sockets against the real WebSocket code, fed with decisions by hand.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <future>
#include <thread>

#include "gateway/realtime/realtime.hpp"
#include "infra/crypto/key_set.hpp"
#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {

using namespace std::chrono_literals;

inline Instant clock_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// A gateway that serves nothing but `/ws`.
class Loopback {
public:
    using Acceptor = net::basic_socket_acceptor<net::ip::tcp, Executor>;

    explicit Loopback(Realtime::Settings settings = {}, bool live = true)
        : realtime(std::make_unique<Realtime>(io, tokens, a_key(), std::move(settings))) {
        realtime->begin(partitions, from_the_start(partitions));
        if (live) realtime->take({.decisions = {}, .reached = {}, .live = true});
        net::co_spawn(io.get_executor(), serve(*this), net::detached);
        thread = std::jthread{[this] { io.run(); }};
    }

    ~Loopback() {
        on_io([this] { realtime.reset(); });
        io.stop();
    }

    /// Runs `work` on the io thread and waits for it.
    template <class Work>
    std::invoke_result_t<Work&> on_io(Work work) {
        std::packaged_task<std::invoke_result_t<Work&>()> task{std::move(work)};
        auto done = task.get_future();
        net::post(io, [&task] { task(); });
        return done.get();
    }

    void happen(std::string name, UserId user, bool is_public = false) {
        on_io([&] {
            const auto slot = partitions.of("gamification", user.value);
            realtime->take({.decisions = {decision(slot, {event(std::move(name), user, next_offset++, is_public)})},
                            .reached = {},
                            .live = true});
        });
    }

    [[nodiscard]] std::string token(UserId user, SessionId session = {}) {
        return tokens.issue({.user = user, .session = session, .timezone = "UTC", .roles = {"learner"}, .expires = {}},
                            clock_now());
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor.local_endpoint().port(); }

    /// Waits until so many connections are left; false: they aren't in time.
    bool has_connections(std::size_t count, std::chrono::milliseconds within = 5s) {
        const auto end = std::chrono::steady_clock::now() + within;
        while (on_io([this] { return realtime->connections(); }) != count) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(2ms);
        }
        return true;
    }

    Partitions partitions = partitions_of(2);
    crypto::KeySet keys = crypto::KeySet::random();
    AccessTokens tokens{keys, {}};
    std::int64_t next_offset = 0;
    net::io_context io;
    net::executor_work_guard<Executor> work{io.get_executor()};
    Acceptor acceptor{io.get_executor(), net::ip::tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    std::unique_ptr<Realtime> realtime;
    std::jthread thread;

private:
    static Task<void> serve(Loopback& self) {
        for (;;) {
            auto socket = co_await self.acceptor.async_accept(resume);
            socket.set_option(net::ip::tcp::no_delay{true});
            boost::beast::flat_buffer buffer;
            UpgradeRequest request;
            co_await boost::beast::http::async_read(socket, buffer, request, resume);
            self.realtime->accept(std::move(socket), std::move(request), "",
                                  Visitor{.client = *ClientAddress::parse("203.0.113.7"), .request = "r"});
        }
    }
};

/// A client that never waits longer than a few seconds.
class WebSocketClient {
public:
    using Stream = boost::beast::websocket::stream<net::ip::tcp::socket>;
    using Code = boost::system::error_code;

    struct Options {
        std::string protocols = "kiroku.v1.json";
        std::string origin;
    };

    explicit WebSocketClient(Loopback& to) : WebSocketClient(to, Options{}) {}
    WebSocketClient(Loopback& to, Options options) {
        stream.next_layer().connect({net::ip::address_v4::loopback(), to.port()});
        stream.next_layer().set_option(net::ip::tcp::no_delay{true});
        stream.set_option(boost::beast::websocket::stream_base::decorator{[options](auto& request) {
            namespace http = boost::beast::http;
            if (!options.protocols.empty()) request.set(http::field::sec_websocket_protocol, options.protocols);
            if (!options.origin.empty()) request.set(http::field::origin, options.origin);
        }});
        stream.async_handshake(response, "localhost", "/ws", [this](Code code) { finish(code); });
        run();
    }

    void say(std::string_view text) {
        stream.async_write(net::buffer(text), [this](Code code, std::size_t) { finish(code); });
        run();
    }

    void send_bytes(const std::string& bytes) { net::write(stream.next_layer(), net::buffer(bytes)); }

    void log_in(Loopback& to, UserId user, SessionId session = {}) {
        say(R"({"type":"authenticate","token":")" + to.token(user, session) + "\"}");
    }

    /// The next message; empty once the connection is closed.
    std::string hear() {
        boost::beast::flat_buffer buffer;
        stream.async_read(buffer, [this](Code code, std::size_t) { finish(code); });
        run();
        return error ? "" : boost::beast::buffers_to_string(buffer.data());
    }

    template <class Message>
    Message hears() {
        return read_as<Message>(hear());
    }

    ws::Subscribed subscribe(const std::string& channel, const std::string& since = "") {
        say(R"({"type":"subscribe","channel":")" + channel +
            (since.empty() ? "\"}" : R"(","since":")" + since + "\"}"));
        return hears<ws::Subscribed>();
    }

    /// Reads to the end; what for it ended. 0: without a word.
    int close_code() {
        while (!hear().empty()) {
        }
        return stream.reason().code;
    }

    net::io_context io;
    Stream stream{io};
    boost::beast::websocket::response_type response;
    Code error;

private:
    void finish(Code code) {
        error = code;
        finished = true;
    }

    void run() {
        finished = false;
        io.restart();
        io.run_for(5s);
        REQUIRE_MESSAGE(finished, "nothing happened for five seconds");
    }

    bool finished = false;
};

}  // namespace kiroku::gateway::realtime::test
