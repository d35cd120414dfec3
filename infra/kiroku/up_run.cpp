// infra/kiroku/up_run.cpp: servers first, then topics and tables, then the processes, each when what it needs is there.
#include "infra/kiroku/up_run.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <map>

#include "infra/runtime/exit.hpp"
#include "infra/runtime/options.hpp"
#include "infra/runtime/probe.hpp"

namespace kiroku::up {
namespace {

namespace fs = std::filesystem;
using runtime::Command;
using runtime::Exit;
using runtime::Failure;

constexpr std::chrono::seconds servers_patience{60};
constexpr std::chrono::seconds preparation_patience{120};
constexpr std::chrono::hours rebuild_patience{24};  // with a program that gives tables another shape
constexpr std::chrono::seconds ready_patience{60};
constexpr std::chrono::milliseconds probe_patience{500};
constexpr std::array silent_verbs{"decide", "project", "react"};  // who serve nobody but operators
constexpr int processes_stage = 1;                                // above the servers' 0
constexpr int gateway_stage = 2;                                  // stops first: it accepts what the others must answer

/// Here all clients have one address, however many they are, so limits by address say nothing, unless somebody wants
/// them.
std::map<std::string, std::string> limits_for_one_machine() {
    std::map<std::string, std::string> limits{{"KIROKU_RATE_LIMITS", "all=1000000/1"},
                                              {"KIROKU_CONNECTIONS_PER_ADDRESS", "1000000"}};
    const auto environment = runtime::process_environment();
    for (auto& [name, value] : limits) value = environment(name).value_or(value);
    return limits;
}

}  // namespace

Run::Run(const Settings& settings, const runtime::Shutdown& shutdown)
    : settings_{settings},
      shutdown_{shutdown},
      door_{settings.tls_certificate, settings.tls_key},
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
                        BrokerServer::Ports{settings_.kafka_port, settings_.controller_port});
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

void Run::write_env() {
    std::string text = "# Written by `kiroku up`: lets every verb find what runs here.\n";
    std::map<std::string, std::string> variables{
        {"KIROKU_DATA", home_.at("").parent_path()}, {"KIROKU_KAFKA", settings_.broker.kafka},
        {"KIROKU_KEYS", home_.at("keys")},           {"KIROKU_POSTGRES", settings_.database.postgres},
        {"KIROKU_STATE", home_.at("state")},         {"KIROKU_URL", door_.url(settings_.port)}};
    for (const auto* name : silent_verbs) {
        if (settings_.servers_only) break;
        const auto port = metrics_ports_[name] = runtime::some_free_port();
        std::string variable = fmt::format("KIROKU_{}_METRICS", name);
        std::ranges::transform(variable, variable.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
        variables[variable] = fmt::format("http://127.0.0.1:{}/metrics", port);
    }
    variables.merge(limits_for_one_machine());
    variables.merge(door_.variables());
    for (const auto& [name, value] : variables) text += fmt::format("export {}={}\n", name, shell_quoted(value));
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
    command.environment.merge(limits_for_one_machine());
    command.words.insert(command.words.end(), words.begin(), words.end());
    return command;
}

/// At the same time; `verbs`: a name and options each.
void Run::run_once(const std::vector<Words>& verbs, std::chrono::seconds patience) {
    std::vector<Command> commands;
    for (const auto& words : verbs) commands.push_back(verb(words.front(), {words.begin() + 1, words.end()}));
    const auto statuses = supervisor_.run(std::move(commands), patience);
    for (std::size_t i = 0; i < verbs.size() && !stopped(); ++i) {
        if (statuses[i] == 0) continue;
        throw Failure{static_cast<Exit>(statuses[i]),
                      fmt::format("`kiroku {}` ended with {}.", verbs[i].front(), statuses[i]),
                      "Its own lines above say why."};
    }
}

void Run::start_processes() {
    for (const auto* name : silent_verbs) {
        supervisor_.keep(verb(name, {"--metrics-port", std::to_string(metrics_ports_.at(name))}), processes_stage);
    }
    Words gateway{"--port", std::to_string(settings_.port)};
    std::ranges::copy(door_.options(), std::back_inserter(gateway));
    supervisor_.keep(verb("gateway", std::move(gateway)), gateway_stage);
    const auto ready = [&] { return door_.ready(settings_.port, probe_patience); };
    if (supervisor_.wait_until(ready, ready_patience) || stopped()) return;
    throw Failure{Exit::check_failed, fmt::format("The gateway isn't ready after {:.0f} s.", seconds()),
                  fmt::format("The lines above, and {}/readyz, say what it waits for.", door_.url(settings_.port))};
}

Exit Run::operator()() {
    home_.end_leftovers();
    choose_ports();
    start_servers();
    write_env();
    if (!settings_.servers_only && !stopped()) {
        run_once({{"topics"}, {"migrate", "--leave-outdated"}}, preparation_patience);
        if (!stopped()) run_once({{"rebuild", "--outdated", "--yes"}}, rebuild_patience);
        if (!stopped()) start_processes();
        if (!stopped()) run_once({{"catalogue"}}, preparation_patience);
    }
    if (!stopped()) {
        supervisor_.settle();
        const auto env = home_.at("env").string();
        fmt::print("{}", settings_.servers_only
                             ? fmt::format("Broker and database are ready after {:.1f} s: source {}\n", seconds(), env)
                             : first_steps(door_.url(settings_.port), door_.curl(settings_.port), env, seconds()));
        std::fflush(stdout);
        supervisor_.watch();
    }
    spdlog::info("stopping");
    supervisor_.stop();
    spdlog::info("stopped after {:.1f} s", seconds());
    return Exit::ok;
}

}  // namespace kiroku::up
