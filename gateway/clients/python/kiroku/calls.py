# gateway/clients/python/kiroku/calls.py: a call: what is sent along, tried again with the same key, and answered.
from __future__ import annotations

import dataclasses
import json
import re
import ssl
import uuid
from dataclasses import dataclass
from typing import Any, Callable, Generator, Generic, Iterator, Mapping, TypedDict, TypeVar
from urllib.parse import quote, urlencode

from .copies import Copies, Copy
from .generated.types import TokensResponse
from .login import Login, Tokens
from .positions import Positions
from .problems import Refused, Unreachable
from .retries import Patience, retrying
from .transport import Reply, Transport

T = TypeVar("T")
PAGE_END = "kiroku.page.v1"
IDEMPOTENT = ("GET", "PUT", "DELETE")


@dataclass(frozen=True)
class Operation:
    """A route, as the contract has it. `answers` are the statuses that are no refusal; it takes an Idempotency-Key (`keyed`),
    a Kiroku-Min-Position (`positioned`), an If-None-Match (`cached`)."""

    method: str
    path: str
    answers: frozenset[int]
    media: str
    secured: bool = False
    keyed: bool = False
    positioned: bool = False
    cached: bool = False


class How(TypedDict, total=False):
    """What a caller may say about one call."""

    idempotency_key: str  # made up for each call if it isn't told; to repeat a call of before a crash, tell the one that it had
    min_position: str  # what the read must have seen besides what this client has written
    request_id: str
    if_match: str  # the `etag` that what is changed must still have; else it is refused with 412
    timeout: float  # seconds, instead of `patience.budget`


@dataclass(frozen=True)
class Answer(Generic[T]):
    """`position`: of a write: reads that are told it see it. `replayed`: it had happened before, and is only told again."""

    status: int
    body: T
    position: str | None
    replayed: bool
    request_id: str
    etag: str | None


def new_key() -> str:
    return str(uuid.uuid4())


def _target(operation: Operation, path: tuple[str, ...], query: Mapping[str, Any] | None) -> str:
    values = iter(path)
    target = re.sub(r"{\w+}", lambda _: quote(next(values), safe=""), operation.path)
    told = {name: value for name, value in (query or {}).items() if value is not None}
    return target + ("?" + urlencode(told) if told else "")


class Calls:
    """What all routes share. For any thread."""

    def __init__(self, url: str, *, patience: Patience = Patience(), tokens: Tokens | None = None,
                 on_tokens: Callable[[Tokens | None], None] | None = None, tls: ssl.SSLContext | None = None):
        """`tokens`: to go on with a login session of before; `on_tokens` is told of new ones, and of None when it is over."""
        self.positions = Positions()
        self.patience = patience
        self._transport = Transport(url, tls)
        self._copies = Copies()
        self._on_tokens = on_tokens
        self.login = Login(self._trade, new_key, self._changed, tokens)

    def _call(self, operation: Operation, path: tuple[str, ...], body: Any, query: Mapping[str, Any] | None, how: How) -> Answer[Any]:
        wish: How = {"idempotency_key": new_key(), "request_id": new_key(), **how}
        patience = dataclasses.replace(self.patience, budget=how.get("timeout", self.patience.budget))
        if not operation.keyed and operation.method not in IDEMPOTENT:
            patience = dataclasses.replace(patience, attempts=1)
        target, text = _target(operation, path, query), None if body is None else json.dumps(body)
        return retrying(lambda until: self._attempt(operation, target, text, wish, until), patience)

    def _iterate(self, operation: Operation, path: tuple[str, ...], query: Mapping[str, Any], how: How) -> Iterator[Any]:
        """All items of a list, page after page; of a stream, line after line."""
        cursor = None
        while True:
            body = self._call(operation, path, None, {**query, "cursor": cursor}, how).body
            if isinstance(body, dict):
                yield from body["items"]
                cursor = body.get("nextCursor")
            else:
                cursor = yield from self._to_the_end(body)
            if cursor is None:
                return

    @staticmethod
    def _to_the_end(lines: Iterator[dict[str, Any]]) -> Generator[Any, None, str | None]:
        for line in lines:
            if line.get("type") == PAGE_END:
                return None if line["complete"] else str(line["nextCursor"])
            yield line
        raise Unreachable("the stream was cut off")

    def _attempt(self, operation: Operation, target: str, body: str | None, wish: How, until: float) -> Answer[Any]:
        """Once; and once more if the token was refused, with a new one."""
        token = self.login.access() if operation.secured else None
        try:
            return self._send(operation, target, body, wish, token, until)
        except Refused as refused:
            if token is None or refused.status != 401:
                raise
        return self._send(operation, target, body, wish, self.login.renew(token).access_token, until)

    def _headers(self, operation: Operation, wish: How, token: str | None, etag: str | None) -> dict[str, str]:
        position = Positions()
        if operation.positioned:
            position.see(self.positions.text())
            position.see(wish.get("min_position", ""))
        told = {
            "Accept": "application/json, application/x-ndjson, text/plain, application/problem+json",
            "Authorization": token and f"Bearer {token}",
            "Content-Type": None if operation.method == "GET" else "application/json",
            "Idempotency-Key": wish["idempotency_key"] if operation.keyed else None,
            "Kiroku-Min-Position": position.text(),
            "X-Request-Id": wish["request_id"],
            "If-Match": wish.get("if_match"),
            "If-None-Match": etag,
        }
        return {name: value for name, value in told.items() if value}

    def _send(self, operation: Operation, target: str, body: str | None, wish: How, token: str | None, until: float) -> Answer[Any]:
        copy = self._copies.find(target) if operation.cached else None
        headers = self._headers(operation, wish, token, copy.etag if copy else None)
        reply = self._transport.send(operation.method, target, headers, body, until, operation.media == "lines")
        if reply.status == 304 and copy:
            return self._answer(reply, json.loads(copy.text))
        problem = reply.headers.get("content-type", "").startswith("application/problem+json")
        if reply.status not in operation.answers or problem:
            raise Refused(f"{operation.method} {operation.path}", reply.status, reply.headers, reply.text)
        if operation.cached and "etag" in reply.headers:
            self._copies.keep(target, Copy(reply.headers["etag"], reply.text))
        if operation.media == "json":
            return self._answer(reply, json.loads(reply.text))
        return self._answer(reply, {"lines": reply.lines, "text": reply.text}.get(operation.media))

    def _answer(self, reply: Reply, body: Any) -> Answer[Any]:
        told = body.get("position") if isinstance(body, dict) else None
        position = reply.headers.get("kiroku-position", told if isinstance(told, str) else None)
        if position:
            self.positions.see(position)
        return Answer(reply.status, body, position, reply.headers.get("idempotent-replayed") == "true",
                      reply.headers.get("x-request-id", ""), reply.headers.get("etag"))

    _REFRESH = Operation("POST", "/auth/refresh", frozenset({200}), "json", keyed=True)

    def _trade(self, refresh_token: str, key: str, until: float) -> TokensResponse:
        wish: How = {"idempotency_key": key, "request_id": new_key()}
        answer: Answer[TokensResponse] = self._send(self._REFRESH, self._REFRESH.path, json.dumps({"refreshToken": refresh_token}), wish, None, until)
        return answer.body

    def _changed(self, tokens: Tokens | None) -> None:
        if tokens is None:
            self._forget_all()
        if self._on_tokens is not None:
            self._on_tokens(tokens)

    def _forget_all(self) -> None:
        """What was somebody's."""
        self._copies.clear()
        self.positions.clear()
