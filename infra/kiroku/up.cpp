// infra/kiroku/up.cpp: a whole Kiroku on this machine: broker, database and one of each process, until Ctrl-C.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <optional>

#include "infra/kiroku/up_home.hpp"
#include "infra/kiroku/up_report.hpp"
#include "infra/kiroku/up_servers.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/runtime/probe.hpp"
#include "infra/runtime/supervisor.hpp"

namespace kiroku {
namespace {

namespace fs = std::filesystem;
using runtime::Command;
using runtime::Exit;
using runtime::Failure;

constexpr std::chrono::seconds servers_patience{60};
constexpr std::chrono::seconds preparation_patience{120};
constexpr std::chrono::seconds ready_patience{60};
constexpr std::chrono::milliseconds probe_patience{500};
constexpr int processes_stage = 1;  // above the servers' 0
constexpr int gateway_stage = 2;    // stops first: it accepts what the others must answer

struct UpSettings {
    runtime::Broker broker;
    runtime::Database database;
    fs::path data{".kiroku"};
    std::uint16_t port = 8080;
    std::uint16_t kafka_port = 19092;
    std::uint16_t controller_port = 19093;
    std::uint16_t postgres_port = 15432;
    std::string ports = "fixed";
    fs::path kafka_jars;
    fs::path postgres_programs{"/usr/lib/postgresql/15/bin"};
    bool servers_only = false;
};

void declare(runtime::Options& options, UpSettings& settings) {
    options.add("data", settings.data, "the folder of all that is kept")->group("Folders");
    options.add("kafka-jars", settings.kafka_jars, "the broker's jars; .build/kafka-4.1.2 if not given")
        ->group("Folders");
    options.add("postgres-programs", settings.postgres_programs, "where initdb and postgres are")->group("Folders");
    options.add("kafka", settings.broker.kafka, "a broker of your own, host:port; then none is started")
        ->group("Servers");
    options.add("postgres", settings.database.postgres, "a database of your own, a libpq URI; then none is started")
        ->group("Servers");
    options.flag("servers-only", settings.servers_only, "start broker and database, nothing else")->group("Servers");
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
error, a line each with its process. Ctrl-C (or SIGTERM) stops everything in order; a second one stops at once.
DATA/env, to be sourced, lets every other verb find broker, database and keys. All other KIROKU_ variables reach
the processes, so KIROKU_OCCURRED_WITHIN_HOURS=800 widens the gateway's window.

Examples:
  kiroku up                                            everything, in .kiroku/
  kiroku up --data /srv/kiroku --port 80               elsewhere
  kiroku up --kafka b1:9092 --postgres postgresql://…  with servers of your own
  kiroku up --servers-only --ports auto --data /tmp/t  broker and database for tests
)";

/// One run of `kiroku up`, from its checks to its end.
class Run {
public:
    Run(const UpSettings& settings, const runtime::Shutdown& shutdown);

    Exit operator()();

private:
    void choose_ports();
    void check_port(std::uint16_t port, const char* what, const char* flag) const;
    void start_servers();
    void write_env() const;
    Command verb(const std::string& name, std::vector<std::string> words = {}) const;
    void run_once(const std::vector<std::string>& verbs);
    void start_processes();
    bool stopped() const { return shutdown_.requested(); }

    std::string url() const { return fmt::format("http://127.0.0.1:{}", settings_.port); }
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count(); }

