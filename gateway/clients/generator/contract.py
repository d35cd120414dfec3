# gateway/clients/generator/contract.py: what `kiroku contract` prints, as the types and operations that clients are made of.
import dataclasses
import re

REF = "#/components/schemas/"
JSON = "application/json"
LINES = "application/x-ndjson"
TEXT = "text/plain"
UNIONS = {"ClientMessage": "hearClients", "PublishedMessage": "hearPublished", "ServerMessage": "tellClients", "StreamMessage": "streamToClients"}


@dataclasses.dataclass(frozen=True)
class Parameter:
    """In a query: its name, its JSON Schema, what it means, whether it must be told."""

    name: str
    schema: dict
    meaning: str
    required: bool


@dataclasses.dataclass
class Operation:
    """One route. `media` is json, lines, text or none; `result` a JSON Schema; `paged`: it tells a cursor for what follows."""

    name: str
    summary: str
    method: str
    path: str
    path_parameters: list
    query: list
    body: dict | None
    body_required: bool
    answers: list
    media: str
    result: dict | None
    item: dict | None
    secured: bool
    headers: set

    @property
    def paged(self):
        return any(parameter.name == "cursor" for parameter in self.query) and (self.media == "lines" or self.item is not None)

    @property
    def iteration(self):
        """listMyXp → iterateMyXp."""
        return "iterate" + re.sub(r"^[a-z]+", "", self.name)


@dataclasses.dataclass
class Contract:
    """`types`: by name, a JSON Schema whose references are such names; a union is a list of them. `events`: wire name → type.
    `acknowledged`: the wire name of what is published → the JSON Schema of the `answer` in its acknowledgement, or None."""

    types: dict
    unions: dict
    events: dict
    acknowledged: dict
    operations: list


def camel(text):
    """session_started → SessionStarted; what is written so already stays."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text))


def split_name(component):
    """(context, plain name, version or 0): challenges.http.session.v1 → challenges, Session, 1."""
    parts = component.split(".")
    version = int(parts.pop()[1:]) if re.fullmatch(r"v\d+", parts[-1]) else 0
    return parts[0], camel(parts[-1]) + ("Message" if parts[0] == "ws" else ""), version


def type_names(components):
    """Component → type: the newest version has the plain name, and contexts stand before it where two use the same."""
    split = {component: split_name(component) for component in components}
    newest, contexts = {}, {}
    for context, name, version in split.values():
        newest[context, name] = max(version, newest.get((context, name), 0))
        contexts.setdefault(name, set()).add(context)
    names = {}
    for component, (context, name, version) in split.items():
        before = camel(context) if len(contexts[name]) > 1 else ""
        names[component] = before + name + ("" if version == newest[context, name] else f"V{version}")
    doubled = {name for name in names.values() if list(names.values()).count(name) > 1}
    if doubled:
        raise ValueError(f"several schemas would be called {sorted(doubled)}")
    return names


def referred(value):
    """The components that a schema refers to."""
    if isinstance(value, dict):
        own = {value["$ref"].removeprefix(REF)} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(referred(inner) for inner in value.values()))
    return set().union(*(referred(inner) for inner in value)) if isinstance(value, list) else set()


class Types:
    """Gives schemas their types' names, and objects within objects a name of their own."""

    def __init__(self, schemas, used):
        self.schemas = schemas
        self.names = type_names(self._with_what_they_need(used))
        self.types = {}
        for component, name in sorted(self.names.items(), key=lambda entry: entry[1]):
            self.types[name] = self._renamed(schemas[component], name, outermost=True)

    def _with_what_they_need(self, used):
        found, waiting = set(), set(used)
        while waiting:
            component = waiting.pop()
            found.add(component)
            waiting |= referred(self.schemas[component]) - found
        return found

    def schema(self, schema, place):
        """With the names of types as references. `place` names what has none: CompleteSessionResponseReward."""
        return self._renamed(schema, place, outermost=False)

    def _renamed(self, schema, place, outermost):
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return {"$ref": self.names[schema["$ref"].removeprefix(REF)]} | {k: v for k, v in schema.items() if k == "description"}
        made = dict(schema)
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                made[key] = [self._renamed(inner, place, False) for inner in schema[key]]
        if "items" in schema:
            made["items"] = self._renamed(schema["items"], schema["items"].get("title", place + "Item"), False)
        if "properties" in schema:
            made["properties"] = {name: self._renamed(inner, place + camel(name), False) for name, inner in schema["properties"].items()}
        if outermost or not schema.get("properties") or schema.get("type") != "object":
            return made
        return self._named(made, camel(schema.get("title", place)))

    def _named(self, schema, name):
        if self.types.setdefault(name, schema) != schema or name in self.names.values():
            raise ValueError(f"two schemas would be called {name}")
        return {"$ref": name} | {k: v for k, v in schema.items() if k == "description"}


def resolved(document, value):
    while "$ref" in value:
        found = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def successes(operation):
    """(status, media, schema) of each answer that is no problem; what is for people's eyes is left out."""
    for status, response in sorted(operation["responses"].items()):
        content = {media: told for media, told in response.get("content", {}).items() if media != "application/problem+json"}
        if not content and status < "300":
            yield int(status), "none", None
        for media, kind in ((JSON, "json"), (LINES, "lines"), (TEXT, "text")):
            if media in content:
                yield int(status), kind, content[media].get("schema")


