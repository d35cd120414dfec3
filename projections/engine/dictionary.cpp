#include "projections/engine/dictionary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "projections/engine/analysts.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku::projections {
namespace {

std::string_view word_for(Privacy privacy) {
    switch (privacy) {
        case Privacy::open: return "open";
        case Privacy::personal: return "personal";
        case Privacy::secret: return "secret";
    }
    return "";
}

/// What stands in a cell of a Markdown table.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '|' ? "\\|" : std::string{c};
    return out;
}

std::string rules_of(const ColumnShape& column) {
    std::vector<std::string> rules;
    if (column.is_key) rules.emplace_back("key");
    if (column.nullable) rules.emplace_back("may be null");
    if (!column.check.empty()) rules.push_back(fmt::format("`{}`", column.check));
    if (column.privacy != Privacy::open) rules.push_back(fmt::format("**{}**", word_for(column.privacy)));
    return fmt::format("{}", fmt::join(rules, ", "));
}

std::string markdown_of(const TableShape& shape) {
    auto out = fmt::format("\n### {}\n\n{}\n\n| column | type | rules | meaning |\n|---|---|---|---|\n", shape.name,
                           shape.meaning);
    for (const auto& column : shape.columns) {
        out += fmt::format("| `{}` | {} | {} | {} |\n", column.name, column.sql, cell(rules_of(column)),
                           cell(column.meaning));
    }
    if (!shape.indexes.empty()) out += fmt::format("\nIndexed by `{}`.\n", fmt::join(shape.indexes, "`, `"));
    return out;
}

std::string json_text(std::string_view text) {
    std::string out;
    json::write(out, text);
    return out;
}

std::string json_of(const ColumnShape& column) {
    return fmt::format(R"({{"name":"{}","type":"{}","nullable":{},"key":{},"check":{},"privacy":"{}","meaning":{}}})",
                       column.name, column.sql, column.nullable, column.is_key, json_text(column.check),
                       word_for(column.privacy), json_text(column.meaning));
}

std::string json_of(const TableShape& shape) {
    std::vector<std::string> columns, indexes;
    for (const auto& column : shape.columns) columns.push_back(json_of(column));
    std::ranges::transform(shape.indexes, std::back_inserter(indexes), json_text);
    return fmt::format(R"({{"name":"{}","meaning":{},"columns":[{}],"indexes":[{}]}})", shape.name,
                       json_text(shape.meaning), fmt::join(columns, ","), fmt::join(indexes, ","));
}

std::string json_of(const ReadModel& model) {
    std::vector<std::string> tables;
    for (const auto& table : model.make_tables(Keep::some)) tables.push_back(json_of(table->shape()));
    return fmt::format(R"({{"readModel":"{}","shape":{},"question":{},"contexts":["{}"],"tables":[{}]}})", model.name,
                       model.shape, json_text(model.question), fmt::join(model.contexts, R"(",")"),
                       fmt::join(tables, ","));
}

}  // namespace

std::string dictionary_as_markdown(std::span<const ReadModel> models) {
    auto out = fmt::format(
        "# Read models\n\nWhat stands in PostgreSQL, made from the log by projectors and by nobody else. Times are in "
        "UTC. The role\n`{}` reads all but what is personal or secret. Where a column isn't open, name those that are: "
        "`SELECT *` is refused.\n",
        analyst_role);
    for (const auto& model : models) {
        out += fmt::format("\n## {}: {}\n\nMade from events of {}; shape {}.\n", model.name, model.question,
                           fmt::join(model.contexts, ", "), model.shape);
        for (const auto& table : model.make_tables(Keep::some)) out += markdown_of(table->shape());
    }
    return out;
}

std::string dictionary_as_json(std::span<const ReadModel> models) {
    std::vector<std::string> all;
    for (const auto& model : models) all.push_back(json_of(model));
    return fmt::format("[{}]\n", fmt::join(all, ","));
}

}  // namespace kiroku::projections
