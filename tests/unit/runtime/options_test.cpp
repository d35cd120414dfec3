// tests/unit/runtime/options_test.cpp: where an option's value comes from, and what is said when it doesn't fit.
#include "infra/runtime/options.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "infra/runtime/exit.hpp"

using namespace kiroku::runtime;

TEST_SUITE("runtime/options") {
struct Parsed {
    int partitions = 12;
    bool follow = false;
    std::string kafka;
};

Environment environment(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional{found->second};
    };
}

/// A configuration file that is gone at the end of the test.
struct WrittenFile {
    std::filesystem::path path = std::filesystem::temp_directory_path() / "kiroku-options-test.toml";

    explicit WrittenFile(const std::string& text) { std::ofstream{path} << text; }
    ~WrittenFile() { std::filesystem::remove(path); }

    ConfigFile read() const { return ConfigFile{path.string()}; }
};

Parsed parse(std::vector<std::string> words, const Environment& variables, const ConfigFile& file) {
    CLI::App app{"a verb", "topics"};
    Options options{app};
    Parsed parsed;
    options.add("partitions", parsed.partitions, "how many")->check(CLI::Range(1, 256));
    options.flag("follow", parsed.follow, "go on");
    options.add("kafka", parsed.kafka, "the broker");
    std::ranges::reverse(words);
    app.parse(words);
    options.resolve(variables, file);
    return parsed;
}

/// What the Failure says that the call throws.
template <class Call>
std::string refusal(Call call) {
    try {
        call();
    } catch (const Failure& failure) {
        CHECK(failure.exit == Exit::config);
        CHECK_FALSE(failure.remedy.empty());
        return failure.what();
    }
    return "(nothing)";
}

TEST_CASE("a default holds where nobody says anything") { CHECK(parse({}, environment({}), {}).partitions == 12); }

TEST_CASE("the file goes over the default, the environment over the file, the flag over both") {
    const auto file = WrittenFile{"partitions = 3\n"}.read();
    const auto variables = environment({{"KIROKU_PARTITIONS", "4"}});

    CHECK(parse({}, environment({}), file).partitions == 3);
    CHECK(parse({}, variables, file).partitions == 4);
    CHECK(parse({"--partitions", "5"}, variables, file).partitions == 5);
    CHECK(parse({"--partitions", "5"}, environment({}), file).partitions == 5);
}

TEST_CASE("a verb's own part of the file goes over what is said for all, and another verb's part doesn't count") {
    CHECK(parse({}, environment({}), WrittenFile{"partitions = 3\n[topics]\npartitions = 6\n"}.read()).partitions == 6);
    CHECK(parse({}, environment({}), WrittenFile{"partitions = 3\n[gateway]\npartitions = 6\n"}.read()).partitions ==
          3);
}

TEST_CASE("said twice on the command line, the last counts") {
    CHECK(parse({"--partitions", "5", "--partitions", "6"}, environment({}), {}).partitions == 6);
}

TEST_CASE("a flag without a value can be set by each source") {
    CHECK(parse({"--follow"}, environment({}), {}).follow);
    CHECK(parse({}, environment({{"KIROKU_FOLLOW", "true"}}), {}).follow);
    CHECK(parse({}, environment({}), WrittenFile{"follow = true\n"}.read()).follow);
    CHECK_FALSE(parse({}, environment({{"KIROKU_FOLLOW", "false"}}), {}).follow);
}

TEST_CASE("an empty variable says nothing") {
    CHECK(parse({}, environment({{"KIROKU_KAFKA", ""}}), WrittenFile{"kafka = \"b:9092\"\n"}.read()).kafka == "b:9092");
}

TEST_CASE("a value that doesn't fit is refused with its source") {
    const auto variables = environment({{"KIROKU_PARTITIONS", "many"}});
    CHECK(refusal([&] { parse({}, variables, {}); }).starts_with("KIROKU_PARTITIONS=many doesn't fit"));
    const WrittenFile file{"partitions = 999\n"};
    CHECK(refusal([&] { parse({}, environment({}), file.read()); }).starts_with("partitions in " + file.path.string()));
}

TEST_CASE("a file that can't be read is refused by name") {
    CHECK(
        refusal([] { ConfigFile{"/nowhere/kiroku.toml"}; }).starts_with("The configuration file /nowhere/kiroku.toml"));
}

TEST_CASE("variables are called after their options") {
    CHECK(Options::variable("occurred-within-hours") == "KIROKU_OCCURRED_WITHIN_HOURS");
}
}
