// gateway/identity/routes.cpp: who you are: registration, sessions, your account.
#include "gateway/identity/routes.hpp"

#include "gateway/identity/handlers.hpp"
#include "schemas/http/codec.hpp"
#include "schemas/identity/http/codec.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::gateway {

using namespace identity::http;

void add_identity_routes(Router& router) {
    using enum identity::Refusal;
    router.about("identity");
    router.post("/auth/register", Permission::open, register_user)
        .called("register", "Opens an account. 202: it is opened, and can be used in a moment.")
        .gives<RegisterResponse>(201)
        .gives<RegisterResponse>(202)
        .refuses(email_taken, unknown_timezone, CoreRefusal::unavailable);
    router.post("/auth/login", Permission::open, log_in)
        .called("logIn", "Starts a login session: an access token for a quarter of an hour and a refresh token.")
        .gives<TokensResponse>(200)
        .refuses(invalid_credentials, CoreRefusal::unavailable);
    router.post("/auth/refresh", Permission::open, refresh)
        .called("refresh", "New tokens for a refresh token, which is used up by it.")
        .gives<TokensResponse>(200)
        .refuses(session_not_live, CoreRefusal::invalid_refresh_token, CoreRefusal::unavailable,
                 CoreRefusal::projection_lagging);
    router.post("/auth/logout", Permission::own_account, log_out)
        .called("logOut", "Ends this login session, on all gateways.")
        .gives(204);
    router.post("/auth/logout-everywhere", Permission::own_account, log_out_everywhere)
        .called("logOutEverywhere", "Ends all login sessions of the account.")
        .gives(204);
    router.get("/me", Permission::own_account, my_account)
        .called("showMyAccount", "The account that is logged in.")
        .reads({"accounts"})
        .gives<MeResponse>(200)
        .tagged();
}

}  // namespace kiroku::gateway
