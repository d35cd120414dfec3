#include "commands/reactor/reaction.hpp"

namespace kiroku::commands {

void Reaction::begin(Cursors from) {
    kept_ = std::move(from);
    done_ = kept_;
}

void Reaction::respond(const log::ReadDecision& decision, const Send& send) {
    for (const auto& [envelope, offset, text] : decision.events) {
        for (const auto& policy : policies_) {
            if (!policy.answers(envelope.type)) continue;
            const auto command = policy.respond({envelope.id, envelope.type, envelope.data, envelope.correlation,
                                                 envelope.organization, envelope.traceparent});
            if (command) send(*command);
        }
    }
    done_[decision.partition] = decision.after;
}

const Reaction::Cursors& Reaction::go_back() {
    done_ = kept_;
    return kept_;
}

Reaction::Cursors Reaction::keep() {
    Cursors changed;
    for (const auto& [partition, cursor] : done_) {
        if (kept_[partition] != cursor) changed.emplace(partition, cursor);
    }
    kept_ = done_;
    return changed;
}

}  // namespace kiroku::commands
