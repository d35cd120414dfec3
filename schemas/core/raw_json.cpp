#include "schemas/core/raw_json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <map>

#include "schemas/core/json_writer.hpp"

namespace kiroku {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

void put(const element& value, std::string& out);

void put_object(const simdjson::dom::object& object, std::string& out) {
    std::map<std::string_view, element> members;
    for (const auto& [name, member] : object) members.insert_or_assign(name, member);
    out += '{';
    for (bool first = true; const auto& [name, member] : members) {
        if (!std::exchange(first, false)) out += ',';
        json::write(out, name);
        out += ':';
        put(member, out);
    }
    out += '}';
}

void put_array(const simdjson::dom::array& array, std::string& out) {
    out += '[';
    for (bool first = true; const auto& item : array) {
        if (!std::exchange(first, false)) out += ',';
        put(item, out);
    }
    out += ']';
}

void put(const element& value, std::string& out) {
    switch (value.type()) {
        case element_type::OBJECT: return put_object(value.get_object().value_unsafe(), out);
        case element_type::ARRAY: return put_array(value.get_array().value_unsafe(), out);
        case element_type::STRING: return json::write(out, value.get_string().value_unsafe());
        case element_type::BOOL: out += value.get_bool().value_unsafe() ? "true" : "false"; return;
        case element_type::NULL_VALUE: out += "null"; return;
        default: out += fmt::format("{}", value.get_double().value_unsafe());
    }
}

}  // namespace

std::string canonical_json(std::string_view text) {
    thread_local simdjson::dom::parser parser;
    element value;
    if (parser.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) return std::string{text};
    std::string out;
    put(value, out);
    return out;
}

}  // namespace kiroku
