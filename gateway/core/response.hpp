// gateway/core/response.hpp: what a route answers, and how it looks on the wire.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiroku::gateway {

class BodySource;
enum class Coding : std::uint8_t { identity, gzip, brotli };

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view problem_type = "application/problem+json";

struct Response {
    int status = 200;
    std::string body{};  ///< empty: none
    std::string_view content_type = json_type;
    std::string_view cache_control = "no-store";
    std::string etag{};                                               ///< header `ETag`, if there is one
    Coding coding = Coding::identity;                                 ///< of `body` or `stream`, already done
    bool varies_by_coding = false, varies_by_origin = false;          ///< header `Vary`
    std::string position{};                                           ///< header `Kiroku-Position`, if there is one
    bool replayed = false;                                            ///< header `Idempotent-Replayed: true`
    bool close = false;                                               ///< the connection ends behind this answer
    std::vector<std::pair<std::string_view, std::string>> headers{};  ///< more of them
    std::shared_ptr<BodySource> stream{};  ///< what is sent instead of `body`, in chunks; null: nothing
    bool chunked = true;                   ///< false, for a stream to HTTP/1.0: its end is the connection's
};

/// Status line and header; the body goes behind it.
std::string write_head(const Response& response, std::string_view request_id, std::string_view date);

/// The `Date` header's value, made once a second. Not thread-safe.
std::string_view http_date();

}  // namespace kiroku::gateway
