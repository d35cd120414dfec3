// gateway/core/audit.hpp: who did, or tried, what may matter later: told to the log, without anybody waiting for it.
//
// The first of a kind (same principal, action, outcome, reason and address) is told at once. Those that follow within a
// while are counted and told together, so a flood leaves one event a minute and kind, whatever its rate. Kinds are
// bounded, too: what is beyond is counted only (kiroku_audit_dropped_total).
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "gateway/core/commands.hpp"
#include "gateway/core/request.hpp"
#include "gateway/core/route.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::gateway {

/// What somebody asked for, kept while their request is on its way.
struct Access {
    std::optional<UserId> user{};
    std::string_view method;
    std::string_view pattern;  ///< the route's, which outlives it
    std::string path;
    std::string address;
    std::string user_agent;
    std::string request;  ///< its id
    Permission permission{};
};

/// What is kept of a request and its way.
Access access_of(const Request& request, const Route& route);

/// Used on the io thread; what is told is sent by `send`, whose outcome is only counted.
class Audit {
public:
    struct Limits {
        std::size_t kinds = 1'000;              ///< beyond it nothing new is taken until some are over
        std::chrono::seconds together{60};      ///< how long what follows the first of a kind is counted
        std::chrono::seconds within{10};        ///< until a command that nobody has decided is given up
        std::chrono::milliseconds look{1'000};  ///< how often it looks for what is due
    };

    Audit(net::io_context& io, Commands::Send send, Limits limits)
        : send_{std::move(send)}, limits_{limits}, timer_{io} {}
    Audit(net::io_context& io, Commands::Send send) : Audit{io, std::move(send), Limits{}} {}

    /// Takes note of an answer, if it is one that matters.
    void note(const Access& access, const Answer& answer, Instant now);

    /// Tells what is due; `all`: also what is still being counted.
    void tell(Instant now, bool all = false);

    /// Tells again and again, as long as the io_context runs.
    Task<void> run();

    /// What was seen but not taken, or taken but not decided.
    [[nodiscard]] std::uint64_t dropped() const { return dropped_ + *undecided_; }
    [[nodiscard]] std::uint64_t noted() const { return noted_; }

private:
    struct Kind {
        std::string principal;
        std::string action;
        identity::AuditOutcome outcome{};
        std::string reason;
        std::string address;

        auto operator<=>(const Kind&) const = default;
    };
    struct Seen {
        std::int64_t count = 0;
        Instant first, last, told{};
        std::string target, user_agent, request;  // of the last one
    };

    void send(const Kind& kind, const Seen& seen);

    Commands::Send send_;
    Limits limits_;
    net::steady_timer timer_;
    std::map<Kind, Seen> seen_;
    std::uint64_t noted_ = 0;
    std::uint64_t dropped_ = 0;
    std::shared_ptr<std::atomic<std::uint64_t>> undecided_ = std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace kiroku::gateway
