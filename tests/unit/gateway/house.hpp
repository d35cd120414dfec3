// tests/unit/gateway/house.hpp: a whole gateway on a loopback port, over a log in memory and without a database.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "commands/contexts.hpp"
#include "gateway/analytics/event_streams.hpp"
#include "gateway/challenges/shelf.hpp"
#include "gateway/core/audit.hpp"
#include "gateway/core/consequences.hpp"
#include "gateway/core/kept_answers.hpp"
#include "gateway/core/metrics.hpp"
#include "gateway/core/rate_limits.hpp"
#include "gateway/core/readiness.hpp"
#include "gateway/core/reads.hpp"
#include "gateway/core/server.hpp"
#include "gateway/core/transport.hpp"
#include "gateway/core/wishes.hpp"
#include "gateway/identity/passwords.hpp"
#include "gateway/lookups.hpp"
#include "gateway/realtime/realtime.hpp"
#include "gateway/routes.hpp"
#include "projections/read_models.hpp"
#include "tests/unit/gateway/memory_log.hpp"
#include "tests/unit/gateway/promised.hpp"

namespace kiroku::test {

/// One answer, taken apart.
struct Told {
    int status = 0;
    std::string head;
    std::string body;
    bool whole = true;  ///< false: the gateway closed before the body's end

    /// The value of a header; empty: there is none.
    [[nodiscard]] std::string header(std::string_view name) const;
    /// The text or number that follows `"name":` in the body; empty: there is none.
    [[nodiscard]] std::string member(std::string_view name) const;
};

namespace net = gateway::net;

class House {
public:
    explicit House(gateway::Settings settings = quick());
    ~House();

    /// Deadlines short enough to wait for, hashes cheap enough to make.
    static gateway::Settings quick();
    static gateway::realtime::Realtime::Settings live();

    /// Sends the bytes on one connection and reads until `answers` are there, or the gateway closes.
    std::vector<Told> exchange(std::vector<std::string> pieces, std::size_t answers,
                               std::chrono::milliseconds between = {});
    Told ask(const std::string& bytes) { return exchange({bytes}, 1).at(0); }

    /// Somebody else's request, under way on a thread of its own while the test goes on; `answer` is there once it is
    /// done.
    struct Pending {
        std::atomic<bool> done = false;
        std::jthread talking{};
    };
    std::unique_ptr<Pending> ask_meanwhile(std::string bytes, Told& answer);

    /// Asks and reads nothing; hangs up when it is dropped.
    std::shared_ptr<void> stall(const std::string& bytes);

    Told get(const std::string& target, const std::string& fields = "");
    Told post(const std::string& target, const std::string& body, const std::string& fields = "");

    /// The `Authorization` line of somebody signed in.
    std::string bearer(const std::string& name = "mika", std::vector<std::string> roles = {"learner"});
    static UserId user(const std::string& name) { return UserId{uuid_v5({}, name)}; }

    /// Tells it to stop; it is through when `drained`.
    void drain();
    bool drained = false;

    /// Runs the gateway until `done`.
    void run_until(const std::function<bool()>& done);

    net::io_context io{1};
    MemoryLog log;
    gateway::Settings settings;
    crypto::KeySet keys = crypto::KeySet::random();
    gateway::AccessTokens tokens{keys, settings.tokens};
    gateway::ChallengeShelf shelf;
    gateway::Readiness readiness;
    gateway::Metrics metrics;
    std::size_t websockets = 0;  ///< handed over
    gateway::OpenFeed feed;      ///< what analysts read
    gateway::EventStreams event_streams{
        io,
        [this](const auto& query) { return feed(query); },
        std::vector<std::string_view>{commands::context_names.begin(), commands::context_names.end()},
        keys.requests(),
        {.streams = 3, .of_a_user = 2}};
    std::vector<kiroku::log::CommandRecord> audited;  ///< what was told for the record
    gateway::Audit audit{io,
                         [this](kiroku::log::CommandRecord record, std::chrono::milliseconds,
                                const commands::CommandClient::OnAnswer&) { audited.push_back(std::move(record)); }};
    gateway::realtime::Realtime realtime{io, tokens, keys.requests(), live()};
    gateway::Server& server() { return server_; }

private:
    struct Websockets final : gateway::WebSocketEntry {
        explicit Websockets(House& house) : house{house} {}
        void accept(gateway::Transport, gateway::UpgradeRequest, std::string, gateway::Visitor) override {
            ++house.websockets;
        }
        House& house;
    };

    gamification::RuleBook rules_ = *commands::read_rule_book({});
    gateway::Router router_;
    gateway::Contract contract_;
    gateway::Copies copies_;
    gateway::KeptAnswers kept_;
    const crypto::Seal cursors_{keys.requests(), "cursor 1"};
    postgres::Session nowhere_{.server = "host=127.0.0.1 port=1 connect_timeout=1"};
    postgres::ReadPool pool_{{.session = nowhere_, .connections = 1}};
    projections::Positions positions_{nowhere_, projections::all_read_models()};
    gateway::Lookups lookups_{pool_};
    gateway::Reads reads_{io, pool_, positions_};
    gateway::Commands commands_;
    gateway::Intents intents_{keys};
    gateway::Workers workers_{io, 2, 4};
    gateway::Passwords passwords_{workers_, keys, settings.password};
    gateway::Consequences consequences_{commands::all_policies(), log, commands_, std::chrono::milliseconds{100}};
    gateway::RateLimits rate_limits_{settings.rates};
    Websockets entry_{*this};
    gateway::Server server_;
    bool draining_ = false;
};

}  // namespace kiroku::test
