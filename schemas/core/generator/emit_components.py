# schemas/core/generator/emit_components.py: the schemas themselves, as OpenAPI and AsyncAPI quote them from the program.
import json
import posixpath

from cpp import GENERATED, literal
from source import read_text

HEADER = """#pragma once

#include <span>
#include <string_view>

namespace kiroku::schemas {

/// A member of an object, for people.
struct Member {
    std::string_view name;
    std::string_view type;  ///< in words
    bool required = false;
    std::string_view description;
};

/// A schema, or a type that several of them share, as a document's `components/schemas` has it.
struct Component {
    std::string_view name;         ///< identity.user_registered.v1, challenges.http.session.v1, core.UserId
    std::string_view type;         ///< identity.user_registered.v1, challenges/http/session.v1; empty: it is only shared
    std::string_view kind;         ///< event, command, http, ws, document or types
    std::string_view context;      ///< identity; of ws and http the same words
    std::string_view aggregate;    ///< of an event or command
    std::string_view union_name;   ///< ClientMessage or ServerMessage, of a WebSocket message
    std::string_view description;  ///< in words
    std::string_view schema;       ///< JSON Schema 2020-12; refers to others as #/components/schemas/<name>
    std::string_view example;      ///< the golden example; empty: it is only shared
    std::span<const Member> members{};  ///< of an object, in their order
};

/// Every schema and every shared type, sorted by name.
std::span<const Component> components();

}  // namespace kiroku::schemas
"""

FIELDS = ("name", "type", "kind", "context", "aggregate", "union_name", "description", "schema", "example")
LEFT_OUT = ("$schema", "$id", "$defs", "x-aggregate", "x-union")


def _module_name(source):
    return source.module.replace("/", ".")


def _file_name(source):
    return f"{_module_name(source)}.{source.name}.v{source.version}"


class _Rewriter:
    """Gives the references of one file the names that their targets have among the components."""

    def __init__(self, source, by_path):
        self.source = source
        self.by_path = by_path

    def reference(self, text):
        path, _, pointer = text.partition("#")
        folder = posixpath.dirname(self.source.path)
        target = self.by_path[posixpath.normpath(posixpath.join(folder, path))] if path else self.source
        definition = pointer.removeprefix("/$defs/")
        name = f"{_module_name(target)}.{definition}" if definition else _file_name(target)
        return f"#/components/schemas/{name}"

    def schema(self, value):
        if isinstance(value, dict):
            return {key: self.reference(inner) if key == "$ref" and isinstance(inner, str) else self.schema(inner)
                    for key, inner in value.items()}
        return [self.schema(inner) for inner in value] if isinstance(value, list) else value


def _text(schema):
    return json.dumps({key: value for key, value in schema.items() if key not in LEFT_OUT}, ensure_ascii=False,
                      separators=(",", ":"))


def _range(schema, least, most):
    low, high = schema.get(least), schema.get(most)
    if low is None and high is None:
        return ""
    return f" ≥ {low}" if high is None else f" ≤ {high}" if low is None else f" {low} to {high}"


def _in_words(schema):
    """A type as people say it: UserId, integer 0 to 100, array of UserId, string or null."""
    if "$ref" in schema:
        return schema["$ref"].split("/")[-1].removesuffix(".json")
    if "anyOf" in schema:
        return " or ".join(_in_words(choice) for choice in schema["anyOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    kind = schema.get("type", "any JSON")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return "array of " + _in_words(schema.get("items", {}))
    if kind == "string":
        return schema.get("format", kind) + _range(schema, "minLength", "maxLength")
    return kind + _range(schema, "minimum", "maximum")


def _members(schema):
    required = schema.get("required", [])
    return [(name, _in_words(inner), name in required, inner.get("description", ""))
            for name, inner in schema.get("properties", {}).items()]


def _of_definitions(source, rewriter):
    for name, schema in source.body.get("$defs", {}).items():
        yield {"name": f"{_module_name(source)}.{name}", "kind": "types", "context": source.module.split("/")[0],
               "description": schema.get("description", ""), "schema": _text(rewriter.schema(schema)), "members": _members(schema)}


def _of_file(root, source, rewriter):
    dot = source.kind in ("event", "command")
    example = read_text(root, source.path[: -len(".json")] + ".example.json").rstrip("\n")
    yield {"name": _file_name(source), "type": f"{source.module}{'.' if dot else '/'}{source.name}.v{source.version}",
           "kind": source.kind, "context": source.module.split("/")[0], "aggregate": source.body.get("x-aggregate", ""),
           "union_name": source.body.get("x-union", ""), "description": source.body.get("description", ""),
           "schema": _text(rewriter.schema(source.body)), "example": example,
           "members": _members(source.body)}


def components(root, sources):
    """A dictionary each, sorted by name."""
    by_path = {source.path: source for source in sources}
    found = []
    for source in sources:
        rewriter = _Rewriter(source, by_path)
        found += _of_definitions(source, rewriter)
        if source.kind != "types":
            found += _of_file(root, source, rewriter)
    return sorted(found, key=lambda component: component["name"])


def _entry(component):
    words = ", ".join(literal(component.get(field, "")) for field in FIELDS)
    return f"    Component{{{words}, {_members_of(component)}}},\n"


def _members_of(component):
    return "members_of_" + component["name"].replace(".", "_") if component["members"] else "{}"


def _member_list(component):
    members = "".join(f"    Member{{{literal(name)}, {literal(kind)}, {'true' if required else 'false'}, {literal(meaning)}}},\n"
                      for name, kind, required, meaning in component["members"])
    return f"constexpr std::array<Member, {len(component['members'])}> {_members_of(component)}{{{{\n{members}}}}};\n\n"


def emit_components_header():
    return GENERATED.format("schemas/**.json") + "\n" + HEADER


def emit_components_source(root, sources):
    found = components(root, sources)
    entries = "".join(_entry(component) for component in found)
    members = "".join(_member_list(component) for component in found if component["members"])
    return (f'{GENERATED.format("schemas/**.json")}\n#include "schemas/components.hpp"\n\n#include <array>\n\n'
            f"namespace kiroku::schemas {{\nnamespace {{\n\n{members}constexpr std::array<Component, {len(found)}> all{{{{\n{entries}}}}};\n\n"
            "}  // namespace\n\nstd::span<const Component> components() { return all; }\n\n}  // namespace kiroku::schemas\n")
