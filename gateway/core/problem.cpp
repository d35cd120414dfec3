// gateway/core/problem.cpp: an error as clients get it: RFC 9457 and the members of R-131 in one body.
#include "gateway/core/problem.hpp"

#include <fmt/format.h>

#include "gateway/core/http.hpp"
#include "schemas/core/json_writer.hpp"
#include "schemas/http/codec.hpp"

namespace kiroku::gateway {
namespace {

std::string quoted(std::string_view text) {
    std::string out;
    json::write(out, text);
    return out;
}

}  // namespace

RawJson culprit(std::string_view where, std::string_view name, std::string_view problem) {
    return {fmt::format(R"({{"{}":{},"problem":{}}})", where, quoted(name), quoted(problem))};
}

Problem problem_of(const json::Violation& violation) {
    const auto refusal =
        violation.kind == json::Kind::malformed ? CoreRefusal::malformed_json : CoreRefusal::invalid_request;
    return {refusal, culprit("path", violation.path, violation.problem)};
}

Response answer(const Problem& problem, std::string_view instance, std::string_view request_id, Instant now) {
    const RefusalEntry& refusal = problem.refusal;
    const http::Problem body{.type = fmt::format("urn:kiroku:problem:{}", refusal.code),
                             .title = std::string{reason_phrase(refusal.status)},
                             .status = refusal.status,
                             .detail = std::string{refusal.message},
                             .instance = std::string{instance},
                             .error = {.code = std::string{refusal.code},
                                       .message = std::string{refusal.message},
                                       .details = problem.details,
                                       .timestamp = now,
                                       .request_id = std::string{request_id},
                                       .retryable = refusal.retryable}};
    Response response{.status = refusal.status,
                      .body = json::encode(body),
                      .content_type = problem_type,
                      .position = {},
                      .headers = problem.headers};
    if (refusal.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (refusal.status == 503 || refusal.status == 429) {
        response.headers.emplace_back("Retry-After", std::to_string(problem.retry_after_seconds));
    }
    return response;
}

}  // namespace kiroku::gateway
