// infra/kiroku/gateway_serve.cpp: puts a gateway together and runs it.
#include "infra/kiroku/gateway_serve.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <thread>

#include "commands/gamification/context.hpp"
#include "gateway/analytics/event_streams.hpp"
#include "gateway/challenges/shelf.hpp"
#include "gateway/core/audit.hpp"
#include "gateway/core/certificates.hpp"
#include "gateway/core/consequences.hpp"
#include "gateway/core/database_probe.hpp"
#include "gateway/core/kept_answers.hpp"
#include "gateway/core/metrics.hpp"
#include "gateway/core/origins.hpp"
#include "gateway/core/rate_limits.hpp"
#include "gateway/core/readiness.hpp"
#include "gateway/core/server.hpp"
#include "gateway/core/wishes.hpp"
#include "gateway/identity/passwords.hpp"
#include "gateway/lookups.hpp"
#include "gateway/realtime/realtime.hpp"
#include "infra/kiroku/contract_of.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/log/topics.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;
namespace net = gateway::net;

gateway::RateSettings rates_of(const GatewaySettings& given) {
    auto rates = gateway::RateSettings::parse(given.rate_limits);
    if (!rates) throw Failure(Exit::config, "The rate limits: " + rates.error() + ".", "See --rate-limits in --help.");
    rates->gateways = given.gateways;
    return *rates;
}

gateway::TrustedProxies proxies_of(const GatewaySettings& given) {
    auto proxies = gateway::TrustedProxies::parse(given.trusted_proxies);
    if (proxies) return std::move(*proxies);
    throw Failure(Exit::config, "One of the trusted proxies is no address or range of addresses.",
                  "Give --trusted-proxies such as 10.0.0.0/8 or 192.0.2.7.");
}

gateway::Settings checked(const GatewaySettings& given) {
    gateway::Settings settings = given.gateway;
    settings.rates = rates_of(given);
    settings.proxies = proxies_of(given);
    settings.occurred_within = std::chrono::hours{given.occurred_within_hours};
    settings.tokens.life = std::chrono::minutes{given.token_minutes};
    settings.password.memory_bytes = static_cast<std::size_t>(given.password_memory_mib) << 20;
    settings.command_deadline = std::chrono::milliseconds{given.command_timeout_ms};
    settings.caused_deadline = std::chrono::milliseconds{given.reward_timeout_ms};
    settings.position_deadline = std::chrono::milliseconds{given.position_timeout_ms};
    settings.unready_time = std::chrono::seconds{given.unready_seconds};
    settings.drain_deadline = std::chrono::seconds{given.drain_seconds};
    for (const auto& origin : settings.origins) {
        if (const auto fault = gateway::fault_of_origin(origin); !fault.empty())
            throw Failure(Exit::config, fmt::format("The origin \"{}\" can't be used: {}.", origin, fault),
                          "Give --origins as browsers name pages: https://academy.example.");
    }
    settings.traces_sampled = given.otlp.url.empty() ? 0 : given.otlp_sampled;
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
    realtime.origins = settings.gateway.origins;
    realtime.streams.streams = static_cast<std::size_t>(settings.live_streams);
    return realtime;
}

gateway::EventStreams::Limits stream_limits(const GatewaySettings& settings) {
    return {.streams = static_cast<std::size_t>(settings.event_streams),
            .within = std::chrono::seconds{settings.event_stream_seconds}};
}

