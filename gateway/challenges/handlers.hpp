// gateway/challenges/handlers.hpp: the handlers of challenges' routes; routes.cpp lists them.
#pragma once

#include <array>

#include "gateway/core/route.hpp"
#include "schemas/challenges/http/types.hpp"

namespace kiroku::gateway {

/// How lists can be sorted; the usual order comes first.
inline constexpr std::array<std::string_view, 2> catalogue_orders{"createdAt", "-createdAt"};
inline constexpr std::array<std::string_view, 2> session_orders{"-startTime", "startTime"};

Task<Answer> list_challenges(Request request, Services services);
Task<Answer> one_challenge(Request request, ChallengeId id, Services services);

/// The new challenge is its maker's own: nobody else sees it.
Task<Answer> create_challenge(Request request, challenges::http::CreateChallengeRequest body, Services services);

Task<Answer> start_session(Request request, ChallengeId challenge, challenges::http::StartSessionRequest body,
                           Services services);
Task<Answer> record_progress(Request request, ChallengeSessionId session, challenges::http::RecordProgressRequest body,
                             Services services);

/// 200 with all that it came to; 202 with what is known once the gateway has waited long enough.
Task<Answer> complete_session(Request request, ChallengeSessionId session,
                              challenges::http::CompleteSessionRequest body, Services services);
Task<Answer> abandon_session(Request request, ChallengeSessionId session, challenges::http::AbandonSessionRequest body,
                             Services services);

Task<Answer> list_sessions(Request request, Services services);
Task<Answer> one_session(Request request, ChallengeSessionId session, Services services);

}  // namespace kiroku::gateway
