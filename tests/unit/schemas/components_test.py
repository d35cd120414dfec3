# tests/unit/schemas/components_test.py: the schemas as OpenAPI and AsyncAPI quote them.
import json
import unittest

from generator_case import DRAFT, EVENT, ROOT, GeneratorTest, event

from build import build  # noqa: E402
from emit_components import components  # noqa: E402

TYPES = "schemas/games/types.v1.json"
HTTP = "schemas/games/http/game.v1.json"


class ComponentsTest(GeneratorTest):
    def components(self, files):
        self.write(files)
        root = self.folder.name
        return {one["name"]: one for one in components(root, build(root).sources)}

    def test_references_name_components(self):
        score = {"type": "integer", "format": "int64", "x-strong": True}
        body = {"$schema": DRAFT, "type": "object", "properties": {
            "score": {"$ref": "../types.v1.json#/$defs/Score"}, "mood": {"$ref": "#/$defs/Mood"}, "again": {"$ref": "round.v1.json"}},
            "$defs": {"Mood": {"type": "string", "enum": ["good", "bad"]}}}
        found = self.components({TYPES: {"$schema": DRAFT, "$defs": {"Score": score}}, HTTP: body,
                                 "schemas/games/http/round.v1.json": {"$schema": DRAFT, "type": "object"}})
        members = json.loads(found["games.http.game.v1"]["schema"])["properties"]
        self.assertEqual([member["$ref"] for member in members.values()], [
            "#/components/schemas/games.Score", "#/components/schemas/games.http.Mood", "#/components/schemas/games.http.round.v1"])
        self.assertEqual(json.loads(found["games.Score"]["schema"]), score)
        self.assertEqual(found["games.http.Mood"]["kind"], "types")

    def test_what_only_the_generator_understands_is_left_out(self):
        won = self.components({EVENT: event({"score": {"type": "integer"}}, description="Won.")})["games.game_won.v1"]
        self.assertEqual(set(json.loads(won["schema"])), {"type", "properties", "required", "description"})
        self.assertEqual((won["type"], won["kind"], won["context"], won["aggregate"], won["example"]),
                         ("games.game_won.v1", "event", "games", "game", "{}"))

    def test_members_in_words(self):
        schemas = {"a": {"type": "string", "minLength": 1, "maxLength": 9}, "b": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                   "c": {"type": ["string", "null"]}, "d": {"type": "string", "format": "uuid", "description": "whose"},
                   "e": {"type": "string", "enum": ["x", "y"], "title": "Letter"}}
        members = self.components({EVENT: event(schemas, required=["c", "d"])})["games.game_won.v1"]["members"]
        self.assertEqual(members, [("a", "string 1 to 9", False, ""), ("b", "array of integer ≥ 0", False, ""),
                                   ("c", "string or null", True, ""), ("d", "uuid", True, "whose"), ("e", "one of x, y", False, "")])

    def test_every_reference_of_the_real_schemas_leads_somewhere(self):
        found = {one["name"]: one["schema"] for one in components(ROOT, build(ROOT).sources)}
        references = {piece.split('"')[0] for schema in found.values() for piece in schema.split("#/components/schemas/")[1:]}
        self.assertGreater(len(references), 20)
        self.assertLessEqual(references, set(found))


if __name__ == "__main__":
    unittest.main()
