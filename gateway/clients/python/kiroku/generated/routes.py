# gateway/clients/python/kiroku/generated/routes.py: every route as a method. Made by gateway/clients/generator.
from __future__ import annotations

from typing import Any, Iterator, Literal, Unpack

from ..calls import Answer, Calls, How, Operation
from .types import (
    AbandonSessionRequest,
    Accepted,
    Challenge,
    ChallengesResponse,
    CompleteSessionRequest,
    CompleteSessionResponse,
    CreateChallengeRequest,
    Health,
    JwksResponse,
    LeaderboardResponse,
    LoginRequest,
    MeResponse,
    ProgressResponse,
    RecordProgressRequest,
    RecordProgressResponse,
    RefreshRequest,
    RegisterRequest,
    RegisterResponse,
    Session,
    SessionsResponse,
    TokensResponse,
    XpHistoryItem,
    XpHistoryResponse,
)

_SHOW_LIFE = Operation("GET", "/healthz", frozenset({200}), "json")
_SHOW_READINESS = Operation("GET", "/readyz", frozenset({200, 503}), "json")
_SHOW_METRICS = Operation("GET", "/metrics", frozenset({200}), "text")
_SHOW_KEYS = Operation("GET", "/.well-known/jwks.json", frozenset({200}), "json")
_REGISTER = Operation("POST", "/auth/register", frozenset({201, 202}), "json", keyed=True)
_LOG_IN = Operation("POST", "/auth/login", frozenset({200}), "json", keyed=True)
_REFRESH = Operation("POST", "/auth/refresh", frozenset({200}), "json", keyed=True)
_LOG_OUT = Operation("POST", "/auth/logout", frozenset({204}), "none", secured=True, keyed=True)
_LOG_OUT_EVERYWHERE = Operation("POST", "/auth/logout-everywhere", frozenset({204}), "none", secured=True, keyed=True)
_SHOW_MY_ACCOUNT = Operation("GET", "/me", frozenset({200}), "json", secured=True, positioned=True, cached=True)
_LIST_CHALLENGES = Operation("GET", "/challenges", frozenset({200}), "json", secured=True, positioned=True, cached=True)
_CREATE_CHALLENGE = Operation("POST", "/challenges", frozenset({201}), "json", secured=True, keyed=True)
_SHOW_CHALLENGE = Operation("GET", "/challenges/{id}", frozenset({200}), "json", secured=True, positioned=True, cached=True)
_START_SESSION = Operation("POST", "/challenges/{id}/sessions", frozenset({201}), "json", secured=True, keyed=True, positioned=True)
_LIST_SESSIONS = Operation("GET", "/challenge-sessions", frozenset({200}), "json", secured=True, positioned=True, cached=True)
_SHOW_SESSION = Operation("GET", "/challenge-sessions/{id}", frozenset({200}), "json", secured=True, positioned=True, cached=True)
_RECORD_PROGRESS = Operation("POST", "/challenge-sessions/{id}/progress", frozenset({200}), "json", secured=True, keyed=True)
_COMPLETE_SESSION = Operation("POST", "/challenge-sessions/{id}/complete", frozenset({200, 202}), "json", secured=True, keyed=True)
_ABANDON_SESSION = Operation("POST", "/challenge-sessions/{id}/abandon", frozenset({200, 202}), "json", secured=True, keyed=True)
_SHOW_MY_PROGRESS = Operation("GET", "/me/progress", frozenset({200}), "json", secured=True, positioned=True, cached=True)
_LIST_MY_XP = Operation("GET", "/me/xp-history", frozenset({200}), "json", secured=True, positioned=True, cached=True)
_SHOW_LEADERBOARD = Operation("GET", "/leaderboards/global", frozenset({200}), "json", secured=True, positioned=True, cached=True)
_STREAM_EVENTS = Operation("GET", "/analytics/events", frozenset({200}), "lines", secured=True)
_SHOW_OPEN_API = Operation("GET", "/openapi.json", frozenset({200}), "json", cached=True)
_SHOW_ASYNC_API = Operation("GET", "/asyncapi.json", frozenset({200}), "json", cached=True)


