// infra/kiroku/up_run.hpp: one run of `kiroku up`, from its checks to its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "infra/kiroku/up_gateway.hpp"
#include "infra/kiroku/up_home.hpp"
#include "infra/kiroku/up_report.hpp"
#include "infra/kiroku/up_servers.hpp"
#include "infra/runtime/settings.hpp"
#include "infra/runtime/supervisor.hpp"

namespace kiroku::up {

/// What can be asked of it; see `kiroku up --help`.
struct Settings {
    runtime::Broker broker;
    runtime::Database database;
    std::filesystem::path data{".kiroku"};
    std::uint16_t port = 8080;
    std::uint16_t kafka_port = 19092;
    std::uint16_t controller_port = 19093;
    std::uint16_t postgres_port = 15432;
    std::string ports = "fixed";
    std::filesystem::path kafka_jars;
    std::filesystem::path postgres_programs{"/usr/lib/postgresql/15/bin"};
    bool servers_only = false;
    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;
};

/// Broker, database and one process of each kind, on this machine, until a stop is asked for.
class Run {
public:
    /// Takes the data folder. Throws Failure(config) if that can't be had, or a TLS certificate can't be used.
    Run(const Settings&, const runtime::Shutdown&);

    /// Starts everything, watches over it and stops it. Throws Failure if something can't be started.
    runtime::Exit operator()();

private:
    void choose_ports();
    void check_port(std::uint16_t port, const char* what, const char* flag) const;
    void start_servers();
    void write_env();
    runtime::Command verb(const std::string& name, std::vector<std::string> words = {}) const;
    using Words = std::vector<std::string>;
    void run_once(const std::vector<Words>& verbs, std::chrono::seconds patience);
    void start_processes();
    bool stopped() const { return shutdown_.requested(); }

    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count(); }

    Settings settings_;
    const runtime::Shutdown& shutdown_;
    Door door_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::filesystem::path program_ = std::filesystem::read_symlink("/proc/self/exe");
    Home home_;
    MergedLog log_;
    std::optional<BrokerServer> broker_;
    std::optional<DatabaseServer> database_;
    runtime::Supervisor supervisor_;
    std::map<std::string, std::uint16_t> metrics_ports_;  // of those who serve nobody but operators
};

}  // namespace kiroku::up
