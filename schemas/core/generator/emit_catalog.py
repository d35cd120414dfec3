# schemas/core/generator/emit_catalog.py: the list of all wire types, for tests and for whoever describes them to others.
from cpp import GENERATED, header_path, literal

HEADER = """#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "schemas/core/json.hpp"

namespace kiroku::schemas {

struct Entry {
    std::string_view file;       ///< schemas/identity/events/user_registered.v1.json; its example lies beside it
    std::string_view type;       ///< identity.user_registered.v1
    std::string_view kind;       ///< event, command, http, ws or document
    std::string_view aggregate;  ///< of an event or command
    bool closed;                 ///< refuses members it doesn't know
    /// Reads a text as this type and writes it again.
    std::expected<std::string, json::Violation> (*recode)(std::string_view text);
};

/// Every schema with a file of its own, sorted by file.
std::span<const Entry> catalog();

}  // namespace kiroku::schemas
"""

RECODE = """namespace kiroku::schemas {
namespace {

template <class T>
std::expected<std::string, json::Violation> recode(std::string_view text) {
    auto value = json::decode<T>(text);
    if (!value) return std::unexpected(std::move(value.error()));
    return json::encode(*value);
}

"""


def emit_catalog_header():
    return GENERATED.format("schemas/**.json") + "\n" + HEADER


def emit_catalog_source(model):
    found = sorted(((s.source, m, s) for m in model.modules for s in m.roots()), key=lambda entry: entry[0])
    includes = "".join(f'#include "{header_path(m, "codec.hpp")}"\n' for m in model.modules)
    entries = "".join(
        f"    Entry{{{literal(source)}, {literal(s.wire_type)}, {literal(s.kind)}, {literal(s.aggregate)}, "
        f"{'true' if s.closed else 'false'}, &recode<::{m.namespace}::{s.name}>}},\n" for source, m, s in found)
    return (f'{GENERATED.format("schemas/**.json")}\n#include "schemas/catalog.hpp"\n\n#include <array>\n#include <utility>\n\n'
            f"{includes}\n{RECODE}constexpr std::array<Entry, {len(found)}> entries{{{{\n{entries}}}}};\n\n"
            "}  // namespace\n\nstd::span<const Entry> catalog() { return entries; }\n\n}  // namespace kiroku::schemas\n")
