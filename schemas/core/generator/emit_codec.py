# schemas/core/generator/emit_codec.py: a module's codec.hpp and codec.cpp: its types from JSON and back.
from cpp import GENERATED, header_path, literal
from emit_types import used_modules
from model import Constant, Enumeration, Integer, Reference, Sequence, Simple, StrongType, Text

READERS = {"boolean": "boolean", "uuid": "uuid", "instant": "instant", "date": "date", "decimal": "decimal",
           "json": "any", "json_object": "object"}


def _coded(module):
    return [d for d in module.declarations if not isinstance(d, StrongType)]


def emit_codec_header(model, module):
    includes = [header_path(used, "codec.hpp") for used in used_modules(model, module)]
    includes += ["schemas/core/json.hpp", header_path(module, "types.hpp")]
    lines = [GENERATED.format(f"schemas/{module.path}/**.json"), "#pragma once", "", "#include <string>", ""]
    lines += [f'#include "{path}"' for path in sorted(set(includes))]
    lines += ["", f"namespace {module.namespace} {{", ""]
    for d in _coded(module):
        value = d.name if isinstance(d, Enumeration) else f"const {d.name}&"
        lines += [f"bool read_json(json::Reader& in, json::Value& value, {d.name}& out);",
                  f"void write_json(std::string& out, {value} value);", ""]
    lines.append(f"}}  // namespace {module.namespace}")
    lines += _upcasts(module)
    return "\n".join(lines) + "\n"


def _upcasts(module):
    """Whoever can read a type can read its older versions, or doesn't compile."""
    newer = [s for s in module.roots() if s.before]
    if not newer:
        return []
    path = header_path(module, "upcasts.hpp")
    lines = ["", f'#include "{path}"  // written by hand: what older versions become', ""]
    for s in newer:
        old, new = f"{module.namespace}::{s.before}", f"{module.namespace}::{s.name}"
        lines.append(f'static_assert(kiroku::json::Upcast<{old}, {new}>, "{path} lacks {s.name} upcast(const {s.before}&)");')
    return lines


def emit_codec_source(model, module):
    lines = [GENERATED.format(f"schemas/{module.path}/**.json"), f'#include "{header_path(module, "codec.hpp")}"', "",
             "#include <array>", "#include <cstdint>", "#include <limits>", "#include <string_view>", "",
             '#include "schemas/core/json_reader.hpp"', '#include "schemas/core/json_writer.hpp"', "",
             f"namespace {module.namespace} {{", ""]
    for d in _coded(module):
        if isinstance(d, Enumeration):
            lines += [_read_enumeration(d), "", _write_enumeration(d), ""]
        else:
            lines += [_read_struct(model, d), "", _write_struct(d), ""]
    lines.append(f"}}  // namespace {module.namespace}")
    return "\n".join(lines) + "\n"


# --- reading -----------------------------------------------------------------------------------------------------------


def _read_enumeration(d):
    problem = literal("must be one of " + ", ".join(d.values))
    return f"""bool read_json(json::Reader& in, json::Value& value, {d.name}& out) {{
    std::string_view word;
    return in.word(value, word) && (from_string(word, out) || in.invalid({problem}));
}}"""


def _read_struct(model, struct):
    arms = "".join(
        f"        if (name == {literal(f.json_name)}) return in.once(seen, {i}) && {_read_field(model, f)};\n"
        for i, f in enumerate(struct.fields))
    needed = sum(1 << i for i, f in enumerate(struct.fields) if f.required)
    signature = f"bool read_json(json::Reader& in, json::Value& value, {struct.name}& out) {{"
    loop = f"""    json::Seen seen;
    const bool whole = in.each_field(value, [&](std::string_view name, json::Value& member) {{
{arms}        return in.stranger(seen, name, member);
    }});"""
    if not needed:
        unused = "" if struct.fields else "    (void)out;\n"
        return f"{signature}\n{unused}{loop}\n    return whole;\n}}"
    names = ", ".join(literal(f.json_name) for f in struct.fields)
    return f"""{signature}
    static constexpr std::array<std::string_view, {len(struct.fields)}> names{{{names}}};
{"    (void)out;" + chr(10) if all(isinstance(f.type, Constant) for f in struct.fields) else ""}{loop}
    return whole && in.require(seen, {needed:#x}, names);
}}"""


