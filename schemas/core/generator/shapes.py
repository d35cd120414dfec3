# schemas/core/generator/shapes.py: the shape in which a value lies in the log, so that what was released can be compared.
# What doesn't show in the bytes (names of types, descriptions, the order of keywords) isn't in it; the order of members is.
from model import Constant, Enumeration, Integer, Reference, Sequence, StrongType, Text


def is_stored(struct):
    """Events and commands, and the envelopes that they lie in; what is only answered or pushed is none."""
    return struct.kind in ("event", "command") or struct.kind == "document" and struct.source.startswith("schemas/core/")


def shape_of(model, struct):
    """{"aggregate", "members": [{"name", "type", "optional"?, "nullable"?, "default"?}]}"""
    return {"aggregate": struct.aggregate, "members": _members(model, struct)}


def _members(model, struct):
    return [_member(model, field) for field in struct.fields]


def _member(model, field):
    shape = {"name": field.json_name, "type": _type(model, field.type)}
    if not field.required:
        shape["optional"] = True
    if field.nullable:
        shape["nullable"] = True
    if field.default is not None:
        shape["default"] = field.default
    return shape


def _type(model, type_):
    if isinstance(type_, Reference):
        declared = model.resolve(type_)
        if isinstance(declared, StrongType):
            return _type(model, declared.type)
        if isinstance(declared, Enumeration):
            return {"one of": sorted(declared.values)}
        return {"members": _members(model, declared)}
    if isinstance(type_, Text):
        return {"text": [type_.min, type_.max]}
    if isinstance(type_, Integer):
        lowest, highest = -(2 ** (type_.bits - 1)), 2 ** (type_.bits - 1) - 1
        return {"integer": [lowest if type_.min is None else type_.min, highest if type_.max is None else type_.max]}
    if isinstance(type_, Constant):
        return {"constant": type_.value}
    if isinstance(type_, Sequence):
        return {"array of": _type(model, type_.item), "size": [type_.min, type_.max]}
    return type_.kind
