// tests/unit/runtime/program_test.cpp: how verbs are found, run and ended.
#include "infra/runtime/program.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <vector>

using namespace kiroku::runtime;

TEST_SUITE("runtime/program") {
struct EndSettings {
    int code = 0;
    std::string failure;
    bool bug = false;
};

void declare(Options& options, EndSettings& settings) {
    options.add("code", settings.code, "ends with it");
    options.add("failure", settings.failure, "fails with it");
    options.flag("bug", settings.bug, "throws");
}

Exit run(const EndSettings& settings, Shutdown&) {
    if (!settings.failure.empty()) throw Failure{Exit::data_refused, settings.failure, "Mend it."};
    if (settings.bug) throw std::logic_error{"impossible"};
    return static_cast<Exit>(settings.code);
}

/// How `kiroku WORDS` ends, and what it says.
struct Ended {
    Exit exit;
    std::string out;
    std::string err;
};

Ended kiroku_with(const Environment& variables, std::initializer_list<const char*> words) {
    std::ostringstream out;
    std::ostringstream err;
    Program program{variables, out, err};
    program.verb<EndSettings>({"end", "ends", "Examples:\n  kiroku end\n"}, declare, run);
    std::vector<const char*> argv{"kiroku"};
    argv.insert(argv.end(), words);
    const auto exit = program.run(static_cast<int>(argv.size()), argv.data());
    return {exit, out.str(), err.str()};
}

Ended kiroku(std::initializer_list<const char*> words) {
    return kiroku_with([](const std::string&) { return std::nullopt; }, words);
}

TEST_CASE("a verb's own exit code is the program's") {
    CHECK(kiroku({"end"}).exit == Exit::ok);
    CHECK(kiroku({"end", "--code", "1"}).exit == Exit::check_failed);
}

TEST_CASE("a command line that makes no sense is a usage error") {
    CHECK(kiroku({}).exit == Exit::usage);
    const auto verb = kiroku({"no-such-verb"});
    CHECK(verb.exit == Exit::usage);
    CHECK(verb.err.starts_with("kiroku: "));
    CHECK(verb.err.find("no-such-verb") != std::string::npos);
    const auto option = kiroku({"end", "--no-such-option"});
    CHECK(option.exit == Exit::usage);
    CHECK(option.err.find("no-such-option") != std::string::npos);
    CHECK(option.err.find("what to do: see `kiroku end --help`") != std::string::npos);
}

TEST_CASE("help shows purpose, options with default and variable, examples and exit codes") {
    const auto help = kiroku({"end", "--help"});
    CHECK(help.exit == Exit::ok);
    for (const auto* part : {"ends with it [KIROKU_CODE]", "INT=0", "kiroku end", "4   no Kafka broker answers"}) {
        CHECK_MESSAGE(help.out.find(part) != std::string::npos, part);
    }
    CHECK(kiroku({"--help"}).out.find("end ") != std::string::npos);
}

TEST_CASE("a failure ends with its own code and says what to do, anything else that is thrown is a bug") {
    const auto failed = kiroku({"end", "--failure", "The log is torn."});
    CHECK(failed.exit == Exit::data_refused);
    CHECK(failed.err == "kiroku end: The log is torn.\n  what to do: Mend it.\n");
    CHECK(kiroku({"end", "--bug"}).exit == Exit::bug);
}

TEST_CASE("a misspelt key in the configuration file is refused, also in the part of another verb") {
    const auto path = std::filesystem::temp_directory_path() / "kiroku-program-test.toml";
    const auto with = [&](const std::string& text) {
        std::ofstream{path} << text;
        const Environment names_file = [&](const std::string& name) {
            return name == "KIROKU_CONFIG" ? std::optional{path.string()} : std::nullopt;
        };
        return kiroku_with(names_file, {"end"}).exit;
    };
    CHECK(with("code = 1\n") == Exit::check_failed);
    CHECK(with("[end]\ncode = 1\n") == Exit::check_failed);
    CHECK(with("cod = 1\n") == Exit::config);
    CHECK(with("[begin]\ncode = 1\n") == Exit::config);
    std::filesystem::remove(path);
}
}
