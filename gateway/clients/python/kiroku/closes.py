# gateway/clients/python/kiroku/closes.py: what to do when a line is closed, as gateway/realtime/PROTOCOL.md says.
from __future__ import annotations

from typing import Literal, NamedTuple

UNAUTHORIZED = 4401

# give up: a mistake that coming back won't mend; renew: with another token; the rest: with growing pauses, soon or late.
Remedy = Literal["give up", "renew", "soon", "come back", "slow down"]

_REMEDIES: dict[int, Remedy] = {
    **dict.fromkeys((1002, 1003, 1007, 1009, 4400, 4406), "give up"),
    UNAUTHORIZED: "renew",
    4403: "renew",
    1012: "soon",
    1008: "slow down",
}
_HANDSHAKES: dict[int, Remedy] = dict.fromkeys((400, 403, 404, 426), "give up")


class Closed(NamedTuple):
    """How a connection ended. Without a code: it couldn't be made, or nothing was heard any more."""

    code: int | None
    reason: str
    remedy: Remedy = "come back"
    after: float = 0.0  #: seconds that were asked for
    stood: bool = False  #: it had held for a while


def closed_with(code: int | None, reason: str, stood: bool) -> Closed:
    return Closed(code, reason, _REMEDIES.get(code or 1006, "come back"), 0.0, stood)


def not_let_in(status: int, retry_after: str | None) -> Closed:
    """The request for a line was answered with this status."""
    after = float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
    if status == 401:
        return Closed(UNAUTHORIZED, f"refused with {status}", "renew", after)
    return Closed(None, f"refused with {status}", _HANDSHAKES.get(status, "come back"), after)
