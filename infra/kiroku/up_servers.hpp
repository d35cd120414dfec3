// infra/kiroku/up_servers.hpp: a Kafka broker and a PostgreSQL server of our own, kept in the data folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "infra/kiroku/up_home.hpp"
#include "infra/runtime/supervisor.hpp"

namespace kiroku::up {

/// One broker that is its own controller (KRaft), on loopback.
class BrokerServer {
public:
    struct Ports {
        std::uint16_t broker;
        std::uint16_t controller;
    };

    /// `jars` is what `infra/local/install` made. Throws Failure(config) if they or Java are missing.
    BrokerServer(const Home&, std::filesystem::path jars, Ports);

    /// Formats its storage the first time, then starts it and keeps it.
    void start(runtime::Supervisor&) const;

    /// Whether it answers a request by now.
    bool answers() const;

    /// For KIROKU_KAFKA.
    std::string address() const;

private:
    runtime::Command java(const std::string& name, const std::vector<std::string>& words) const;
    void write_configuration() const;
    void format(runtime::Supervisor&) const;

    const Home& home_;
    std::filesystem::path jars_;
    Ports ports_;
};

/// One PostgreSQL cluster with the role and database `kiroku`, on loopback; root runs it as the user postgres.
class DatabaseServer {
public:
    /// `programs` is the folder of initdb and postgres. Throws Failure(config) if they are missing.
    DatabaseServer(const Home&, std::filesystem::path programs, std::uint16_t port);
    ~DatabaseServer();
    DatabaseServer(const DatabaseServer&) = delete;
    DatabaseServer& operator=(const DatabaseServer&) = delete;

    /// Makes the cluster the first time, then starts it and keeps it.
    void start(runtime::Supervisor&);

    /// Whether it takes connections by now.
    bool answers() const;

    /// For KIROKU_POSTGRES; the password is in the file that it names.
    std::string address() const;

private:
    runtime::Command program(const std::string& name, const std::vector<std::string>& words) const;
    void make_cluster(runtime::Supervisor&);
    void open_folder();

    const Home& home_;
    std::filesystem::path programs_;
    std::uint16_t port_;
    std::optional<runtime::Account> account_;
    int folder_ = -1;  ///< the cluster's folder, open
};

}  // namespace kiroku::up
