// gateway/contract/components.cpp: finds schemas for the contract's documents, with all that they refer to.
#include "gateway/contract/components.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <vector>

#include "gateway/contract/json_text.hpp"

namespace kiroku::gateway::contract {
namespace {

constexpr std::string_view place = "/components/schemas/";

const schemas::Component& named(std::string_view name) {
    const auto all = schemas::components();
    const auto found = std::ranges::lower_bound(all, name, {}, &schemas::Component::name);
    if (found != all.end() && found->name == name) return *found;
    throw std::logic_error{"there is no schema called " + std::string{name}};
}

/// The names that a schema's references end in.
std::vector<std::string_view> references_in(std::string_view schema) {
    constexpr std::string_view before = R"("$ref":"#/components/schemas/)";
    std::vector<std::string_view> names;
    for (auto at = schema.find(before); at != std::string_view::npos; at = schema.find(before, at)) {
        at += before.size();
        names.push_back(schema.substr(at, schema.find('"', at) - at));
    }
    return names;
}

void add_with_references(std::string_view name, std::set<std::string, std::less<>>& names) {
    if (!names.emplace(name).second) return;
    for (const auto needed : references_in(named(name).schema)) add_with_references(needed, names);
}

}  // namespace

const schemas::Component& component_of(std::string_view type) {
    const auto found = std::ranges::find(schemas::components(), type, &schemas::Component::type);
    if (!type.empty() && found != schemas::components().end()) return *found;
    throw std::logic_error{"there is no schema of type " + std::string{type}};
}

std::string schema_ref(std::string_view type, std::set<std::string, std::less<>>& used) {
    const auto name = component_of(type).name;
    used.emplace(name);
    return reference_to(std::string{place} + std::string{name});
}

std::string schemas_used(const std::set<std::string, std::less<>>& used) {
    std::set<std::string, std::less<>> names;
    for (const auto& name : used) add_with_references(name, names);
    Object schemas;
    for (const auto& name : names) schemas.json(name, named(name).schema);
    return schemas.done();
}

}  // namespace kiroku::gateway::contract
