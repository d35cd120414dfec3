// gateway/contract/json_text.cpp: JSON as the contract's documents are put together from.
#include "gateway/contract/json_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schemas/core/json_writer.hpp"

namespace kiroku::gateway::contract {

std::string quoted(std::string_view text) {
    std::string out;
    kiroku::json::write(out, text);
    return out;
}

std::string array_of(const std::vector<std::string>& values) { return fmt::format("[{}]", fmt::join(values, ",")); }

std::string texts_of(const std::vector<std::string_view>& texts) {
    std::vector<std::string> values;
    for (const auto text : texts) values.push_back(quoted(text));
    return array_of(values);
}

std::string reference_to(std::string_view pointer) { return fmt::format(R"({{"$ref":"#{}"}})", pointer); }

Object& Object::json(std::string_view name, std::string_view value) {
    if (!members_.empty()) members_ += ',';
    members_ += quoted(name);
    members_ += ':';
    members_ += value;
    return *this;
}

}  // namespace kiroku::gateway::contract
