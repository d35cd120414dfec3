// infra/runtime/program.hpp: the command line: verbs, their options and manuals, and how each of them ends.
#pragma once

#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "infra/runtime/exit.hpp"
#include "infra/runtime/log.hpp"
#include "infra/runtime/options.hpp"
#include "infra/runtime/shutdown.hpp"

namespace kiroku::runtime {

/// What a verb says about itself.
struct Manual {
    std::string name;     ///< as typed: "gateway"
    std::string purpose;  ///< one line, for the list of verbs
    std::string text;     ///< what `--help` says below the options: what it reads and writes, then examples
};

/// The verbs of the executable. A verb is a struct of settings, a function that declares them as options, and a
/// function that runs with them:
///
///     struct TopicsSettings { runtime::Broker broker; int partitions = 12; };
///     void declare(runtime::Options& options, TopicsSettings& settings) {
///         runtime::declare(options, settings.broker);
///         options.add("partitions", settings.partitions, "partitions of each topic")->check(CLI::Range(1, 256));
///     }
///     runtime::Exit run(const TopicsSettings& settings, runtime::Shutdown& shutdown) { … }
///     void add_topics(runtime::Program& program) {
///         program.verb<TopicsSettings>({"topics", "creates the topics", "Examples:\n  kiroku topics\n"}, declare,
///         run);
///     }
///
/// When `run` is called the log is set up and both stop signals go to `shutdown`. It returns its exit code; a Failure
/// that it throws is printed with its remedy, any other exception is a bug (70).
class Program {
public:
    /// The streams are where help and complaints go.
    explicit Program(Environment environment = process_environment(), std::ostream& out = std::cout,
                     std::ostream& err = std::cerr);

    template <class Settings>
    void verb(const Manual& manual, void (*declare)(Options&, Settings&), Exit (*run)(const Settings&, Shutdown&)) {
        auto settings = std::make_shared<Settings>();
        Verb& verb = add(manual);
        declare(verb.options, *settings);
        verb.run = [settings, run](Shutdown& shutdown) { return run(*settings, shutdown); };
    }

    /// Parses, runs the verb that was named and says how it went. SIGTERM and SIGINT are heard from then on, and end
    /// the verb in order, as long as this object lives.
    Exit run(int argc, const char* const* argv);

private:
    struct Verb {
        Verb(CLI::App& app, std::string name) : app{app}, options{app}, name{std::move(name)} {}

        CLI::App& app;
        Options options;
        std::string name;
        std::function<Exit(Shutdown&)> run;
        std::string config;
        LogLevel level = LogLevel::info;
        LogFormat format = LogFormat::automatic;
    };

    Verb& add(const Manual& manual);
    Verb& chosen();
    void resolve(Verb&);
    void refuse_unknown_keys(const ConfigFile&) const;
    void complain(std::string_view process, std::string_view happened, std::string_view remedy);

    Environment environment_;
    std::ostream& out_;
    std::ostream& err_;
    CLI::App app_;
    std::vector<std::unique_ptr<Verb>> verbs_;
    std::optional<Shutdown> shutdown_;  // outlives the verb: who ends by itself isn't killed by being told to
};

}  // namespace kiroku::runtime