def operations_of(openapi):
    """(path, method, operation, its successes) of all that programs call: no pages, no WebSocket."""
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete") and "operationId" in operation:
                told = [one for one in successes(operation) if one[0] != 101]
                if told:
                    yield path, method, operation, told


def result_of(told):
    """What a caller gets: the one schema of all answers, or any of them."""
    schemas = []
    for _, media, schema in told:
        if media == "json" and schema not in schemas:
            schemas.append(schema)
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas} if schemas else None


def item_of(types, result):
    """What a page's `items` are, if the result is a page."""
    page = types.types.get((result or {}).get("$ref"), {}).get("properties", {})
    return page["items"].get("items") if {"items", "nextCursor"} <= set(page) else None


def read_operation(openapi, types, path, method, operation, told):
    name = operation["operationId"]
    parameters = [resolved(openapi, parameter) for parameter in operation.get("parameters", [])]
    body = operation.get("requestBody", {})
    schema = body.get("content", {}).get(JSON, {}).get("schema")
    result = result_of(told)
    result = types.schema(result, camel(name) + "Result") if result else None
    return Operation(
        name=name, summary=operation.get("summary", ""), method=method.upper(), path=path,
        path_parameters=re.findall(r"{(\w+)}", path),
        query=[Parameter(one["name"], types.schema(one["schema"], camel(name + "_" + one["name"])), one.get("description", ""),
                         one.get("required", False)) for one in parameters if one["in"] == "query"],
        body=types.schema(schema, camel(name) + "Body") if schema else None, body_required=body.get("required", False),
        answers=sorted({status for status, _, _ in told}), media=told[0][1], result=result, item=item_of(types, result),
        secured=bool(operation.get("security")), headers={one["name"] for one in parameters if one["in"] == "header"})


def messages_said(asyncapi, operation):
    """The components of a WebSocket operation's messages."""
    return [reference["$ref"].split("/")[-1] for reference in asyncapi["operations"][operation]["messages"]]


def told_within(asyncapi, messages):
    """The components that these messages hold, themselves among them."""
    return set(messages).union(*(referred(asyncapi["components"]["messages"][name]["payload"]) for name in messages))


def event_schemas(asyncapi):
    """Wire name → component of each event that deciders tell: gamification.level_reached.v1."""
    events = {}
    for operation in asyncapi["operations"].values():
        channel = resolved(asyncapi, operation["channel"])
        if operation["action"] == "send" and "kafka" in channel.get("bindings", {}):
            for name in channel["messages"]:
                if name in asyncapi["components"]["schemas"] and not name.startswith("ws."):
                    events[asyncapi["components"]["messages"][name]["name"]] = name
    return events


def narrowed(asyncapi, schemas):
    """The schemas, with what a message's payload says more exactly than its schema does: what a `publish` can hold."""
    exact = dict(schemas)
    for name, message in asyncapi["components"]["messages"].items():
        _, *more = message["payload"].get("allOf", [None])
        if name.startswith("ws.") and more:
            exact[name] = schemas[name] | {"properties": schemas[name]["properties"] | more[0]["properties"]}
    return exact


def published_routes(asyncapi, routes):
    """(component, wire name, the operation that does the same by POST or None, its successes) of each message that can be published:
    record_progress does what recordProgress does."""
    operations = {operation["operationId"]: (operation, told) for _, _, operation, told in routes}
    for name in messages_said(asyncapi, "hearPublished"):
        wire = asyncapi["components"]["schemas"][name]["properties"]["type"]["const"]
        called = camel(wire)
        yield name, wire, *operations.get(called[:1].lower() + called[1:], (None, []))


def holding_bodies(schemas, published):
    """The schemas, where a published message's free JSON is the body that its operation takes."""
    exact = dict(schemas)
    for name, _, operation, _ in published:
        if operation is not None:
            body = operation["requestBody"]["content"][JSON]["schema"]
            members = {key: body | {"description": inner.get("description", "")} if inner.get("type") == "object" and "properties" not in inner
                       else inner for key, inner in schemas[name]["properties"].items()}
            exact[name] = schemas[name] | {"properties": members}
    return exact


def read_contract(openapi, asyncapi):
    """Of the two documents, parsed."""
    routes = list(operations_of(openapi))
    published = list(published_routes(asyncapi, routes))
    schemas = narrowed(asyncapi, asyncapi["components"]["schemas"] | openapi["components"]["schemas"])
    schemas = holding_bodies(schemas, published)
    said = {union: messages_said(asyncapi, operation) for union, operation in UNIONS.items()}
    events = event_schemas(asyncapi)
    pushed = told_within(asyncapi, [name for names in said.values() for name in names])
    used = set().union(*(referred([operation.get("requestBody"), [schema for _, _, schema in told]]) for _, _, operation, told in routes))
    types = Types(schemas, {name for name in used | pushed | set(events.values()) | {"http.problem.v1"} if name in schemas})
    operations = [read_operation(openapi, types, *route) for route in routes]
    answers = {wire: result_of(told) for _, wire, _, told in published}
    return Contract(
        types=dict(sorted(types.types.items())),
        unions={union: sorted(types.names[name] for name in names) for union, names in said.items()},
        events={wire: types.names[name] for wire, name in sorted(events.items())},
        acknowledged={wire: answer and types.schema(answer, camel(wire) + "Answer") for wire, answer in sorted(answers.items())},
        operations=operations)