    UpSettings settings_;
    const runtime::Shutdown& shutdown_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    fs::path program_ = fs::read_symlink("/proc/self/exe");
    up::Home home_;
    up::MergedLog log_;
    std::optional<up::BrokerServer> broker_;
    std::optional<up::DatabaseServer> database_;
    runtime::Supervisor supervisor_;
};

Run::Run(const UpSettings& settings, const runtime::Shutdown& shutdown)
    : settings_{settings},
      shutdown_{shutdown},
      home_{settings.data},
      supervisor_{shutdown, [this](const auto& process, auto line) { log_.line(process, line); },
                  [this](const Command& command, int pid) { home_.note(command, pid); }} {
    if (settings_.kafka_jars.empty()) settings_.kafka_jars = program_.parent_path().parent_path() / "kafka-4.1.2";
    if (home_.is_own(settings_.broker.kafka)) settings_.broker.kafka.clear();
    if (home_.is_own(settings_.database.postgres)) settings_.database.postgres.clear();
}

void Run::check_port(std::uint16_t port, const char* what, const char* flag) const {
    if (runtime::port_is_free(port)) return;
    throw Failure{Exit::config, fmt::format("Port {}, for {}, is taken by another program.", port, what),
                  fmt::format("`ss -ltnp 'sport = :{}'` shows which; end it, or give another port with --{}, or "
                              "--ports auto.",
                              port, flag)};
}

void Run::choose_ports() {
    if (settings_.ports == "auto") {
        for (auto* port :
             {&settings_.port, &settings_.kafka_port, &settings_.controller_port, &settings_.postgres_port}) {
            *port = runtime::some_free_port();
        }
    }
    if (!settings_.servers_only) check_port(settings_.port, "the gateway", "port");
    if (settings_.broker.kafka.empty()) {
        check_port(settings_.kafka_port, "the broker", "kafka-port");
        check_port(settings_.controller_port, "the broker's controller", "controller-port");
    }
    if (settings_.database.postgres.empty()) check_port(settings_.postgres_port, "the database", "postgres-port");
}

void Run::start_servers() {
    std::string own;
    if (settings_.broker.kafka.empty()) {
        broker_.emplace(home_, settings_.kafka_jars,
                        up::BrokerServer::Ports{settings_.kafka_port, settings_.controller_port});
        settings_.broker.kafka = broker_->address();
        own += broker_->address() + "\n";
    }
    if (settings_.database.postgres.empty()) {
        database_.emplace(home_, settings_.postgres_programs, settings_.postgres_port);
        settings_.database.postgres = database_->address();
        own += database_->address() + "\n";
    }
    home_.note_own(own);
    if (broker_) broker_->start(supervisor_);
    if (database_) database_->start(supervisor_);
    const auto wait = [&](const char* what, Exit exit, const std::function<bool()>& answers) {
        if (supervisor_.wait_until(answers, servers_patience)) {
            spdlog::info("the {} answers after {:.1f} s", what, seconds());
        } else if (!stopped()) {
            throw Failure{exit, fmt::format("The {} doesn't answer after {:.0f} s.", what, seconds()),
                          "Its own lines above say why."};
        }
    };
    if (database_) {
        wait("database", Exit::database_unreachable, [&] { return database_->answers(); });
    }
    if (broker_) wait("broker", Exit::broker_unreachable, [&] { return broker_->answers(); });
}

void Run::write_env() const {
    std::string text = "# Written by `kiroku up`: lets every verb find what runs here.\n";
    const std::map<std::string, std::string> variables{
        {"KIROKU_DATA", home_.at("").parent_path()}, {"KIROKU_KAFKA", settings_.broker.kafka},
        {"KIROKU_KEYS", home_.at("keys")},           {"KIROKU_POSTGRES", settings_.database.postgres},
        {"KIROKU_STATE", home_.at("state")},         {"KIROKU_URL", url()}};
    for (const auto& [name, value] : variables) {
        std::string quoted;
        for (const char c : value) quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
        text += fmt::format("export {}='{}'\n", name, quoted);
    }
    home_.write("env", text, fs::perms::owner_read | fs::perms::owner_write);
}

Command Run::verb(const std::string& name, std::vector<std::string> words) const {
    Command command{.name = name,
                    .words = {program_, name},
                    .environment = {{"KIROKU_DATA", home_.at("").parent_path()},
                                    {"KIROKU_KAFKA", settings_.broker.kafka},
                                    {"KIROKU_KEYS", home_.at("keys")},
                                    {"KIROKU_POSTGRES", settings_.database.postgres},
                                    {"KIROKU_STATE", home_.at("state")},
                                    {"KIROKU_LOG_FORMAT", log_.children_format()}}};
    command.words.insert(command.words.end(), words.begin(), words.end());
    return command;
}

void Run::run_once(const std::vector<std::string>& verbs) {
    std::vector<Command> commands;
    for (const auto& name : verbs) commands.push_back(verb(name));
    const auto statuses = supervisor_.run(std::move(commands), preparation_patience);
    for (std::size_t i = 0; i < verbs.size() && !stopped(); ++i) {
        if (statuses[i] == 0) continue;
        throw Failure{static_cast<Exit>(statuses[i]), fmt::format("`kiroku {}` ended with {}.", verbs[i], statuses[i]),
                      "Its own lines above say why."};
    }
}

void Run::start_processes() {
    for (const auto* name : {"decide", "project", "react"}) supervisor_.keep(verb(name), processes_stage);
    supervisor_.keep(verb("gateway", {"--port", std::to_string(settings_.port)}), gateway_stage);
    const auto ready = [&] { return runtime::http_status(settings_.port, "/readyz", probe_patience) == 200; };
    if (supervisor_.wait_until(ready, ready_patience) || stopped()) return;
    throw Failure{Exit::check_failed, fmt::format("The gateway isn't ready after {:.0f} s.", seconds()),
                  fmt::format("The lines above, and {}/readyz, say what it waits for.", url())};
}

Exit Run::operator()() {
    home_.end_leftovers();
    choose_ports();
    start_servers();
    write_env();
    if (!settings_.servers_only && !stopped()) {
        run_once({"topics", "migrate"});
        if (!stopped()) start_processes();
        if (!stopped()) run_once({"catalogue"});
    }
    if (!stopped()) {
        supervisor_.settle();
        const auto env = home_.at("env").string();
        fmt::print("{}", settings_.servers_only
                             ? fmt::format("Broker and database are ready after {:.1f} s: source {}\n", seconds(), env)
                             : up::first_steps(url(), env, seconds()));
        std::fflush(stdout);
        supervisor_.watch();
    }
    spdlog::info("stopping");
    supervisor_.stop();
    spdlog::info("stopped after {:.1f} s", seconds());
    return Exit::ok;
}

Exit run(const UpSettings& settings, runtime::Shutdown& shutdown) { return Run{settings, shutdown}(); }

}  // namespace

void add_up(runtime::Program& program) {
    program.verb<UpSettings>({"up", "runs everything on this machine, broker and database too", manual}, declare, run);
}

}  // namespace kiroku
