# schemas/core/generator/released.py: the fingerprints of what was released, in schemas/<context>/released.json.
# They are written only on request (--release), which refuses what compatible.py refuses; each build compares with them.
import hashlib
import json
import os

from compatible import breaks
from shapes import is_stored, shape_of
from source import read_json, read_text, SchemaError


def path_of(module):
    return f"schemas/{module.path}/released.json"


def fingerprints(root, model, module):
    """Wire type → shape, with a hash of its golden example."""
    found = {}
    for struct in sorted((s for s in module.roots() if is_stored(s)), key=lambda s: s.source):
        example = read_text(root, struct.source[: -len(".json")] + ".example.json")
        found[struct.wire_type] = {"file": struct.source.split("/", 2)[2], **shape_of(model, struct),
                                   "example": hashlib.sha256(example.encode()).hexdigest()}
    return found


def check(root, model):
    """The paths of fingerprints that don't tell all yet. Raises SchemaError if something released was broken."""
    behind = []
    for module in model.modules:
        now, was = fingerprints(root, model, module), _read(root, module)
        for wire_type, released in was.items():
            _check_one(module, wire_type, released, now.get(wire_type))
        if now != was:
            behind.append(path_of(module))
    return behind


def release(root, model):
    """Writes down how everything is now. Raises SchemaError, and writes nothing, if that breaks something released."""
    behind = check(root, model)
    for module in (m for m in model.modules if path_of(m) in behind):
        with open(os.path.join(root, path_of(module)), "w", encoding="utf-8") as file:
            file.write(_text(fingerprints(root, model, module)))
    return behind


def _read(root, module):
    return read_json(root, path_of(module)) if os.path.exists(os.path.join(root, path_of(module))) else {}


def _check_one(module, wire_type, released, now):
    path = f"schemas/{module.path}/{released['file']}"
    if now is None:
        raise SchemaError(path, "", f"{wire_type} was released and is gone", "Put it back: what was recorded must stay readable")
    kind = released["file"].split("/")[0].removesuffix("s")
    for pointer, problem in breaks(released, now, kind):
        raise SchemaError(path, pointer, problem, _remedy(module, wire_type))
    if released["example"] != now["example"]:
        raise SchemaError(path[: -len(".json")] + ".example.json", "", f"is not the golden example that {wire_type} was released with",
                          "Put its bytes back: they prove that what was recorded can be read")


def _remedy(module, wire_type):
    name, version = wire_type.replace("/", ".").split(".")[1:]
    return (f"Leave {name}.{version}.json as it was released; write {name}.v{int(version[1:]) + 1}.json, "
            f"and what becomes of the older ones in schemas/{module.path}/upcasts.hpp")


def _text(found):
    """JSON with a line for each member, so that differences can be read."""
    types = []
    for wire_type, shape in found.items():
        members = ",\n".join("      " + _line(member) for member in shape["members"])
        lines = [f'    "{name}": {_line(shape[name])}' for name in ("file", "aggregate", "example")]
        lines.append(f'    "members": [\n{members}\n    ]' if members else '    "members": []')
        types.append(f'  "{wire_type}": {{\n' + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(types) + "\n}\n"


def _line(value):
    return json.dumps(value, ensure_ascii=False)
