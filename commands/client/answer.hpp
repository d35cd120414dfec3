// commands/client/answer.hpp: what became of a command that was sent.
#pragma once

#include <functional>

#include "infra/log/command.hpp"

namespace kiroku::commands {

/// How an attempt to have a command decided ended.
struct Answer {
    enum class Outcome {
        decided,    ///< `reply` tells what
        shed,       ///< too much waits already: it is not sent; safe to send again, a little later
        not_sent,   ///< the broker didn't take it: it is not decided and won't be; safe to send again
        no_answer,  ///< nothing heard within the deadline: it may be decided or not; ask again with the same command id
    };
    Outcome outcome = Outcome::no_answer;
    log::Reply reply;
};

using OnAnswer = std::function<void(Answer)>;

}  // namespace kiroku::commands
