// infra/runtime/options.cpp: CLI11 reads flags; environment and file are read here, since CLI11 lets the file win.
#include "infra/runtime/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "infra/runtime/exit.hpp"

namespace kiroku::runtime {
namespace {

/// CLI11 marks where a part of the file begins and ends with items of these names.
bool is_marker(const CLI::ConfigItem& item) { return item.name == "++" || item.name == "--"; }

void take(CLI::Option& option, std::vector<std::string> values, const std::string& source) {
    try {
        option.add_result(std::move(values));
        option.run_callback();
    } catch (const CLI::Error& error) {
        throw Failure{Exit::config, fmt::format("{} doesn't fit: {}.", source, error.what()),
                      "`--help` says what is expected."};
    }
}

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value ? std::optional<std::string>{value} : std::nullopt;
    };
}

ConfigFile::ConfigFile(const std::string& path) : path_{path} {
    try {
        for (const auto& item : CLI::ConfigTOML{}.from_file(path)) {
            if (is_marker(item)) continue;
            values_[{item.parents.empty() ? "" : item.parents.front(), item.name}] = item.inputs;
        }
    } catch (const CLI::Error& error) {
        throw Failure{Exit::config, fmt::format("The configuration file {} can't be read: {}.", path, error.what()),
                      "Each line is `option-name = value`; `[verb]` begins what is for one verb only."};
    }
}

std::vector<std::string> ConfigFile::find(const std::string& verb, const std::string& key) const {
    for (const auto& part : {verb, std::string{}}) {
        if (const auto found = values_.find({part, key}); found != values_.end()) return found->second;
    }
    return {};
}

std::vector<std::pair<std::string, std::string>> ConfigFile::keys() const {
    std::vector<std::pair<std::string, std::string>> keys;
    for (const auto& [place, values] : values_) keys.push_back(place);
    return keys;
}

std::string Options::variable(const std::string& name) {
    std::string variable = "KIROKU_" + name;
    std::ranges::transform(variable, variable.begin(),
                           [](unsigned char c) { return c == '-' ? '_' : std::toupper(c); });
    return variable;
}

std::string Options::described(const std::string& name, const std::string& purpose) {
    return purpose + " [" + variable(name) + "]";
}

CLI::Option* Options::declare(const std::string& name, CLI::Option* option) {
    declared_.push_back({name, option});
    return option;
}

bool Options::knows(const std::string& key) const {
    return std::ranges::any_of(declared_, [&](const Declared& declared) { return declared.name == key; });
}

void Options::resolve(const Environment& environment, const ConfigFile& file) {
    for (const auto& [name, option] : declared_) {
        if (option->count() > 0) continue;
        if (const auto value = environment(variable(name)); value && !value->empty()) {
            take(*option, {*value}, fmt::format("{}={}", variable(name), *value));
        } else if (auto values = file.find(app_.get_name(), name); !values.empty()) {
            take(*option, std::move(values), fmt::format("{} in {}", name, file.path()));
        }
    }
}

}  // namespace kiroku::runtime
