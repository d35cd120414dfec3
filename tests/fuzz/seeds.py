# tests/fuzz/seeds.py: what fuzzers begin with, made of the golden examples and of bytes that are nearly right.
import base64
import hashlib
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONGEST_KEPT = 512  # bytes
MOST_KEPT = 150

HTTP = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /challenges?type=custom&limit=5&x=%C3%BC+1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n",
    "POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n1",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nX: folded\r\n here\r\n\r\n",
    "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4, [2001:db8::1]:80\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=\"[::1]:80\";proto=https, for=1.2.3.4\r\n\r\n",
    "GET /..%2f%00 HTTP/1.1\r\nHost: a\r\n\r\n", "TRACE * HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01\x02\x00\x01",
]
PLACES = [
    "\0gamification/3@123,challenges/5@77", "\0identity/0@9223372036854775807", "\1" + "\0\1\2\3\4\5\6\7" * 3, "\2" + "\0\1\2\3\4\5\6\7" * 9,
    "\3AAAAAAAAAAAAAAAAAAAAAA", "\0030190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "\0032026-03-06T12:00:00.000Z", "\0032016-12-31T23:59:60+14:00",
    "\4data.amount > 30 && type == \"gamification.xp_awarded.v1\"", "\4!(data.rule in [\"streak\", 'level']) || data.items[0].count >= -3e2",
    "\4subject startsWith 'learner/' && data.tags contains \"deep\"", "\5context=challenges&since=7d&limit=100&sample=0.01",
    "\5type=session_completed,xp_awarded&where=data.amount%3E30&until=2026-03-06", "\5cursor=AAAA&subject=learner/1",
]
TOKENS = ["\0eyJhbGciOiJub25lIn0.e30.", "\0a.b.c", "\1", "\1\0\5A", "\1\1\0B\0\7\1", "\2AAAA", "\3", "\3\0\1\0", "\4Asia/Tokyo\nlearner"]
TALK = [
    '{"type":"ping"}', '{"type":"subscribe","channel":"me"}', '{"type":"subscribe","channel":"leaderboard:global","since":"AAAA"}',
    '{"type":"unsubscribe","channel":"me"}', '{"type":"authenticate","token":"a.b.c"}',
]


def example_of(schema):
    return (ROOT / schema.replace(".json", ".example.json")).read_text(encoding="utf-8").rstrip("\n")


def bodies(build):
    """Each golden example behind its schema's number in the catalogue."""
    listed = (build / "generated/schemas/catalog.cpp").read_text(encoding="utf-8")
    for number, schema in enumerate(re.findall(r'"(schemas/[^"]+\.json)"', listed)):
        yield number.to_bytes(2, "big") + example_of(schema).encode()


def messages():
    examples = [path.read_text(encoding="utf-8").rstrip("\n") for path in sorted((ROOT / "schemas/ws").glob("*.example.json"))]
    for flags in (0, 1, 255):
        yield bytes([flags]) + "\n".join(TALK + examples).encode()
        yield bytes([flags]) + "\n".join(TALK[:2] * 40).encode()
    for example in examples:
        yield b"\1" + example.encode()


def of(target, build):
    """All seeds of a target, as bytes."""
    if target == "bodies":
        return list(bodies(build))
    if target == "messages":
        return list(messages())
    return [text.encode("latin-1") for text in {"http": ["\7" + text for text in HTTP], "cursors": PLACES, "tokens": TOKENS}[target]]


def write(inputs, folder):
    """A file for each, as libFuzzer wants them."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in inputs:
        (folder / hashlib.sha1(one).hexdigest()).write_bytes(one)


def kept(path):
    """Inputs of a corpus in the repository: Base64, a line each."""
    return [base64.b64decode(line) for line in path.read_text(encoding="ascii").splitlines()] if path.exists() else []


def keep(path, inputs, seeds):
    """Writes such a corpus: short and long ones alike, if there are too many; how many there are."""
    new = sorted(set(inputs) - set(seeds), key=lambda one: (len(one), one))
    step = max(1, len(new) / MOST_KEPT)
    chosen = [new[int(number * step)] for number in range(min(len(new), MOST_KEPT))]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(base64.b64encode(one).decode() + "\n" for one in chosen), encoding="ascii")
    return len(chosen)


def words_of(value):
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from words_of(member)
    elif isinstance(value, list):
        for member in value:
            yield from words_of(member)
    elif isinstance(value, str) and len(value) <= 40:
        yield value


def write_words(target, folder):
    """A dictionary of what is said in the examples, or in the seeds; its path."""
    if target in ("bodies", "messages"):
        words = {word for path in (ROOT / "schemas").rglob("*.example.json") for word in words_of(json.loads(path.read_text(encoding="utf-8")))}
    else:
        words = {word for text in HTTP + PLACES + TOKENS for word in re.findall(r"[\w-]{2,40}", text)}
    path = folder / f"{target}.words"
    quoted = (re.sub(r'[^ -!#-\[\]-~]', lambda found: "".join(f"\\x{byte:02x}" for byte in found[0].encode()), word) for word in sorted(words) if word)
    path.write_text("".join(f'"{word}"\n' for word in quoted), encoding="ascii")
    return path
