// schemas/core/json_walk.cpp: values that no schema describes, checked and minified all the same.
#include <algorithm>

#include "schemas/core/json_reader.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku::json {
namespace {

constexpr std::string_view not_json = "is not well-formed JSON";

void put(std::string* out, std::string_view text) {
    if (out != nullptr) out->append(text);
}

bool all_differ(std::vector<std::string_view>& names) {
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) == names.end();
}

}  // namespace

bool Reader::walk(Value& value, std::string* out) {
    using simdjson::ondemand::json_type;
    json_type type{};
    if (value.at.type().get(type) != simdjson::SUCCESS) return malformed(not_json);
    switch (type) {
        case json_type::object: return walk_object(value, out);
        case json_type::array: return walk_array(value, out);
        case json_type::string: return walk_text(value, out);
        case json_type::number: return walk_number(value, out);
        case json_type::boolean: {
            bool truth = false;
            if (value.at.get_bool().get(truth) != simdjson::SUCCESS) return malformed(not_json);
            put(out, truth ? "true" : "false");
            return true;
        }
        case json_type::null: {
            if (!null(value)) return malformed(not_json);
            put(out, "null");
            return true;
        }
    }
    return malformed(not_json);
}

bool Reader::walk_object(Value& value, std::string* out) {
    std::vector<std::string_view> names;
    put(out, "{");
    const bool whole = each_field(value, [&](std::string_view name, Value& member) {
        if (name.find('\0') != std::string_view::npos) return invalid("must not hold U+0000");
        if (!names.empty()) put(out, ",");
        names.push_back(name);
        if (out != nullptr) write(*out, name);
        put(out, ":");
        return walk(member, out);
    });
    put(out, "}");
    return whole && (all_differ(names) || malformed("has a name twice"));
}

bool Reader::walk_array(Value& value, std::string* out) {
    simdjson::ondemand::array array;
    if (value.at.get_array().get(array) != simdjson::SUCCESS) return malformed(not_json);
    if (!enter()) return false;
    put(out, "[");
    for (std::size_t index = 0; auto next : array) {
        Value item;
        if (std::move(next).get(item.at) != simdjson::SUCCESS) return malformed(not_json);
        if (index > 0) put(out, ",");
        if (!walk(item, out)) return within(index);
        ++index;
    }
    put(out, "]");
    leave();
    return true;
}

bool Reader::walk_text(Value& value, std::string* out) {
    std::string_view text;
    if (value.at.get_string().get(text) != simdjson::SUCCESS) return malformed("has a text with a bad escape");
    if (text.find('\0') != std::string_view::npos) return invalid("must not hold U+0000");
    if (out != nullptr) write(*out, text);
    return true;
}

bool Reader::walk_number(Value& value, std::string* out) {
    auto token = value.at.raw_json_token();
    token = token.substr(0, token.find_last_not_of(" \t\n\r") + 1);
    double number = 0;
    if (value.at.get_double().get(number) != simdjson::SUCCESS) return malformed("has a number that is none");
    put(out, token);
    return true;
}

}  // namespace kiroku::json
