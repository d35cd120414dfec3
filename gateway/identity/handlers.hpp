// gateway/identity/handlers.hpp: the handlers of identity's routes; routes.cpp lists them.
#pragma once

#include "gateway/core/route.hpp"
#include "schemas/http/types.hpp"
#include "schemas/identity/http/types.hpp"

namespace kiroku::gateway {

/// 201 once the account can log in; 202 if that takes longer than the gateway waits.
Task<Answer> register_user(Request request, identity::http::RegisterRequest body, Services services);

/// Tells nothing about which addresses exist: not by its text, its status or its time.
Task<Answer> log_in(Request request, identity::http::LoginRequest body, Services services);
Task<Answer> refresh(Request request, identity::http::RefreshRequest body, Services services);

/// Answered once this gateway refuses the session's tokens.
Task<Answer> log_out(Request request, http::EmptyRequest body, Services services);
Task<Answer> log_out_everywhere(Request request, http::EmptyRequest body, Services services);

Task<Answer> my_account(Request request, Services services);

}  // namespace kiroku::gateway
