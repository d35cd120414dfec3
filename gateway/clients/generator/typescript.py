# gateway/clients/generator/typescript.py: the contract as TypeScript: types.ts and routes.ts.
import json
import re

NAME = re.compile(r"[A-Za-z_$][\w$]*")
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null", "object": "Json"}


def header(folder, file, purpose):
    return f"// {folder}/{file}: {purpose} Made by gateway/clients/generator.\n"


def key(name):
    return name if NAME.fullmatch(name) else json.dumps(name)


def comment(text, indent=""):
    text = " ".join((text or "").split()).replace("*/", "*\\/")
    return f"{indent}/** {text} */\n" if text else ""


def members(schema, indent):
    required = schema.get("required", [])
    lines = ""
    for name, inner in schema["properties"].items():
        lines += comment(inner.get("description"), indent)
        lines += f"{indent}{key(name)}{'' if name in required else '?'}: {type_of(inner)};\n"
    return lines


def any_of(types):
    return " | ".join(dict.fromkeys(types))


def array_of(item):
    return f"({item})[]" if re.search(r"[|&]", item) else f"{item}[]"


def type_of(schema):
    """A type expression; what can't be said exactly is said more widely."""
    if "$ref" in schema:
        return schema["$ref"]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return any_of(json.dumps(value) for value in schema["enum"])
    for words in ("anyOf", "oneOf"):
        if words in schema:
            return any_of(type_of(inner) for inner in schema[words])
    if "allOf" in schema:
        return " & ".join(type_of(inner) for inner in schema["allOf"])
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any_of(plain(schema, kind) for kind in kinds) or "unknown"


def plain(schema, kind):
    if kind == "array":
        return array_of(type_of(schema.get("items", {})))
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"{{ [name: string]: {type_of(schema['additionalProperties'])} }}"
    return PLAIN.get(kind, "unknown")


def declaration(name, schema):
    about = comment(schema.get("description"))
    if schema.get("type") == "object" and schema.get("properties"):
        return f"{about}export interface {name} {{\n{members(schema, '  ')}}}\n"
    if schema.get("type") == "object" and schema.get("additionalProperties") is False:
        return f"{about}export type {name} = {{ [name: string]: never }};\n"
    return f"{about}export type {name} = {type_of(schema)};\n"


def types_file(contract, folder):
    parts = [header(folder, "types.ts", "bodies, messages and events as /openapi.json and /asyncapi.json have them."),
             "/** A JSON object whose members the contract leaves open. */\nexport type Json = { [name: string]: unknown };\n"]
    parts += [declaration(name, schema) for name, schema in contract.types.items()]
    parts += [f"export type {union} = {any_of(names)};\n" for union, names in contract.unions.items()]
    events = "".join(f"  {json.dumps(wire)}: {name};\n" for wire, name in contract.events.items())
    parts.append(f"/** What an event of each type tells in `data`. */\nexport interface EventTypes {{\n{events}}}\n")
    answers = "".join(f"  {json.dumps(wire)}: {type_of(answer) if answer else 'undefined'};\n" for wire, answer in contract.acknowledged.items())
    parts.append(f"/** What a published message of each type is answered with. */\nexport interface PublishedAnswers {{\n{answers}}}\n")
    return "\n".join(parts)


def constant(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def descriptor(operation):
    told = {"method": operation.method, "path": operation.path, "answers": operation.answers, "media": operation.media,
            "secured": operation.secured, "keyed": "Idempotency-Key" in operation.headers,
            "positioned": "Kiroku-Min-Position" in operation.headers, "cached": "If-None-Match" in operation.headers}
    inner = ", ".join(f"{name}: {json.dumps(value)}" for name, value in told.items())
    return f"const {constant(operation.name)}: Operation = {{ {inner} }};\n"


def result_type(operation):
    item = type_of(operation.item) if operation.item else "Json"
    return {"json": type_of(operation.result or {}), "lines": f"AsyncIterable<{item}>", "text": "string", "none": "undefined"}[operation.media]


def query_type(operation, without=()):
    parameters = [one for one in operation.query if one.name not in without]
    inner = "; ".join(f"{key(one.name)}{'' if one.required else '?'}: {type_of(one.schema)}" for one in parameters)
    return f"{{ {inner} }}"


def is_needed(operation):
    return any(one.required for one in operation.query)


def says_something(contract, schema):
    """Whether a body has members at all: what has none is sent without being asked for."""
    return schema is not None and bool(contract.types.get(schema.get("$ref"), schema).get("properties", not schema.get("$ref")))


def arguments(contract, operation):
    """(declarations, the body's expression, the query's expression)."""
    told = [f"{name}: string" for name in operation.path_parameters]
    body, query = "undefined", "undefined"
    if operation.body is not None:
        body = "{}"
    if says_something(contract, operation.body):
        told.append(f"body: {type_of(operation.body)}{'' if operation.body_required else ' = {}'}")
        body = "body"
    if operation.query:
        told.append(f"query: {query_type(operation)}{'' if is_needed(operation) else ' = {}'}")
        query = "query"
    return told + ["options: Options = {}"], body, query


def about(operation):
    parameters = " ".join(f"`{one.name}`: {one.meaning}." for one in operation.query if one.meaning)
    return comment(f"{operation.summary} `{operation.method} {operation.path}` {parameters}", "  ")


def method(contract, operation):
    told, body, query = arguments(contract, operation)
    path = f"[{', '.join(operation.path_parameters)}]"
    return (f"{about(operation)}  {operation.name}({', '.join(told)}): Promise<Answer<{result_type(operation)}>> {{\n"
            f"    return this.call({constant(operation.name)}, {{ path: {path}, body: {body}, query: {query} }}, options);\n  }}\n")


def iteration(operation):
    item = type_of(operation.item) if operation.item else "Json"
    told = [f"{name}: string" for name in operation.path_parameters]
    told.append(f"query: {query_type(operation, ('cursor',))}{'' if is_needed(operation) else ' = {}'}")
    path = f"[{', '.join(operation.path_parameters)}]"
    return (f"  /** All of {operation.name}, page after page. */\n"
            f"  {operation.iteration}({', '.join(told)}, options: Options = {{}}): AsyncIterable<{item}> {{\n"
            f"    return this.iterate({constant(operation.name)}, {{ path: {path}, body: undefined, query }}, options);\n  }}\n")


def routes_file(contract, folder):
    methods = [method(contract, operation) for operation in contract.operations]
    methods += [iteration(operation) for operation in contract.operations if operation.paged]
    text = "\n".join(methods)
    used = [name for name in ["Json", *contract.types] if re.search(rf"\b{name}\b", re.sub(r"/\*\*.*?\*/", "", text))]
    imports = ('import { Calls, type Answer, type Operation, type Options } from "../calls.js";\n'
               f"import type {{\n{''.join(f'  {name},' + chr(10) for name in used)}}} from \"./types.js\";\n")
    return (header(folder, "routes.ts", "every route as a method.") + imports + "\n" +
            "".join(descriptor(operation) for operation in contract.operations) +
            "\n/** Every route that programs call. */\nexport class Routes extends Calls {\n" + text + "}\n")
