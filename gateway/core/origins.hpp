// gateway/core/origins.hpp: which web pages may talk to this gateway (CORS, as the Fetch standard tells it).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/core/fields.hpp"
#include "gateway/core/response.hpp"

namespace kiroku::gateway {

/// What is wrong with an origin that an operator gives; empty: nothing. "https://example.org:8443", nothing behind it.
std::string_view fault_of_origin(std::string_view origin);

/// Compared byte by byte with what browsers send: no patterns. Tokens come in a header of their own, never in cookies,
/// so no page needs credentials.
class Origins {
public:
    explicit Origins(const std::vector<std::string>& allowed) : allowed_{allowed} {}

    [[nodiscard]] bool allows(std::string_view origin) const;

    /// Lets the page that `origin` (empty: none) names read an answer. `Vary` is told even where nobody asked.
    void admit(std::string_view origin, Response& response) const;

    /// What a browser wants to know before it sends a request that pages couldn't always send.
    void admit_preflight(const Fields& fields, std::string_view methods, Response& response) const;

private:
    const std::vector<std::string>& allowed_;
};

}  // namespace kiroku::gateway
