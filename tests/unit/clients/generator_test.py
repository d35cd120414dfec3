# tests/unit/clients/generator_test.py: names, versions, pages and unions on their way from the contract to the clients.
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "gateway/clients/generator"))

import contract  # noqa: E402
import python  # noqa: E402
import typescript  # noqa: E402


class Names(unittest.TestCase):
    def names(self, *components):
        return contract.type_names(components)

    def test_the_newest_version_has_the_plain_name(self):
        self.assertEqual({"a.http.x_y.v1": "XYV1", "a.http.x_y.v2": "XY"}, self.names("a.http.x_y.v1", "a.http.x_y.v2"))

    def test_contexts_part_what_is_called_alike(self):
        self.assertEqual({"a.http.Streak": "AStreak", "b.streak.v1": "BStreak", "b.other.v1": "Other"},
                         self.names("a.http.Streak", "b.streak.v1", "b.other.v1"))

    def test_messages_say_that_they_are_some(self):
        self.assertEqual({"ws.error.v1": "ErrorMessage"}, self.names("ws.error.v1"))

    def test_what_would_be_called_the_same_is_refused(self):
        with self.assertRaises(ValueError):
            self.names("a.http.streak.v1", "a.streak.v1")


SCHEMAS = {"a.page.v1": {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": contract.REF + "a.Item"}},
                                                          "nextCursor": {"type": ["string", "null"]}}, "required": ["items"]},
           "a.Item": {"type": "object", "properties": {"in": {"type": "object", "properties": {"x": {"type": "integer"}}}}}}


class Types(unittest.TestCase):
    def test_objects_within_have_names_of_their_own(self):
        types = contract.Types(SCHEMAS, {"a.page.v1"}).types
        self.assertEqual(["Item", "ItemIn", "Page"], sorted(types))
        self.assertEqual({"$ref": "ItemIn"}, types["Item"]["properties"]["in"])

    def test_pages_are_known_by_their_members(self):
        types = contract.Types(SCHEMAS, {"a.page.v1"})
        self.assertEqual({"$ref": "Item"}, contract.item_of(types, {"$ref": "Page"}))
        self.assertIsNone(contract.item_of(types, {"$ref": "Item"}))

    def test_expressions(self):
        for schema, ts, py in (({"type": ["string", "null"]}, "string | null", "str | None"), ({"enum": ["a", 1]}, '"a" | 1', "Literal['a', 1]"),
                               ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]', "list[Literal['a', 'b']]"),
                               ({"anyOf": [{"$ref": "A"}, {"type": "null"}]}, "A | null", "A | None"), ({}, "unknown", "Any"),
                               ({"type": "object"}, "Json", "dict[str, Any]"), ({"const": "x"}, '"x"', "Literal['x']"),
                               ({"type": "object", "additionalProperties": {"type": "integer"}}, "{ [name: string]: number }", "dict[str, int]")):
            self.assertEqual((ts, py), (typescript.type_of(schema), python.type_of(schema)))

    def test_words_that_python_keeps_for_itself(self):
        self.assertEqual(["from_", "some_thing", "body_"], [python.argument(name) for name in ("from", "someThing", "body")])
        self.assertIn('TypedDict("A", {"from": "NotRequired[str]"})', python.declaration("A", {"type": "object", "properties": {"from": {"type": "string"}}}))


if __name__ == "__main__":
    unittest.main()
