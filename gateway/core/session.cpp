// gateway/core/session.cpp: one client's connection: request after request, until somebody has had enough.
#include "gateway/core/session.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>

#include "gateway/core/server.hpp"

namespace kiroku::gateway {
namespace {

constexpr std::size_t read_bytes = 4096;
constexpr std::chrono::milliseconds linger_deadline{1'000};
constexpr std::size_t most_lingering_bytes = 256 * 1024;
constexpr std::string_view only_encrypted = "max-age=31536000";  // a year: HSTS, RFC 6797

UpgradeRequest upgrade_request_of(const RawRequest& raw) {
    UpgradeRequest request{boost::beast::http::verb::get, raw.head.target, 11};
    raw.head.fields.each([&](std::string_view name, std::string_view value) {
        request.insert(boost::beast::string_view{name.data(), name.size()},
                       boost::beast::string_view{value.data(), value.size()});
    });
    return request;
}

std::string before_piece(std::size_t size, bool chunked) {
    return chunked ? fmt::format("{:x}\r\n", size) : std::string{};
}

}  // namespace

Session::Session(Transport transport, ClientAddress peer, Server& server)
    : transport_{std::move(transport)}, peer_{peer}, server_{server}, deadline_{server.deadlines_, [this] {
                                                                                    expire();
                                                                                }} {
    ++server_.connections_;
    boost::system::error_code ignored;
    transport_.socket().set_option(net::ip::tcp::no_delay{true}, ignored);
}

Session::~Session() { --server_.connections_; }

Task<void> do_session(std::unique_ptr<Session> session) { co_await session->run(); }

Task<void> Session::run() {
    if (transport_.encrypted() && !co_await shake_hands()) co_return;
    After after = After::next;
    while (after == After::next) after = co_await serve_one();
    if (after == After::close_gently) co_await close_gently();
}

/// Within the time that a header may take.
Task<bool> Session::shake_hands() {
    deadline_.within(server_.settings_.header_deadline);
    const auto [failed, none] = co_await transport_.async_handshake(net::as_tuple(resume));
    co_return !failed;
}

Task<Session::After> Session::serve_one() {
    parser_.emplace();
    deadline_for_ = RequestParser::State::whole;
    if (!co_await read()) co_return After::gone;
    if (parser_->state() == RequestParser::State::refused) {
        RawRequest raw = parser_->release();
        Handled refused = handle_refused(parser_->problem(), raw.head, server_.router_, server_.services_);
        co_return co_await write(std::move(refused), false) ? After::close_gently : After::gone;
    }
    RawRequest raw = parser_->release();
    raw.peer = peer_;
    parser_.reset();
    if (wants_websocket(raw)) co_return co_await hand_over(std::move(raw));
    ++server_.in_flight_;
    phase_ = Phase::answering;
    deadline_.at_leisure();
    const After after = co_await serve(std::move(raw));
    --server_.in_flight_;
    phase_ = Phase::idle;
    co_return after;
}

/// Until the parser has a whole request or refuses one. False: there won't be any.
Task<bool> Session::read() {
    for (;;) {
        parse();
        if (parser_->state() == RequestParser::State::whole || parser_->state() == RequestParser::State::refused) {
            co_return true;
        }
        if (parser_->owes_continue() && !co_await write_text("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
        if (server_.draining_ && phase_ == Phase::idle && parser_->untouched()) co_return false;
        set_deadline();
        const std::size_t kept = buffer_.size();
        buffer_.resize(kept + read_bytes);
        const auto space = net::buffer(buffer_.data() + kept, read_bytes);
        const auto [failed, size] = co_await transport_.async_read_some(space, net::as_tuple(resume));
        buffer_.resize(kept + size);
        if (!failed) continue;
        if (!deadline_.over() || parser_->untouched()) co_return false;
        Handled late = handle_refused(CoreRefusal::request_timeout, Head{}, server_.router_, server_.services_);
        if (co_await write(std::move(late), false)) co_await close_gently();
        co_return false;
    }
}

void Session::parse() {
    std::size_t used = 0;
    while (used < buffer_.size()) {
        const std::size_t taken = parser_->take(std::string_view{buffer_}.substr(used));
        used += taken;
        const auto state = parser_->state();
        if (taken == 0 || state == RequestParser::State::whole || state == RequestParser::State::refused) break;
    }
    buffer_.erase(0, used);
}

/// Each stage has one deadline from its beginning on, however slowly the bytes drip; a body's depends on its length.
void Session::set_deadline() {
    const Settings& settings = server_.settings_;
    const auto state = parser_->state();
    if (phase_ == Phase::idle && parser_->untouched()) return deadline_.within(settings.idle_deadline);
    phase_ = Phase::reading;
    if (state == deadline_for_) return;
    deadline_for_ = state;
    if (state != RequestParser::State::reading_body) return deadline_.within(settings.header_deadline);
    const std::chrono::milliseconds needed{parser_->announced_body() * 1'000 / settings.body_bytes_a_second};
    deadline_.within(std::min(settings.body_deadline, settings.body_grace + needed));
}

bool Session::wants_websocket(const RawRequest& raw) const {
    return raw.wants_upgrade && raw.head.method == Method::get && raw.head.target == "/ws" &&
           equal_ignoring_case(*raw.head.fields.find("upgrade"), "websocket");
}

/// Whoever must know how it goes is answered in any case.
bool Session::is_too_much(const RawRequest& raw) const {
    if (raw.head.method == Method::post && server_.commands_full_()) return true;
    if (server_.in_flight_ <= server_.settings_.most_requests) return false;
    const auto path = std::string_view{raw.head.target};
    return path != "/healthz" && path != "/readyz" && path != "/metrics";
}

Task<Session::After> Session::hand_over(RawRequest raw) {
    if (auto refused = refuse_upgrade(raw, server_.services_)) {
        co_return co_await write(std::move(*refused), false) ? After::close_gently : After::gone;
    }
    server_.websockets_.accept(std::move(transport_), upgrade_request_of(raw), std::move(buffer_),
                               visitor_of(raw, server_.services_));
    co_return After::gone;
}

Task<Session::After> Session::serve(RawRequest raw) {
    const bool head_only = raw.head.method == Method::head;
    const bool keep_alive = raw.keep_alive;
    const bool is_old = raw.head.version < 11;
    Handled handled{Response{}, {}};
    if (is_too_much(raw)) {
        ++server_.shed_;
        handled = handle_shed(raw.head, server_.services_);
    } else {
        handled = co_await handle_request(std::move(raw), server_.router_, server_.services_);
    }
    const bool is_last = ++served_ >= server_.settings_.most_requests_of_connection;
    handled.response.close = handled.response.close || !keep_alive || is_last || server_.draining_;
    handled.response.chunked = !is_old;
    handled.response.close = handled.response.close || (is_old && handled.response.stream);
    const bool close = handled.response.close;
    if (is_old && !close) handled.response.headers.emplace_back("Connection", "keep-alive");
    if (!co_await write(std::move(handled), head_only)) co_return After::gone;
    co_return close ? After::close_gently : After::next;
}

Task<bool> Session::write(Handled handled, bool head_only) {
    if (transport_.encrypted()) handled.response.headers.emplace_back("Strict-Transport-Security", only_encrypted);
    const std::string head = write_head(handled.response, handled.request_id, http_date());
    const std::array<net::const_buffer, 2> both{net::buffer(head),
                                                net::buffer(handled.response.body, head_only ? 0 : std::string::npos)};
    deadline_.within(server_.settings_.write_deadline);
    const auto [failed, size] = co_await net::async_write(transport_, both, net::as_tuple(resume));
    if (failed || head_only || !handled.response.stream) co_return !failed;
    --server_.in_flight_;  // whoever opened the stream bounds how many there are
    const bool is_sent = co_await write_stream(std::move(handled.response.stream), handled.response.chunked);
    ++server_.in_flight_;
    co_return is_sent;
}

/// Each piece has the deadline of an answer. A stream that its client doesn't wait for is given up.
Task<bool> Session::write_stream(std::shared_ptr<BodySource> stream, bool chunked) {
    for (;;) {
        deadline_.within(std::chrono::milliseconds{0});
        awaited_ = stream.get();
        const std::string piece = co_await stream->next();
        awaited_ = nullptr;
        if (is_hung_up()) co_return false;
        if (piece.empty() && !chunked) co_return true;
        const std::string before = before_piece(piece.size(), chunked);
        const std::string_view after = chunked ? "\r\n" : "";
        const std::array<net::const_buffer, 3> whole{net::buffer(before), net::buffer(piece), net::buffer(after)};
        deadline_.within(server_.settings_.write_deadline);
        const auto [failed, size] = co_await net::async_write(transport_, whole, net::as_tuple(resume));
        if (failed || piece.empty()) co_return !failed;
    }
}

/// Whether the client has ended the connection, or its half of it: who wants a stream waits for it.
bool Session::is_hung_up() {
    const int socket = transport_.socket().native_handle();
    if (transport_.encrypted()) {  // whose goodbye can't be told from what else may lie there
        pollfd asked{.fd = socket, .events = POLLRDHUP, .revents = 0};
        return ::poll(&asked, 1, 0) == 1;
    }
    char next = 0;
    const auto size = ::recv(socket, &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

Task<bool> Session::write_text(std::string text) {
    const auto [failed, size] = co_await net::async_write(transport_, net::buffer(text), net::as_tuple(resume));
    co_return !failed;
}

/// A client that is still sending must be able to read our answer before the connection is torn down.
Task<void> Session::close_gently() {
    transport_.shutdown_send();
    deadline_.within(linger_deadline);
    buffer_.resize(read_bytes);
    for (std::size_t dropped = 0; dropped < most_lingering_bytes;) {
        const auto [failed, size] =
            co_await transport_.socket().async_read_some(net::buffer(buffer_), net::as_tuple(resume));
        if (failed) co_return;
        dropped += size;
    }
}

void Session::expire() {
    if (awaited_ != nullptr) {
        if (is_hung_up()) awaited_->give_up();
        return;
    }
    const bool is_useless = server_.draining_ && phase_ == Phase::idle;
    if (!is_useless && !deadline_.over()) return;
    transport_.cancel();
}

}  // namespace kiroku::gateway
