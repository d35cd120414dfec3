# gateway/clients/generator/python.py: the contract as Python: types.py and routes.py.
import keyword
import re

PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None", "object": "dict[str, Any]"}
WIDTH = 116


def header(folder, file, purpose):
    return f"# {folder}/{file}: {purpose} Made by gateway/clients/generator.\n"


def in_words(text):
    return " ".join((text or "").split()).replace("\\", "\\\\").replace('"""', "'''")


def docstring(text, indent):
    text = in_words(text)
    return f'{indent}"""{text}{" " if text.endswith(chr(34)) else ""}"""\n' if text else ""


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def argument(name):
    name = snake(name)
    return name + "_" if keyword.iskeyword(name) or name in ("self", "body", "how") else name


def any_of(types):
    return " | ".join(dict.fromkeys(types))


def literal(values):
    return f"Literal[{', '.join(repr(value) for value in values)}]"


def type_of(schema):
    """A type expression; what can't be said exactly is said more widely."""
    if "$ref" in schema:
        return schema["$ref"]
    if "const" in schema:
        return literal([schema["const"]])
    if "enum" in schema:
        return literal(schema["enum"])
    for words in ("anyOf", "oneOf"):
        if words in schema:
            return any_of(type_of(inner) for inner in schema[words])
    if "allOf" in schema:
        return type_of(schema["allOf"][0])
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any_of(plain(schema, kind) for kind in kinds) or "Any"


def plain(schema, kind):
    if kind == "array":
        return f"list[{type_of(schema.get('items', {}))}]"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"dict[str, {type_of(schema['additionalProperties'])}]"
    return PLAIN.get(kind, "Any")


def member(schema, name):
    expression = type_of(schema["properties"][name])
    return expression if name in schema.get("required", []) else f"NotRequired[{expression}]"


def declaration(name, schema):
    if schema.get("type") == "object" and schema.get("properties"):
        names = schema["properties"]
        if any(not one.isidentifier() or keyword.iskeyword(one) for one in names):
            inner = ", ".join(f'"{one}": "{member(schema, one)}"' for one in names)
            return f'{name} = TypedDict("{name}", {{{inner}}})\n'
        lines = ""
        for one, told in names.items():
            words = in_words(told.get("description"))
            lines += f"    {one}: {member(schema, one)}{'  # ' + words if words else ''}\n"
        return f"class {name}(TypedDict):\n{docstring(schema.get('description'), '    ')}\n{lines}" if schema.get("description") \
            else f"class {name}(TypedDict):\n{lines}"
    if schema.get("type") == "object" and schema.get("additionalProperties") is False:
        return f"class {name}(TypedDict):\n{docstring(schema.get('description') or 'Nothing.', '    ')}"
    words = in_words(schema.get("description"))
    return f"{'# ' + words + chr(10) if words else ''}{name}: TypeAlias = {quoted(type_of(schema), schema)}\n"


def quoted(expression, schema):
    """Aliases are looked at when they are made: those that name other types must wait."""
    return expression if "$ref" not in str(schema) else f'"{expression}"'


def one_a_line(names, before, after):
    return f"{before}\n" + "".join(f"    {name},\n" for name in names) + after


def types_file(contract, folder):
    parts = [header(folder, "types.py", "bodies, messages and events as /openapi.json and /asyncapi.json have them.") +
             "from __future__ import annotations\n\nfrom typing import Any, Literal, NotRequired, TypeAlias, TypedDict, Union\n"]
    parts += [declaration(name, schema) for name, schema in contract.types.items()]
    parts += [one_a_line(names, f"{union} = Union[", "]\n") for union, names in contract.unions.items()]
    lines = "".join(f'    "{wire}": {name},\n' for wire, name in contract.events.items())
    parts.append(f"# What an event of each type tells in `data`.\nEVENT_TYPES = {{\n{lines}}}\n")
    lines = "".join(f'    "{wire}": {type_of(answer) if answer else None},\n' for wire, answer in contract.acknowledged.items())
    parts.append(f"# What a published message of each type is answered with.\nPUBLISHED_ANSWERS = {{\n{lines}}}\n")
    return "\n\n".join(parts)


def constant(operation):
    return "_" + snake(operation.name).upper()


