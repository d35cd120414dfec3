// infra/runtime/options.hpp: one declaration an option; its value comes from the flag, else the environment, else the
// file.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiroku::runtime {

/// How a variable of the environment is looked up; tests pass their own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

/// What a configuration file says: `key = value` lines as in TOML or INI, for all verbs, or for one in its `[verb]`
/// part.
class ConfigFile {
public:
    ConfigFile() = default;

    /// Throws Failure(config) if it can't be read or parsed.
    explicit ConfigFile(const std::string& path);

    /// The verb's own part goes before what is said for all. Empty if neither says anything.
    std::vector<std::string> find(const std::string& verb, const std::string& key) const;

    /// Every key with the part it stands in ("" for all verbs), so that misspelt ones can be refused.
    std::vector<std::pair<std::string, std::string>> keys() const;

    const std::string& path() const { return path_; }

private:
    std::string path_;
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> values_;
};

/// The options of one verb. `add("occurred-within-hours", …)` is the flag `--occurred-within-hours`, the variable
/// `KIROKU_OCCURRED_WITHIN_HOURS` and the file's key `occurred-within-hours`. The variables given must outlive parsing;
/// what they hold is the default. Said twice on the command line, the last counts. The CLI::Option returned takes
/// further checks (`->check(CLI::Range(1, 64))`).
class Options {
public:
    explicit Options(CLI::App& app) : app_{app} {}

    template <class T>
    CLI::Option* add(const std::string& name, T& value, const std::string& purpose) {
        auto* option = app_.add_option("--" + name, value, described(name, purpose))->capture_default_str();
        if constexpr (!CLI::detail::is_mutable_container<T>::value) option->take_last();
        return declare(name, option);
    }

    CLI::Option* flag(const std::string& name, bool& value, const std::string& purpose) {
        return declare(name, app_.add_flag("--" + name, value, described(name, purpose)));
    }

    /// The words after the options, by flag only: `kiroku project leaderboard progress`.
    CLI::Option* words(const std::string& name, std::vector<std::string>& values, const std::string& purpose) {
        return app_.add_option(name, values, purpose);
    }

    /// After the command line was parsed: fills what no flag gave, from the environment, then from the file. Throws
    /// Failure(config) that names the source of a value that doesn't fit.
    void resolve(const Environment&, const ConfigFile&);

    bool knows(const std::string& key) const;

    static std::string variable(const std::string& name);

private:
    struct Declared {
        std::string name;
        CLI::Option* option;
    };

    CLI::Option* declare(const std::string& name, CLI::Option* option);
    static std::string described(const std::string& name, const std::string& purpose);

    CLI::App& app_;
    std::vector<Declared> declared_;
};

}  // namespace kiroku::runtime
