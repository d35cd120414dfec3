// gateway/core/guard.cpp: refuses headers that two readers could understand differently, before a body is read.
#include "gateway/core/guard.hpp"

#include <algorithm>

namespace kiroku::gateway {
namespace {

Problem malformed(std::string_view header, std::string_view problem) {
    return {CoreRefusal::malformed_request, culprit("header", header, problem)};
}

bool has_control_character(std::string_view value) {
    return std::ranges::any_of(value, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7F;
    });
}

/// Where a body ends must be said in one way only, or a proxy and we see different requests.
std::optional<Problem> refuse_framing(const Head& head) {
    const int lengths = head.fields.count("content-length");
    const int encodings = head.fields.count("transfer-encoding");
    if (lengths > 1) return malformed("Content-Length", "must be there once");
    if (head.fields.find("content-length").value_or("0").find_first_not_of("0123456789") != std::string_view::npos) {
        return malformed("Content-Length", "must be one number");
    }
    if (encodings == 0) return std::nullopt;
    if (lengths > 0) return malformed("Transfer-Encoding", "must not come with Content-Length");
    if (head.version < 11) return malformed("Transfer-Encoding", "is not known in HTTP/1.0");
    if (encodings > 1 || !equal_ignoring_case(*head.fields.find("transfer-encoding"), "chunked")) {
        return malformed("Transfer-Encoding", "must be exactly \"chunked\"");
    }
    return std::nullopt;
}

}  // namespace

std::optional<Problem> refuse(const Head& head) {
    if (!head.method) {
        Problem problem{CoreRefusal::method_not_allowed};
        problem.headers.emplace_back("Allow", "GET, HEAD, POST, OPTIONS");
        return problem;
    }
    if (head.target.size() > RequestLimits::target_bytes) return Problem{CoreRefusal::target_too_long};
    if (head.fields.count("host") != 1) return malformed("Host", "must be there once");
    bool clean = true;
    head.fields.each([&](auto, std::string_view value) { clean = clean && !has_control_character(value); });
    if (!clean) return Problem{CoreRefusal::malformed_request};
    if (auto problem = refuse_framing(head)) return problem;
    if (!equal_ignoring_case(head.fields.find("expect").value_or("100-continue"), "100-continue")) {
        return Problem{CoreRefusal::expectation_failed};
    }
    if (!equal_ignoring_case(head.fields.find("content-encoding").value_or("identity"), "identity")) {
        return Problem{CoreRefusal::unsupported_encoding};
    }
    return std::nullopt;
}

}  // namespace kiroku::gateway
