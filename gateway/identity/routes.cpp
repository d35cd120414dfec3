// gateway/identity/routes.cpp: who you are: registration, sessions, your account.
#include "gateway/identity/routes.hpp"

#include "gateway/identity/handlers.hpp"
#include "schemas/http/codec.hpp"
#include "schemas/identity/http/codec.hpp"

namespace kiroku::gateway {

using namespace identity::http;

void add_identity_routes(Router& router) {
    router.post("/auth/register", Permission::open, register_user)
        .gives<RegisterResponse>(201)
        .gives<RegisterResponse>(202);
    router.post("/auth/login", Permission::open, log_in).gives<TokensResponse>(200);
    router.post("/auth/refresh", Permission::open, refresh).gives<TokensResponse>(200);
    router.post("/auth/logout", Permission::own_account, log_out).gives(204);
    router.post("/auth/logout-everywhere", Permission::own_account, log_out_everywhere).gives(204);
    router.get("/me", Permission::own_account, my_account).reads({"accounts"}).gives<MeResponse>(200);
}

}  // namespace kiroku::gateway
