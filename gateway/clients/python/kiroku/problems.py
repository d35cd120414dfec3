# gateway/clients/python/kiroku/problems.py: what can go wrong, as errors that programs can tell apart.
from __future__ import annotations

import email.utils
import json
import time
from typing import Any, Mapping

from .generated.types import Problem

RETRYABLE = (429, 502, 503, 504)


class KirokuError(Exception):
    """Whatever the client raises, but for mistakes in a program."""


class Refused(KirokuError):
    """Kiroku said no. `problem` is the answer's body, if it was one. `status` is 0 if it was said on a WebSocket, which has none;
    `code` is the same either way."""

    def __init__(self, where: str, status: int, headers: Mapping[str, str], text: str):
        self.status = status
        self.problem = _problem(text)
        error: dict[str, Any] = dict(self.problem["error"]) if self.problem else {}
        self.code: str = error.get("code", f"http_{status}")
        self.details: dict[str, Any] = error.get("details", {})
        self.request_id: str = error.get("requestId", headers.get("x-request-id", ""))
        self.retryable: bool = error.get("retryable", False) or status in RETRYABLE  #: the same request may succeed later
        self.retry_after = _seconds(headers.get("retry-after"))  #: seconds, if it was told
        super().__init__(f"{where}: {status} {self.code}: {error.get('message', 'no problem of Kiroku')}")

    @classmethod
    def said(cls, where: str, error: Mapping[str, Any]) -> Refused:
        """By an `error` of the real-time protocol."""
        made = cls(where, 0, {}, "")
        made.code, made.retryable = error["code"], error.get("retryable", False)
        made.args = (f"{where}: {made.code}: {error['message']}",)
        return made


class Unreachable(KirokuError):
    """No whole answer came: nobody knows whether the request took effect. The same idempotency_key may be sent again."""


class SignedOut(KirokuError):
    """The login session is over, or there was none: log in."""


def _problem(text: str) -> Problem | None:
    """Nothing, if it is something else's answer that stands between us and Kiroku."""
    try:
        body = json.loads(text)
    except ValueError:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return body if isinstance(error, dict) and isinstance(error.get("code"), str) else None


def _seconds(header: str | None) -> float | None:
    """Of a Retry-After: seconds or a date."""
    if header is None or header.isdecimal():
        return None if header is None else float(header)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