def descriptor(operation):
    flags = {"secured": operation.secured, "keyed": "Idempotency-Key" in operation.headers,
             "positioned": "Kiroku-Min-Position" in operation.headers, "cached": "If-None-Match" in operation.headers}
    told = "".join(f", {name}=True" for name, is_so in flags.items() if is_so)
    answers = ", ".join(map(str, operation.answers))
    return (f'{constant(operation)} = Operation("{operation.method}", "{operation.path}", frozenset({{{answers}}}), '
            f'"{operation.media}"{told})\n')


def result_type(operation):
    item = type_of(operation.item) if operation.item else "dict[str, Any]"
    return {"json": type_of(operation.result or {}), "lines": f"Iterator[{item}]", "text": "str", "none": "None"}[operation.media]


def says_something(contract, schema):
    """Whether a body has members at all: what has none is sent without being asked for."""
    return schema is not None and bool(contract.types.get(schema.get("$ref"), schema).get("properties", not schema.get("$ref")))


def query_arguments(operation, without=()):
    parameters = [one for one in operation.query if one.name not in without]
    return [f"{argument(one.name)}: {type_of(one.schema)}{'' if one.required else ' | None = None'}" for one in parameters]


def query_values(operation, without=()):
    inner = ", ".join(f'"{one.name}": {argument(one.name)}' for one in operation.query if one.name not in without)
    return f"{{{inner}}}"


def signature(name, told, result):
    """On one line, or on as many as there are arguments."""
    line = f"    def {name}({', '.join(told)}) -> {result}:\n"
    if len(line) <= WIDTH:
        return line
    inner = "".join(f"        {one},\n" for one in told)
    return f"    def {name}(\n{inner}    ) -> {result}:\n"


def about(operation):
    parameters = " ".join(f"{argument(one.name)}: {one.meaning}." for one in operation.query if one.meaning)
    return docstring(f"{operation.summary} {operation.method} {operation.path} {parameters}", "        ")


def path_values(operation):
    return "(" + "".join(f"{argument(name)}, " for name in operation.path_parameters).rstrip() + ")" \
        if len(operation.path_parameters) != 1 else f"({argument(operation.path_parameters[0])},)"


def method(contract, operation):
    told, body, query = ["self", *(f"{argument(name)}: str" for name in operation.path_parameters)], "None", "None"
    if operation.body is not None:
        body = "{}"
    if says_something(contract, operation.body):
        told.append(f"body: {type_of(operation.body)}{'' if operation.body_required else ' | None = None'}")
        body = "body" if operation.body_required else "body or {}"
    if operation.query:
        told += ["*", *query_arguments(operation)]
        query = query_values(operation)
    told.append("**how: Unpack[How]")
    return (signature(snake(operation.name), told, f"Answer[{result_type(operation)}]") + about(operation) +
            f"        return self._call({constant(operation)}, {path_values(operation)}, {body}, {query}, how)\n")


def iteration(operation):
    item = type_of(operation.item) if operation.item else "dict[str, Any]"
    told = ["self", *(f"{argument(name)}: str" for name in operation.path_parameters), "*", *query_arguments(operation, ("cursor",)),
            "**how: Unpack[How]"]
    told = [one for at, one in enumerate(told) if one != "*" or not told[at + 1].startswith("**")]
    return (signature(snake(operation.iteration), told, f"Iterator[{item}]") +
            f'        """All of {snake(operation.name)}, page after page."""\n'
            f"        return self._iterate({constant(operation)}, {path_values(operation)}, {query_values(operation, ('cursor',))}, how)\n")


def routes_file(contract, folder):
    methods = [method(contract, operation) for operation in contract.operations]
    methods += [iteration(operation) for operation in contract.operations if operation.paged]
    text = "\n".join(methods)
    used = [name for name in contract.types if re.search(rf"\b{name}\b", re.sub(r'""".*?"""', "", text))]
    typing = [name for name in ("Any", "Iterator", "Literal", "Unpack") if re.search(rf"\b{name}\b", text)]
    imports = ("from __future__ import annotations\n\n" f"from typing import {', '.join(typing)}\n\n"
               "from ..calls import Answer, Calls, How, Operation\n" + one_a_line(used, "from .types import (", ")\n"))
    return (header(folder, "routes.py", "every route as a method.") + imports + "\n" +
            "".join(descriptor(operation) for operation in contract.operations) +
            '\n\nclass Routes(Calls):\n    """Every route that programs call."""\n\n' + text)
