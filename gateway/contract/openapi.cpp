// gateway/contract/openapi.cpp: the HTTP API in OpenAPI 3.1, from the routing table and the schemas.
#include "gateway/contract/openapi.hpp"

#include <algorithm>
#include <set>

#include "gateway/contract/components.hpp"
#include "gateway/contract/json_text.hpp"
#include "gateway/contract/operation.hpp"

namespace kiroku::gateway::contract {
namespace {

constexpr std::string_view introduction =
    R"(Commands in, reads out. Every write answers a position; a read that is sent it as `Kiroku-Min-Position` sees that write.

A write that is sent again with the same `Idempotency-Key` happens once and gets the first answer again. Errors are RFC 9457
problems with an `error` for programs inside; `error.retryable` says whether the same request may succeed later. HEAD is answered
wherever GET is; a method that a path doesn't have, with 405 and `Allow`. Answers may get more members: ignore those you don't know.)";

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string paths(const Router& router, std::set<std::string, std::less<>>& used) {
    std::vector<std::pair<std::string_view, Object>> paths;
    for (const Route& route : router.routes()) {
        if (route.name.empty()) continue;  // not promised to anybody: a test's own
        const std::string_view pattern = route.pattern;
        auto found = std::ranges::find(paths, pattern, [](const auto& path) { return path.first; });
        if (found == paths.end()) found = paths.insert(paths.end(), {pattern, Object{}});
        found->second.json(lower(to_string(route.method)), operation(route, used));
    }
    Object all;
    for (const auto& [pattern, operations] : paths) all.json(pattern, operations.done());
    return all.done();
}

std::string tags(const Router& router) {
    std::vector<std::string> tags;
    std::set<std::string_view> seen;
    for (const Route& route : router.routes()) {
        if (!route.tag.empty() && seen.insert(route.tag).second)
            tags.push_back(Object{}.text("name", route.tag).done());
    }
    return array_of(tags);
}

std::string components(const std::set<std::string, std::less<>>& used) {
    const std::string scheme =
        R"({"type":"http","scheme":"bearer","bearerFormat":"JWT","description":"`accessToken` of POST /auth/login."})";
    return Object{}
        .json("schemas", schemas_used(used))
        .json("parameters", shared_parameters())
        .json("headers", shared_headers())
        .json("securitySchemes", Object{}.json("accessToken", scheme).done())
        .done();
}

}  // namespace

std::string openapi(const Router& router) {
    std::set<std::string, std::less<>> used;
    const std::string all_paths = paths(router, used);
    return Object{}
        .text("openapi", "3.1.0")
        .json(
            "info",
            Object{}.text("title", "Kiroku").text("version", contract_version).text("description", introduction).done())
        .json("servers", R"([{"url":"/"}])")
        .json("tags", tags(router))
        .json("paths", all_paths)
        .json("components", components(used))
        .done();
}

}  // namespace kiroku::gateway::contract
