# schemas/core/generator/source.py: the schema files, by the place where they stand.
import json
import os
import re
from dataclasses import dataclass
from typing import Any

from names import SNAKE

FILE = re.compile(r"(?P<name>[a-z0-9_]+)\.v(?P<version>[1-9][0-9]*)\.json\Z")
EXAMPLE = re.compile(r"[a-z0-9_]+\.v[1-9][0-9]*\.example\.json\Z")
UPCAST = re.compile(r"[a-z0-9_]+\.v[1-9][0-9]*\.upcast\.json\Z")
KINDS = {"events": "event", "commands": "command", "http": "http"}
NOT_SCHEMAS = ("generator",)
RELEASED = "released.json"


class SchemaError(Exception):
    """Something to mend in a schema file: where it is, what is wrong, what to do."""

    def __init__(self, path, pointer, problem, remedy):
        super().__init__(f"{path}#{pointer}: {problem}. {remedy}.")


@dataclass
class Source:
    path: str  # relative to the folder above schemas/: schemas/identity/events/user_registered.v1.json
    module: str
    kind: str  # event, command, http, ws, document, types
    name: str
    version: int
    body: Any = None


def _no_duplicates(pairs):
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"member '{name}' is there twice")
    return dict(pairs)


def read_text(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def read_json(root, path):
    try:
        return json.loads(read_text(root, path), object_pairs_hook=_no_duplicates)
    except ValueError as error:
        raise SchemaError(path, "", f"is not JSON: {error}", "Mend its syntax") from None


def _place(folders):
    """(module, kind) of the files in a folder below schemas/, or None."""
    if folders == ["ws"]:
        return "ws", "ws"
    if folders == ["http"]:
        return "http", "http"
    if len(folders) == 1:
        return folders[0], "document"
    if len(folders) == 2 and folders[1] in KINDS and folders[0] not in ("ws", "http"):
        return (folders[0] + "/http" if folders[1] == "http" else folders[0]), KINDS[folders[1]]
    return None


def _source(path):
    folders = path.split("/")[1:-1]
    filename = path.split("/")[-1]
    place = _place(folders)
    match = FILE.match(filename)
    if place is None:
        raise SchemaError(path, "", "stands where no schema belongs",
                          "Put it in schemas/<context>/{events,commands,http}/, schemas/<context>/, schemas/http/ or schemas/ws/")
    if match is None or not SNAKE.match(match["name"]):
        raise SchemaError(path, "", "has a name that says nothing", "Call it <snake_case>.v<N>.json or <snake_case>.v<N>.example.json")
    module, kind = place
    if match["name"] == "types":
        kind = "types"
    return Source(path, module, kind, match["name"], int(match["version"]))


def list_files(root):
    """Every JSON file below root/schemas, sorted, as paths from root."""
    found = []
    for folder, folders, files in os.walk(os.path.join(root, "schemas")):
        folders[:] = sorted(f for f in folders if f not in NOT_SCHEMAS)
        relative = os.path.relpath(folder, root).replace(os.sep, "/")
        found += [f"{relative}/{name}" for name in files if name.endswith(".json")]
    return sorted(found)


def sort_files(paths):
    """(schemas, paths of refusals); complains about what is neither, and about schemas and examples without each other."""
    refusals = [p for p in paths if p.split("/")[-1] == "refusals.json"]
    examples = {p for p in paths if EXAMPLE.match(p.split("/")[-1])}
    upcasts = {p for p in paths if UPCAST.match(p.split("/")[-1])}
    known = examples | upcasts | {p for p in paths if p.split("/")[-1] == RELEASED}
    sources = [_source(p) for p in paths if p not in refusals and p not in known]
    for source in sources:
        example = source.path[: -len(".json")] + ".example.json"
        if source.kind != "types" and example not in examples:
            raise SchemaError(source.path, "", "has no golden example", f"Add {example}: one line, as it is on the wire")
        examples.discard(example)
    for orphan in sorted(examples):
        raise SchemaError(orphan, "", "is an example of nothing", "Add its schema or remove it")
    _check_versions(sources, upcasts)
    return sources, refusals


def older_and_newer(sources):
    """(source, the source of its next version) for all versions of events and commands but the newest. They must be dense."""
    by_version = {(s.module, s.kind, s.name, s.version): s for s in sources if s.kind in ("event", "command")}
    pairs = []
    for (module, kind, name, version), newer in sorted(by_version.items()):
        if version == 1:
            continue
        older = by_version.get((module, kind, name, version - 1))
        if older is None:
            raise SchemaError(newer.path, "", f"there is no version {version - 1}", "Number versions from 1, and keep all of them")
        pairs.append((older, newer))
    return pairs


def _check_versions(sources, upcasts):
    for older, newer in older_and_newer(sources):
        upcast = older.path[: -len(".json")] + ".upcast.json"
        if upcast not in upcasts:
            raise SchemaError(newer.path, "", f"nothing says what version {older.version} becomes",
                              f"Add {upcast}: its golden example in today's shape, one line")
        upcasts.discard(upcast)
    for orphan in sorted(upcasts):
        raise SchemaError(orphan, "", "is what no older version becomes", "Add a newer version or remove it")


def module_paths(sources, refusals):
    return sorted({s.module for s in sources} | {p.split("/")[1] for p in refusals})
