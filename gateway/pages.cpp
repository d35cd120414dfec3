// gateway/pages.cpp: lists that are given out page by page.
#include "gateway/pages.hpp"

#include <fmt/format.h>

namespace kiroku::gateway {
namespace {

constexpr int most_cursor_bytes = 128;

/// What a cursor is good for: this list, for this user, with these filters and in this order, whatever the page's size.
std::string list_of(const Request& request) {
    auto list = fmt::format("{}\n{}\n", request.target.path, to_string(request.user().user));
    for (const auto& [name, value] : request.target.query.all()) {
        if (name != "cursor" && name != "limit") list += fmt::format("{}={}\n", name, value);
    }
    return list;
}

projections::Order order_in(const Request& request, std::string_view sort) {
    const bool latest_first = request.text("sort", sort).starts_with('-');
    return latest_first ? projections::Order::latest_first : projections::Order::earliest_first;
}

}  // namespace

std::vector<Parameter> page_parameters(std::vector<std::string_view> orders, std::vector<Parameter> filters) {
    filters.push_back(choice("sort", std::move(orders), "the first of them if it isn't said; -: descending"));
    filters.push_back(text("cursor", most_cursor_bytes, "`nextCursor` of the page before, for the same list"));
    filters.push_back(integer("limit", 1, most_a_page, "how many at most; 20 if it isn't said"));
    return filters;
}

std::expected<projections::Cut, Problem> read_page(const Request& request, std::string_view usual_order,
                                                   const crypto::Seal& cursors) {
    projections::Cut page{
        .after = std::nullopt, .limit = request.number("limit", usual_page), .order = order_in(request, usual_order)};
    const auto cursor = request.target.query.find("cursor");
    if (!cursor) return page;
    page.after = cursors.open(*cursor, list_of(request)).and_then(projections::Keyset::parse);
    if (page.after) return page;
    return std::unexpected(
        Problem{CoreRefusal::invalid_parameter, culprit("parameter", "cursor", "is not one that this list gave out")});
}

std::optional<std::string> cursor_behind(const std::optional<projections::Keyset>& last, const Request& request,
                                         const crypto::Seal& cursors) {
    return last.transform([&](const projections::Keyset& row) { return cursors.close(row.text(), list_of(request)); });
}

std::string link_to_next(const Request& request, std::string_view cursor) {
    std::string next = request.target.path;
    char separator = '?';
    for (const auto& [name, value] : request.target.query.all()) {
        if (name == "cursor") continue;
        next += fmt::format("{}{}={}", separator, escaped(name), escaped(value));
        separator = '&';
    }
    return fmt::format("<{}{}cursor={}>; rel=\"next\"", next, separator, cursor);
}

}  // namespace kiroku::gateway
