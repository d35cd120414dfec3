# schemas/core/generator/emit_types.py: a module's types.hpp: plain C++ types, without a word about JSON.
from cpp import GENERATED, header_path, initialiser, literal, member_type, type_of
from model import Constant, Enumeration, StrongType, dependencies, unions
from names import enumerator


def emit_types(model, module):
    parts = [GENERATED.format(f"schemas/{module.path}/**.json"), "#pragma once", "", _includes(model, module),
             f"namespace {module.namespace} {{", ""]
    for declaration in module.declarations:
        parts += [_declaration(model, module, declaration), ""]
    parts += _unions(module)
    if module.refusals:
        parts += [_refusals(module), ""]
    parts.append(f"}}  // namespace {module.namespace}")
    return "\n".join(parts) + "\n"


def used_modules(model, module):
    """Modules whose types this one's mention, itself left out."""
    used = {r.module for d in module.declarations for r in dependencies(d)} - {module.path}
    return [model.module(path) for path in sorted(used)]


def _includes(model, module):
    standard = ["array", "cstddef", "cstdint", "optional", "span", "string", "string_view", "variant", "vector"]
    own = ["schemas/core/raw_json.hpp", "schemas/core/refusal.hpp", "schemas/core/strong.hpp", "schemas/core/time.hpp",
           "schemas/core/uuid.hpp"]
    own += [header_path(used, "types.hpp") for used in used_modules(model, module)]
    return "\n".join([f"#include <{name}>" for name in standard] + [""] + [f'#include "{path}"' for path in sorted(own)]) + "\n"


def _comment(text, indent=""):
    return "".join(f"{indent}/// {line}\n" for line in text.split("\n") if line)


def _declaration(model, module, declaration):
    if isinstance(declaration, StrongType):
        plain = type_of(model, module, declaration.type)
        return _comment(declaration.description) + f"using {declaration.name} = Strong<{plain}, struct {declaration.name}Tag>;"
    if isinstance(declaration, Enumeration):
        return _comment(declaration.description) + _enumeration(declaration.name, [(enumerator(v), v) for v in declaration.values])
    return _struct(model, module, declaration)


def _enumeration(name, values):
    """The enum, its wire words, and the way back."""
    members = ", ".join(member for member, _ in values)
    words = ", ".join(literal(word) for _, word in values)
    return f"""enum class {name} {{ {members} }};

constexpr std::string_view to_string({name} value) {{
    constexpr std::array<std::string_view, {len(values)}> words{{{words}}};
    return words[static_cast<std::size_t>(value)];
}}

constexpr bool from_string(std::string_view word, {name}& value) {{
    for (std::size_t i = 0; i < {len(values)}; ++i) {{
        if (to_string(static_cast<{name}>(i)) != word) continue;
        value = static_cast<{name}>(i);
        return true;
    }}
    return false;
}}"""


def _struct(model, module, struct):
    title = ": ".join(text for text in (struct.wire_type, struct.description) if text)
    lines = [_comment(title) + f"struct {struct.name} {{"]
    if struct.before:
        lines += [f"    using Before = {struct.before};  ///< the version before: schemas/{module.path}/upcasts.hpp", ""]
    lines += _constants(struct)
    for field in struct.fields:
        if isinstance(field.type, Constant):
            continue
        line = f"    {member_type(model, module, field)} {field.member}{initialiser(model, module, field)};"
        lines.append(line + (f"  ///< {' '.join(field.description.split())}" if field.description else ""))
    lines += ["", f"    bool operator==(const {struct.name}&) const = default;", "};"]
    return "\n".join(lines)


def _constants(struct):
    """What is known of every value: the wire type (a constant member `type` is one), the aggregate, constant members.

    A body with a member of its own called `type` keeps that one and has no wire type in C++.
    """
    named = {f.member for f in struct.fields}
    known = {"type": struct.wire_type} if struct.wire_type and "type" not in named else {}
    if struct.aggregate:
        known["aggregate"] = struct.aggregate
    known.update({f.member: f.type.value for f in struct.fields if isinstance(f.type, Constant)})
    lines = [f"    static constexpr std::string_view {name} = {literal(value)};" for name, value in known.items()]
    if struct.wire_type:
        lines.append(f"    static constexpr bool closed = {'true' if struct.closed else 'false'};")
    return lines + [""] if lines else []


def _unions(module):
    return [f"using {name} = std::variant<{', '.join(members)}>;\n" for name, members in sorted(unions(module).items())]


def _refusals(module):
    core = module.path == "core"
    name = "CoreRefusal" if core else "Refusal"
    table = "".join(
        f"    RefusalEntry{{{literal(r.code)}, {r.status}, {literal(r.message)}, {'true' if r.retryable else 'false'}}},\n"
        for r in module.refusals)
    enum = _enumeration(name, [(r.code, r.code) for r in module.refusals])
    return f"""/// Why this context says no: schemas/{module.path}/refusals.json
{enum}

inline constexpr std::array<RefusalEntry, {len(module.refusals)}> {'core_' if core else ''}refusal_table{{{{
{table}}}}};

constexpr std::span<const RefusalEntry> {'core_' if core else ''}refusals() {{ return {'core_' if core else ''}refusal_table; }}
constexpr const RefusalEntry& info_of({name} refusal) {{ return {'core_' if core else ''}refusal_table[static_cast<std::size_t>(refusal)]; }}"""
