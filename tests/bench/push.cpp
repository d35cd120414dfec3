// tests/bench/push.cpp: from a command to the event that its learner is pushed, at a steady rate of commands.
//
// Each learner starts a session and completes it, over and over, and listens on the channel `me`. Counted from when a
// command was due, so a stall isn't hidden by the commands that it holds up.
#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include "schemas/ws/codec.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/http_wire.hpp"
#include "tests/bench/latencies.hpp"
#include "tests/bench/push_book.hpp"

namespace kiroku::bench {
namespace {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;
using Socket = net::ip::tcp::socket;
using Done = net::awaitable<void>;

constexpr std::chrono::seconds grace{2};  // for what is still on its way at the end

struct Plan {
    int port;
    std::vector<std::string> tokens;
    std::vector<std::string> challenges;
    double rate;  ///< commands a second, of all learners together
    Clock::time_point begin;
    Window window;
};

/// When a learner's command number `round` is due.
Clock::time_point due(const Plan& plan, std::size_t learner, std::size_t round) {
    return plan.begin + seconds(static_cast<double>(learner + round * plan.tokens.size()) / plan.rate);
}

net::awaitable<Socket> connected(int port) {
    Socket socket{co_await net::this_coro::executor};
    co_await socket.async_connect({net::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)},
                                  net::use_awaitable);
    socket.set_option(net::ip::tcp::no_delay{true});
    co_return socket;
}

net::awaitable<std::string> post(Socket& socket, std::string text) {
    co_await net::async_write(socket, net::buffer(text), net::use_awaitable);
    std::string received;
    while (true) {
        std::array<char, 8192> some{};
        const auto got = co_await socket.async_read_some(net::buffer(some), net::use_awaitable);
        received.append(some.data(), got);
        const auto answer = answer_in(received);
        if (!answer) continue;
        if (answer->status / 100 != 2) throw std::runtime_error(fmt::format("{}: {}", answer->status, answer->body));
        co_return std::string{answer->body};
    }
}

/// Starts and completes sessions, each when it is due.
Done live(const Plan& plan, Book& book, std::size_t learner) {
    auto socket = co_await connected(plan.port);
    net::steady_timer timer{socket.get_executor()};
    std::string session;
    for (std::size_t round = 0;; ++round) {
        const auto when = due(plan, learner, round);
        if (when >= plan.window.to) co_return;
        timer.expires_at(when);
        co_await timer.async_wait(net::use_awaitable);
        const bool starting = session.empty();
        HttpRequest request{.method = "POST",
                            .path = {},
                            .token = plan.tokens[learner],
                            .body = "{}",
                            .headers = new_idempotency_key()};
        request.path = starting ? "/challenges/" + plan.challenges[round % plan.challenges.size()] + "/sessions"
                                : "/challenge-sessions/" + session + "/complete";
        if (!starting) {
            request.body = R"({"performanceScore":90,"completionTime":1500})";
            book.completing(session, when);
        }
        const auto answer = co_await post(socket, text_of(request));
        if (starting) book.answered(when);
        session = starting ? attribute_of(answer, "id") : std::string{};
        if (starting) book.started(session, when);
    }
}

net::awaitable<std::string> next_message(websocket::stream<Socket>& stream) {
    boost::beast::flat_buffer buffer;
    co_await stream.async_read(buffer, net::use_awaitable);
    co_return std::string{static_cast<const char*>(buffer.data().data()), buffer.size()};
}

Done say(websocket::stream<Socket>& stream, std::string message) {
    co_await stream.async_write(net::buffer(message), net::use_awaitable);
}

/// Listens to what happens to one learner; `listening` counts those who do.
Done listen(const Plan& plan, Book& book, std::size_t learner, std::size_t& listening) {
    websocket::stream<Socket> stream{co_await connected(plan.port)};
    stream.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
        request.set(boost::beast::http::field::sec_websocket_protocol, "kiroku.v1.json");
    }));
    co_await stream.async_handshake("kiroku", "/ws", net::use_awaitable);
    auto hello = json::encode(ws::ClientMessage{ws::Authenticate{.token = plan.tokens[learner]}});
    co_await say(stream, std::move(hello));
    auto wish = json::encode(ws::ClientMessage{ws::Subscribe{.channel = "me", .since = {}}});
    co_await say(stream, std::move(wish));
    while (true) {
        const auto text = co_await next_message(stream);
        const auto message = json::decode_tagged<ws::ServerMessage>(text);
        if (!message) throw std::runtime_error("not understood: " + text);
        if (std::holds_alternative<ws::Error>(*message)) throw std::runtime_error("refused: " + text);
        if (std::holds_alternative<ws::Subscribed>(*message)) ++listening;
        if (const auto* event = std::get_if<ws::Event>(&*message)) book.pushed(event->event.text);
    }
}

Done run(Plan& plan, Book& book, net::io_context& io) {
    std::size_t listening = 0;
    const auto failed = [](std::exception_ptr why) {
        if (why) std::rethrow_exception(why);
    };
    for (std::size_t learner = 0; learner < plan.tokens.size(); ++learner) {
        net::co_spawn(io, listen(plan, book, learner, listening), failed);
    }
    net::steady_timer timer{io};
    while (listening < plan.tokens.size()) {
        timer.expires_after(std::chrono::milliseconds{5});
        co_await timer.async_wait(net::use_awaitable);
    }
    for (std::size_t learner = 0; learner < plan.tokens.size(); ++learner)
        net::co_spawn(io, live(plan, book, learner), failed);
    timer.expires_at(plan.window.to + grace);
    co_await timer.async_wait(net::use_awaitable);
    io.stop();
}

std::string measure(const Arguments& arguments) {
    constexpr double connecting = 0.5;  // s
    const auto warm = arguments.number("warm", 2);
    Plan plan{.port = arguments.count("port", 8080),
              .tokens = arguments.lines("tokens"),
              .challenges = arguments.lines("challenges"),
              .rate = arguments.number("rate", 100),
              .begin = Clock::now() + seconds(connecting),
              .window = Window::after(connecting + warm, arguments.number("seconds", 10))};
    if (plan.tokens.size() > 32) plan.tokens.resize(32);
    Book book{plan.window};
    net::io_context io{1};
    net::co_spawn(io, run(plan, book, io), [](std::exception_ptr why) {
        if (why) std::rethrow_exception(why);
    });
    io.run();
    return book.json();
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
