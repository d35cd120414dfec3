# tests/unit/schemas/generator_test.py: what the generator makes of schemas.
# python3 -m unittest discover -s tests/unit/schemas -p '*_test.py'
import os
import subprocess
import sys
import unittest
from pathlib import Path

from generator_case import COMMAND, DRAFT, EVENT, event, GENERATOR, GeneratorTest, member, REFUSALS, ROOT


class What(GeneratorTest):
    def test_types_of_members(self):
        self.generate({
            "schemas/games/types.v1.json": {"$defs": {
                "GameId": {"type": "string", "format": "uuid", "x-strong": True},
                "Colour": {"type": "string", "enum": ["red", "dark:blue", "new"]},
                "Place": {"type": "object", "properties": {"x": {"type": "integer", "format": "int32"}}, "required": ["x"]}}},
            EVENT: event({
                "gameId": {"$ref": "../types.v1.json#/$defs/GameId"},
                "colour": {"$ref": "../types.v1.json#/$defs/Colour"},
                "places": {"type": "array", "items": {"$ref": "../types.v1.json#/$defs/Place"}},
                "points": {"type": "integer"},
                "maybe": {"type": ["string", "null"]},
                "where": {"anyOf": [{"$ref": "../types.v1.json#/$defs/Place"}, {"type": "null"}]},
                "when": {"type": "string", "format": "date-time"},
                "day": {"type": "string", "format": "date"},
                "free": {"type": "object"},
                "anything": {"x-json": True},
                "offset": {"type": "string", "format": "int64"},
                "new": {"type": "boolean"},
                "note": {"type": "string", "maxLength": 5},
                "tint": {"$ref": "../types.v1.json#/$defs/Colour", "default": "dark:blue"},
            }, required=["gameId", "colour", "places", "points", "maybe", "where", "when", "day", "free", "anything", "offset",
                         "new"])})
        types = self.read("games/types.hpp")
        for line in ("using GameId = Strong<Uuid, struct GameIdTag>;", "enum class Colour { red, dark_blue, new_ };",
                     "GameId game_id;", "Colour colour{};", "std::vector<Place> places;", "std::int64_t points{};",
                     "std::optional<std::string> maybe{};", "std::optional<Place> where{};", "Instant when;", "LocalDate day;",
                     'RawJson free{"{}"};', "RawJson anything;", "std::int64_t offset{};", "bool new_{};",
                     "std::optional<std::string> note{};", "Colour tint = Colour::dark_blue;",
                     'static constexpr std::string_view type = "games.game_won.v1";', "using GameEvent = std::variant<GameWon>;",
                     "using Event = std::variant<GameWon>;", "bool operator==(const GameWon&) const = default;"):
            self.assertIn(line, types)

    def test_types_know_no_json_library(self):
        self.generate(member({"type": "integer"}))
        self.assertNotIn("json.hpp", self.read("games/types.hpp").replace("raw_json.hpp", ""))
        self.assertNotIn("simdjson", self.read("games/types.hpp") + self.read("games/codec.hpp"))

    def test_the_newest_version_has_the_plain_name(self):
        self.generate({EVENT: event(), EVENT.replace("v1", "v2"): event({"score": {"type": "integer"}}),
                       EVENT[:-5] + ".upcast.json": '{"score":0}\n'})
        types = self.read("games/types.hpp")
        self.assertIn("struct GameWonV1 {", types)
        self.assertIn("using GameEvent = std::variant<GameWon>;", types)
        self.assertIn('type = "games.game_won.v2"', types)

    def test_bodies_and_messages_have_namespaces_of_their_own(self):
        message = {"$schema": DRAFT, "x-union": "ServerMessage", "type": "object",
                   "properties": {"type": {"type": "string", "const": "event"}}, "required": ["type"]}
        body = {"$schema": DRAFT, "type": "object", "properties": {}}
        self.generate({"schemas/ws/event.v1.json": message, "schemas/games/http/game.v1.json": body})
        self.assertIn("namespace kiroku::games::http {", self.read("games/http/types.hpp"))
        self.assertIn('type = "event"', self.read("ws/types.hpp"))
        self.assertIn("using ServerMessage = std::variant<Event>;", self.read("ws/types.hpp"))

    def test_refusals(self):
        self.generate({EVENT: event(), REFUSALS: {"not_your_turn": {"status": 409, "message": "Wait.", "retryable": True}}})
        types = self.read("games/types.hpp")
        self.assertIn("enum class Refusal { not_your_turn };", types)
        self.assertIn('RefusalEntry{"not_your_turn", 409, "Wait.", true},', types)

    def test_the_same_schemas_give_the_same_files_and_touch_none_of_them(self):
        files = {EVENT: event({"score": {"type": "integer"}}), COMMAND: event(additionalProperties=False)}
        self.generate(files)
        out = os.path.join(self.folder.name, "out", "schemas")
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(out) for name in names]
        for path in paths:
            os.utime(path, (1, 1))
        before = [Path(path).read_text(encoding="utf-8") for path in paths]
        self.generate(files)
        self.assertEqual([Path(path).read_text(encoding="utf-8") for path in paths], before)
        self.assertEqual({os.path.getmtime(path) for path in paths}, {1.0})
        self.generate({EVENT: event({"points": {"type": "integer"}})})
        self.assertIn("points", self.read("games/types.hpp"))

    def test_the_list_is_what_is_written(self):
        self.generate({EVENT: event(), "schemas/games/http/game.v1.json": {"$schema": DRAFT, "type": "object"}})
        out = os.path.join(self.folder.name, "out")
        written = {os.path.relpath(os.path.join(f, n), out) for f, _, names in os.walk(out) for n in names}
        self.assertEqual(set(self.run_generator("--list").stdout.split()), written)

    def test_the_real_schemas_are_good(self):
        result = subprocess.run([sys.executable, "-B", GENERATOR, "--root", ROOT, "--out", self.folder.name],
                                capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
