// infra/runtime/program.cpp: from the command line to a running verb, and from its end to an exit code.
#include "infra/runtime/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace kiroku::runtime {
namespace {

constexpr const char* about =
    "Kiroku records whatever happens once, as an event, and derives from it everything that anybody sees.\n"
    "Each verb is a process of its own and can run many times over; `kiroku up` runs one of each on this machine.";

constexpr const char* precedence =
    "An option's value comes from its flag, else from the variable in [brackets], else from the file given by\n"
    "--config (`name = value` lines; `[verb]` begins a part for one verb), else it is the default shown.\n";

constexpr int option_column = 36;

const std::map<std::string, LogLevel> levels{
    {"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warning}, {"error", LogLevel::error}};
const std::map<std::string, LogFormat> formats{
    {"auto", LogFormat::automatic}, {"text", LogFormat::text}, {"json", LogFormat::json}};

}  // namespace

Program::Program(Environment environment, std::ostream& out, std::ostream& err)
    : environment_{std::move(environment)}, out_{out}, err_{err}, app_{about, "kiroku"} {
    app_.get_formatter()->column_width(option_column);
    app_.footer("`kiroku VERB --help` tells more about each.\n" + exit_code_table());
}

Program::Verb& Program::add(const Manual& manual) {
    CLI::App& app = *app_.add_subcommand(manual.name, manual.purpose);
    app.footer(manual.text + "\n" + precedence + "\n" + exit_code_table());
    verbs_.push_back(std::make_unique<Verb>(app, manual.name));
    Verb& verb = *verbs_.back();
    verb.options.add("config", verb.config, "a file with values for these options")->group("Operation");
    verb.options.add("log-level", verb.level, "the least that is logged")
        ->transform(CLI::CheckedTransformer(levels).description("debug|info|warn|error"))
        ->default_str("info")
        ->group("Operation");
    verb.options.add("log-format", verb.format, "text, json, or auto: text on a terminal")
        ->transform(CLI::CheckedTransformer(formats).description("auto|text|json"))
        ->default_str("auto")
        ->group("Operation");
    return verb;
}

Program::Verb& Program::chosen() {
    const auto found = std::ranges::find_if(verbs_, [](const auto& verb) { return verb->app.parsed(); });
    if (found == verbs_.end()) throw Failure{Exit::usage, "No verb was given.", "`kiroku --help` lists them."};
    return **found;
}

void Program::refuse_unknown_keys(const ConfigFile& file) const {
    for (const auto& [part, key] : file.keys()) {
        const auto knows = [&](const auto& verb) {
            return (part.empty() || part == verb->name) && verb->options.knows(key);
        };
        if (std::ranges::any_of(verbs_, knows)) continue;
        const auto where = part.empty() ? std::string{} : fmt::format(" in its part [{}]", part);
        throw Failure{Exit::config, fmt::format("{} sets '{}'{}, which is no option.", file.path(), key, where),
                      "Correct its name or take it out; `kiroku VERB --help` lists the options."};
    }
}

void Program::resolve(Verb& verb) {
    if (verb.config.empty()) verb.config = environment_(Options::variable("config")).value_or("");
    const ConfigFile file = verb.config.empty() ? ConfigFile{} : ConfigFile{verb.config};
    refuse_unknown_keys(file);
    verb.options.resolve(environment_, file);
}

void Program::complain(std::string_view process, std::string_view happened, std::string_view remedy) {
    err_ << process << ": " << happened << '\n';
    if (!remedy.empty()) err_ << "  what to do: " << remedy << '\n';
    err_.flush();
}

Exit Program::run(int argc, const char* const* argv) {
    std::string process = "kiroku";
    try {
        app_.parse(argc, argv);
        Verb& verb = chosen();
        process += " " + verb.name;
        resolve(verb);
        start_log(verb.name, verb.level, verb.format);
        return verb.run(shutdown_.emplace());
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app_.exit(error, out_, err_), Exit::ok;
        for (const auto& verb : verbs_)
            if (verb->app.parsed()) process += " " + verb->name;
        complain(process, error.what(), fmt::format("see `{} --help`.", process));
        return Exit::usage;
    } catch (const Failure& failure) {
        complain(process, failure.what(), failure.remedy);
        return failure.exit;
    } catch (const std::exception& error) {
        complain(process, fmt::format("unforeseen: {}", error.what()), "please report it, with the lines before it.");
        return Exit::bug;
    }
}

}  // namespace kiroku::runtime
