# gateway/clients/python/kiroku/client.py: the client: all routes, a login session, and what is pushed.
from __future__ import annotations

import time
from typing import Callable, Unpack

from .calls import Answer, How
from .generated.routes import Routes
from .generated.types import LoginRequest, TokensResponse
from .problems import SignedOut
from .realtime import Realtime, RealtimeSettings


class Kiroku(Routes):
    """One user's. The url is a gateway's, or of what stands before several."""

    def log_in(self, body: LoginRequest, **how: Unpack[How]) -> Answer[TokensResponse]:
        """All calls after it are made with the tokens that it gives."""
        asked_at = time.time()
        answer = super().log_in(body, **how)
        if self.login.current is None or self.login.current.user_id != answer.body["userId"]:
            self._forget_all()
        self.positions.see(answer.position or "")
        self.login.adopt(answer.body, asked_at)
        return answer

    def log_out(self, **how: Unpack[How]) -> Answer[None]:
        """Fine, too, if the session was over already."""
        return self._ended(lambda: super(Kiroku, self).log_out(**how))

    def log_out_everywhere(self, **how: Unpack[How]) -> Answer[None]:
        """Fine, too, if the session was over already."""
        return self._ended(lambda: super(Kiroku, self).log_out_everywhere(**how))

    def realtime(self, **settings: Unpack[RealtimeSettings]) -> Realtime:
        """What happens, as it happens; it connects with the first subscription."""
        return Realtime(self._transport.url, self.login, self._transport.tls, self.record_progress, self.positions.see, **settings)

    def close(self) -> None:
        """Hangs up; a call after it connects again."""
        self._transport.close()

    def __enter__(self) -> Kiroku:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ended(self, end: Callable[[], Answer[None]]) -> Answer[None]:
        try:
            answer = end()
        except SignedOut:
            return Answer(204, None, None, True, "", None)
        self.login.forget()
        return answer
