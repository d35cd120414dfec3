// commands/reactor/reaction.hpp: which commands the events call for, and up to where all of them are sent.
//
// It does no input or output of its own: decisions are told to it, commands are handed out.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "commands/reactor/policy.hpp"
#include "infra/log/event_reader.hpp"

namespace kiroku::commands {

class Reaction {
public:
    using Cursors = std::map<log::Partition, log::Cursor>;
    using Send = std::function<void(const log::CommandRecord&)>;

    explicit Reaction(std::vector<Policy> policies) : policies_(std::move(policies)) {}

    [[nodiscard]] const std::vector<Policy>& policies() const { return policies_; }

    /// Its share of the log, and from where on nothing is known to be sent.
    void begin(Cursors from);

    /// Hands out what the decision calls for. Throws UndigestedCause.
    void respond(const log::ReadDecision& decision, const Send& send);

    /// Something that was handed out was not sent: all since the last `keep` must be read and handed out again, which
    /// does no harm. From where.
    const Cursors& go_back();

    /// All that was handed out is sent: where to go on, for the partitions where that has changed.
    Cursors keep();

private:
    std::vector<Policy> policies_;
    Cursors kept_, done_;
};

}  // namespace kiroku::commands
