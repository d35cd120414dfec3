// schemas/challenges/upcasts.hpp: what older versions of challenges' events and commands become today.
#pragma once

#include "schemas/challenges/types.hpp"

namespace kiroku::challenges {

/// Nobody was asked for a reason then.
inline SessionAbandoned upcast(const SessionAbandonedV1& old) {
    return {.user_id = old.user_id,
            .challenge_id = old.challenge_id,
            .challenge_type = old.challenge_type,
            .difficulty = old.difficulty,
            .occurred_at = old.occurred_at,
            .timezone = old.timezone,
            .reason = AbandonReason::unspecified};
}

}  // namespace kiroku::challenges
