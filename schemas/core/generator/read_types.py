# schemas/core/generator/read_types.py: a JSON Schema (2020-12) becomes a type of the model; what is not understood is refused.
import posixpath

from model import Constant, Enumeration, Field, Integer, Reference, Sequence, Simple, StrongType, Struct, Text
from names import CAMEL, TYPE, enumerator, member_name
from source import SchemaError

NOTES = {"title", "description", "$comment", "default"}
ROOT = {"$schema", "$id", "$defs", "x-aggregate", "x-union"}
KEYWORDS = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items", "minItems", "maxItems"},
    "string": {"type", "minLength", "maxLength", "format", "enum", "const", "x-strong"},
    "integer": {"type", "minimum", "maximum", "format", "x-strong"},
    "boolean": {"type"},
    "json": {"x-json"},
    "$ref": {"$ref"},
    "anyOf": {"anyOf"},
}
TEXT_FORMATS = {"uuid": "uuid", "date-time": "instant", "date": "date", "int64": "decimal"}
MAX_FIELDS = 64


class TypeReader:
    """Reads the types of one file; what it declares on the way goes to `declare(declaration)`."""

    def __init__(self, source, declare, name_of):
        self.source = source
        self.declare = declare
        self.name_of = name_of  # path of a schema file, name below its $defs or None → Reference or None

    def error(self, pointer, problem, remedy):
        return SchemaError(self.source.path, pointer, problem, remedy)

    # --- one value -------------------------------------------------------------------------------------------------

    def value(self, schema, pointer, in_member=False):
        """(type, nullable)"""
        if not isinstance(schema, dict):
            raise self.error(pointer, "is not a schema", "Write an object with a type")
        if "default" in schema and not in_member:
            raise self.error(pointer + "/default", "only a member can have a default", "Move it to the members that need it")
        if "anyOf" in schema:
            return self._nullable_choice(schema, pointer), True
        type_ = schema.get("type")
        if isinstance(type_, list):
            named = [t for t in type_ if t != "null"]
            if len(named) != 1 or len(type_) != 2:
                raise self.error(pointer + "/type", f"{type_} is not one type", 'Write one type, or ["<type>", "null"]')
            return self._plain({**schema, "type": named[0]}, pointer), True
        return self._plain(schema, pointer), False

    def _nullable_choice(self, schema, pointer):
        self._only(schema, "anyOf", pointer)
        choices = schema["anyOf"]
        if not isinstance(choices, list) or len(choices) != 2 or choices[1] != {"type": "null"}:
            raise self.error(pointer + "/anyOf", "is no choice between a type and null",
                             'Write [<type>, {"type": "null"}]; other choices are not supported')
        return self._plain(choices[0], pointer + "/anyOf/0")

    def _plain(self, schema, pointer):
        if "$ref" in schema:
            self._only(schema, "$ref", pointer)
            return self._reference(schema["$ref"], pointer + "/$ref")
        if "x-json" in schema:
            self._only(schema, "json", pointer)
            return Simple("json")
        type_ = schema.get("type")
        if not isinstance(type_, str) or type_ not in KEYWORDS:
            raise self.error(pointer + "/type", f"type {type_!r} is not supported",
                             "Use object, array, string, integer, boolean, a $ref, or x-json for any JSON")
        self._only(schema, type_, pointer)
        if "x-strong" in schema and not (pointer.startswith("/$defs/") and pointer.count("/") == 2):
            raise self.error(pointer + "/x-strong", "a strong type needs a name", "Move it to $defs and refer to it")
        return getattr(self, "_" + type_)(schema, pointer)

    def _only(self, schema, kind, pointer):
        for keyword in schema:
            if keyword not in KEYWORDS[kind] | NOTES and not (pointer == "" and keyword in ROOT):
                raise self.error(f"{pointer}/{keyword}", f"keyword '{keyword}' is not supported for {kind}",
                                 "Say it otherwise, or teach the generator (schemas/core/generator/read_types.py)")

    def _bound(self, schema, keyword, pointer, lowest=0):
        bound = schema.get(keyword)
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int) or bound < lowest):
            raise self.error(f"{pointer}/{keyword}", f"{bound!r} is not a bound", f"Write an integer of at least {lowest}")
        return bound

    def _bounds(self, schema, low, high, pointer, lowest=0):
        least, most = self._bound(schema, low, pointer, lowest), self._bound(schema, high, pointer, lowest)
        if least is not None and most is not None and least > most:
            raise self.error(f"{pointer}/{low}", f"{least} is more than {high}, {most}", "Swap them")
        return least, most

    def _string(self, schema, pointer):
        special = [k for k in ("enum", "const", "format") if k in schema]
        if special and (len(special) > 1 or "minLength" in schema or "maxLength" in schema):
            raise self.error(pointer, f"{special[0]} leaves nothing for another rule to say", "Keep one of them")
        if "const" in schema:
            if not isinstance(schema["const"], str):
                raise self.error(pointer + "/const", "is not a text", "Write a text")
            return Constant(schema["const"])
        if "enum" in schema:
            return self._enumeration(schema, pointer)
        if "format" in schema:
            if schema["format"] not in TEXT_FORMATS:
                raise self.error(pointer + "/format", f"format '{schema['format']}' is not supported for string",
                                 "Use " + ", ".join(sorted(TEXT_FORMATS)))
            return Simple(TEXT_FORMATS[schema["format"]])
        least, most = self._bounds(schema, "minLength", "maxLength", pointer)
        return Text(least or 0, most)

    def _enumeration(self, schema, pointer):
        values = schema["enum"]
        good = isinstance(values, list) and values and all(isinstance(v, str) for v in values)
        if not good or len({enumerator(v) for v in values}) != len(values):
            raise self.error(pointer + "/enum", "is not a list of different texts", "List each once")
        name = self._title(schema, pointer, "an enum")
        self.declare(Enumeration(name, schema.get("description", ""), values, self.source.path), pointer)
        return Reference(self.source.module, name)

    def _integer(self, schema, pointer):
        format_ = schema.get("format", "int64")
        if format_ not in ("int32", "int64"):
            raise self.error(pointer + "/format", f"format '{format_}' is not supported for integer", "Use int32 or int64")
        bits = int(format_[3:])
        least, most = self._bounds(schema, "minimum", "maximum", pointer, -(2 ** (bits - 1)))
        if most is not None and most >= 2 ** (bits - 1):
            raise self.error(pointer + "/maximum", f"{most} is beyond {format_}", "Lower it or widen the format")
        return Integer(bits, least, most)

    def _boolean(self, schema, pointer):
        return Simple("boolean")

    def _array(self, schema, pointer):
        if "items" not in schema:
            raise self.error(pointer, "an array needs items", "Say what it holds; x-json for anything")
        item, nullable = self.value(schema["items"], pointer + "/items")
        if nullable or isinstance(item, (Sequence, Constant)) or item == Simple("decimal") or item == Simple("boolean"):
            raise self.error(pointer + "/items", "such items are not supported", "Use texts, integers, ids, times, objects or JSON")
        least, most = self._bounds(schema, "minItems", "maxItems", pointer)
        return Sequence(item, least or 0, most)

    def _object(self, schema, pointer):
        if "properties" not in schema and pointer != "":
            if set(schema) & {"required", "additionalProperties"}:
                raise self.error(pointer, "an object without properties is free JSON", "Remove required and additionalProperties")
            return Simple("json_object")
        struct = self.struct(schema, pointer, self._title(schema, pointer, "an object"))
        self.declare(struct, pointer)
        return Reference(self.source.module, struct.name)

    def _title(self, schema, pointer, what):
        name = schema.get("title")
        if name is None and pointer.startswith("/$defs/") and pointer.count("/") == 2:
            name = pointer.split("/")[2]
        if name is None:
            raise self.error(pointer, f"{what} inside another type needs a name", 'Give it a "title" in CamelCase, or move it to types.v1.json')
        if not isinstance(name, str) or not TYPE.match(name):
            raise self.error(pointer + "/title", f"{name!r} is no type name", "Write CamelCase")
        return name

    def _reference(self, target, pointer):
        path, _, fragment = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.source.path), path)) if path else self.source.path
        name = None
        if fragment:
            if not fragment.startswith("/$defs/") or "/" in fragment[len("/$defs/"):]:
                raise self.error(pointer, f"'{target}' points into a schema", "Refer to a whole file or to #/$defs/<Name>")
            name = fragment[len("/$defs/"):]
        found = self.name_of(path, name)
        if found is None:
            raise self.error(pointer, f"'{target}' leads nowhere", "Refer to an existing file, or #/$defs/<Name> in it")
        return found

    # --- an object with its members --------------------------------------------------------------------------------

    def struct(self, schema, pointer, name):
        self._only(schema, "object", pointer)
        if schema.get("type") != "object":
            raise self.error(pointer + "/type", "is not an object", 'Write "type": "object"')
        if schema.get("additionalProperties", False) is not False:
            raise self.error(pointer + "/additionalProperties", "only false is supported", "Write false, or leave it out")
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        for missing in (r for r in required if r not in properties):
            raise self.error(pointer + "/required", f"'{missing}' is not among the properties", "Add it there or remove it here")
        if len(properties) > MAX_FIELDS:
            raise self.error(pointer + "/properties", f"has more than {MAX_FIELDS} members", "Group some of them")
        fields = [self._field(n, s, n in required, f"{pointer}/properties/{n}") for n, s in properties.items()]
        for i, field in enumerate(fields):
            if field.member in (f.member for f in fields[:i]):
                raise self.error(f"{pointer}/properties/{field.json_name}", f"is {field.member} in C++, as another member is",
                                 "Rename one")
        return Struct(name, schema.get("description", ""), fields, self.source.path,
                      closed=schema.get("additionalProperties") is False)

    def _field(self, name, schema, required, pointer):
        if not CAMEL.match(name):
            raise self.error(pointer, f"'{name}' is not a member name", "Write camelCase")
        type_, nullable = self.value(schema, pointer, in_member=True)
        default = schema.get("default")
        if nullable and not required:
            raise self.error(pointer, "may be absent and may be null", "Choose one: list it in required, or take null away")
        if default is not None and (required or nullable):
            raise self.error(pointer + "/default", "a required or nullable member needs no default", "Remove one of them")
        if isinstance(type_, Constant) and not required:
            raise self.error(pointer, "a constant that may be absent says nothing", "List it in required")
        if default is not None:
            self._check_default(type_, default, pointer + "/default")
        return Field(name, member_name(name), type_, required, nullable, default, schema.get("description", ""))

    def _check_default(self, type_, default, pointer):
        integer = isinstance(default, int) and not isinstance(default, bool)
        good = (
            isinstance(type_, Text) and isinstance(default, str)
            or isinstance(type_, Integer) and integer
            or isinstance(type_, Sequence) and default == []
            or type_ == Simple("boolean") and isinstance(default, bool)
            or type_ == Simple("json_object") and default == {}
            or isinstance(type_, Reference) and (integer or isinstance(default, str))
        )
        if not good:
            raise self.error(pointer, f"{default!r} is no default for this type", "Use a text, an integer, true, false, [] or {}")

    # --- what $defs declares ---------------------------------------------------------------------------------------

    def definition(self, name, schema):
        """Declares one member of $defs."""
        pointer = f"/$defs/{name}"
        if not TYPE.match(name):
            raise self.error(pointer, f"'{name}' is no type name", "Write CamelCase")
        if isinstance(schema, dict) and "title" in schema and schema["title"] != name:
            raise self.error(pointer + "/title", "differs from the name in $defs", "Remove the title")
        type_, nullable = self.value(schema, pointer)
        if nullable:
            raise self.error(pointer, "a declared type can't be nullable", "Make the members that use it nullable")
        if isinstance(type_, Reference):
            if type_ != Reference(self.source.module, name):
                raise self.error(pointer, "is only another name", "Refer to the type itself")
            return
        if schema.get("x-strong") is not True:
            raise self.error(pointer, "declares a type that C++ couldn't tell from its like", 'Add "x-strong": true')
        self.declare(StrongType(name, schema.get("description", ""), type_, self.source.path), pointer)

