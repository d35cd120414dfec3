// infra/kiroku/up.cpp: a whole Kiroku on this machine: broker, database and one of each process, until Ctrl-C.
#include "infra/kiroku/up_run.hpp"
#include "infra/kiroku/verb.hpp"

namespace kiroku {
namespace {

void declare(runtime::Options& options, up::Settings& settings) {
    options.add("data", settings.data, "the folder of all that is kept")->group("Folders");
    options.add("kafka-jars", settings.kafka_jars, "the broker's jars; .build/kafka-4.1.2 if not given")
        ->group("Folders");
    options.add("postgres-programs", settings.postgres_programs, "where initdb and postgres are")->group("Folders");
    options.add("kafka", settings.broker.kafka, "a broker of your own, host:port; then none is started")
        ->group("Servers");
    options.add("postgres", settings.database.postgres, "a database of your own, a libpq URI; then none is started")
        ->group("Servers");
    options.flag("servers-only", settings.servers_only, "start broker and database, nothing else")->group("Servers");
    options
        .add("tls-certificate", settings.tls_certificate,
             "PEM file of a certificate and its chain: the gateway speaks TLS")
        ->group("Servers");
    options.add("tls-key", settings.tls_key, "PEM file of its key")->group("Servers");
    options.add("port", settings.port, "the gateway's port")->group("Ports");
    options.add("kafka-port", settings.kafka_port, "the broker's port")->group("Ports");
    options.add("controller-port", settings.controller_port, "the port of the broker's controller")->group("Ports");
    options.add("postgres-port", settings.postgres_port, "the database's port")->group("Ports");
    options.add("ports", settings.ports, "fixed: the ports above; auto: some that are free")
        ->check(CLI::IsMember({"fixed", "auto"}).description("fixed|auto"))
        ->group("Ports");
}

constexpr const char* manual =
    R"(Starts a Kafka broker and a PostgreSQL server in DATA, makes topics and tables, starts gateway, decide, project and
react, loads the starter catalogue and says how to go on. What dies is started again. All logs come to standard
error, a line each with its process. Read models whose tables a new program shapes otherwise are made anew first. Ctrl-C (or SIGTERM) stops everything in order; a second one stops at once.
DATA/env, to be sourced, lets every other verb find broker, database and keys, and clients the gateway: KIROKU_URL and, if it
has one, its KIROKU_TLS_CERTIFICATE. All other KIROKU_ variables reach the processes, so KIROKU_OCCURRED_WITHIN_HOURS=800 widens
the gateway's window.

Examples:
  kiroku up                                            everything, in .kiroku/
  kiroku up --data /srv/kiroku --port 80               elsewhere
  kiroku up --kafka b1:9092 --postgres postgresql://…  with servers of your own
  kiroku up --tls-certificate fullchain.pem --tls-key privkey.pem
  kiroku up --servers-only --ports auto --data /tmp/t  broker and database for tests
)";

runtime::Exit run(const up::Settings& settings, runtime::Shutdown& shutdown) { return up::Run{settings, shutdown}(); }

}  // namespace

void add_up(runtime::Program& program) {
    program.verb<up::Settings>({"up", "runs everything on this machine, broker and database too", manual}, declare,
                               run);
}

}  // namespace kiroku
