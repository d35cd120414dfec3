// gateway/core/settings.hpp: what an operator may set, with the limits that are in force if nobody does.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gateway/core/access_token.hpp"
#include "gateway/core/client_address.hpp"
#include "gateway/core/rate_limits.hpp"
#include "infra/crypto/password.hpp"

namespace kiroku::gateway {

struct Settings {
    std::string listen = "127.0.0.1";
    std::uint16_t port = 8080;                       ///< 0: any that is free
    std::filesystem::path tls_certificate, tls_key;  ///< PEM; neither: connections are not encrypted

    std::vector<std::string> origins;  ///< web pages that may talk to the gateway, as browsers name them

    std::size_t most_connections = 10'000;              ///< beyond it nobody is let in until somebody leaves
    std::size_t most_connections_of_address = 1'000;    ///< WebSockets too; trusted proxies may have more
    std::size_t most_requests_of_connection = 100'000;  ///< then it is closed, in between two requests
    std::size_t most_requests = 2'000;                  ///< being answered at a time; beyond it: overloaded
    std::chrono::milliseconds header_deadline{10'000};  ///< from a request's first byte (or a connection's start) on
    std::chrono::milliseconds body_deadline{30'000};    ///< for the whole body, at most …
    std::chrono::milliseconds body_grace{5'000};        ///< … so long, and longer if as much comes as …
    std::size_t body_bytes_a_second = 4 * 1024;         ///< … that
    std::chrono::milliseconds write_deadline{30'000};   ///< for a whole answer
    std::chrono::milliseconds idle_deadline{60'000};    ///< between two requests
    std::chrono::milliseconds vanished_after{30'000};   ///< no acknowledgement of what was sent: the client is gone

    std::chrono::milliseconds command_deadline{5'000};   ///< until a decision is there
    std::chrono::milliseconds caused_deadline{2'000};    ///< until what a decision caused is there
    std::chrono::milliseconds position_deadline{2'000};  ///< until a read model is where a request wants it
    std::chrono::milliseconds unready_time{0};         ///< it still serves, saying that it isn't ready, before it stops
    std::chrono::milliseconds drain_deadline{15'000};  ///< for requests in flight when the gateway stops

    bool access_log = false;    ///< a line for each request, not only where debugging
    double traces_sampled = 0;  ///< the share of the traces that begin here, of all; others follow who began them

    std::chrono::hours occurred_within{48};  ///< how far back an activity may be dated
    RateSettings rates = RateSettings::usual();
    TrustedProxies proxies;  ///< whose word on where a request comes from is believed
    AccessTokens::Settings tokens;
    crypto::PasswordCost password;
    std::size_t password_threads = 0;         ///< 0: one a core
    std::size_t most_passwords_waiting = 64;  ///< beyond it logins are refused as overloaded
};

}  // namespace kiroku::gateway
