// gateway/core/request_parser.hpp: bytes in, one guarded request out.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "gateway/core/problem.hpp"
#include "gateway/core/request.hpp"

namespace kiroku::gateway {

/// Reads one request; make a new one for the next.
class RequestParser {
public:
    RequestParser();
    ~RequestParser();
    RequestParser(RequestParser&&) noexcept;
    RequestParser& operator=(RequestParser&&) noexcept;

    enum class State {
        reading_header,
        reading_body,
        whole,
        refused,  ///< `problem()` says why; nothing behind it can be trusted
    };

    /// Takes what it can use of `bytes` (unused ones must be given again, with more behind them) and says how many.
    std::size_t take(std::string_view bytes);

    [[nodiscard]] State state() const;
    [[nodiscard]] bool untouched() const;  ///< no byte of a request has come yet
    [[nodiscard]] const Problem& problem() const;

    /// The client waits for a "100 Continue" before it sends the body. True once.
    [[nodiscard]] bool owes_continue();

    /// How long the body will be, as its header says; of chunks: as long as a body may be.
    [[nodiscard]] std::size_t announced_body() const;

    /// The request, when it is whole.
    RawRequest release();

private:
    struct Parsing;
    std::unique_ptr<Parsing> parsing_;
};

}  // namespace kiroku::gateway
