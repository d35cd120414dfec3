// gateway/analytics/events_query.cpp: what a stream of events was asked for, checked before the log is.
#include "gateway/analytics/events_query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "infra/log/json_line.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku::gateway {
namespace {

constexpr int most_text = 1'000;
constexpr std::string_view filter_names[] = {"context", "type",  "subject", "actor", "organization",
                                             "since",   "until", "where",   "sample"};

Problem wrong(std::string_view parameter, std::string_view problem) {
    return {CoreRefusal::invalid_parameter, culprit("parameter", parameter, problem)};
}

Problem wrong(const replay::SyntaxError& error) {
    std::string message;
    json::write(message, fmt::format("column {}: {}", error.column, error.message));
    return {CoreRefusal::invalid_parameter,
            RawJson{fmt::format(R"({{"parameter":"where","problem":{},"column":{}}})", message, error.column)}};
}

/// "a,b" → a and b.
std::vector<std::string> listed(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto item = text.substr(0, text.find(','));
        items.emplace_back(item);
        text.remove_prefix(std::min(text.size(), item.size() + 1));
    }
    return items;
}

std::string filters_of(const Request& request) {
    std::string filters;
    for (const auto name : filter_names) {
        if (const auto value = request.target.query.find(name)) filters += fmt::format("{}={}\n", name, *value);
    }
    return filters;
}

/// Takes one thing from the request at a time; the first that makes no sense is the problem.
class Reader {
public:
    Reader(const Request& request, std::span<const std::string_view> contexts)
        : request_{request}, contexts_{contexts} {}

    std::optional<Problem> problem{};

    std::vector<std::string> contexts(const std::vector<std::string>& types) {
        const auto named = listed(request_.text("context"));
        for (const auto& one : named) {
            if (std::ranges::find(contexts_, one) == contexts_.end())
                refuse(wrong("context", fmt::format("must be some of {}", fmt::join(contexts_, ", "))));
        }
        return replay::contexts_of(named, types, contexts_);
    }

    std::optional<replay::Moment> moment(std::string_view name, Instant now) {
        const auto text = request_.target.query.find(name);
        if (!text) return std::nullopt;
        auto moment = replay::parse_moment(*text, now);
        if (!moment) {
            refuse(wrong(name, moment.error()));
            return std::nullopt;
        }
        if (const auto* position = std::get_if<log::Position>(&*moment)) check(name, *position);
        return *std::move(moment);
    }

    std::optional<replay::Where> where() {
        const auto text = request_.target.query.find("where");
        if (!text) return std::nullopt;
        auto where = replay::Where::parse(*text);
        if (where) return *std::move(where);
        refuse(wrong(where.error()));
        return std::nullopt;
    }

    double share() {
        double share = 1;
        const auto text = request_.target.query.find("sample");
        if (text && (!log::read_number(*text, share) || !(share > 0 && share <= 1)))
            refuse(wrong("sample", "must be a share such as 0.01"));
        return share;
    }

    void refuse(Problem one) {
        if (!problem) problem = std::move(one);
    }

private:
    void check(std::string_view name, const log::Position& position) {
        for (const auto& [where, offset] : position.offsets()) {
            if (std::ranges::find(contexts_, where.first) == contexts_.end())
                refuse(wrong(name, fmt::format("there is no context {}", where.first)));
        }
    }

    const Request& request_;
    std::span<const std::string_view> contexts_;
};

std::optional<Instant> time_in(const std::optional<replay::Moment>& moment) {
    return moment && std::holds_alternative<Instant>(*moment) ? std::optional{std::get<Instant>(*moment)}
                                                              : std::nullopt;
}

}  // namespace

std::vector<Parameter> events_parameters() {
    std::vector<Parameter> parameters;
    for (const auto name : filter_names) parameters.push_back(text(name, most_text));
    parameters.push_back(text("cursor", Cursors::longest));
    parameters.push_back(integer("limit", 1, most_events));
    return parameters;
}

std::expected<EventsQuery, Problem> read_events_query(const Request& request,
                                                      std::span<const std::string_view> contexts,
                                                      const Cursors& cursors) {
    EventsQuery query{
        .limit = request.number("limit", usual_events), .asked = request.received, .filters = filters_of(request)};
    if (const auto text = request.target.query.find("cursor")) {
        auto cursor = cursors.read(*text, query.filters);
        if (!cursor) return std::unexpected(wrong("cursor", "is not one that was given out for these filters"));
        query.asked = cursor->asked;
        query.rest = std::move(cursor->rest);
    }
    Reader reader{request, contexts};
    const auto types = listed(request.text("type"));
    query.contexts = reader.contexts(types);
    query.period = {reader.moment("since", query.asked), reader.moment("until", query.asked)};
    query.filter = {.types = types,
                    .subject = request.text("subject"),
                    .actor = request.text("actor"),
                    .organization = request.text("organization"),
                    .since = time_in(query.period.since),
                    .until = time_in(query.period.until),
                    .where = reader.where(),
                    .share = reader.share()};
    if (reader.problem) return std::unexpected(std::move(*reader.problem));
    return query;
}

}  // namespace kiroku::gateway
