// gateway/core/router.hpp: finds the route of a request, and holds the list of all routes.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/core/body.hpp"
#include "gateway/core/route.hpp"

namespace kiroku::gateway {

/// Filled once, then only read. Handlers are functions `Task<Answer> f(Request, [Id,] [Body,] Services)`: an id is read
/// from the one pair of braces in the pattern, a body from the request, both before the handler is called.
class Router {
public:
    /// What the routes that follow are about.
    void about(std::string_view tag) { tag_ = tag; }

    template <class Function>
    Route& get(std::string pattern, Permission permission, Function handler) {
        return add(Method::get, std::move(pattern), permission, handler);
    }

    template <class Function>
    Route& post(std::string pattern, Permission permission, Function handler) {
        return add(Method::post, std::move(pattern), permission, handler);
    }

    struct Found {
        const Route* route = nullptr;
        std::vector<std::string> path_values;
        std::string allow;  ///< without a route: the methods that the path has; empty: there is no such path
    };
    /// HEAD finds what GET finds.
    [[nodiscard]] Found find(Method method, std::string_view path) const;

    /// The methods that a path has, as `Allow` tells them; empty: there is no such path.
    [[nodiscard]] std::string allowed_on(std::string_view path) const;

    [[nodiscard]] const std::deque<Route>& routes() const { return routes_; }

private:
    template <class Function>
    Route& add(Method method, std::string pattern, Permission permission, Function handler) {
        return routes_.emplace_back(Route{.method = method,
                                          .pattern = std::move(pattern),
                                          .permission = permission,
                                          .handler = handled_by(handler),
                                          .body = body_schema(handler),
                                          .tag = tag_,
                                          .rate = rate_class_of(method, permission)});
    }

    std::deque<Route> routes_;
    std::string_view tag_{};
};

}  // namespace kiroku::gateway
