// gateway/core/http.hpp: the few words of HTTP that everything in the gateway shares.
#pragma once

#include <string_view>

namespace kiroku::gateway {

enum class Method { get, head, post, put, patch, remove, options };

constexpr std::string_view to_string(Method method) {
    switch (method) {
        case Method::get: return "GET";
        case Method::head: return "HEAD";
        case Method::post: return "POST";
        case Method::put: return "PUT";
        case Method::patch: return "PATCH";
        case Method::remove: return "DELETE";
        case Method::options: return "OPTIONS";
    }
    return "";
}

/// The phrase behind a status; empty for one that the gateway never answers.
std::string_view reason_phrase(int status);

/// Bounds of what a client may send (reliability.md, section 4.3).
struct RequestLimits {
    static constexpr std::size_t header_bytes = 8 * 1024;
    static constexpr std::size_t body_bytes = 64 * 1024;
    static constexpr std::size_t fields = 100;
    static constexpr std::size_t target_bytes = 4 * 1024;
    static constexpr std::size_t query_parameters = 32;
};

}  // namespace kiroku::gateway
