#include "infra/kiroku/events_request.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "infra/kiroku/moment_option.hpp"
#include "infra/log/json_line.hpp"
#include "infra/runtime/exit.hpp"

namespace kiroku {
namespace {

using replay::Column;
using runtime::Exit;
using runtime::Failure;

constexpr const char* table_columns = "time,type,subject,data";
constexpr const char* csv_columns = "position,id,time,type,subject,actor,organization,correlationid,causationid,data";

[[noreturn]] void refuse(const std::string& happened) {
    throw Failure(Exit::usage, happened, "`kiroku events --help` shows what goes together.");
}

[[noreturn]] void refuse(const std::string& option, const std::string& text, const replay::SyntaxError& error) {
    refuse(fmt::format("--{}, column {}: {}.\n    {}\n    {:>{}}", option, error.column, error.message, text, "^",
                       error.column));
}

/// Each pair makes no sense together.
void check_combination(const EventsSettings& settings) {
    const bool fixed_sample = !settings.sample.empty() && settings.sample.find('.') == std::string::npos;
    struct Use {
        const char* name;
        bool used;
    };
    const Use follow{"--follow", settings.follow}, count{"--count", settings.count}, stats{"--stats", settings.stats},
        until{"--until", !settings.until.empty()}, sample{"--sample N", fixed_sample},
        limit{"--limit", settings.limit > 0}, format{"--format", !settings.format.empty()},
        columns{"--columns", !settings.columns.empty()};
    const std::pair<Use, Use> pairs[] = {{count, stats},   {follow, count}, {follow, stats}, {follow, until},
                                         {follow, sample}, {count, sample}, {stats, sample}, {limit, count},
                                         {limit, stats},   {limit, sample}, {format, count}, {format, stats},
                                         {columns, count}, {columns, stats}};
    for (const auto& [one, other] : pairs)
        if (one.used && other.used) refuse(fmt::format("{} and {} don't go together.", one.name, other.name));
    if (settings.json && !settings.stats)
        refuse("--json is for --stats; events themselves are JSON with --format ndjson.");
    if (columns.used && settings.format == "ndjson") refuse("--columns are for --format csv or table.");
}

template <class Kind>
std::optional<Kind> as(const std::optional<replay::Moment>& moment) {
    return moment && std::holds_alternative<Kind>(*moment) ? std::optional{std::get<Kind>(*moment)} : std::nullopt;
}

void read_sample(const std::string& text, EventsRequest& request) {
    const bool is_share = text.find('.') != std::string::npos;
    const bool good = is_share ? log::read_number(text, request.filter.share) : log::read_number(text, request.sample);
    const bool in_range = is_share ? request.filter.share > 0 && request.filter.share <= 1 : request.sample > 0;
    if (!good || !in_range)
        refuse(fmt::format("--sample {}: expected a share such as 0.01, or a number of events such as 1000.", text));
}

std::vector<Column> columns_of(const std::string& text) {
    std::vector<Column> columns;
    replay::Scanner scanner{text};
    try {
        do {
            const auto begin = scanner.place();
            auto path = replay::Path::take(scanner);
            columns.push_back({text.substr(begin, scanner.place() - begin), std::move(path)});
        } while (scanner.take(","));
        if (!scanner.at_end()) scanner.expected("`,`");
    } catch (const replay::SyntaxError& error) {
        refuse("columns", text, error);
    }
    return columns;
}

EventsFormat format_of(const EventsSettings& settings, bool on_terminal) {
    if (settings.format == "ndjson") return EventsFormat::ndjson;
    if (settings.format == "csv") return EventsFormat::csv;
    if (settings.format == "table" || on_terminal) return EventsFormat::table;
    return settings.columns.empty() ? EventsFormat::ndjson : EventsFormat::csv;
}

}  // namespace

EventsRequest request_of(const EventsSettings& settings, std::span<const std::string_view> contexts, Instant now,
                         bool on_terminal) {
    check_combination(settings);
    EventsRequest request{.contexts = replay::contexts_of(settings.contexts, settings.types, contexts),
                          .period = {moment_option("since", settings.since, now, contexts),
                                     moment_option("until", settings.until, now, contexts)},
                          .filter = {.types = settings.types,
                                     .subject = settings.subject,
                                     .actor = settings.actor,
                                     .organization = settings.organization,
                                     .since = {},
                                     .until = {},
                                     .where = {}},
                          .format = format_of(settings, on_terminal),
                          .columns = {}};
    request.filter.since = as<Instant>(request.period.since);
    request.filter.until = as<Instant>(request.period.until);
    if (!settings.sample.empty()) read_sample(settings.sample, request);
    if (!settings.where.empty()) {
        auto where = replay::Where::parse(settings.where);
        if (!where) refuse("where", settings.where, where.error());
        request.filter.where = *std::move(where);
    }
    const auto* usual = request.format == EventsFormat::csv ? csv_columns : table_columns;
    request.columns = columns_of(settings.columns.empty() ? usual : settings.columns);
    return request;
}

}  // namespace kiroku
