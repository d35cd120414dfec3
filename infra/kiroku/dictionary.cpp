// infra/kiroku/dictionary.cpp: kiroku dictionary: what the read models' tables mean, for people who ask them with SQL.
#include "projections/engine/dictionary.hpp"

#include <cstdio>

#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"

namespace kiroku {
namespace {

using runtime::Exit;

struct DictionarySettings {
    std::vector<std::string> read_models;
    bool json = false;
};

void declare(runtime::Options& options, DictionarySettings& settings) {
    options.words("read-model", settings.read_models, "which to tell of; all if none is named");
    options.flag("json", settings.json, "as JSON, an array with an object for each read model");
}

constexpr const char* manual =
    R"(For each read model: the question that it answers, whose events it is made from, and of each table what a row is, the
columns with type, rules and meaning, and the indexes. It follows from the declarations that make the tables, and asks no server;
the same texts are the tables' comments in the database (\d+ in psql).

Whoever is to read them with SQL, and not what is personal or secret:
  CREATE ROLE ana LOGIN PASSWORD '…' IN ROLE kiroku_analyst;

Examples:
  kiroku dictionary > dictionary.md
  kiroku dictionary leaderboard --json | jq '.[0].tables[0].columns[].meaning'
)";

Exit run(const DictionarySettings& settings, runtime::Shutdown&) {
    const auto models = read_models_named(settings.read_models);
    const auto text =
        settings.json ? projections::dictionary_as_json(models) : projections::dictionary_as_markdown(models);
    std::fputs(text.c_str(), stdout);
    return Exit::ok;
}

}  // namespace

void add_dictionary(runtime::Program& program) {
    program.verb<DictionarySettings>({"dictionary", "what the read models' tables mean", manual}, declare, run);
}

}  // namespace kiroku
