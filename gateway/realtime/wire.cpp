// gateway/realtime/wire.cpp: what a WebSocket writes on: Beast's own frames and ready messages, each whole, in turn.
#include "gateway/realtime/wire.hpp"

#include <utility>

namespace kiroku::gateway::realtime {
namespace {

constexpr unsigned char whole_text = 0x81;  // the last frame of its message, and text: RFC 6455, 5.2
constexpr std::size_t longest_in_seven_bits = 125;
constexpr std::size_t longest_in_two_bytes = 0xffff;

std::string header_of(std::size_t size) {
    std::string header(1, static_cast<char>(whole_text));
    const auto add = [&](int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) header += static_cast<char>(size >> shift & 0xff);
    };
    if (size <= longest_in_seven_bits) {
        add(1);
    } else if (size <= longest_in_two_bytes) {
        header += static_cast<char>(126);
        add(2);
    } else {
        header += static_cast<char>(127);
        add(8);
    }
    return header;
}

}  // namespace

std::array<net::const_buffer, 2> Wire::Piece::rest() const {
    const auto body_bytes = body ? net::buffer(*body) : net::const_buffer{};
    if (written >= head.size()) return {net::const_buffer{}, body_bytes + (written - head.size())};
    return {net::buffer(head) + written, body_bytes};
}

bool Wire::send(Frame message) {
    Piece piece{.head = header_of(message->size()), .body = std::move(message)};
    if (waiting_.empty()) piece.written = transport_.write_now(piece.rest());
    if (piece.written == piece.size()) return true;
    write(std::move(piece));
    return false;
}

void Wire::write(Piece piece) {
    waiting_.push_back(std::move(piece));
    if (waiting_.size() == 1) go_on();
}

void Wire::go_on() {
    transport_.async_write_some(waiting_.front().rest(),
                                [this, alive = owner_.lock()](Error error, std::size_t size) { wrote(error, size); });
}

void Wire::wrote(Error error, std::size_t size) {
    if (error) {
        for (const auto& piece : std::exchange(waiting_, {})) tell(piece, error);
        return;
    }
    auto& first = waiting_.front();
    first.written += size;
    if (first.written < first.size()) return go_on();
    const auto done = std::move(first);
    waiting_.pop_front();
    if (!waiting_.empty()) go_on();
    tell(done, error);
}

void Wire::tell(const Piece& piece, Error error) {
    if (!piece.on_written) return on_sent_(error);
    piece.on_written(error, error ? 0 : piece.size());
}

}  // namespace kiroku::gateway::realtime
