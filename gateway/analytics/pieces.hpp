// gateway/analytics/pieces.hpp: a body on its way from the thread that makes it to the io thread that sends it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "gateway/core/arrival.hpp"
#include "gateway/core/body_source.hpp"

namespace kiroku::gateway {

/// The maker waits while `most_waiting` pieces wait for the reader.
class Pieces final : public BodySource {
public:
    static constexpr std::size_t most_waiting = 2;

    explicit Pieces(net::io_context& io) : io_{io} {}

    // For the maker, on a thread of its own.

    /// False: nobody reads any more. A piece is not empty.
    bool put(std::string piece);
    /// No more pieces come.
    void end();
    [[nodiscard]] bool given_up() const;

    // For the reader.

    Task<std::string> next() override;
    void give_up() override;

private:
    void deliver(std::string piece);  // `mutex_` is held

    net::io_context& io_;
    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::deque<std::string> waiting_;
    std::optional<Arrival<std::string>> reader_;  // that waits for a piece
    bool ended_ = false;
    bool given_up_ = false;
};

}  // namespace kiroku::gateway
