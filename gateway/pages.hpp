// gateway/pages.hpp: lists that are given out page by page.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "gateway/core/route.hpp"
#include "projections/engine/keyset.hpp"

namespace kiroku::gateway {

inline constexpr int most_a_page = 100;
inline constexpr int usual_page = 20;

struct PageRequest {
    std::optional<projections::Keyset> after;
    int limit = usual_page;
};

/// `cursor` and `limit`, and what else the list can be filtered by.
std::vector<Parameter> page_parameters(std::vector<Parameter> filters = {});

/// Refused: a cursor that we didn't give out.
std::expected<PageRequest, Problem> read_page(const Request& request);

/// Where the next page begins; nothing: there is none.
template <class Row>
std::optional<std::string> cursor_of(const projections::Page<Row>& page) {
    return page.next.transform([](const projections::Keyset& last) { return last.text(); });
}

}  // namespace kiroku::gateway
