// gateway/core/body.hpp: reads a request's id and body for its handler, so that handlers get types and no text.
#pragma once

#include <concepts>
#include <expected>
#include <string_view>
#include <type_traits>
#include <utility>

#include "gateway/core/route.hpp"
#include "gateway/services.hpp"
#include "schemas/core/json.hpp"

namespace kiroku::gateway {

template <class T>
concept Id = requires(T id) {
    { id.value } -> std::same_as<Uuid&>;
};

/// A body must be declared as JSON; where there is none at all, it counts as {}.
std::optional<Problem> refuse_media_type(const Request& request);

template <class Body>
std::expected<Body, Problem> read_body(const Request& request) {
    if (auto problem = refuse_media_type(request)) return std::unexpected(std::move(*problem));
    auto body = json::decode<Body>(request.body.empty() ? std::string_view{"{}"} : std::string_view{request.body});
    if (!body) return std::unexpected(problem_of(body.error()));
    return std::move(*body);
}

/// Text that is no id is not the name of anything.
template <Id T>
std::expected<T, Problem> read_id(const Request& request) {
    const auto uuid = Uuid::parse(request.path_values.at(0));
    if (!uuid) return std::unexpected(CoreRefusal::not_found);
    return T{*uuid};
}

Task<Answer> at_once(Answer answer);

inline Handler handled_by(Task<Answer> (*handler)(Request, Services)) { return handler; }

template <Id T>
Handler handled_by(Task<Answer> (*handler)(Request, T, Services)) {
    return [handler](Request request, Services services) {
        const auto id = read_id<T>(request);
        return id ? handler(std::move(request), *id, services) : at_once(id.error());
    };
}

template <class Body>
Handler handled_by(Task<Answer> (*handler)(Request, Body, Services)) {
    return [handler](Request request, Services services) {
        auto body = read_body<Body>(request);
        return body ? handler(std::move(request), std::move(*body), services) : at_once(body.error());
    };
}

template <Id T, class Body>
Handler handled_by(Task<Answer> (*handler)(Request, T, Body, Services)) {
    return [handler](Request request, Services services) {
        const auto id = read_id<T>(request);
        if (!id) return at_once(id.error());
        auto body = read_body<Body>(request);
        return body ? handler(std::move(request), *id, std::move(*body), services) : at_once(body.error());
    };
}

/// The schema that a generated type was made from; empty for those that have a member of the name `type` instead.
template <class T>
constexpr std::string_view schema_of() {
    if constexpr (std::is_same_v<decltype(&T::type), const std::string_view*>) {
        return T::type;
    } else {
        return "";
    }
}

constexpr std::string_view body_schema(Task<Answer> (*)(Request, Services)) { return ""; }
template <Id T>
constexpr std::string_view body_schema(Task<Answer> (*)(Request, T, Services)) {
    return "";
}
template <class Body>
constexpr std::string_view body_schema(Task<Answer> (*)(Request, Body, Services)) {
    return schema_of<Body>();
}
template <Id T, class Body>
constexpr std::string_view body_schema(Task<Answer> (*)(Request, T, Body, Services)) {
    return schema_of<Body>();
}

}  // namespace kiroku::gateway
