# tests/tidy/sizes.py: one idea per place: files, functions and READMEs have a limit.
from functions import functions
from sources import Complaint

FILE = 400
TEST_FILE = 600
FUNCTION = 70
README = 150
LAYER_README = 40


def check_files(sources):
    """A source file has at most 400 lines, a test 600, if people write it."""
    for source in sources:
        limit = TEST_FILE if source.is_test else FILE
        if source.is_code and not source.is_generated and len(source.lines) > limit:
            yield Complaint(source.path, limit + 1, f"{len(source.lines)} lines, at most {limit}: which second idea can move out?")


def check_functions(sources):
    """A function has at most 70 lines."""
    for source in sources:
        for first, last, name in functions(source):
            if last - first + 1 > FUNCTION:
                yield Complaint(source.path, first, f"{name} has {last - first + 1} lines, at most {FUNCTION}")


def check_readmes(sources):
    """The README has at most 150 lines, a layer's 40."""
    for source in sources:
        limit = README if source.path == "README.md" else LAYER_README
        if source.name == "README.md" and len(source.lines) > limit:
            yield Complaint(source.path, limit + 1, f"{len(source.lines)} lines, at most {limit}")


CHECKS = (check_files, check_functions, check_readmes)
