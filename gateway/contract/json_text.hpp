// gateway/contract/json_text.hpp: JSON as the contract's documents are put together from: made once, never read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiroku::gateway::contract {

std::string quoted(std::string_view text);

/// An array of JSON values.
std::string array_of(const std::vector<std::string>& values);

/// An array of texts.
std::string texts_of(const std::vector<std::string_view>& texts);

/// {"$ref":"#/…"}
std::string reference_to(std::string_view pointer);

/// An object, member by member.
class Object {
public:
    Object& json(std::string_view name, std::string_view value);
    Object& text(std::string_view name, std::string_view value) { return json(name, quoted(value)); }
    Object& number(std::string_view name, std::int64_t value) { return json(name, std::to_string(value)); }
    Object& flag(std::string_view name, bool value) { return json(name, value ? "true" : "false"); }

    [[nodiscard]] bool empty() const { return members_.empty(); }
    [[nodiscard]] std::string done() const { return "{" + members_ + "}"; }

private:
    std::string members_;
};

}  // namespace kiroku::gateway::contract
