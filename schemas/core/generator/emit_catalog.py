# schemas/core/generator/emit_catalog.py: the list of all wire types, for tests and for whoever describes them to others.
from cpp import GENERATED, header_path, literal
from names import type_name

HEADER = """#pragma once

#include <expected>
#include <optional>
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

/// An event or a command of an older version, which readers see as one of today's.
struct Older {
    std::string_view type;     ///< challenges.session_abandoned.v1
    std::string_view today;    ///< challenges.session_abandoned.v2
    std::string_view upcasts;  ///< the file that says what becomes of it
    /// Reads a text of that type as its aggregate's code does, and writes what it is today.
    std::expected<std::string, json::Violation> (*renew)(std::string_view type, std::string_view text);
};

/// All of them, by type.
std::span<const Older> older_versions();

/// Null: there is none, or it is today's.
const Older* older_version(std::string_view type);

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

template <class Union>
std::expected<std::string, json::Violation> renew(std::string_view type, std::string_view text) {
    auto value = json::decode_variant<Union>(type, text);
    if (!value) return std::unexpected(std::move(value.error()));
    return json::encode(*value);
}

"""


def emit_catalog_header():
    return GENERATED.format("schemas/**.json") + "\n" + HEADER


FUNCTIONS = """}  // namespace

std::span<const Entry> catalog() { return entries; }

std::span<const Older> older_versions() { return older; }

const Older* older_version(std::string_view type) {
    const auto* const found = std::ranges::find(older, type, &Older::type);
    return found == older.end() ? nullptr : found;
}

}  // namespace kiroku::schemas
"""


def _older(model):
    """(wire type, today's, module, union) of each older version."""
    found = []
    for module in model.modules:
        structs = {s.name: s for s in module.roots()}
        for newest in (s for s in structs.values() if s.name not in {other.before for other in structs.values()}):
            union = type_name(newest.aggregate) + newest.kind.capitalize()
            before = newest.before
            while before:
                found.append((structs[before].wire_type, newest.wire_type, module, union))
                before = structs[before].before
    return sorted(found, key=lambda one: one[0])


def _emit_older(model):
    found = _older(model)
    entries = "".join(
        f"    Older{{{literal(was)}, {literal(today)}, {literal(header_path(m, 'upcasts.hpp'))}, &renew<::{m.namespace}::{union}>}},\n"
        for was, today, m, union in found)
    return f"constexpr std::array<Older, {len(found)}> older{{{{\n{entries}}}}};\n\n"


def emit_catalog_source(model):
    found = sorted(((s.source, m, s) for m in model.modules for s in m.roots()), key=lambda entry: entry[0])
    includes = "".join(f'#include "{header_path(m, "codec.hpp")}"\n' for m in model.modules)
    entries = "".join(
        f"    Entry{{{literal(source)}, {literal(s.wire_type)}, {literal(s.kind)}, {literal(s.aggregate)}, "
        f"{'true' if s.closed else 'false'}, &recode<::{m.namespace}::{s.name}>}},\n" for source, m, s in found)
    return (f'{GENERATED.format("schemas/**.json")}\n#include "schemas/catalog.hpp"\n\n#include <algorithm>\n#include <array>\n#include <utility>\n\n'
            f"{includes}\n{RECODE}constexpr std::array<Entry, {len(found)}> entries{{{{\n{entries}}}}};\n\n"
            f"{_emit_older(model)}{FUNCTIONS}")
