# gateway/clients/python/kiroku/login.py: a login session: its tokens, renewed before they end, once for all who wait.
from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Callable

from .generated.types import TokensResponse
from .problems import KirokuError, Refused, SignedOut
from .retries import Patience, is_retryable, retrying

# A refresh token may be traded again within 10 s after its first trade; after that, it ends the session.
TRADE_PATIENCE = Patience(attempts=20, budget=9.0, attempt=3.0, longest_pause=0.5)

AGAIN = 5.0  # what couldn't be renewed, but is still good, is used so long before that is tried again


@dataclass(frozen=True)
class Tokens:
    """What to keep where nobody else reads it, to go on with the session later. `ends_at` is the access token's, by time.time()."""

    access_token: str
    refresh_token: str
    user_id: str
    ends_at: float


def renewed_before(life: float) -> float:
    """Before its end by a fifth of its life, or a minute."""
    return min(60.0, max(0.0, life) / 5)


class Login:
    """For any thread. `trade` gets new tokens for (refresh token, Idempotency-Key, until) in one attempt; `changed` is told of
    new tokens, and of None when the session is over."""

    def __init__(self, trade: Callable[[str, str, float], TokensResponse], new_key: Callable[[], str],
                 changed: Callable[[Tokens | None], None], tokens: Tokens | None):
        self._trade = trade
        self._new_key = new_key
        self._changed = changed
        self._renewing = threading.Lock()
        self._lock = threading.Lock()
        self._tokens = tokens
        self._due_at = tokens.ends_at - renewed_before(tokens.ends_at - time.time()) if tokens else 0.0

    @property
    def current(self) -> Tokens | None:
        return self._tokens

    @property
    def due_at(self) -> float:
        """When the tokens should be renewed, by time.time()."""
        return self._due_at

    def adopt(self, told: TokensResponse, asked_at: float) -> Tokens:
        """`asked_at`: before they were asked for, so that they never end earlier than we think."""
        tokens = Tokens(told["accessToken"], told["refreshToken"], told["userId"], asked_at + told["expiresIn"])
        with self._lock:
            self._tokens, self._due_at = tokens, tokens.ends_at - renewed_before(told["expiresIn"])
        self._changed(tokens)
        return tokens

    def forget(self) -> None:
        with self._lock:
            had, self._tokens = self._tokens, None
        if had is not None:
            self._changed(None)

    def access(self) -> str | None:
        """A token that is good for a while; None: nobody is logged in."""
        had = self._tokens
        if had is None:
            return None
        if time.time() < self._due_at:
            return had.access_token
        try:
            return self.renew(had.access_token).access_token
        except KirokuError as error:
            if not is_retryable(error) or time.time() >= had.ends_at:
                raise
            self._due_at = min(had.ends_at, time.time() + AGAIN)
            return had.access_token

    def renew(self, used: str | None) -> Tokens:
        """Other tokens than `used`. Whoever asks meanwhile waits for the same."""
        with self._renewing:
            had = self._tokens
            if had is None:
                raise SignedOut("nobody is logged in")
            return self._traded(had) if had.access_token == used else had

    def _traded(self, had: Tokens) -> Tokens:
        key, asked_at = self._new_key(), 0.0

        def attempt(until: float) -> TokensResponse:
            nonlocal asked_at
            asked_at = time.time()
            return self._trade(had.refresh_token, key, until)

        try:
            told = retrying(attempt, TRADE_PATIENCE)
        except Refused as refused:
            if refused.status != 401:
                raise
            if self._tokens is had:
                self.forget()
            raise SignedOut(str(refused)) from refused
        if self._tokens is had:
            return self.adopt(told, asked_at)
        if self._tokens is None:
            raise SignedOut("logged out")
        return self._tokens  # somebody logged in anew meanwhile
