# tests/unit/schemas/released_test.py: what may become of a schema once events or commands of it lie in the log.
import json
import os
import subprocess
import sys
import unittest

from generator_case import COMMAND, DRAFT, EVENT, event, GENERATOR, GeneratorTest, ROOT

RELEASED = "schemas/games/released.json"
TYPES = "schemas/games/types.v1.json"
EXAMPLE = EVENT[:-5] + ".example.json"
SECOND = EVENT.replace("v1", "v2")

COLOURS = {"Colour": {"type": "string", "enum": ["red", "blue"]},
           "GameId": {"type": "string", "format": "uuid", "x-strong": True},
           "Place": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}}
PROPERTIES = {
    "gameId": {"$ref": "../types.v1.json#/$defs/GameId"},
    "score": {"type": "integer", "minimum": 0, "maximum": 100},
    "title": {"type": "string", "minLength": 1, "maxLength": 50},
    "colour": {"$ref": "../types.v1.json#/$defs/Colour"},
    "place": {"$ref": "../types.v1.json#/$defs/Place"},
    "tries": {"type": "array", "items": {"type": "integer"}, "maxItems": 5},
    "maybe": {"type": ["string", "null"]},
    "kind": {"type": "string", "const": "won"},
    "note": {"type": "string"},
    "bonus": {"type": "integer", "default": 3},
}
REQUIRED = ["gameId", "score", "title", "colour", "place", "tries", "maybe", "kind"]


def with_member(name, schema):
    return {**PROPERTIES, name: schema}


def without(name):
    return {key: value for key, value in PROPERTIES.items() if key != name}


