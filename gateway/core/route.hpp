// gateway/core/route.hpp: one line of the list of routes: what it takes, who may ask, and what it answers.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/core/permission.hpp"
#include "gateway/core/problem.hpp"
#include "gateway/core/request.hpp"
#include "gateway/core/response.hpp"
#include "gateway/core/task.hpp"

namespace kiroku::gateway {

/// All that handlers may use: references, cheap to copy. See gateway/services.hpp.
struct Services;

/// What a handler comes to.
using Answer = std::variant<Response, Problem>;

using Handler = std::function<Task<Answer>(Request, Services)>;

/// A query parameter that a route knows. All are optional.
struct Parameter {
    enum class Kind { integer, choice, text };

    std::string_view name;
    Kind kind = Kind::text;
    int least = 0;
    int most = 0;  ///< of an integer; of a text: its length in bytes
    std::vector<std::string_view> choices{};
};

Parameter integer(std::string_view name, int least, int most);
Parameter choice(std::string_view name, std::vector<std::string_view> choices);
Parameter text(std::string_view name, int most_bytes);

/// What is wrong with a query for a route that knows these parameters; null: nothing.
std::optional<Problem> refuse(const Query& query, const std::vector<Parameter>& known);

struct AnswerShape {
    int status = 200;
    std::string_view schema;  ///< of the body; empty: none
};

struct Route {
    Method method = Method::get;
    std::string pattern;  ///< "/challenges/{id}/sessions"
    Permission permission = Permission::open;
    Handler handler;
    std::string_view body;  ///< schema of the body that it takes; empty: none
    std::vector<Parameter> parameters{};
    std::vector<AnswerShape> answers{};
    std::vector<std::string> read_models{};  ///< what `Kiroku-Min-Position` waits for

    Route& takes(std::string_view schema) {
        body = schema;
        return *this;
    }
    Route& query(std::vector<Parameter> known) {
        parameters = std::move(known);
        return *this;
    }
    Route& reads(std::vector<std::string> names) {
        read_models = std::move(names);
        return *this;
    }
    Route& gives(int status, std::string_view schema = "") {
        answers.push_back({status, schema});
        return *this;
    }
    template <class Body>
    Route& gives(int status) {
        answers.push_back({status, Body::type});
        return *this;
    }
};

}  // namespace kiroku::gateway
