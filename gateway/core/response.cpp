// gateway/core/response.cpp: how an answer looks on the wire.
#include "gateway/core/response.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <ctime>
#include <iterator>

#include "gateway/core/coding.hpp"
#include "gateway/core/http.hpp"

namespace kiroku::gateway {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 426: return "Upgrade Required";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "";
    }
}

namespace {

std::string_view vary_of(const Response& response) {
    if (response.varies_by_coding && response.varies_by_origin) return "Accept-Encoding, Origin";
    if (response.varies_by_coding) return "Accept-Encoding";
    return response.varies_by_origin ? "Origin" : "";
}

}  // namespace

std::string write_head(const Response& response, std::string_view request_id, std::string_view date) {
    std::string out;
    out.reserve(512);
    const auto to = std::back_inserter(out);
    fmt::format_to(to, FMT_COMPILE("HTTP/1.1 {} {}\r\nDate: {}\r\nX-Request-Id: {}\r\n"), response.status,
                   reason_phrase(response.status), date, request_id);
    if (response.stream) {
        if (response.chunked) out += "Transfer-Encoding: chunked\r\n";
    } else if (response.status != 204 && response.status != 304) {
        fmt::format_to(to, FMT_COMPILE("Content-Length: {}\r\n"), response.body.size());
    }
    if (!response.body.empty() || response.stream)
        fmt::format_to(to, FMT_COMPILE("Content-Type: {}\r\n"), response.content_type);
    if (response.coding != Coding::identity)
        fmt::format_to(to, FMT_COMPILE("Content-Encoding: {}\r\n"), to_string(response.coding));
    if (!response.etag.empty()) fmt::format_to(to, FMT_COMPILE("ETag: {}\r\n"), response.etag);
    if (const auto vary = vary_of(response); !vary.empty()) fmt::format_to(to, FMT_COMPILE("Vary: {}\r\n"), vary);
    if (!response.position.empty()) fmt::format_to(to, FMT_COMPILE("Kiroku-Position: {}\r\n"), response.position);
    if (response.replayed) out += "Idempotent-Replayed: true\r\n";
    for (const auto& [name, value] : response.headers) fmt::format_to(to, FMT_COMPILE("{}: {}\r\n"), name, value);
    fmt::format_to(to, FMT_COMPILE("Cache-Control: {}\r\nX-Content-Type-Options: nosniff\r\n"), response.cache_control);
    if (response.close) out += "Connection: close\r\n";
    out += "\r\n";
    return out;
}

std::string_view http_date() {
    static std::time_t written = 0;
    static char text[32] = {};
    const std::time_t now = std::time(nullptr);
    if (now != written) {
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        written = now;
    }
    return text;
}

}  // namespace kiroku::gateway
