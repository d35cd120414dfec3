# schemas/core/generator/build.py: all schema files become one model.
from model import Enumeration, Model, Module, Reference, Refusal, Struct, dependencies, unions
from names import SNAKE, TYPE, enumerator, type_name
from read_types import TypeReader
from source import SchemaError, list_files, module_paths, older_and_newer, read_json, sort_files


def build(root):
    """The model of root/schemas. Raises SchemaError."""
    sources, refusals = sort_files(list_files(root))
    model = Model([Module(path) for path in module_paths(sources, refusals)], sources)
    for source in sources:
        source.body = read_json(root, source.path)
        if not isinstance(source.body, dict):
            raise SchemaError(source.path, "", "is not a schema", "Write an object")
    names = _struct_names(sources)
    for source in sources:
        _read_source(model, source, _lookup(sources, names), names)
    for older, newer in older_and_newer(sources):
        _join_versions(model.module(newer.module), names[older.path], names[newer.path], newer)
    for path in refusals:
        model.module(path.split("/")[1]).refusals = _read_refusals(path, read_json(root, path))
    for module in model.modules:
        _check_unions(module)
        module.declarations = _in_order_of_use(module)
        _check_defaults(model, module)
    return model


def _struct_names(sources):
    """Path → C++ name. The newest version of a schema has the plain name, older ones say which they are."""
    newest = {}
    for s in sources:
        key = (s.module, s.kind, s.name)
        newest[key] = max(newest.get(key, 0), s.version)
    names = {}
    for s in sources:
        plain = s.body.get("title") or type_name(s.name)
        names[s.path] = plain if s.version == newest[(s.module, s.kind, s.name)] else f"{plain}V{s.version}"
    return names


def _lookup(sources, names):
    by_path = {s.path: s for s in sources}

    def name_of(path, definition):
        source = by_path.get(path)
        if source is None or (definition is None and source.kind == "types"):
            return None
        if definition is not None and definition not in source.body.get("$defs", {}):
            return None
        return Reference(source.module, definition or names[path])

    return name_of


def _read_source(model, source, name_of, names):
    module = model.module(source.module)

    def declare(declaration, pointer):
        earlier = module.find(declaration.name)
        if earlier is not None:
            raise SchemaError(source.path, pointer, f"{declaration.name} is declared in {earlier.source} already",
                              "Rename one, or declare it once in types.v1.json and refer to it")
        module.declarations.append(declaration)

    reader = TypeReader(source, declare, name_of)
    for name, schema in source.body.get("$defs", {}).items():
        reader.definition(name, schema)
    if source.kind == "types":
        _only_definitions(source)
        return
    struct = reader.struct(source.body, "", names[source.path])
    _describe_root(struct, source, module)
    declare(struct, "")
    _check_closed(module, source, struct.closed)


def _join_versions(module, older, newer, source):
    before, struct = module.find(older), module.find(newer)
    if before.aggregate != struct.aggregate:
        raise SchemaError(source.path, "/x-aggregate", f"was {before.aggregate} in the version before", "Keep it, or call it otherwise")
    struct.module, struct.before = module.path, older


def _only_definitions(source):
    extra = set(source.body) - {"$schema", "$id", "$defs", "description", "title", "$comment"}
    if extra:
        raise SchemaError(source.path, "/" + sorted(extra)[0], "types.v1.json only declares types", "Put it under $defs")


def _describe_root(struct, source, module):
    struct.kind = source.kind
    dot = source.kind in ("event", "command")
    struct.wire_type = f"{module.path}{'.' if dot else '/'}{source.name}.v{source.version}"
    struct.aggregate = source.body.get("x-aggregate", "")
    struct.union = source.body.get("x-union", "")
    taken = {"closed", "aggregate", "type"} if dot else {"closed"}
    for field in (f for f in struct.fields if f.member in taken):
        raise SchemaError(source.path, f"/properties/{field.json_name}", "is what every such type has a constant for",
                          "Call it otherwise")
    if dot and not SNAKE.match(struct.aggregate):
        raise SchemaError(source.path, "/x-aggregate", f"an {source.kind} belongs to an aggregate",
                          'Add "x-aggregate": "<snake_case>"' if not struct.aggregate else "Write it in snake_case")
    if struct.aggregate and not dot:
        raise SchemaError(source.path, "/x-aggregate", "only events and commands have an aggregate", "Remove it")
    if struct.union and (source.kind != "ws" or not TYPE.match(struct.union)):
        raise SchemaError(source.path, "/x-union", "is no union of WebSocket messages", "Remove it, or write CamelCase in schemas/ws/")
    if source.body.get("$schema") != "https://json-schema.org/draft/2020-12/schema":
        raise SchemaError(source.path, "/$schema", "doesn't say which JSON Schema it is",
                          'Add "$schema": "https://json-schema.org/draft/2020-12/schema"')


