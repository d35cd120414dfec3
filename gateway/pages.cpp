// gateway/pages.cpp: lists that are given out page by page.
#include "gateway/pages.hpp"

namespace kiroku::gateway {
namespace {

constexpr int most_cursor_bytes = 128;

}  // namespace

std::vector<Parameter> page_parameters(std::vector<Parameter> filters) {
    filters.push_back(text("cursor", most_cursor_bytes, "`nextCursor` of the page before"));
    filters.push_back(integer("limit", 1, most_a_page, "how many at most; 20 if it isn't said"));
    return filters;
}

std::expected<PageRequest, Problem> read_page(const Request& request) {
    PageRequest page{.after = std::nullopt, .limit = request.number("limit", usual_page)};
    const auto cursor = request.target.query.find("cursor");
    if (!cursor) return page;
    page.after = projections::Keyset::parse(*cursor);
    if (page.after) return page;
    return std::unexpected(
        Problem{CoreRefusal::invalid_parameter, culprit("parameter", "cursor", "is not one that was given out")});
}

}  // namespace kiroku::gateway
