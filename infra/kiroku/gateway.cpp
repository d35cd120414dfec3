// infra/kiroku/gateway.cpp: kiroku gateway: what clients talk to.
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <thread>

#include "commands/contexts.hpp"
#include "gateway/challenges/shelf.hpp"
#include "gateway/core/consequences.hpp"
#include "gateway/core/database_probe.hpp"
#include "gateway/core/metrics.hpp"
#include "gateway/core/readiness.hpp"
#include "gateway/core/server.hpp"
#include "gateway/identity/passwords.hpp"
#include "gateway/lookups.hpp"
#include "gateway/realtime/realtime.hpp"
#include "gateway/routes.hpp"
#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "projections/read_models.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;
namespace net = gateway::net;

struct GatewaySettings {
    runtime::Broker broker;
    runtime::Database database;
    runtime::Folders folders;
    gateway::Settings gateway;
    std::filesystem::path rules;
    std::vector<std::string> origins;
    int occurred_within_hours = 48;
    int token_minutes = 15;
    int password_memory_mib = 64;
    int read_connections = 4;
    int command_timeout_ms = 5'000;
    int reward_timeout_ms = 2'000;
    int position_timeout_ms = 2'000;
    int drain_seconds = 20;
};

void declare(runtime::Options& options, GatewaySettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    runtime::declare(options, settings.folders);
    options.add("listen", settings.gateway.listen, "the address to listen on");
    options.add("port", settings.gateway.port, "the port to listen on; 0: any that is free");
    options.add("connections", settings.gateway.most_connections, "HTTP connections at a time")->check(CLI::Range(1, 1'000'000));
    options.add("origins", settings.origins, "web pages that may open a WebSocket (https://example.org); all if none is given");
    options.add("rules", settings.rules, "the rule book that `decide` uses, for titles and milestones; Kiroku's own if not given");
    options.add("occurred-within-hours", settings.occurred_within_hours, "how far back a completed session may be dated")
        ->check(CLI::Range(1, 24 * 366));
    options.add("token-minutes", settings.token_minutes, "the life of an access token")->check(CLI::Range(1, 15));
    options.add("password-memory-mib", settings.password_memory_mib, "memory that hashing a password takes (Argon2id)")
        ->check(CLI::Range(19, 1024));
    options.add("password-passes", settings.gateway.password.passes, "passes over that memory")->check(CLI::Range(2, 10));
    options.add("password-threads", settings.gateway.password_threads, "passwords hashed at a time; 0: one a core");
    options.add("passwords-waiting", settings.gateway.most_passwords_waiting, "logins that may wait for that");
    options.add("read-connections", settings.read_connections, "connections to PostgreSQL")->check(CLI::Range(1, 100));
    options.add("command-timeout-ms", settings.command_timeout_ms, "how long a request waits for its decision")
        ->check(CLI::Range(100, 60'000));
    options.add("reward-timeout-ms", settings.reward_timeout_ms, "how long it waits for what that decision causes")
        ->check(CLI::Range(0, 60'000));
    options.add("position-timeout-ms", settings.position_timeout_ms, "how long it waits for Kiroku-Min-Position")
        ->check(CLI::Range(0, 60'000));
    options.add("drain-seconds", settings.drain_seconds, "how long requests may still take when it is told to stop")
        ->check(CLI::Range(0, 60));
}

constexpr const char* manual =
    R"(Serves HTTP and WebSockets. Reads the read models, the replies to its commands and the end of the event topics; writes
the command topics. Keeps nothing: any number of gateways serve the same clients, if they share KEYS, which the first one
makes. Ready when /readyz says 200. Told to stop, it first says 503 there, then ends what is in flight, then leaves.

Examples:
  kiroku gateway --port 8080
  KIROKU_OCCURRED_WITHIN_HOURS=800 kiroku gateway
)";

gateway::Settings checked(const GatewaySettings& given) {
    gateway::Settings settings = given.gateway;
    settings.occurred_within = std::chrono::hours{given.occurred_within_hours};
    settings.tokens.life = std::chrono::minutes{given.token_minutes};
    settings.password.memory_bytes = static_cast<std::size_t>(given.password_memory_mib) << 20;
    settings.command_deadline = std::chrono::milliseconds{given.command_timeout_ms};
    settings.caused_deadline = std::chrono::milliseconds{given.reward_timeout_ms};
    settings.position_deadline = std::chrono::milliseconds{given.position_timeout_ms};
    settings.drain_deadline = std::chrono::seconds{given.drain_seconds};
    if (settings.password_threads == 0) settings.password_threads = std::max(1U, std::thread::hardware_concurrency());
    return settings;
}

gamification::RuleBook rules_of(const GatewaySettings& settings) {
    auto rules = commands::read_rule_book(settings.rules);
    if (rules) return std::move(*rules);
    throw Failure(Exit::config, "The rule book: " + rules.error() + ".", "See schemas/gamification/rules.v1.json.");
}

postgres::Session reading(postgres::Session session) {
    session.read_only = true;
    session.application = "kiroku gateway";
    return session;
}

gateway::realtime::Realtime::Settings realtime_settings(const GatewaySettings& settings) {
    gateway::realtime::Realtime::Settings realtime;
    realtime.origins = settings.origins;
    return realtime;
}

/// Everything that a gateway consists of, in the order in which one needs the other.
class Gateway {
public:
    explicit Gateway(const GatewaySettings& given)
        : settings_{checked(given)},
          keys_{crypto::KeySet::load(given.folders.keys_folder())},
          rules_{rules_of(given)},
          session_{reading(session_of(given.database))},
          tokens_{keys_, settings_.tokens},
          pool_{{.session = session_, .connections = given.read_connections}},
          positions_{session_, projections::all_read_models()},
          lookups_{pool_},
          reads_{io_, pool_, positions_},
          probe_{io_, reads_},
          client_{{.bootstrap = given.broker.kafka, .name = "gateway-" + to_string(random_uuid_v7())}},
          commands_{io_, sender(), settings_.command_deadline},
          intents_{keys_},
          workers_{io_, settings_.password_threads, settings_.most_passwords_waiting},
          passwords_{workers_, keys_, settings_.password},
          realtime_{io_, tokens_, keys_.requests(), realtime_settings(given)},
          consequences_{commands::all_policies(), realtime_.caused(), commands_, settings_.caused_deadline},
          server_{io_, router_, services(), realtime_} {
        gateway::add_all_routes(router_);
        readiness_.require("kafka", [this] { return client_.healthy() ? "" : "no broker answers"; });
        readiness_.require("events", [this] { return realtime_.ready() ? "" : "the event topics are not read yet"; });
        readiness_.require("postgres", [this] { return probe_.problem(); });
        watch();
        gateway::realtime::EventTail::Settings tail;
        tail.bootstrap = given.broker.kafka;
        realtime_.follow(std::move(tail));
    }

    /// Until `stop` is readable, and then until all are served.
    void serve(int stop) {
        server_.start();
        net::co_spawn(io_, probe_.run(), net::detached);
        net::co_spawn(io_, stop_when_told(stop), net::detached);
        spdlog::info("gateway: listening on {}:{}", settings_.listen, server_.port());
        io_.run();
        if (server_.connections() == 0) return;
        spdlog::warn("gateway: {} requests were still unanswered", server_.requests_in_flight());
        ::_exit(static_cast<int>(Exit::ok));  // what they wait for may be torn down under them otherwise
    }

private:
    gateway::Services services() {
        return {settings_, keys_,  rules_,   reads_,  lookups_,   commands_,       intents_,
                realtime_.caused(), consequences_, tokens_, realtime_.revocations(), passwords_, shelf_, metrics_, readiness_};
    }

    gateway::Commands::Send sender() {
        return [this](log::CommandRecord record, std::chrono::milliseconds timeout, commands::CommandClient::OnAnswer done) {
            client_.send(std::move(record), timeout, std::move(done));
        };
    }

    void watch() {
        realtime_.watch(metrics_);
        metrics_.watch("kiroku_http_connections", "Open HTTP connections.", [this] { return double(server_.connections()); });
        metrics_.watch("kiroku_http_requests_in_flight", "Requests being answered.",
                       [this] { return double(server_.requests_in_flight()); });
        metrics_.watch("kiroku_passwords_waiting", "Passwords that wait to be hashed.",
                       [this] { return double(workers_.waiting()); });
        metrics_.watch("kiroku_reads_waiting", "Reads that wait for a connection.", [this] { return double(pool_.waiting()); });
    }

    gateway::Task<void> stop_when_told(int stop) {
        net::posix::basic_stream_descriptor<gateway::Executor> told{io_, ::dup(stop)};
        co_await told.async_wait(net::posix::descriptor_base::wait_read, gateway::resume);
        spdlog::info("gateway: stopping");
        readiness_.drain();
        realtime_.stop();
        co_await server_.drain(settings_.drain_deadline);
        io_.stop();
    }

    const gateway::Settings settings_;
    const crypto::KeySet keys_;
    const gamification::RuleBook rules_;
    const postgres::Session session_;
    net::io_context io_{1};
    gateway::Metrics metrics_;
    gateway::Readiness readiness_;
    gateway::Router router_;
    gateway::ChallengeShelf shelf_;
    gateway::AccessTokens tokens_;
    postgres::ReadPool pool_;
    projections::Positions positions_;
    gateway::Lookups lookups_;
    gateway::Reads reads_;
    gateway::DatabaseProbe probe_;
    commands::CommandClient client_;
    gateway::Commands commands_;
    gateway::Intents intents_;
    gateway::Workers workers_;
    gateway::Passwords passwords_;
    gateway::realtime::Realtime realtime_;
    gateway::Consequences consequences_;
    gateway::Server server_;
};

Exit run(const GatewaySettings& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    runtime::check_given(settings.database);
    return with_database_remedies([&] {
        Gateway{settings}.serve(shutdown.event_fd());
        return Exit::ok;
    });
}

}  // namespace

void add_gateway(runtime::Program& program) {
    program.verb<GatewaySettings>({"gateway", "serves clients over HTTP and WebSocket", manual}, declare, run);
}

}  // namespace kiroku
