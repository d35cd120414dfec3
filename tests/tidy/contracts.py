# tests/tidy/contracts.py: every message has a golden example, and every event somebody who reads it.
import json
import re

from sources import Complaint

MESSAGE = re.compile(r"^schemas/((?:\w+/)?(?:events|commands|http|ws))/(\w+)\.v(\d+)\.json$")
EVENT = re.compile(r"^schemas/(\w+)/events/(\w+)\.v(\d+)\.json$")
READERS = ("domain/", "projections/", "commands/", "gateway/")


def check_examples(sources):
    """Beside each schema of a message (not of shared types) stands a golden example, and no example stands alone."""
    paths = {source.path for source in sources}
    for source in sources:
        if MESSAGE.match(source.path) and not source.name.startswith("types."):
            example = source.path.removesuffix(".json") + ".example.json"
            if example not in paths:
                yield Complaint(source.path, 1, f"it has no golden example: {example}")
        elif source.path.startswith("schemas/") and source.path.endswith(".example.json"):
            if source.path.removesuffix(".example.json") + ".json" not in paths:
                yield Complaint(source.path, 1, "it is an example of no schema")


def check_json(sources):
    """Each JSON file is JSON."""
    for source in sources:
        if source.path.endswith(".json"):
            try:
                json.loads(source.text)
            except ValueError as error:
                yield Complaint(source.path, getattr(error, "lineno", 1), f"this is not JSON: {error}")


def struct_name(name):
    """The C++ type that the generator makes of an event's newest version: user_registered is UserRegistered."""
    return "".join(word.capitalize() for word in name.split("_"))


def reads(source, context, struct):
    """Whether a source file names the event as its own context's, or with the context before it."""
    if not source.path.startswith(READERS) or not source.is_cpp:
        return False
    qualified = rf"\b{context}::{struct}\b"
    own = rf"(?<!::)\b{struct}\b" if f"/{context}/" in source.path else qualified
    return re.search(qualified, source.text) is not None or re.search(own, source.text) is not None


def check_readers(sources):
    """Each event is mentioned by an aggregate, a policy, a read model or a route: what nobody reads, nobody needs.

    Of several versions the newest: older ones become it when they are read, as the compiler sees to.
    """
    newest = {}
    for source in sources:
        if found := EVENT.match(source.path):
            context, name, version = found.groups()
            newest[context, name] = max(newest.get((context, name), (0, None)), (int(version), source), key=lambda one: one[0])
    for (context, name), (_, source) in newest.items():
        struct = struct_name(name)
        if not any(reads(other, context, struct) for other in sources):
            yield Complaint(source.path, 1, f"nobody reads {context}::{struct}")


CHECKS = (check_examples, check_json, check_readers)
