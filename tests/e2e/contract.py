# tests/e2e/contract.py: holds every answer against what /openapi.json promises for its route and status.
import re

import jsonschema
import requests

TIMEOUT = 30
FORMATS = jsonschema.FormatChecker()


class BrokenContract(AssertionError):
    """An answer that the contract doesn't know."""


def pattern_of(path):
    """/challenges/{id} as a regular expression."""
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", path)))


class Contract:
    """What a gateway promises. Paths are tried in the order of the routing table."""

    known = {}

    def __init__(self, document):
        self.components = document["components"]
        self.paths = [(pattern_of(path), path, operations) for path, operations in document["paths"].items()]
        self.validators = {}

    @classmethod
    def of(cls, url):
        if url not in cls.known:
            cls.known[url] = cls(requests.get(url + "/openapi.json", timeout=TIMEOUT).json())
        return cls.known[url]

    def validator(self, schema, key):
        """References look at the whole document's components."""
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator({"components": self.components, **schema}, format_checker=FORMATS)
        return self.validators[key]

    def promised(self, method, path):
        """(the path's pattern, the operation); None: there is none."""
        for pattern, name, operations in self.paths:
            if pattern.fullmatch(path):
                return name, operations.get("get" if method == "HEAD" else method.lower())
        return None, None

    def check(self, answer):
        """Raises BrokenContract."""
        method, path = answer.request.method, answer.request.path_url.split("?")[0]
        name, operation = self.promised(method, path)
        where = f"{method} {path}: {answer.status_code}"
        if operation is None:
            return self.check_refused(answer, 404 if name is None else 405, where)
        response = operation["responses"].get(str(answer.status_code))
        if response is None:
            raise BrokenContract(f"{where} is no status that /openapi.json names: {answer.text[:500]}")
        self.check_headers(answer, response, where)
        if method != "HEAD":
            self.check_body(answer, response.get("content", {}), (name, method, answer.status_code), where)
        return None

    def check_refused(self, answer, status, where):
        """What leads nowhere is told so, or is refused before anybody looks where it leads."""
        if answer.status_code != status and not 400 <= answer.status_code < 600:
            raise BrokenContract(f"{where}, but /openapi.json has no such operation")
        if answer.request.method != "HEAD":
            content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/http.problem.v1"}}}
            self.check_body(answer, content, "problem", where)

    def check_headers(self, answer, response, where):
        missing = [name for name in response["headers"] if self.components["headers"][name]["required"] and name not in answer.headers]
        if missing:
            raise BrokenContract(f"{where} lacks {missing}")

    def check_body(self, answer, content, key, where):
        media = answer.headers.get("Content-Type", "").split(";")[0]
        if media in ("application/x-ndjson", "text/event-stream") and media in content:
            return  # a stream: whoever asked for it reads it, line by line
        if not answer.content:
            if content:
                raise BrokenContract(f"{where} has no body, but should have one of {sorted(content)}")
            return
        if media not in content:
            raise BrokenContract(f"{where} is {media}, but should be one of {sorted(content)}")
        if not media.endswith("json"):
            return
        problems = [f"{'/'.join(map(str, problem.path))}: {problem.message[:500]}"
                    for problem in self.validator(content[media]["schema"], (key, media)).iter_errors(answer.json())]
        if problems:
            raise BrokenContract(f"{where} doesn't fit its schema: {problems}\n{answer.text[:1000]}")
