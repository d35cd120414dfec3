# tests/unit/schemas/generator_case.py: a folder of schemas for a test, and the generator on it.
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
GENERATOR = os.path.join(ROOT, "schemas", "core", "generator")
sys.path.insert(0, GENERATOR)
sys.dont_write_bytecode = True

from build import build  # noqa: E402
from source import SchemaError  # noqa: E402

DRAFT = "https://json-schema.org/draft/2020-12/schema"
EVENT = "schemas/games/events/game_won.v1.json"
COMMAND = "schemas/games/commands/play_game.v1.json"
REFUSALS = "schemas/games/refusals.json"


def event(properties=None, **more):
    properties = properties or {}
    return {"$schema": DRAFT, "x-aggregate": "game", "type": "object", "properties": properties,
            "required": list(properties), **more}


def member(schema, **more):
    return {EVENT: event({"score": schema}, **more)}


def optional(schema):
    return {EVENT: event({"score": schema}, required=[])}


class GeneratorTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, files):
        """Paths to schemas (or raw texts); a schema gets its example unless that is given as None."""
        for path, content in files.items():
            named = path.endswith(("refusals.json", ".example.json", ".upcast.json")) or "types.v" in path
            if not named and path[:-5] + ".example.json" not in files:
                self.put(path[:-5] + ".example.json", "{}\n")
            if content is not None:
                self.put(path, content if isinstance(content, str) else json.dumps(content))

    def put(self, path, text):
        path = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_generator(self, *arguments):
        command = [sys.executable, "-B", GENERATOR, "--root", self.folder.name, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def generate(self, files):
        self.write(files)
        result = self.run_generator("--out", os.path.join(self.folder.name, "out"))
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.returncode, 0)

    def read(self, path):
        with open(os.path.join(self.folder.name, "out", "schemas", path), encoding="utf-8") as file:
            return file.read()

    def refused(self, files):
        self.write(files)
        with self.assertRaises(SchemaError) as caught:
            build(self.folder.name)
        return str(caught.exception)
