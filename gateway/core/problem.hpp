// gateway/core/problem.hpp: an error as clients get it: RFC 9457 and the members of R-131 in one body.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/core/response.hpp"
#include "schemas/core/json.hpp"
#include "schemas/core/raw_json.hpp"
#include "schemas/core/types.hpp"

namespace kiroku::gateway {

/// Why a request isn't answered as it hoped. Holds nothing internal and nobody's data.
struct Problem {
    RefusalEntry refusal;
    RawJson details{"{}"};  ///< a JSON object
    std::vector<std::pair<std::string_view, std::string>> headers{};
    int retry_after_seconds = 1;  ///< told with 429 and 503

    Problem(CoreRefusal refusal) : refusal{info_of(refusal)} {}  // NOLINT(google-explicit-constructor)
    Problem(const RefusalEntry& refusal, RawJson details) : refusal{refusal}, details{std::move(details)} {}
    Problem(CoreRefusal refusal, RawJson details) : Problem{info_of(refusal), std::move(details)} {}
};

/// Details that name one culprit: {"header":"Host","problem":"must be there once"}. `where`: path, parameter or header.
RawJson culprit(std::string_view where, std::string_view name, std::string_view problem);

/// A body that isn't JSON, or doesn't fit its schema; tells where.
Problem problem_of(const json::Violation& violation);

/// The answer: 401 says how to authenticate, 503 and 429 when to come back. `instance` is the request's path.
Response answer(const Problem& problem, std::string_view instance, std::string_view request_id, Instant now);

}  // namespace kiroku::gateway
