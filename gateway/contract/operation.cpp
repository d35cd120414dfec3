// gateway/contract/operation.cpp: a line of the routing table as OpenAPI tells it.
#include "gateway/contract/operation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/contract/components.hpp"
#include "gateway/contract/json_text.hpp"
#include "gateway/contract/refusals.hpp"
#include "gateway/realtime/server_sent.hpp"

namespace kiroku::gateway::contract {
namespace {

using Names = std::set<std::string, std::less<>>;

constexpr std::string_view problem_schema = "http/problem.v1";

std::string schema_of(const Parameter& parameter) {
    Object schema;
    switch (parameter.kind) {
        case Parameter::Kind::integer:
            schema.text("type", "integer").number("minimum", parameter.least).number("maximum", parameter.most);
            break;
        case Parameter::Kind::choice: schema.text("type", "string").json("enum", texts_of(parameter.choices)); break;
        case Parameter::Kind::text:
            schema.text("type", "string").number("minLength", 1).number("maxLength", parameter.most);
            break;
    }
    return schema.done();
}

/// What stands in the pattern's braces: an aggregate's `id`, or a word.
std::string parameter_in_path(std::string_view pattern) {
    const auto begin = pattern.find('{') + 1;
    const auto name = pattern.substr(begin, pattern.find('}') - begin);
    const bool is_id = name == "id";
    return Object{}
        .text("name", name)
        .text("in", "path")
        .flag("required", true)
        .json("schema", is_id ? R"({"type":"string","format":"uuid"})" : R"({"type":"string","minLength":1})")
        .done();
}

bool is_page(const Route& route) {
    return std::ranges::find(route.parameters, "cursor", &Parameter::name) != route.parameters.end() && route.is_tagged;
}

bool is_followed(const Route& route) {
    return std::ranges::find(route.answers, realtime::event_stream_type, &AnswerShape::media) != route.answers.end();
}

std::string parameters(const Route& route) {
    std::vector<std::string> all;
    if (route.pattern.find('{') != std::string::npos) all.push_back(parameter_in_path(route.pattern));
    for (const auto& parameter : route.parameters) {
        Object one;
        one.text("name", parameter.name).text("in", "query");
        if (!parameter.meaning.empty()) one.text("description", parameter.meaning);
        all.push_back(one.json("schema", schema_of(parameter)).done());
    }
    if (route.method == Method::post) all.push_back(reference_to("/components/parameters/Idempotency-Key"));
    if (!route.read_models.empty()) all.push_back(reference_to("/components/parameters/Kiroku-Min-Position"));
    if (route.is_tagged) all.push_back(reference_to("/components/parameters/If-None-Match"));
    if (route.takes_if_match) all.push_back(reference_to("/components/parameters/If-Match"));
    if (is_followed(route)) all.push_back(reference_to("/components/parameters/Last-Event-ID"));
    all.push_back(reference_to("/components/parameters/X-Request-Id"));
    return array_of(all);
}

std::string json_content(std::string_view type, Names& used) {
    Object content;
    content.json("schema", schema_ref(type, used)).json("example", component_of(type).example);
    return content.done();
}

std::string request_body(const Route& route, Names& used) {
    return Object{}
        .flag("required", std::ranges::any_of(component_of(route.body).members, &schemas::Member::required))
        .json("content", Object{}.json(json_type, json_content(route.body, used)).done())
        .done();
}

void add_header(Object& headers, std::string_view name) {
    headers.json(name, reference_to(fmt::format("/components/headers/{}", name)));
}

/// One status of an operation: what it says if all went well, and its refusals.
struct Status {
    std::vector<AnswerShape> answers{};
    std::vector<RefusalEntry> refusals{};
};

std::string headers(const Route& route, int status, const Status& told) {
    Object headers;
    add_header(headers, "X-Request-Id");
    const bool tells_position = route.method == Method::post || route.kept_for.count() > 0;
    if (!told.answers.empty() && tells_position && status != 304) add_header(headers, "Kiroku-Position");
    if (!told.answers.empty() && route.method == Method::post) {
        add_header(headers, "Idempotent-Replayed");
    }
    if (status == 201) add_header(headers, "Location");
    if (route.is_tagged && (status == 200 || status == 304)) add_header(headers, "ETag");
    if (is_page(route) && status == 200) add_header(headers, "Link");
    if (route.rate != RateClass::unlimited) {
        add_header(headers, "RateLimit-Policy");
        add_header(headers, "RateLimit");
    }
    if (!told.refusals.empty() && status == 401) add_header(headers, "WWW-Authenticate");
    if (!told.refusals.empty() && (status == 503 || status == 429)) add_header(headers, "Retry-After");
    return headers.done();
}

std::string description(int status, const Status& told) {
    std::string text;
    if (!told.answers.empty()) {
        const auto schema = told.answers.front().schema;
        text = schema.empty() ? reason_phrase(status) : component_of(schema).description;
    }
    for (const auto& refusal : told.refusals) {
        text += fmt::format("{}`{}`: {}", text.empty() ? "" : "\n\n", refusal.code, refusal.message);
    }
    return text;
}

/// The problem, with the codes that it can have here.
std::string problem_content(int status, const std::vector<RefusalEntry>& refusals, Names& used) {
    std::vector<std::string_view> codes;
    for (const auto& refusal : refusals) codes.push_back(refusal.code);
    const std::string code = Object{}.json("enum", texts_of(codes)).done();
    const std::string error = Object{}.json("properties", Object{}.json("code", code).done()).done();
    const std::string here =
        Object{}.json("status", Object{}.number("const", status).done()).json("error", error).done();
    const std::string narrowed = Object{}.json("properties", here).done();
    const std::string schema = Object{}.json("allOf", array_of({schema_ref(problem_schema, used), narrowed})).done();
    return Object{}.json("schema", schema).done();
}

std::string success_content(const AnswerShape& answer, Names& used) {
    if (!answer.schema.empty()) return json_content(answer.schema, used);
    return answer.media == json_type ? R"({"schema":{"type":"object"}})" : R"({"schema":{"type":"string"}})";
}

std::string content(int status, const Status& told, Names& used) {
    Object content;
    for (const auto& answer : told.answers) {
        if (answer.media.empty()) continue;
        content.json(answer.media.substr(0, answer.media.find(';')), success_content(answer, used));
    }
    if (!told.refusals.empty()) content.json(problem_type, problem_content(status, told.refusals, used));
    return content.empty() ? "" : content.done();
}

std::string links(const Route& route) {
    Object all;
    for (const auto next : route.next) {
        all.json(next, Object{}.text("operationId", next).json("parameters", R"({"id":"$response.body#/id"})").done());
    }
    return all.done();
}

std::string responses(const Route& route, Names& used) {
    std::map<int, Status> statuses;
    for (const auto& answer : route.answers) statuses[answer.status].answers.push_back(answer);
    for (auto& [status, refusals] : refusals_of(route)) statuses[status].refusals = std::move(refusals);
    Object all;
    for (const auto& [status, told] : statuses) {
        Object response;
        response.text("description", description(status, told)).json("headers", headers(route, status, told));
        if (const auto body = content(status, told, used); !body.empty()) response.json("content", body);
        if (status == 201 && !route.next.empty()) response.json("links", links(route));
        all.json(std::to_string(status), response.done());
    }
    return all.done();
}

std::string shared_parameter(std::string_view name, std::string_view meaning, std::string_view schema) {
    return Object{}.text("name", name).text("in", "header").text("description", meaning).json("schema", schema).done();
}

std::string shared_header(std::string_view meaning, std::string_view schema, bool always) {
    return Object{}.text("description", meaning).flag("required", always).json("schema", schema).done();
}

constexpr std::string_view any_text = R"({"type":"string"})";

}  // namespace

std::string operation(const Route& route, Names& used) {
    Object all;
    if (!route.name.empty()) all.text("operationId", route.name).text("summary", route.summary);
    if (!route.tag.empty()) all.json("tags", texts_of({route.tag}));
    all.json("security", route.permission == Permission::open ? "[]" : R"([{"accessToken":[]}])");
    all.text("x-permission", to_string(route.permission));
    if (route.rate != RateClass::unlimited) all.text("x-rate-limit", to_string(route.rate));
    all.json("parameters", parameters(route));
    if (!route.body.empty()) all.json("requestBody", request_body(route, used));
    return all.json("responses", responses(route, used)).done();
}

std::string shared_parameters() {
    constexpr std::string_view visible = R"({"type":"string","pattern":"^[!-~]{1,255}$"})";
    Object all;
    const auto add = [&](std::string_view name, std::string_view meaning, std::string_view schema) {
        all.json(name, shared_parameter(name, meaning, schema));
    };
    add("Idempotency-Key", "The same request with the same key is answered as the first one was, and happens once.",
        visible);
    add("Kiroku-Min-Position",
        "A `Kiroku-Position` or `position` that was answered before: what was written up to there is seen by this "
        "read.",
        any_text);
    add("If-None-Match", "The `ETag` of the copy that one has: 304 if it is still good.", any_text);
    add("If-Match", "The `ETag` of what was read: 412 if it has changed since, and nothing happens. One tag, or `*`.",
        any_text);
    add("Last-Event-ID", "The `id` of the last event that came: what followed is told.", any_text);
    add("X-Request-Id", "What this request is to be called in logs; made up if it isn't sent.",
        R"({"type":"string","pattern":"^[!-~]{1,128}$"})");
    return all.done();
}

std::string shared_headers() {
    Object all;
    const auto add = [&](std::string_view name, bool always, std::string_view meaning, std::string_view schema) {
        all.json(name, shared_header(meaning, schema, always));
    };
    add("X-Request-Id", true, "What this request is called in logs.", any_text);
    add("Kiroku-Position", true,
        "Opaque: what this answer includes. Sent as `Kiroku-Min-Position`, a read includes that, too.", any_text);
    add("Idempotent-Replayed", false, "`true`: it happened before, and is only told again.", R"({"const":"true"})");
    add("Location", false, "Where what was made can be read, if it has a place of its own.", any_text);
    add("ETag", true, "Of this copy; another one, another tag.", any_text);
    add("Link", false, "The next page's address, as RFC 8288 writes it; not there on the last page.", any_text);
    add("WWW-Authenticate", true, "How to sign in.", R"({"const":"Bearer"})");
    add("RateLimit-Policy", false, "What may be asked for: `q` requests in `w` seconds.", any_text);
    add("RateLimit", false, "What is left of it: `r` requests; in `t` seconds it is whole again.", any_text);
    add("Retry-After", false, "Seconds after which it may be better.", R"({"type":"integer","minimum":1})");
    return all.done();
}

}  // namespace kiroku::gateway::contract
