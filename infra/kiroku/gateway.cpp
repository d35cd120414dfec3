// infra/kiroku/gateway.cpp: kiroku gateway: what clients talk to.
#include "infra/kiroku/gateway_serve.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"

namespace kiroku {
namespace {

using runtime::Exit;

/// Who is let in, how, and how often.
void declare_guard(runtime::Options& options, GatewaySettings& settings) {
    options.add("tls-certificate", settings.gateway.tls_certificate,
                "PEM file of a certificate and its chain: clients speak TLS. Read again when it changes, or on SIGHUP");
    options.add("tls-key", settings.gateway.tls_key, "PEM file of its key");
    options
        .add("trusted-proxies", settings.trusted_proxies,
             "whose X-Forwarded-For or Forwarded is believed (10.0.0.0/8,192.0.2.7); nobody's if not given")
        ->delimiter(',');
    options.add("rate-limits", settings.rate_limits,
                "requests per seconds, of a user or an address: auth=120/60,login=10/600,command=600/60,read=1200/60,"
                "stream=600/60,denied=300/60 if not given; CLASS=0: no limit; off; all=… for every class");
    options
        .add("gateways", settings.gateways,
             "how many gateways share the work: each gives away its share of the rate limits")
        ->check(CLI::Range(1, 1'000));
    options
        .add("connections-per-address", settings.gateway.most_connections_of_address,
             "HTTP connections and WebSockets of one address (IPv6: of one /64) at a time; trusted proxies may have "
             "more")
        ->check(CLI::Range(1, 1'000'000));
}

void declare(runtime::Options& options, GatewaySettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    runtime::declare(options, settings.folders);
    options.add("listen", settings.gateway.listen, "the address to listen on");
    options.add("port", settings.gateway.port, "the port to listen on; 0: any that is free");
    declare_guard(options, settings);
    options.add("connections", settings.gateway.most_connections, "HTTP connections at a time")
        ->check(CLI::Range(1, 1'000'000));
    options
        .add("requests-in-flight", settings.gateway.most_requests,
             "requests answered at a time; beyond it 503 and Retry-After at once, but for /healthz, /readyz and "
             "/metrics")
        ->check(CLI::Range(1, 1'000'000));
    options
        .add("commands-in-flight", settings.commands.in_flight,
             "commands that may wait for their decision; beyond it 503 and Retry-After at once")
        ->check(CLI::Range(1, 1'000'000));
    options
        .add("commands-per-partition", settings.commands.per_partition,
             "the same, for one partition of a context's commands")
        ->check(CLI::Range(1, 1'000'000));
    options
        .add("origins", settings.gateway.origins,
             "web pages that may talk to it (https://a.example,https://b.example); if none is given: by WebSocket all, "
             "else none")
        ->delimiter(',');
    options.add("rules", settings.rules,
                "the rule book that `decide` uses, for titles and milestones; Kiroku's own if not given");
    options
        .add("occurred-within-hours", settings.occurred_within_hours, "how far back a completed session may be dated")
        ->check(CLI::Range(1, 24 * 366));
    options.add("token-minutes", settings.token_minutes, "the life of an access token")->check(CLI::Range(1, 15));
    options.add("password-memory-mib", settings.password_memory_mib, "memory that hashing a password takes (Argon2id)")
        ->check(CLI::Range(19, 1024));
    options.add("password-passes", settings.gateway.password.passes, "passes over that memory")
        ->check(CLI::Range(2, 10));
    options.add("password-threads", settings.gateway.password_threads, "passwords hashed at a time; 0: one a core");
    options.add("passwords-waiting", settings.gateway.most_passwords_waiting, "logins that may wait for that");
    options.add("read-connections", settings.read_connections, "connections to PostgreSQL")->check(CLI::Range(1, 100));
    options.add("command-timeout-ms", settings.command_timeout_ms, "how long a request waits for its decision")
        ->check(CLI::Range(100, 60'000));
    options.add("reward-timeout-ms", settings.reward_timeout_ms, "how long it waits for what that decision causes")
        ->check(CLI::Range(0, 60'000));
    options.add("position-timeout-ms", settings.position_timeout_ms, "how long it waits for Kiroku-Min-Position")
        ->check(CLI::Range(0, 60'000));
    options
        .add("live-streams", settings.live_streams,
             "streams of server-sent events at a time, of one user eight; beyond it 503 and Retry-After")
        ->check(CLI::Range(1, 100'000));
    options.add("event-streams", settings.event_streams, "analysts' streams of events at a time, of one user two")
        ->check(CLI::Range(1, 64));
    options
        .add("event-stream-seconds", settings.event_stream_seconds,
             "how long one may take until its cursor must be used to go on")
        ->check(CLI::Range(1, 3'600));
    options
        .add("unready-seconds", settings.unready_seconds,
             "how long it still serves when it is told to stop, so that balancers look elsewhere")
        ->check(CLI::Range(0, 60));
    options.flag("access-log", settings.gateway.access_log, "a line in the log for each request");
    declare(options, settings.otlp);
    options
        .add("otlp-sampled", settings.otlp_sampled,
             "the share of requests whose traces are exported, of those that don't say themselves (traceparent)")
        ->check(CLI::Range(0.0, 1.0));
    options.add("drain-seconds", settings.drain_seconds, "how long requests may still take when it is told to stop")
        ->check(CLI::Range(0, 60));
}

constexpr const char* manual =
    R"(Serves HTTP and WebSockets. Reads the read models, the replies to its commands and the end of the event topics; writes
the command topics. Keeps nothing: any number of gateways serve the same clients, if they share KEYS, which the first one
makes. Ready when /readyz says 200. Told to stop, it first says 503 there, then ends what is in flight, then leaves.

Examples:
  kiroku gateway --port 8080
  kiroku gateway --port 443 --tls-certificate fullchain.pem --tls-key privkey.pem
  kiroku gateway --trusted-proxies 10.0.0.0/8 --gateways 3 --rate-limits command=1200/60,login=20/600
  KIROKU_OCCURRED_WITHIN_HOURS=800 kiroku gateway
)";

Exit run(const GatewaySettings& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    runtime::check_given(settings.database);
    return with_database_remedies([&] {
        serve_gateway(settings, shutdown.event_fd());
        return Exit::ok;
    });
}

}  // namespace

void add_gateway(runtime::Program& program) {
    program.verb<GatewaySettings>({"gateway", "serves clients over HTTP and WebSocket", manual}, declare, run);
}

}  // namespace kiroku