class Released(GeneratorTest):
    def setUp(self):
        super().setUp()
        self.write(self.files())
        self.run_well("--release")

    def files(self, properties=None, required=None, definitions=None, **more):
        properties = PROPERTIES if properties is None else properties
        required = [name for name in REQUIRED if name in properties] if required is None else required
        return {TYPES: {"$defs": {**COLOURS, **(definitions or {})}}, EVENT: event(properties, required=required, **more),
                COMMAND: event({"score": {"type": "integer"}}, additionalProperties=False)}

    def run_well(self, *arguments):
        result = self.run_generator(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def generate_again(self):
        return self.run_generator("--out", os.path.join(self.folder.name, "out"))

    def fingerprints(self):
        with open(os.path.join(self.folder.name, RELEASED), encoding="utf-8") as file:
            return file.read()

    def breaks(self, files, pointer, problem, path=EVENT):
        """Neither built nor released: both say what was done, and what to do instead."""
        before = self.fingerprints()
        self.write(files)
        for result in (self.generate_again(), self.run_generator("--release"), self.run_generator("--check")):
            self.assertEqual(result.returncode, 1)
            self.assertTrue(result.stderr.startswith(f"schema error: {path}#{pointer}: "), result.stderr)
            self.assertIn(problem, result.stderr)
        self.assertEqual(self.fingerprints(), before)
        self.write({**self.files(), EXAMPLE: "{}\n"})
        self.assertEqual(self.generate_again().returncode, 0)
        return result.stderr

    def test_forbidden_edits(self):
        at = "/properties/"
        for properties, pointer, problem in [
            (without("score"), at + "score", "was released and is gone"),
            (without("note"), at + "note", "was released and is gone"),
            (with_member("score", {"type": "string"}), at + "score", "was released as integer and is text"),
            (with_member("gameId", {"type": "string"}), at + "gameId", "was released as uuid and is text"),
            (with_member("score", {"type": "integer", "minimum": 1, "maximum": 100}), at + "score", "bound more closely"),
            (with_member("score", {"type": "integer", "minimum": 0, "maximum": 99}), at + "score", "than was released (0 to 100)"),
            (with_member("title", {"type": "string", "minLength": 1, "maxLength": 49}), at + "title", "bound more closely"),
            (with_member("note", {"type": "string", "maxLength": 1000}), at + "note", "than was released (0 to any)"),
            (with_member("tries", {"type": "array", "items": {"type": "string"}, "maxItems": 5}), at + "tries/items", "was released as integer"),
            (with_member("tries", {"type": "array", "items": {"type": "integer"}, "maxItems": 4}), at + "tries", "bound more closely"),
            (with_member("maybe", {"type": "string"}), at + "maybe", "can't be null any more"),
            (with_member("title", {"type": ["string", "null"], "minLength": 1, "maxLength": 50}), at + "title", "can be null, and never was"),
            (with_member("kind", {"type": "string", "const": "lost"}), at + "kind", "was released as the constant 'won'"),
            (with_member("bonus", {"type": "integer", "default": 4}), at + "bonus", "has another default than was released (3)"),
            (with_member("bonus", {"type": "integer"}), at + "bonus", "has another default"),
            (with_member("place", {"$ref": "../types.v1.json#/$defs/GameId"}), at + "place", "was released as object and is uuid"),
            (dict(reversed(PROPERTIES.items())), "/properties", "are written in another order"),
        ]:
            with self.subTest(problem=problem, pointer=pointer):
                self.breaks(self.files(properties), pointer, problem)

    def test_what_must_be_there(self):
        more = with_member("extra", {"type": "integer"})
        for files, pointer, problem in [
            (self.files(more, REQUIRED + ["extra"]), "/properties/extra", "is required, and what was written before hasn't got it"),
            (self.files(required=REQUIRED + ["note"]), "/properties/note", "is required, and was optional"),
            (self.files(required=REQUIRED[:-2] + ["kind"], properties=with_member("maybe", {"type": "string"})),
             "/properties/maybe", "is optional, and was always there"),
            (self.files(**{"x-aggregate": "match"}), "/x-aggregate", "was released as game"),
        ]:
            with self.subTest(problem=problem):
                self.breaks(files, pointer, problem)

    def test_shared_types_count_where_they_are_used(self):
        self.breaks(self.files(definitions={"Colour": {"type": "string", "enum": ["red"]}}), "/properties/colour", "has no 'blue' any more")
        place = {"type": "object", "properties": {"y": {"type": "integer"}}, "required": ["y"]}
        self.breaks(self.files(definitions={"Place": place}), "/properties/place/properties/x", "was released and is gone")

    def test_the_remedy(self):
        said = self.breaks(self.files(without("score")), "/properties/score", "is gone")
        self.assertIn("Leave game_won.v1.json as it was released; write game_won.v2.json, "
                      "and what becomes of the older ones in schemas/games/upcasts.hpp.", said)

    def test_golden_examples_stay(self):
        self.breaks({EXAMPLE: '{"other":1}\n'}, "", "is not the golden example that games.game_won.v1 was released with", EXAMPLE)

    def test_types_stay(self):
        for path in (EVENT, EXAMPLE):
            os.remove(os.path.join(self.folder.name, path))
        result = self.generate_again()
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{EVENT}#: games.game_won.v1 was released and is gone. Put it back", result.stderr)

    def test_commands_are_known_again_by_their_bytes(self):
        command = event({"score": {"type": "integer"}, "again": {"type": "boolean", "default": False}}, required=["score"],
                        additionalProperties=False)
        self.breaks({COMMAND: command}, "/properties/again", "is written into every command", COMMAND)

    def test_allowed_edits(self):
        described = {key: {**value, "description": "new words"} for key, value in PROPERTIES.items()}
        middle = {"gameId": PROPERTIES["gameId"], "extra": {"type": "integer"}, **without("gameId")}
        wider = {**PROPERTIES, "score": {"type": "integer", "minimum": -1, "maximum": 101}, "title": {"type": "string"},
                 "tries": {"type": "array", "items": {"type": "integer"}}}
        for name, files in {
            "a description": self.files(described, description="What it is."),
            "the order of keywords": self.files(with_member("score", {"maximum": 100, "minimum": 0, "type": "integer"})),
            "a new optional member, wherever it stands": self.files(middle),
            "a new optional member of an event with a default": self.files(with_member("extra", {"type": "boolean", "default": True})),
            "wider bounds": self.files(wider),
            "one more word of an enum": self.files(definitions={"Colour": {"type": "string", "enum": ["green", "blue", "red"]}}),
            "another name for a type": self.files(with_member("gameId", {"type": "string", "format": "uuid"})),
            "bits that say what bounds say already": self.files(with_member("score", {"type": "integer", "format": "int32", "minimum": 0, "maximum": 100})),
        }.items():
            with self.subTest(name):
                self.write(files)
                self.assertEqual((self.generate_again().returncode, self.generate_again().stderr), (0, ""))

    def test_what_is_added_is_to_be_written_down(self):
        self.assertEqual(self.run_well("--check"), "")
        self.write(self.files(with_member("extra", {"type": "integer"})))
        checked = self.run_generator("--check")
        self.assertEqual(checked.returncode, 1)
        self.assertIn(f"not released yet: something in {RELEASED}", checked.stdout)
        self.assertIn("--release` writes it down", self.generate_again().stdout)
        self.assertEqual(self.run_well("--release"), RELEASED + "\n")
        self.run_well("--check")
        self.write(self.files())
        self.assertIn("/properties/extra: was released and is gone", self.generate_again().stderr)

    def test_descriptions_need_no_writing_down(self):
        self.write(self.files(with_member("note", {"description": "new words", "type": "string"})))
        self.run_well("--check")

    def test_a_fingerprint_is_read_line_by_line(self):
        lines = self.fingerprints().splitlines()
        self.assertIn('      {"name": "gameId", "type": "uuid"},', lines)
        self.assertIn('      {"name": "bonus", "type": {"integer": [-9223372036854775808, 9223372036854775807]}, "optional": true, "default": 3}', lines)
        self.assertEqual(list(json.loads(self.fingerprints())), ["games.play_game.v1", "games.game_won.v1"])


class Versions(GeneratorTest):
    V2 = {"score": {"type": "integer"}}
    UPCAST = EVENT[:-5] + ".upcast.json"

    def both(self, **more):
        return {EVENT: event(), SECOND: event(self.V2), self.UPCAST: '{"score":0}\n', **more}

    def test_a_new_version_frees_the_shape(self):
        self.write({EVENT: event({"points": {"type": "integer"}})})
        self.assertEqual(self.run_generator("--release").returncode, 0)
        self.generate({SECOND: event({"score": {"type": "string"}}), self.UPCAST: '{"score":"0"}\n'})

    def test_the_older_one_is_upcast(self):
        self.generate(self.both())
        types, codec, catalog = self.read("games/types.hpp"), self.read("games/codec.hpp"), self.read("catalog.cpp")
        self.assertIn("using Before = GameWonV1;", types)
        self.assertLess(types.index("struct GameWonV1 {"), types.index("struct GameWon {"))
        self.assertIn('#include "schemas/games/upcasts.hpp"', codec)
        self.assertIn('static_assert(kiroku::json::Upcast<kiroku::games::GameWonV1, kiroku::games::GameWon>, '
                      '"schemas/games/upcasts.hpp lacks GameWon upcast(const GameWonV1&)");', codec)
        self.assertIn('Older{"games.game_won.v1", "games.game_won.v2", "schemas/games/upcasts.hpp", &renew<::kiroku::games::GameEvent>}', catalog)

    def test_three_versions_are_a_chain(self):
        third = EVENT.replace("v1", "v3")
        self.generate(self.both(**{third: event({"score": {"type": "string"}}), SECOND[:-5] + ".upcast.json": '{"score":"0"}\n'}))
        types = self.read("games/types.hpp")
        self.assertIn("using Before = GameWonV2;", types)
        self.assertIn("using GameEvent = std::variant<GameWon>;", types)
        self.assertIn('Older{"games.game_won.v1", "games.game_won.v3"', self.read("catalog.cpp"))

    def test_refusals(self):
        for files, path, pointer, problem in [
            ({EVENT: event(), SECOND: event(self.V2)}, SECOND, "", "nothing says what version 1 becomes"),
            ({SECOND: event(self.V2)}, SECOND, "", "there is no version 1"),
            ({EVENT: event(), self.UPCAST: "{}"}, self.UPCAST, "", "is what no older version becomes"),
            (self.both(**{SECOND: {**event(self.V2), "x-aggregate": "match"}}), SECOND, "/x-aggregate", "was game in the version before"),
        ]:
            with self.subTest(problem):
                self.folder.cleanup()
                os.makedirs(self.folder.name)
                said = self.refused(files)
                self.assertTrue(said.startswith(f"{path}#{pointer}: "), said)
                self.assertIn(problem, said)

    def compiles(self, source, problem):
        command = ["g++", "-std=c++23", "-fsyntax-only", f"-I{ROOT}", f"-I{os.path.dirname(source)}", source]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode != 0, bool(problem), result.stderr)
        self.assertIn(problem, result.stderr)

    def test_a_missing_upcaster_is_said_by_the_compiler(self):
        self.generate(self.both())
        source = os.path.join(self.folder.name, "out", "use.cpp")
        with open(source, "w", encoding="utf-8") as file:
            file.write('#include "schemas/games/codec.hpp"\n')
        for text, problem in [("", "lacks GameWon upcast(const GameWonV1&)"),
                              ("inline int upcast(const GameWonV1&) { return 0; }", "lacks GameWon upcast(const GameWonV1&)"),
                              ("inline GameWon upcast(const GameWonV1&) { return {}; }", "")]:
            with self.subTest(text):
                with open(os.path.join(self.folder.name, "out/schemas/games/upcasts.hpp"), "w", encoding="utf-8") as file:
                    file.write(f"#include \"schemas/games/types.hpp\"\nnamespace kiroku::games {{\n{text}\n}}\n")
                self.compiles(source, problem)


class ThisRepository(GeneratorTest):
    def test_all_of_it_is_released(self):
        result = subprocess.run([sys.executable, "-B", GENERATOR, "--root", ROOT, "--check"], capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
