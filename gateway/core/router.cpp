// gateway/core/router.cpp: finds the route of a request.
#include "gateway/core/router.hpp"

namespace kiroku::gateway {
namespace {

std::string_view take_segment(std::string_view& rest) {
    const auto segment = rest.substr(0, rest.find('/', 1));
    rest.remove_prefix(segment.size());
    return segment;
}

/// Segment by segment; what stands in braces takes any segment that isn't empty.
bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& values) {
    values.clear();
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = take_segment(pattern);
        const auto given = take_segment(path);
        if (wanted.starts_with("/{")) {
            if (given.size() < 2) return false;
            values.emplace_back(given.substr(1));
        } else if (wanted != given) {
            return false;
        }
    }
    return pattern.empty() && path.empty();
}

}  // namespace

Router::Found Router::find(Method method, std::string_view path) const {
    Found found;
    const Method wanted = method == Method::head ? Method::get : method;
    for (const Route& route : routes_) {
        if (route.method != wanted || !matches(route.pattern, path, found.path_values)) continue;
        found.route = &route;
        return found;
    }
    found.allow = allowed_on(path);
    return found;
}

std::string Router::allowed_on(std::string_view path) const {
    std::string allow;
    std::vector<std::string> values;
    for (const Route& route : routes_) {
        if (!matches(route.pattern, path, values)) continue;
        if (!allow.empty()) allow += ", ";
        allow += to_string(route.method);
        if (route.method == Method::get) allow += ", HEAD";
    }
    if (!allow.empty()) allow += ", OPTIONS";
    return allow;
}

}  // namespace kiroku::gateway
