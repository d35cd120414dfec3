# tests/tidy/names.py: names say what a thing is, and a file's first line what it is for.
import re

from functions import blanked
from sources import Complaint

BANNED = {"manager", "helper", "util", "common", "base", "impl", "data", "info"}
MARKS = re.compile("|".join(rf"\b{mark}\b" for mark in ("TO" + "DO", "FIX" + "ME", "X" + "XX")))

CPP_TYPE = re.compile(r"\b(?:class|struct|union|enum(?:\s+class|\s+struct)?)\s+(?:\[\[[^\]]*\]\]\s*)*([A-Za-z_]\w*)|"
                      r"\busing\s+([A-Za-z_]\w*)\s*=|\bconcept\s+([A-Za-z_]\w*)")
SCRIPT_TYPE = re.compile(r"^\s*(?:export\s+)?(?:abstract\s+)?(?:class|interface|enum|type)\s+([A-Za-z_]\w*)", re.M)
PYTHON_TYPE = re.compile(r"^\s*class\s+(\w+)", re.M)


def last_word(name):
    """The last word of a CamelCase or snake_case name, in lower case and singular."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    word = words[-1].lower() if words else ""
    return word[:-1] if word.endswith("s") and word[:-1] in BANNED else word


def check_types(sources):
    """No type is called Manager, Helper, Util, Common, Base, Impl, Data or Info, nor ends so."""
    for source in sources:
        pattern = CPP_TYPE if source.is_cpp else PYTHON_TYPE if source.is_python else SCRIPT_TYPE if source.is_script else None
        if pattern is None:
            continue
        text = blanked(source.text) if source.is_cpp else source.text
        for found in pattern.finditer(text):
            name = next(group for group in found.groups() if group)
            if last_word(name) in BANNED:
                line = text.count("\n", 0, found.start()) + 1
                yield Complaint(source.path, line, f"{name}: what is it really? Names don't end in {last_word(name)}")


def check_paths(sources):
    """No file or folder is called so either."""
    for source in sources:
        for part in source.path.split("/"):
            stem = part.split(".", 1)[0]
            if stem and last_word(stem) in BANNED:
                yield Complaint(source.path, 1, f"{part}: what is it really? Names don't end in {last_word(stem)}")


def check_first_lines(sources):
    """A source file begins with its own path and its purpose (a script after its #! line; a .cpp may leave it to its header)."""
    for source in sources:
        lines = [line for line in source.lines[:2] if not line.startswith("#!")]
        if not source.is_code or source.name in ("__init__.py", "CMakeLists.txt"):
            continue
        if lines and lines[0] == f'#include "{source.path.removesuffix("cpp")}hpp"':
            continue  # its header says it
        first = re.sub(r'^(//|#|--|""")\s*', "", lines[0]) if lines else ""
        named, _, purpose = first.partition(": ")  # a script's arguments may stand between path and colon
        if named.split(" ")[0] != source.path or len(purpose.split()) < 2:
            yield Complaint(source.path, 1, f"the first line says `{source.path}: purpose in the product's words`")


def check_marks(sources):
    """Nothing is left for later in the code."""
    for source in sources:
        for number, line in enumerate(source.lines, 1):
            if source.path != "tests/tidy/names.py" and (found := MARKS.search(line)):
                yield Complaint(source.path, number, f"{found.group(0)}: do it now, or file an issue")


CHECKS = (check_types, check_paths, check_first_lines, check_marks)
