// infra/runtime/settings.cpp: how the shared options are called and what is said when one is missing.
#include "infra/runtime/settings.hpp"

#include "infra/runtime/exit.hpp"

namespace kiroku::runtime {

void declare(Options& options, Broker& broker) {
    options
        .add("kafka", broker.kafka,
             "the Kafka broker, host:port[,host:port]; ssl://host:port[,…] for TLS, with OpenSSL's certificates "
             "(SSL_CERT_FILE)")
        ->group("Servers");
}

void declare(Options& options, Database& database) {
    options.add("postgres", database.postgres, "the PostgreSQL database, as a libpq URI")->group("Servers");
}

void declare(Options& options, Folders& folders) {
    options.add("data", folders.data, "the folder of all that is kept on this machine")->group("Folders");
    options.add("keys", folders.keys, "the folder of the signing and sealing keys; DATA/keys if not given")
        ->group("Folders");
    options.add("state", folders.state, "the folder of the deciders' caches; DATA/state if not given")
        ->group("Folders");
}

void check_given(const Broker& broker) {
    if (!broker.kafka.empty()) return;
    throw Failure{Exit::config, "No Kafka broker was named.",
                  "Start everything with infra/up and `source .kiroku/env` (DATA/env), or give --kafka HOST:PORT."};
}

void check_given(const Database& database) {
    if (!database.postgres.empty()) return;
    throw Failure{Exit::config, "No PostgreSQL database was named.",
                  "Start everything with infra/up and `source .kiroku/env` (DATA/env), or give --postgres URI."};
}

}  // namespace kiroku::runtime