/// Everything that a gateway consists of, in the order in which one needs the other.
class Gateway {
public:
    explicit Gateway(const GatewaySettings& given)
        : settings_{checked(given)},
          spans_{exporter_of(given.otlp, "gateway")},
          keys_{crypto::KeySet::load(given.folders.keys_folder())},
          rules_{rules_of(given)},
          session_{reading(session_of(given.database))},
          tokens_{keys_, settings_.tokens},
          pool_{{.session = session_, .connections = given.read_connections}},
          positions_{session_, read_models()},
          lookups_{pool_},
          reads_{io_, pool_, positions_},
          probe_{io_, reads_},
          client_{{.bootstrap = given.broker.kafka,
                   .name = "gateway-" + to_string(random_uuid_v7()),
                   .limits = given.commands}},
          commands_{io_, sender(), settings_.command_deadline, spans_.get()},
          intents_{keys_},
          audit_{io_, sender()},
          workers_{io_, settings_.password_threads, settings_.most_passwords_waiting},
          passwords_{workers_, keys_, settings_.password},
          realtime_{io_, tokens_, keys_.requests(), realtime_settings(given)},
          consequences_{policies(), realtime_.caused(), commands_, settings_.caused_deadline},
          event_streams_{io_, gateway::feeds_of_log(given.broker.kafka), context_names(), keys_.requests(),
                         stream_limits(given)},
          rate_limits_{settings_.rates},
          server_{io_, router_, services(), realtime_} {
        encrypt();
        add_routes(router_);
        contract_ = contract_of(router_);
        server_.refuse_posts_while([this] { return client_.full(); });
        realtime_.tell([this](const auto& decision, const auto& partitions) { answer(decision, partitions); });
        realtime_.ask_by([this](auto request, auto then) { ask(std::move(request), std::move(then)); });
        realtime_.audit_by([this](const auto& access, const auto& answer) { audit_.note(access, answer, now()); });
        readiness_.require("kafka", [this] { return client_.healthy() ? "" : "no broker answers"; });
        readiness_.require("events", [this] { return realtime_.ready() ? "" : "the event topics are not read yet"; });
        readiness_.require("postgres", [this] { return probe_.problem(); });
        watch();
        realtime_.export_to(spans_.get());
        gateway::realtime::EventTail::Settings tail;
        tail.bootstrap = given.broker.kafka;
        for (const auto name : context_names()) tail.contexts.emplace_back(name);
        realtime_.follow(std::move(tail));
        realtime_.share({.bootstrap = given.broker.kafka, .topic = std::string{log::signals_topic}});
    }

    /// Until `stop` is readable, and then until all are served.
    void serve(int stop) {
        server_.start();
        net::co_spawn(io_, probe_.run(), net::detached);
        net::co_spawn(io_, audit_.run(), net::detached);
        net::co_spawn(io_, stop_when_told(stop), net::detached);
        spdlog::info("gateway: listening on {}:{}{}", settings_.listen, server_.port(),
                     certificates_ ? ", by TLS" : "");
        io_.run();
        if (server_.connections() == 0) return;
        spdlog::warn("gateway: {} requests were still unanswered", server_.requests_in_flight());
        ::_exit(static_cast<int>(Exit::ok));  // what they wait for may be torn down under them otherwise
    }

private:
    void encrypt() {
        if (settings_.tls_certificate.empty() && settings_.tls_key.empty()) return;
        certificates_.emplace(io_, gateway::Certificates::Files{settings_.tls_certificate, settings_.tls_key});
        server_.encrypt([this](gateway::Socket socket) { return certificates_->encrypt(std::move(socket)); });
        net::co_spawn(io_, certificates_->watch(), net::detached);
        net::co_spawn(io_, certificates_->listen_for_hangups(), net::detached);
        metrics_.watch("kiroku_tls_certificate_expires_seconds", "When the certificate in use ends, as Unix time.",
                       [this] { return double(certificates_->expires().time_since_epoch().count()); });
        metrics_.watch_total("kiroku_tls_reloads_total", "Certificates taken up while running.",
                             [this] { return double(certificates_->reloads()); });
        metrics_.watch_total("kiroku_tls_reloads_refused_total", "Certificates that could not be used.",
                             [this] { return double(certificates_->refused()); });
    }

    gateway::Services services() {
        return {settings_,
                keys_,
                rules_,
                reads_,
                lookups_,
                commands_,
                intents_,
                realtime_.caused(),
                consequences_,
                tokens_,
                realtime_.revocations(),
                passwords_,
                shelf_,
                metrics_,
                readiness_,
                event_streams_,
                contract_,
                realtime_,
                audit_,
                rate_limits_,
                copies_,
                kept_,
                cursors_,
                spans_.get()};
    }

    gateway::Commands::Send sender() {
        return [this](log::CommandRecord record, std::chrono::milliseconds timeout,
                      commands::CommandClient::OnAnswer done) {
            const auto context = std::string_view{record.type}.substr(0, record.type.find('.'));
            record.reply_to.reads_log = realtime_.ready() && gateway::realtime::is_kept_whole(context);
            client_.send(std::move(record), timeout, std::move(done));
        };
    }

    /// Whoever waits for this decision hears of it from the log, without another way through the broker.
    void answer(const gateway::realtime::PastDecision& decision, const gateway::realtime::Partitions& partitions) {
        client_.heard(partitions[decision.slot], decision.command, decision.answers, [&] {
            return log::Reply{.command = decision.command,
                              .position = decision.position(partitions).text(),
                              .events = decision.told()};
        });
    }

    static Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

    /// What was asked for over a WebSocket.
    void ask(gateway::RawRequest request, std::function<void(gateway::Response)> then) {
        net::co_spawn(io_, server_.handle(std::move(request)),
                      [then = std::move(then)](const std::exception_ptr&, gateway::Handled handled) {
                          then(std::move(handled.response));
                      });
    }