class Routes(Calls):
    """Every route that programs call."""

    def show_life(self, **how: Unpack[How]) -> Answer[Health]:
        """It lives. GET /healthz"""
        return self._call(_SHOW_LIFE, (), None, None, how)

    def show_readiness(self, **how: Unpack[How]) -> Answer[Health]:
        """Whether to send it requests, and what is missing if not. GET /readyz"""
        return self._call(_SHOW_READINESS, (), None, None, how)

    def show_metrics(self, **how: Unpack[How]) -> Answer[str]:
        """Figures for Prometheus. GET /metrics"""
        return self._call(_SHOW_METRICS, (), None, None, how)

    def show_keys(self, **how: Unpack[How]) -> Answer[JwksResponse]:
        """The public keys that access tokens are checked with. GET /.well-known/jwks.json"""
        return self._call(_SHOW_KEYS, (), None, None, how)

    def register(self, body: RegisterRequest, **how: Unpack[How]) -> Answer[RegisterResponse]:
        """Opens an account. 202: it is opened, and can be used in a moment. POST /auth/register"""
        return self._call(_REGISTER, (), body, None, how)

    def log_in(self, body: LoginRequest, **how: Unpack[How]) -> Answer[TokensResponse]:
        """Starts a login session: an access token for a quarter of an hour and a refresh token. POST /auth/login"""
        return self._call(_LOG_IN, (), body, None, how)

    def refresh(self, body: RefreshRequest, **how: Unpack[How]) -> Answer[TokensResponse]:
        """New tokens for a refresh token, which is used up by it. POST /auth/refresh"""
        return self._call(_REFRESH, (), body, None, how)

    def log_out(self, **how: Unpack[How]) -> Answer[None]:
        """Ends this login session, on all gateways. POST /auth/logout"""
        return self._call(_LOG_OUT, (), {}, None, how)

    def log_out_everywhere(self, **how: Unpack[How]) -> Answer[None]:
        """Ends all login sessions of the account. POST /auth/logout-everywhere"""
        return self._call(_LOG_OUT_EVERYWHERE, (), {}, None, how)

    def show_my_account(self, **how: Unpack[How]) -> Answer[MeResponse]:
        """The account that is logged in. GET /me"""
        return self._call(_SHOW_MY_ACCOUNT, (), None, None, how)

    def list_challenges(
        self,
        *,
        type: Literal['pomodoro', 'distraction_drill', 'real_life_task', 'custom'] | None = None,
        difficulty: int | None = None,
        sort: Literal['createdAt', '-createdAt'] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **how: Unpack[How],
    ) -> Answer[ChallengesResponse]:
        """The catalogue, and one's own challenges. GET /challenges sort: the first of them if it isn't said; -: descending. cursor: `nextCursor` of the page before, for the same list. limit: how many at most; 20 if it isn't said."""
        return self._call(_LIST_CHALLENGES, (), None, {"type": type, "difficulty": difficulty, "sort": sort, "cursor": cursor, "limit": limit}, how)

    def create_challenge(self, body: CreateChallengeRequest, **how: Unpack[How]) -> Answer[Challenge]:
        """A challenge of one's own. POST /challenges"""
        return self._call(_CREATE_CHALLENGE, (), body, None, how)

    def show_challenge(self, id: str, **how: Unpack[How]) -> Answer[Challenge]:
        """One of them. GET /challenges/{id}"""
        return self._call(_SHOW_CHALLENGE, (id,), None, None, how)

    def start_session(self, id: str, **how: Unpack[How]) -> Answer[Session]:
        """Begins to practise a challenge. POST /challenges/{id}/sessions"""
        return self._call(_START_SESSION, (id,), {}, None, how)

    def list_sessions(
        self,
        *,
        sort: Literal['-startTime', 'startTime'] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **how: Unpack[How],
    ) -> Answer[SessionsResponse]:
        """One's own sessions. GET /challenge-sessions sort: the first of them if it isn't said; -: descending. cursor: `nextCursor` of the page before, for the same list. limit: how many at most; 20 if it isn't said."""
        return self._call(_LIST_SESSIONS, (), None, {"sort": sort, "cursor": cursor, "limit": limit}, how)

    def show_session(self, id: str, **how: Unpack[How]) -> Answer[Session]:
        """A session of one's own. GET /challenge-sessions/{id}"""
        return self._call(_SHOW_SESSION, (id,), None, None, how)

    def record_progress(
        self,
        id: str,
        body: RecordProgressRequest | None = None,
        **how: Unpack[How],
    ) -> Answer[RecordProgressResponse]:
        """Tells how a session goes. POST /challenge-sessions/{id}/progress"""
        return self._call(_RECORD_PROGRESS, (id,), body or {}, None, how)

    def complete_session(
        self,
        id: str,
        body: CompleteSessionRequest,
        **how: Unpack[How],
    ) -> Answer[CompleteSessionResponse]:
        """Ends a session with success, and tells what was earned. 202: as far as is known. POST /challenge-sessions/{id}/complete"""
        return self._call(_COMPLETE_SESSION, (id,), body, None, how)

    def abandon_session(
        self,
        id: str,
        body: AbandonSessionRequest | None = None,
        **how: Unpack[How],
    ) -> Answer[Session | Accepted]:
        """Gives a session up. 202: it is, and can be seen in a moment. POST /challenge-sessions/{id}/abandon"""
        return self._call(_ABANDON_SESSION, (id,), body or {}, None, how)

    def show_my_progress(self, **how: Unpack[How]) -> Answer[ProgressResponse]:
        """XP, level, streaks and achievements. GET /me/progress"""
        return self._call(_SHOW_MY_PROGRESS, (), None, None, how)

    def list_my_xp(
        self,
        *,
        sort: Literal['-occurredAt', 'occurredAt'] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **how: Unpack[How],
    ) -> Answer[XpHistoryResponse]:
        """What the XP were awarded for, newest first. GET /me/xp-history sort: the first of them if it isn't said; -: descending. cursor: `nextCursor` of the page before, for the same list. limit: how many at most; 20 if it isn't said."""
        return self._call(_LIST_MY_XP, (), None, {"sort": sort, "cursor": cursor, "limit": limit}, how)

    def show_leaderboard(
        self,
        *,
        timeframe: Literal['daily', 'weekly', 'monthly', 'all'] | None = None,
        limit: int | None = None,
        **how: Unpack[How],
    ) -> Answer[LeaderboardResponse]:
        """Who earned most, and where one stands oneself. GET /leaderboards/global timeframe: in UTC; all if it isn't said. limit: how many at most; 10 if it isn't said."""
        return self._call(_SHOW_LEADERBOARD, (), None, {"timeframe": timeframe, "limit": limit}, how)

    def stream_events(
        self,
        *,
        context: str | None = None,
        type: str | None = None,
        subject: str | None = None,
        actor: str | None = None,
        organization: str | None = None,
        since: str | None = None,
        until: str | None = None,
        where: str | None = None,
        sample: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **how: Unpack[How],
    ) -> Answer[Iterator[dict[str, Any]]]:
        """The log as CloudEvents, a line each; the last line tells how to go on. GET /analytics/events"""
        return self._call(_STREAM_EVENTS, (), None, {"context": context, "type": type, "subject": subject, "actor": actor, "organization": organization, "since": since, "until": until, "where": where, "sample": sample, "cursor": cursor, "limit": limit}, how)

    def show_open_api(self, **how: Unpack[How]) -> Answer[dict[str, Any]]:
        """This description. GET /openapi.json"""
        return self._call(_SHOW_OPEN_API, (), None, None, how)

    def show_async_api(self, **how: Unpack[How]) -> Answer[dict[str, Any]]:
        """WebSocket messages and Kafka topics, in AsyncAPI 3.0. GET /asyncapi.json"""
        return self._call(_SHOW_ASYNC_API, (), None, None, how)

    def iterate_challenges(
        self,
        *,
        type: Literal['pomodoro', 'distraction_drill', 'real_life_task', 'custom'] | None = None,
        difficulty: int | None = None,
        sort: Literal['createdAt', '-createdAt'] | None = None,
        limit: int | None = None,
        **how: Unpack[How],
    ) -> Iterator[Challenge]:
        """All of list_challenges, page after page."""
        return self._iterate(_LIST_CHALLENGES, (), {"type": type, "difficulty": difficulty, "sort": sort, "limit": limit}, how)

    def iterate_sessions(
        self,
        *,
        sort: Literal['-startTime', 'startTime'] | None = None,
        limit: int | None = None,
        **how: Unpack[How],
    ) -> Iterator[Session]:
        """All of list_sessions, page after page."""
        return self._iterate(_LIST_SESSIONS, (), {"sort": sort, "limit": limit}, how)

    def iterate_my_xp(
        self,
        *,
        sort: Literal['-occurredAt', 'occurredAt'] | None = None,
        limit: int | None = None,
        **how: Unpack[How],
    ) -> Iterator[XpHistoryItem]:
        """All of list_my_xp, page after page."""
        return self._iterate(_LIST_MY_XP, (), {"sort": sort, "limit": limit}, how)

    def iterate_events(
        self,
        *,
        context: str | None = None,
        type: str | None = None,
        subject: str | None = None,
        actor: str | None = None,
        organization: str | None = None,
        since: str | None = None,
        until: str | None = None,
        where: str | None = None,
        sample: str | None = None,
        limit: int | None = None,
        **how: Unpack[How],
    ) -> Iterator[dict[str, Any]]:
        """All of stream_events, page after page."""
        return self._iterate(_STREAM_EVENTS, (), {"context": context, "type": type, "subject": subject, "actor": actor, "organization": organization, "since": since, "until": until, "where": where, "sample": sample, "limit": limit}, how)
