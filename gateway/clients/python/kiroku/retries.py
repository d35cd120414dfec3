# gateway/clients/python/kiroku/retries.py: how often and how long a call is tried, and the pauses in between.
from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Callable, TypeVar

from .problems import KirokuError, Refused, Unreachable

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Times are seconds."""

    attempts: int = 8  #: how often a call is sent; waiting for a copy of it that is still worked on isn't counted
    budget: float = 30.0  #: for a call with all its retries and pauses
    attempt: float = 15.0  #: for one attempt, until its answer is whole
    pause: float = 0.1  #: the first pause is up to so long, each one after it up to twice as long,
    longest_pause: float = 5.0  #: but none longer than this, unless Retry-After says so


def pause_before(turn: int, pause: float, longest: float) -> float:
    """Full jitter: anything up to the bound, so that many clients don't come back at once."""
    return random.uniform(0, min(longest, pause * 2 ** min(turn, 30)))


def is_retryable(error: KirokuError) -> bool:
    return isinstance(error, Unreachable) or (isinstance(error, Refused) and error.retryable)


def retrying(attempt: Callable[[float], T], patience: Patience) -> T:
    """Tries until there is an answer, a refusal that stays one, or patience is at its end; then the last error is raised.
    `attempt` is told by when, by time.monotonic(), it must be done."""
    until = time.monotonic() + patience.budget
    sent, turn = 1, 0
    while True:
        try:
            return attempt(min(time.monotonic() + patience.attempt, until))
        except KirokuError as error:
            in_flight = isinstance(error, Refused) and error.code == "request_in_flight"
            if not is_retryable(error) or (not in_flight and sent >= patience.attempts):
                raise
            told = (error.retry_after or 0.0) if isinstance(error, Refused) else 0.0
            pause = told + pause_before(turn, patience.pause, patience.longest_pause)
            if time.monotonic() + pause >= until:
                raise
        sent += 0 if in_flight else 1
        turn += 1
        time.sleep(pause)