def _read_field(model, field):
    if isinstance(field.type, Constant):
        return f"in.constant(member, {literal(field.type.value)})"
    target = f"out.{field.member}"
    if field.nullable:
        return f"(in.null(member) || {_read(model, field.type, 'member', target + '.emplace()')})"
    if not field.required and field.default is None:
        target += ".emplace()"
    return _read(model, field.type, "member", target)


def _read(model, type_, value, target):
    """An expression that reads a value into a place and says whether that went well."""
    if isinstance(type_, Reference):
        declared = model.resolve(type_)
        if isinstance(declared, StrongType):
            return _read(model, declared.type, value, target + ".value")
        return f"read_json(in, {value}, {target})"
    if isinstance(type_, Text):
        return f"in.text({value}, {target}, {_bounds(type_.min, type_.max)})"
    if isinstance(type_, Integer):
        limits = f"std::numeric_limits<std::int{type_.bits}_t>"
        low = f"{limits}::min()" if type_.min is None else type_.min
        high = f"{limits}::max()" if type_.max is None else type_.max
        return f"in.integer({value}, {target}, {{.min = {low}, .max = {high}}})"
    if isinstance(type_, Sequence):
        element = _read(model, type_.item, "item", "element")
        return (f"in.items({value}, {target}, {_bounds(type_.min, type_.max)}, "
                f"[&](json::Value& item, auto& element) {{ return {element}; }})")
    return f"in.{READERS[type_.kind]}({value}, {target})"


def _bounds(least, most):
    parts = ([f".min = {least}"] if least else []) + ([f".max = {most}"] if most is not None else [])
    return "{" + ", ".join(parts) + "}"


# --- writing -----------------------------------------------------------------------------------------------------------


def _write_enumeration(d):
    return f"void write_json(std::string& out, {d.name} value) {{ json::write(out, to_string(value)); }}"


class _ObjectBody:
    """The statements that write members, with what can be known of the text before run time joined together."""

    def __init__(self):
        self.lines = []
        self.pending = "{"
        self.comma = "no"  # whether a comma is due before the next member: no, yes, or only known at run time

    def flush(self):
        if self.pending:
            self.lines.append(f"    out += {_raw(self.pending)};")
        self.pending = ""

    def required(self, key, statement):
        self._name(key)
        self.flush()
        self.lines.append(f"    {statement}")

    def constant(self, key, value):
        self._name(key)
        self.pending += literal(value)

    def _name(self, key):
        if self.comma == "maybe":
            self.lines.append("    if (out.back() != '{') out += ',';")
        self.pending += ("," if self.comma == "yes" else "") + f'"{key}":'
        self.comma = "yes"

    def optional(self, key, member, statement):
        self.flush()
        comma = "        if (out.back() != '{') out += ',';\n" if self.comma == "maybe" else ""
        text = ("," if self.comma == "yes" else "") + f'"{key}":'
        self.lines.append(f"    if ({member}) {{\n{comma}        out += {_raw(text)};\n        {statement}\n    }}")
        if self.comma == "no":
            self.comma = "maybe"

    def end(self):
        self.pending += "}"
        self.flush()
        return "\n".join(self.lines)


def _raw(text):
    return f'R"({text})"' if ')"' not in text else literal(text)


def _write_struct(struct):
    body = _ObjectBody()
    for field in struct.fields:
        member = f"value.{field.member}"
        if isinstance(field.type, Constant):
            body.constant(field.json_name, field.type.value)
        elif field.nullable:
            body.required(field.json_name, f"if ({member}) {{ {_write(field.type, '*' + member)} }} else {{ out += \"null\"; }}")
        elif not field.required and field.default is None:
            body.optional(field.json_name, member, _write(field.type, "*" + member))
        else:
            body.required(field.json_name, _write(field.type, member))
    unused = "" if any(not isinstance(f.type, Constant) for f in struct.fields) else "    (void)value;\n"
    return f"void write_json(std::string& out, const {struct.name}& value) {{\n{unused}{body.end()}\n}}"


def _write(type_, member):
    function = "write_decimal" if type_ == Simple("decimal") else "write"
    return f"json::{function}(out, {member});"
