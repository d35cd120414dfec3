// gateway/pages.hpp: lists that are given out page by page.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "gateway/core/route.hpp"
#include "infra/crypto/seal.hpp"
#include "projections/engine/keyset.hpp"
#include "schemas/core/json.hpp"

namespace kiroku::gateway {

inline constexpr int most_a_page = 100;
inline constexpr int usual_page = 20;

/// </challenges?limit=5&cursor=…>; rel="next"
std::string link_to_next(const Request& request, std::string_view cursor);

/// `cursor` and `limit`, the orders that the list can have (the first is the usual one: "-createdAt" is latest first),
/// and what it can be filtered by.
std::vector<Parameter> page_parameters(std::vector<std::string_view> orders, std::vector<Parameter> filters = {});

/// Refused: a cursor that we didn't give out, or for another list, somebody else, other filters or another order.
std::expected<projections::Cut, Problem> read_page(const Request& request, std::string_view usual_order,
                                                   const crypto::Seal& cursors);

/// Where the next page begins; nothing: there is none. `last`: the last row of this one.
std::optional<std::string> cursor_behind(const std::optional<projections::Keyset>& last, const Request& request,
                                         const crypto::Seal& cursors);

/// The page, and the next one's address in the header `Link` (RFC 8288).
template <class Body>
Response page_answer(const Body& body, const Request& request) {
    Response response{.body = json::encode(body)};
    if (body.next_cursor) response.headers.emplace_back("Link", link_to_next(request, *body.next_cursor));
    return response;
}

}  // namespace kiroku::gateway