    void watch() {
        realtime_.watch(metrics_);
        watch_spans(spans_.get(), metrics_);
        event_streams_.watch(metrics_);
        metrics_.watch("kiroku_http_connections", "Open HTTP connections.",
                       [this] { return double(server_.connections()); });
        metrics_.watch("kiroku_http_requests_in_flight", "Requests being answered.",
                       [this] { return double(server_.requests_in_flight()); });
        metrics_.watch_total("kiroku_http_connections_refused_total", "Connections beyond what one address may have.",
                             [this] { return double(server_.connections_refused()); });
        metrics_.watch_total("kiroku_rate_limits_forgotten_total",
                             "Askers forgotten before their time: too many at once.",
                             [this] { return double(rate_limits_.forgotten()); });
        watch_commands();
        metrics_.watch_total("kiroku_audit_noted_total", "What was seen that is to be kept for the record.",
                             [this] { return double(audit_.noted()); });
        metrics_.watch_total("kiroku_audit_dropped_total", "Of that, what the log didn't take.",
                             [this] { return double(audit_.dropped()); });
        metrics_.watch("kiroku_passwords_waiting", "Passwords that wait to be hashed.",
                       [this] { return double(workers_.waiting()); });
        metrics_.watch("kiroku_reads_waiting", "Reads that wait for a connection.",
                       [this] { return double(pool_.waiting()); });
    }

    void watch_commands() {
        using Counts = commands::CommandClient::Counts;
        const auto total = [this](const char* name, const char* meaning, std::uint64_t Counts::*count) {
            metrics_.watch_total(name, meaning, [this, count] { return double(client_.counts().*count); });
        };
        metrics_.watch("kiroku_commands_in_flight", "Commands that wait for their decision.",
                       [this] { return double(client_.counts().in_flight); });
        total("kiroku_commands_shed_full_total", "Commands refused because as many waited as may.",
              &Counts::client_full);
        total("kiroku_commands_shed_partition_full_total", "Commands refused because as many of a partition waited.",
              &Counts::partition_full);
        total("kiroku_commands_shed_partition_slow_total",
              "Commands refused because their partition's answers take too long.", &Counts::partition_slow);
        total("kiroku_commands_unanswered_total", "Commands whose decision was not heard of in time.",
              &Counts::no_answer);
        total("kiroku_replies_late_total", "Of those, whose decision was heard of later.", &Counts::late);
        metrics_.watch_total("kiroku_http_requests_shed_total", "Requests refused before they were looked at.",
                             [this] { return double(server_.requests_shed()); });
    }

    gateway::Task<void> stop_when_told(int stop) {
        net::posix::basic_stream_descriptor<gateway::Executor> told{io_, ::dup(stop)};
        co_await told.async_wait(net::posix::descriptor_base::wait_read, gateway::resume);
        spdlog::info("gateway: stopping");
        readiness_.drain();
        net::steady_timer balancers_look_elsewhere{io_, settings_.unready_time};
        co_await balancers_look_elsewhere.async_wait(gateway::resume);
        realtime_.stop();
        event_streams_.drain();
        audit_.tell(now(), true);
        if (certificates_) certificates_->stop();
        co_await server_.drain(settings_.drain_deadline);
        io_.stop();
    }

    const gateway::Settings settings_;
    const std::unique_ptr<tracing::Exporter> spans_;
    const crypto::KeySet keys_;
    const gamification::RuleBook rules_;
    const postgres::Session session_;
    net::io_context io_{1};
    gateway::Metrics metrics_;
    gateway::Readiness readiness_;
    gateway::Router router_;
    gateway::Contract contract_;
    gateway::ChallengeShelf shelf_;
    gateway::Copies copies_;
    gateway::KeptAnswers kept_;
    const crypto::Seal cursors_{keys_.requests(), "cursor 1"};
    gateway::AccessTokens tokens_;
    postgres::ReadPool pool_;
    projections::Positions positions_;
    gateway::Lookups lookups_;
    gateway::Reads reads_;
    gateway::DatabaseProbe probe_;
    commands::CommandClient client_;
    gateway::Commands commands_;
    gateway::Intents intents_;
    gateway::Audit audit_;
    gateway::Workers workers_;
    gateway::Passwords passwords_;
    gateway::realtime::Realtime realtime_;
    gateway::Consequences consequences_;
    gateway::EventStreams event_streams_;
    gateway::RateLimits rate_limits_;
    std::optional<gateway::Certificates> certificates_;
    gateway::Server server_;
};

}  // namespace

void serve_gateway(const GatewaySettings& settings, int stop) { Gateway{settings}.serve(stop); }

}  // namespace kiroku
