# tests/unit/schemas/generator_refuses_test.py: what the generator says of bad schemas.
import os
import unittest

from generator_case import COMMAND, DRAFT, EVENT, event, GeneratorTest, member, optional, REFUSALS


class Refused(GeneratorTest):
    """Each error names the file, the place in it, what is wrong and what to do."""

    def test_nothing_is_written(self):
        self.write({EVENT: event({"score": {"type": "number"}})})
        result = self.run_generator("--out", os.path.join(self.folder.name, "out"))
        self.assertEqual(result.returncode, 1)
        self.assertTrue(result.stderr.startswith(f"schema error: {EVENT}#/properties/score/type: "), result.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "out")))

    def check(self, files, pointer, problem, path=EVENT):
        said = self.refused(files)
        self.assertTrue(said.startswith(f"{path}#{pointer}: "), said)
        self.assertIn(problem, said)
        self.assertRegex(said, r"\. [A-Z][^\n]+\.$")

    def test_files(self):
        cases = [
            ({EVENT: "{"}, EVENT, "is not JSON"),
            ({EVENT: '{"type":1,"type":2}'}, EVENT, "member 'type' is there twice"),
            ({EVENT: "[]"}, EVENT, "is not a schema"),
            ({"schemas/games/events/GameWon.json": "{}", "schemas/games/events/GameWon.example.json": None}, "schemas/games/events/GameWon.json", "has a name that says nothing"),
            ({"schemas/games/queries/x.v1.json": "{}", "schemas/games/queries/x.v1.example.json": None}, "schemas/games/queries/x.v1.json", "stands where no schema belongs"),
            ({EVENT: event(), EVENT[:-5] + ".example.json": None}, EVENT, "has no golden example"),
        ]
        for files, path, problem in cases:
            with self.subTest(problem):
                self.folder.cleanup()
                os.makedirs(self.folder.name)
                self.check(files, "", problem, path)

    def test_an_example_of_nothing(self):
        orphan = "schemas/games/events/gone.v1.example.json"
        self.check({EVENT: event(), orphan: "{}"}, "", "is an example of nothing", orphan)

    def test_unsupported_keywords(self):
        score = "/properties/score"
        for schema, pointer, problem in [
            ({"type": "string", "pattern": "a+"}, "/pattern", "keyword 'pattern' is not supported for string"),
            ({"type": "integer", "multipleOf": 2}, "/multipleOf", "keyword 'multipleOf'"),
            ({"type": "integer", "exclusiveMinimum": 2}, "/exclusiveMinimum", "keyword 'exclusiveMinimum'"),
            ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, "/uniqueItems", "keyword 'uniqueItems'"),
            ({"type": "object", "patternProperties": {}}, "/patternProperties", "keyword 'patternProperties'"),
            ({"type": "boolean", "enum": [True]}, "/enum", "keyword 'enum'"),
            ({"$ref": "#/$defs/A", "maxLength": 3}, "/maxLength", "keyword 'maxLength'"),
            ({"type": "string", "$defs": {}}, "/$defs", "keyword '$defs'"),
            ({"type": "number"}, "/type", "type 'number' is not supported"),
            ({}, "/type", "type None is not supported"),
            ({"type": ["string", "integer"]}, "/type", "is not one type"),
            ({"oneOf": [{"type": "string"}]}, "/type", "type None is not supported"),
            ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "/anyOf", "is no choice between a type and null"),
            ({"type": "string", "format": "email"}, "/format", "format 'email' is not supported for string"),
            ({"type": "integer", "format": "uint8"}, "/format", "format 'uint8' is not supported for integer"),
            (True, "", "is not a schema"),
        ]:
            with self.subTest(problem):
                self.check(member(schema), score + pointer, problem)

    def test_values_of_keywords(self):
        score = "/properties/score"
        for schema, pointer, problem in [
            ({"type": "string", "minLength": -1}, "/minLength", "-1 is not a bound"),
            ({"type": "string", "maxLength": True}, "/maxLength", "True is not a bound"),
            ({"type": "string", "minLength": 3, "maxLength": 2}, "/minLength", "3 is more than maxLength, 2"),
            ({"type": "integer", "maximum": 1.5}, "/maximum", "1.5 is not a bound"),
            ({"type": "integer", "format": "int32", "maximum": 2**31}, "/maximum", "is beyond int32"),
            ({"type": "integer", "format": "int32", "minimum": -(2**31) - 1}, "/minimum", "is not a bound"),
            ({"type": "string", "enum": []}, "/enum", "is not a list of different texts"),
            ({"type": "string", "enum": ["a-b", "a_b"]}, "/enum", "is not a list of different texts"),
            ({"type": "string", "enum": ["a"]}, "", "an enum inside another type needs a name"),
            ({"type": "string", "enum": ["a"], "title": "not camel"}, "/title", "is no type name"),
            ({"type": "string", "format": "uuid", "maxLength": 3}, "", "format leaves nothing for another rule to say"),
            ({"type": "string", "const": 1}, "/const", "is not a text"),
            ({"type": "string", "x-strong": True}, "/x-strong", "a strong type needs a name"),
            ({"type": "array"}, "", "an array needs items"),
            ({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, "/items", "such items are not supported"),
            ({"type": "array", "items": {"type": ["string", "null"]}}, "/items", "such items are not supported"),
            ({"type": "array", "items": {"type": "string", "default": ""}}, "/items/default", "only a member can have a default"),
            ({"type": "object", "properties": {}}, "", "an object inside another type needs a name"),
            ({"type": "object", "required": ["a"]}, "", "an object without properties is free JSON"),
            ({"type": "object", "title": "Inner", "properties": {}, "additionalProperties": True}, "/additionalProperties",
             "only false is supported"),
            ({"$ref": "#/$defs/Nowhere"}, "/$ref", "leads nowhere"),
            ({"$ref": "nowhere.v1.json"}, "/$ref", "leads nowhere"),
            ({"$ref": "game_won.v1.json#/properties/score"}, "/$ref", "points into a schema"),
        ]:
            with self.subTest(problem):
                self.check(member(schema), score + pointer, problem)

    def test_members(self):
        score = "/properties/score"
        for files, pointer, problem in [
            ({EVENT: event({"Score": {"type": "integer"}})}, "/properties/Score", "is not a member name"),
            ({EVENT: event({"aBc": {"type": "integer"}, "aBC": {"type": "integer"}})}, "/properties/aBC", "is a_bc in C++"),
            ({EVENT: event({}, required=["score"])}, "/required", "'score' is not among the properties"),
            (optional({"type": ["string", "null"]}), score, "may be absent and may be null"),
            (member({"type": "string", "default": "a"}), score + "/default", "needs no default"),
            (optional({"type": "string", "default": 1}), score + "/default", "1 is no default for this type"),
            (optional({"type": "string", "const": "a"}), score, "a constant that may be absent says nothing"),
            ({EVENT: event({"closed": {"type": "boolean"}})}, "/properties/closed", "a constant for"),
            ({EVENT: event({f"m{i}": {"type": "boolean"} for i in range(65)})}, "/properties", "more than 64 members"),
        ]:
            with self.subTest(problem):
                self.check(files, pointer, problem)

    def test_roots(self):
        closed = {"additionalProperties": False}
        for files, pointer, problem, path in [
            ({EVENT: event(**{"$schema": None})}, "/$schema", "doesn't say which JSON Schema it is", EVENT),
            ({EVENT: {**event(), "x-aggregate": ""}}, "/x-aggregate", "an event belongs to an aggregate", EVENT),
            ({EVENT: {**event(), "type": "string"}}, "/type", "is not an object", EVENT),
            ({EVENT: event(**closed)}, "/additionalProperties", "members added later", EVENT),
            ({EVENT: event(**{"x-union": "Messages"})}, "/x-union", "is no union of WebSocket messages", EVENT),
        ]:
            with self.subTest(problem):
                self.check(files, pointer, problem, path)

    def test_who_asks_must_be_told_of_slips(self):
        self.check({COMMAND: event()}, "/additionalProperties", "must refuse members it doesn't know", COMMAND)

    def test_inner_objects_of_a_closed_root(self):
        inner = {"type": "object", "title": "Inner", "properties": {}}
        self.check({COMMAND: event({"inner": inner}, additionalProperties=False)}, "", "Inner and its root differ", COMMAND)

    def test_a_request(self):
        path = "schemas/games/http/play_request.v1.json"
        self.check({path: {"$schema": DRAFT, "type": "object"}}, "/additionalProperties", "must refuse", path)

    def test_names_declared_twice(self):
        inner = {"type": "object", "title": "Inner", "properties": {}}
        other = EVENT.replace("won", "xlost")
        self.check({EVENT: event({"a": inner}), other: event({"a": inner})}, "/properties/a",
                   f"Inner is declared in {EVENT} already", other)

    def test_a_name_that_a_union_has(self):
        self.check({EVENT: event(), "schemas/games/types.v1.json": {"$defs": {
            "GameEvent": {"type": "string", "enum": ["a"]}}}}, "", "is the name of a union", "schemas/games/types.v1.json")

    def test_circles(self):
        path = "schemas/games/types.v1.json"
        self.check({path: {"$defs": {"A": {"type": "object", "properties": {"b": {"$ref": "#/$defs/B"}}},
                                     "B": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}}}},
                   "", "A holds itself", path)

    def test_definitions(self):
        path = "schemas/games/types.v1.json"
        for definitions, pointer, problem in [
            ({"small": {"type": "string"}}, "/$defs/small", "is no type name"),
            ({"A": {"type": "string"}}, "/$defs/A", "couldn't tell from its like"),
            ({"A": {"$ref": "#/$defs/B"}, "B": {"type": "string", "enum": ["b"]}}, "/$defs/A", "is only another name"),
            ({"A": {"type": ["string", "null"], "x-strong": True}}, "/$defs/A", "can't be nullable"),
            ({"A": {"type": "string", "enum": ["b"], "title": "B"}}, "/$defs/A/title", "differs from the name"),
        ]:
            with self.subTest(problem):
                self.check({path: {"$defs": definitions}}, pointer, problem, path)
        self.check({path: {"$defs": {}, "properties": {}}}, "/properties", "only declares types", path)

    def test_refusals(self):
        good = {"status": 409, "message": "No.", "retryable": False}
        for body, pointer, problem in [
            ([], "", "is not an object"),
            ({"NotSnake": good}, "/NotSnake", "is no code"),
            ({"delete": good}, "/delete", "is no code"),
            ({"a": {"status": 409}}, "/a", "needs status, message and retryable"),
            ({"a": {**good, "status": 200}}, "/a/status", "is no status of an error"),
            ({"a": {**good, "message": "No"}}, "/a/message", "is no sentence"),
            ({"a": {**good, "retryable": "no"}}, "/a/retryable", "is not true or false"),
        ]:
            with self.subTest(problem):
                self.check({EVENT: event(), REFUSALS: body}, pointer, problem, REFUSALS)

    def test_a_default_that_is_no_word_of_its_enum(self):
        types = "schemas/games/types.v1.json"
        self.check({types: {"$defs": {"Colour": {"type": "string", "enum": ["red"]}}},
                    **optional({"$ref": "../types.v1.json#/$defs/Colour", "default": "blue"})},
                   "/properties/score/default", "'blue' is no value of Colour")


if __name__ == "__main__":
    unittest.main()
