// gateway/realtime/positions.hpp: "I have everything of this channel up to here", as clients keep it and send it back.
//
// One offset for each partition that the channel's events can lie in, as variable-length numbers, and a keyed tag over
// them, the channel and its user: about a hundred characters. Any gateway with the same keys understands it; nobody can
// make one up, or use somebody else's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/realtime/channel.hpp"
#include "infra/crypto/secret.hpp"

namespace kiroku::gateway::realtime {

class Positions {
public:
    static constexpr std::size_t longest = 512;  ///< characters

    /// `log` names the log that the offsets belong to, so that those of another one are refused.
    explicit Positions(crypto::Secret key, std::string log = "") : key_(key), log_(std::move(log)) {}

    /// `offsets`: the next one wanted, for each of the channel's partitions in their order.
    [[nodiscard]] std::string write(const Channel& channel, std::span<const Offset> offsets) const;

    /// Null unless `text` was written for this channel and so many partitions.
    [[nodiscard]] std::optional<std::vector<Offset>> read(const Channel& channel, std::string_view text,
                                                          std::size_t partitions) const;

private:
    [[nodiscard]] std::string tag(const Channel& channel, std::string_view numbers) const;

    crypto::Secret key_;
    std::string log_;
};

}  // namespace kiroku::gateway::realtime