def _check_closed(module, source, closed):
    """Who asks is told of a slip; who reads what happened lives with members added later."""
    asks = (source.kind in ("command", "document") or source.kind == "http" and source.name.endswith("_request")
            or source.kind == "ws" and source.body.get("x-union") in ("ClientMessage", "PublishedMessage"))
    if source.kind == "document" and source.module == "core":
        asks = False
    if asks and not closed:
        raise SchemaError(source.path, "/additionalProperties", "must refuse members it doesn't know", 'Add "additionalProperties": false')
    if closed and not asks:
        raise SchemaError(source.path, "/additionalProperties", "readers of this must live with members added later",
                          "Remove it")
    for declaration in module.declarations:
        inner = isinstance(declaration, Struct) and declaration.source == source.path and not declaration.wire_type
        if inner and declaration.closed != closed:
            raise SchemaError(source.path, "", f"{declaration.name} and its root differ in additionalProperties",
                              "Say the same in both")


def _read_refusals(path, body):
    if not isinstance(body, dict):
        raise SchemaError(path, "", "is not an object", 'Write {"<code>": {"status", "message", "retryable"}}')
    refusals = []
    for code, entry in body.items():
        pointer = "/" + code
        if not SNAKE.match(code) or enumerator(code) != code:
            raise SchemaError(path, pointer, "is no code", "Write snake_case")
        if not isinstance(entry, dict) or set(entry) != {"status", "message", "retryable"}:
            raise SchemaError(path, pointer, "needs status, message and retryable", "Give these three and nothing else")
        if type(entry["status"]) is not int or not 400 <= entry["status"] <= 599:
            raise SchemaError(path, pointer + "/status", "is no status of an error", "Write 400 to 599")
        if not isinstance(entry["message"], str) or not entry["message"].endswith("."):
            raise SchemaError(path, pointer + "/message", "is no sentence", "Write one, for people, with its full stop")
        if not isinstance(entry["retryable"], bool):
            raise SchemaError(path, pointer + "/retryable", "is not true or false", "Write one of them")
        refusals.append(Refusal(code, entry["status"], entry["message"], entry["retryable"]))
    return refusals


def _check_unions(module):
    for name in unions(module):
        taken = module.find(name)
        if taken is not None:
            raise SchemaError(taken.source, "", f"{name} is the name of a union of events, commands or messages", "Call it otherwise")


def _in_order_of_use(module):
    """Declarations behind what they hold; otherwise in the order of the files."""
    ordered, begun = [], []

    def place(declaration):
        if declaration in ordered:
            return
        if declaration.name in begun:
            raise SchemaError(declaration.source, "", f"{declaration.name} holds itself", "Break the circle")
        begun.append(declaration.name)
        for reference in dependencies(declaration):
            if reference.module == module.path:
                place(module.find(reference.name))
        begun.remove(declaration.name)
        ordered.append(declaration)

    for declaration in sorted(module.declarations, key=lambda d: isinstance(d, Struct)):
        place(declaration)
    return ordered


def _check_defaults(model, module):
    for struct in (d for d in module.declarations if isinstance(d, Struct)):
        for field in struct.fields:
            if field.default is None or not isinstance(field.type, Reference):
                continue
            target = model.resolve(field.type)
            if isinstance(target, Struct) or isinstance(target, Enumeration) and field.default not in target.values:
                raise SchemaError(struct.source, f"/properties/{field.json_name}/default",
                                  f"{field.default!r} is no value of {target.name}", "Name one of its values")
