// gateway/core/route.hpp: one line of the list of routes: what it takes, who may ask, and what it answers.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/core/permission.hpp"
#include "gateway/core/problem.hpp"
#include "gateway/core/rate_limits.hpp"
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
    std::string_view meaning{};  ///< for /openapi.json
};

Parameter integer(std::string_view name, int least, int most, std::string_view meaning = "");
Parameter choice(std::string_view name, std::vector<std::string_view> choices, std::string_view meaning = "");
Parameter text(std::string_view name, int most_bytes, std::string_view meaning = "");

/// What is wrong with a query for a route that knows these parameters; null: nothing.
std::optional<Problem> refuse(const Query& query, const std::vector<Parameter>& known);

/// auth: what anybody may POST; command: what else changes something; read: what those signed in read; else unlimited.
RateClass rate_class_of(Method method, Permission permission);

struct AnswerShape {
    int status = 200;
    std::string_view schema;             ///< of a body of JSON
    std::string_view media = json_type;  ///< of the body; empty: there is none
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
    std::string_view tag{};                  ///< what it is about: a chapter of /openapi.json
    std::string_view name{};                 ///< "startSession": what generated clients call it
    std::string_view summary{};              ///< what it does, in a line
    std::vector<RefusalEntry> refusals{};    ///< beyond those that follow from the rest: contract/refusals.hpp

    RateClass rate = RateClass::unlimited;  ///< which of its asker's buckets a request is taken from
    std::chrono::milliseconds kept_for{0};  ///< an answer is given again as long, if it includes what is asked for
    bool is_tagged = false;                 ///< answers an `ETag`, and 304 to who has it
    bool takes_if_match = false;            ///< changes one aggregate, and only the version that `If-Match` names
    std::vector<std::string_view> next{};   ///< routes whose `{id}` is the `id` of what this one makes

    Route& called(std::string_view operation, std::string_view in_a_line) {
        name = operation;
        summary = in_a_line;
        return *this;
    }
    Route& leads_to(std::vector<std::string_view> names) {
        next = std::move(names);
        return *this;
    }
    Route& tagged() {
        is_tagged = true;
        return gives(304);
    }
    Route& kept(std::chrono::milliseconds moment) {
        kept_for = moment;
        return *this;
    }
    Route& if_match() {
        takes_if_match = true;
        return refuses(CoreRefusal::precondition_failed);
    }
    template <class... Refusals>
    Route& refuses(Refusals... codes) {
        (refusals.push_back(info_of(codes)), ...);
        return *this;
    }
    /// Instead of what method and permission make of it: see `rate_class_of`.
    Route& counts_as(RateClass other) {
        rate = other;
        return *this;
    }
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
        answers.push_back({status, schema, schema.empty() ? "" : json_type});
        return *this;
    }
    Route& gives_media(int status, std::string_view media) {
        answers.push_back({status, "", media});
        return *this;
    }
    template <class Body>
    Route& gives(int status) {
        answers.push_back({status, Body::type, json_type});
        return *this;
    }
};

}  // namespace kiroku::gateway
