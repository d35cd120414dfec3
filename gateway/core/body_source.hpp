// gateway/core/body_source.hpp: a body that is made while it is sent, piece by piece, as fast as its reader reads.
#pragma once

#include <string>

#include "gateway/core/task.hpp"

namespace kiroku::gateway {

/// Used on the io thread. Whoever drops it wants no more of it.
class BodySource {
public:
    virtual ~BodySource() = default;

    /// The next piece, asked for once the one before was sent; empty: that was all. One call at a time.
    virtual Task<std::string> next() = 0;

    /// Nobody reads any more: `next` answers soon, whatever it answers.
    virtual void give_up() = 0;
};

/// Of whoever asks for the header only.
class NoBody final : public BodySource {
public:
    Task<std::string> next() override { co_return std::string{}; }
    void give_up() override {}
};

}  // namespace kiroku::gateway
