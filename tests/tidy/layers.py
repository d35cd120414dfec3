# tests/tidy/layers.py: dependencies point one way, contexts meet only in events, libraries stay behind their adapter.
import re

from sources import Complaint

# A layer may include itself and these.
BELOW = {
    "schemas": (),
    "domain": ("schemas",),
    "infra": ("schemas",),
    "commands": ("domain", "infra", "schemas"),
    "projections": ("domain", "infra", "schemas"),
    "gateway": ("commands", "projections", "domain", "infra", "schemas"),
}

CONTEXTS = ("identity", "challenges", "gamification")

# The layers in which a context sees nothing of another one. (The gateway composes, a policy reads foreign events.)
CONTEXT_BLIND = ("domain", "commands", "projections")

# Third-party headers by the beginning of their path, and the folders that may include them.
OWNERS = {
    "librdkafka/": ("infra/kafka/", "tests/bench/", "tests/unit/kafka/"),
    "pqxx/": ("infra/postgres/",),
    "libpq-fe.h": ("infra/postgres/",),
    "rocksdb/": ("infra/store/",),
    "openssl/": ("infra/crypto/",),
    "sodium.h": ("infra/crypto/",),
    "boost/uuid/": ("schemas/core/",),
    "boost/unordered/": ("commands/",),
    "boost/": ("gateway/", "infra/kiroku/", "tests/"),
    "simdjson.h": ("schemas/core/", "infra/log/", "infra/replay/"),
    "CLI/": ("infra/runtime/", "infra/kiroku/", "tests/simulation/"),
    "spdlog/": ("infra/", "commands/", "projections/", "gateway/", "tests/"),
    "prometheus/": ("infra/runtime/", "gateway/core/"),
    "curl/": ("infra/tracing/", "tests/"),
    "brotli/": ("gateway/core/", "tests/"),
    "doctest/": ("tests/",),
    "date/": ("domain/", "schemas/core/", "projections/", "gateway/", "tests/"),
    "fmt/": ("schemas/", "infra/", "commands/", "projections/", "gateway/", "tests/"),
}

# The operating system's headers: whoever talks to it, never domain or projections.
SYSTEM = re.compile(r"^(sys/|arpa/|netinet/|linux/|[a-z_0-9]+\.h$)")
SYSTEM_OWNERS = ("schemas/core/", "infra/", "commands/", "gateway/core/", "tests/")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The layer of a file or an include path; the program and the tests, which see everything, are none."""
    top = path.split("/", 1)[0]
    return None if path.startswith(("infra/kiroku/", "tests/")) else top if top in BELOW else None


def context_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[1] in CONTEXTS else None


def includes(source):
    for number, line in enumerate(source.lines, 1):
        if found := INCLUDE.match(line):
            yield number, found.group(1) == '"', found.group(2)


def check_direction(sources):
    """A file includes only its own layer and those below it; nobody includes the program."""
    for source in sources:
        layer = layer_of(source.path)
        if not source.is_cpp or layer is None:
            continue
        for number, ours, path in includes(source):
            if not ours:
                continue
            target = layer_of(path)
            if path.startswith(("infra/kiroku/", "tests/")):
                yield Complaint(source.path, number, f"{layer} must not include {path}: nothing depends on the program or on tests")
            elif target is None:
                yield Complaint(source.path, number, f'"{path}" is in no layer: write includes from the project\'s root')
            elif target != layer and target not in BELOW[layer]:
                allowed = ", ".join(BELOW[layer]) or "nothing else"
                yield Complaint(source.path, number, f"{layer} must not include {path}: below it are {allowed}")


def check_contexts(sources):
    """In domain, commands and projections, a context includes nothing of another one."""
    for source in sources:
        own = context_of(source.path)
        if not source.is_cpp or own is None or layer_of(source.path) not in CONTEXT_BLIND:
            continue
        for number, _, path in includes(source):
            other = context_of(path)
            if other not in (None, own) and not path.startswith("schemas/"):
                yield Complaint(source.path, number, f"{own} must not include {path}: contexts talk only through events")


def owners_of(header):
    for beginning, owners in OWNERS.items():
        if header.startswith(beginning):
            return owners
    return SYSTEM_OWNERS if SYSTEM.match(header) else None


def check_libraries(sources):
    """A third-party header is included only by the adapter that owns it."""
    for source in sources:
        if not source.is_cpp:
            continue
        for number, ours, header in includes(source):
            if ours or ("/" not in header and "." not in header):
                continue
            owners = owners_of(header)
            if owners is None:
                yield Complaint(source.path, number, f"<{header}> has no owner: name one in tests/tidy/layers.py")
            elif not source.path.startswith(owners):
                yield Complaint(source.path, number, f"<{header}> belongs to {', '.join(owners)}")


CHECKS = (check_direction, check_contexts, check_libraries)
