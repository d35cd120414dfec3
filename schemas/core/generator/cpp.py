# schemas/core/generator/cpp.py: how the model's types are called in C++.
import json

from model import Enumeration, Integer, Reference, Sequence, Simple, StrongType, Text
from names import enumerator

SIMPLE = {
    "boolean": "bool",
    "uuid": "Uuid",
    "instant": "Instant",
    "date": "LocalDate",
    "decimal": "std::int64_t",
    "json": "RawJson",
    "json_object": "RawJson",
}
GENERATED = "// Generated from {} by schemas/core/generator: do not edit."


def literal(text):
    return json.dumps(text, ensure_ascii=False)


def header_path(module, name):
    return f"schemas/{module.path}/{name}"


def qualified(model, here, reference):
    """A declared type's name as seen from another module."""
    module = model.module(reference.module)
    if module is here or module.namespace == "kiroku":
        return reference.name
    return f"{module.namespace.removeprefix('kiroku::')}::{reference.name}" if _unambiguous(here, module) else \
        f"::{module.namespace}::{reference.name}"


def _unambiguous(here, module):
    return module.namespace.split("::")[1] not in here.namespace.split("::")[2:]


def type_of(model, here, type_):
    if isinstance(type_, Text):
        return "std::string"
    if isinstance(type_, Integer):
        return f"std::int{type_.bits}_t"
    if isinstance(type_, Simple):
        return SIMPLE[type_.kind]
    if isinstance(type_, Sequence):
        return f"std::vector<{type_of(model, here, type_.item)}>"
    return qualified(model, here, type_)


def member_type(model, here, field):
    plain = type_of(model, here, field.type)
    optional = field.nullable or (not field.required and field.default is None)
    return f"std::optional<{plain}>" if optional else plain


def initialiser(model, here, field):
    """Optional members may be left out of an initialiser list; those without a state of their own must have one."""
    if field.default is not None:
        return _default(model, here, field.type, field.default)
    optional = field.nullable or not field.required
    bare = isinstance(field.type, Integer) or field.type in (Simple("boolean"), Simple("decimal"))
    bare = bare or isinstance(field.type, Reference) and isinstance(model.resolve(field.type), Enumeration)
    if field.type == Simple("json_object") and not optional:
        return '{"{}"}'
    return "{}" if optional or bare else ""


def _default(model, here, type_, default):
    if isinstance(default, bool):
        return " = true" if default else " = false"
    if isinstance(type_, Sequence):
        return "{}"
    if type_ == Simple("json_object"):
        return '{"{}"}'
    target = model.resolve(type_) if isinstance(type_, Reference) else None
    if isinstance(target, Enumeration):
        return f" = {qualified(model, here, type_)}::{enumerator(default)}"
    if isinstance(target, StrongType):
        return "{" + _scalar(default) + "}"
    return "{" + _scalar(default) + "}" if default != "" else "{}"


def _scalar(default):
    return literal(default) if isinstance(default, str) else str(default)
