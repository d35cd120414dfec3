# gateway/clients/python/kiroku/generated/types.py: bodies, messages and events as /openapi.json and /asyncapi.json have them. Made by gateway/clients/generator.
from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, Union


# Why a learner gave a session up.
AbandonReason: TypeAlias = Literal['unspecified', 'interrupted', 'no_time', 'too_hard', 'too_easy', 'lost_interest']


class AbandonSessionRequest(TypedDict):
    """POST /challenge-sessions/{id}/abandon"""

    reason: NotRequired[AbandonReason]  # absent: unspecified


class Accepted(TypedDict):
    """202: it is done, but what it came to is not visible yet"""

    position: str  # opaque; see Kiroku-Min-Position


class AccessAudited(TypedDict):
    """Somebody asked for what they may not do, couldn't show who they are, or did what must be known."""

    principal: str  # who: user/<id> or anonymous
    action: str  # what: a method and a route's pattern
    target: str  # at what: the path that was asked for last
    outcome: AuditOutcome
    reason: NotRequired[str]  # the code of the refusal; absent: there was none
    address: NotRequired[str]  # from where: an IP address; personal
    userAgent: NotRequired[str]  # by what program, as it says itself; personal
    count: int  # how often between firstAt and lastAt
    firstAt: str
    lastAt: str


class Achievement(TypedDict):
    """Something earned once."""

    id: str
    title: str
    description: NotRequired[str]
    rarity: Rarity
    unlockedAt: str


class AchievementUnlocked(TypedDict):
    """A learner earned an achievement."""

    achievementId: str
    rarity: Rarity
    title: str


class AckMessage(TypedDict):
    """What was published is done: durable, if it is something that is kept."""

    type: Literal['ack']
    id: str  # of the `publish`
    position: NotRequired[str]  # as Kiroku-Position
    replayed: NotRequired[bool]  # true: it was done before, and is only told again
    answer: NotRequired[dict[str, Any]]  # the body that the POST is answered with


# How a session ended.
ActivityKind: TypeAlias = Literal['completed', 'abandoned']


class ActivityRecorded(TypedDict):
    """A session counts."""

    sourceEventId: EventId
    kind: ActivityKind
    challengeType: ChallengeType
    difficulty: Difficulty
    performanceScore: NotRequired[PerformanceScore]  # of a completed session
    completionTime: NotRequired[Seconds]  # of a completed session
    occurredAt: str
    localDate: str  # in the time zone, fixed here for ever
    timezone: str  # IANA name
    before: NotRequired[Standing]  # where the learner stood before it; absent: it is the first


# denied: by somebody known, who may not; failed: who it was could not be shown; allowed: it was done.
AuditOutcome: TypeAlias = Literal['denied', 'failed', 'allowed']


class AuthenticateMessage(TypedDict):
    """The first message on a connection."""

    type: Literal['authenticate']
    token: str  # an access token


class AuthenticatedMessage(TypedDict):
    """The token is good."""

    type: Literal['authenticated']
    userId: UserId
    expiresAt: str


# One award of XP, from its source event and rule.
AwardId: TypeAlias = str


class Challenge(TypedDict):
    """A challenge; 201 to POST /challenges"""

    id: ChallengeId
    type: ChallengeType
    title: str
    description: str
    difficulty: Difficulty
    estimatedDuration: Minutes
    instructions: list[str]
    successCriteria: dict[str, Any]  # free JSON
    rewards: list[dict[str, Any]]  # free JSON
    createdBy: str  # system, kiro or user
    createdAt: str
    position: NotRequired[str]  # in answers to writes: opaque, see Kiroku-Min-Position


class ChallengeCreated(TypedDict):
    """There is a challenge."""

    challengeType: ChallengeType
    title: str
    description: str
    difficulty: Difficulty
    estimatedDuration: Minutes
    instructions: list[str]
    successCriteria: dict[str, Any]  # free JSON
    rewards: list[dict[str, Any]]  # free JSON
    createdBy: str  # system, kiro or user
    owner: NotRequired[UserId]  # the only one who sees it; absent: everybody does


# A challenge of the catalogue or of somebody's own.
ChallengeId: TypeAlias = str


# One attempt at a challenge.
ChallengeSessionId: TypeAlias = str


# What kind of focus exercise a challenge is.
ChallengeType: TypeAlias = Literal['pomodoro', 'distraction_drill', 'real_life_task', 'custom']


class ChallengesResponse(TypedDict):
    """GET /challenges"""

    items: list[Challenge]
    nextCursor: str | None  # opaque; null on the last page


class ChallengesSessionStarted(TypedDict):
    """Somebody began a challenge."""

    challengeId: ChallengeId
    userId: UserId
    challengeType: ChallengeType
    difficulty: Difficulty
    timezone: str  # IANA name
    currentPhase: str
    startedAt: str


CheckStatus: TypeAlias = Literal['passing', 'failing']


class CloseMessage(TypedDict):
    """A stream of server-sent events ends here; a WebSocket's close frame says the same."""

    type: Literal['close']
    code: int  # as a WebSocket's close code
    reason: str  # for people


class CompleteSessionRequest(TypedDict):
    """POST /challenge-sessions/{id}/complete"""

    performanceScore: PerformanceScore
    completionTime: Seconds
    occurredAt: NotRequired[str]  # when it happened, if the client was offline


class CompleteSessionResponse(TypedDict):
    """200 to POST /challenge-sessions/{id}/complete; 202 with what is known by then, if that isn't all"""

    session: NotRequired[Session]
    reward: NotRequired[Reward]  # What a completed session earned.
    position: str  # opaque; see Kiroku-Min-Position


class CreateChallengeRequest(TypedDict):
    """POST /challenges"""

    type: ChallengeType
    title: str
    description: NotRequired[str]
    difficulty: Difficulty
    estimatedDuration: Minutes
    instructions: NotRequired[list[str]]
    successCriteria: NotRequired[dict[str, Any]]  # free JSON
    rewards: NotRequired[list[dict[str, Any]]]  # free JSON


# 1 easy to 5 hard.
Difficulty: TypeAlias = int


class DistractionEvent(TypedDict):
    """Something drew the learner away."""

    at: str
    kind: str
    note: NotRequired[str]


# An e-mail address: UUIDv8 from a keyed hash of its normal form.
EmailClaimId: TypeAlias = str


class EmailClaimed(TypedDict):
    """An address belongs to an account from now on."""

    emailClaimId: EmailClaimId
    userId: UserId
    email: str
    displayName: str
    timezone: str  # IANA name
    credential: str  # sealed password hash, opaque


class EmptyRequest(TypedDict):
    """A request that says all by its path"""


class ErrorMessage(TypedDict):
    """A message could not be followed; the connection stays."""

    type: Literal['error']
    code: str
    message: str
    id: NotRequired[str]  # of the `publish` that it answers
    channel: NotRequired[str]  # of the `subscribe` or `unsubscribe` that it answers
    retryable: NotRequired[bool]  # the same message, with the same id, may succeed later


# An event, UUIDv7.
EventId: TypeAlias = str


class EventMessage(TypedDict):
    """Something happened."""

    type: Literal['event']
    channel: str
    position: str
    event: LeaderboardItemMessage | EventMessageEvent


class EventMessageEvent(TypedDict):
    id: str
    type: str
    subject: str
    time: str
    traceparent: NotRequired[str]  # W3C Trace Context, as the stored event has it: the trace of the request that led to it
    data: dict[str, Any]


# How often a refresh token family was rotated, counted from 1.
Generation: TypeAlias = int


class Health(TypedDict):
    """GET /healthz and /readyz"""

    status: Literal['ok', 'unavailable']
    checks: NotRequired[list[HealthCheck]]


class HealthCheck(TypedDict):
    """One thing that must be there."""

    name: str
    status: CheckStatus
    detail: NotRequired[str]


class IdentitySessionStarted(TypedDict):
    """Somebody logged in."""

    sessionId: SessionId
    generation: Generation


class JsonWebKey(TypedDict):
    """A public key that access tokens are signed with."""

    kty: Literal['EC']
    crv: Literal['P-256']
    x: str  # base64url
    y: str  # base64url
    kid: str
    use: Literal['sig']
    alg: Literal['ES256']


class JwksResponse(TypedDict):
    """GET /.well-known/jwks.json (RFC 7517)"""

    keys: list[JsonWebKey]


class LeaderboardEntry(TypedDict):
    """One learner's place."""

    rank: int
    userId: UserId
    displayName: str
    xp: Xp
    incomplete: NotRequired[bool]  # true: something that happened is missing here, until an operator has seen to it


class LeaderboardItemMessage(TypedDict):
    """The event pushed on leaderboard:global: somebody's XP changed."""

    type: Literal['leaderboard_item']
    userId: UserId
    displayName: NotRequired[str]
    xpAwarded: Xp
    totalXp: Xp
    occurredAt: str


class LeaderboardResponse(TypedDict):
    """GET /leaderboards/global"""

    items: list[LeaderboardEntry]
    me: LeaderboardEntry | None  # null where unranked
    asOf: str


# Level L begins at 50·L·(L−1) XP.
Level: TypeAlias = int


class LevelReached(TypedDict):
    """A learner reached a level."""

    level: Level


class LoginRequest(TypedDict):
    """POST /auth/login"""

    email: str
    password: str


class MeResponse(TypedDict):
    """GET /me"""

    userId: UserId
    email: str
    displayName: str
    timezone: str  # IANA name
    incomplete: NotRequired[bool]  # true: something that happened is missing here, until an operator has seen to it


class MemberMessage(TypedDict):
    """Somebody who is there, however many connections they have."""

    userId: UserId
    since: str


# A span of time, up to a week.
Minutes: TypeAlias = int


# Percent.
PerformanceScore: TypeAlias = int


class PingMessage(TypedDict):
    """Are you there?"""

    type: Literal['ping']


class PongMessage(TypedDict):
    """I am here."""

    type: Literal['pong']


class PositionMessage(TypedDict):
    """Nothing new on the channel, but keep this position: the one that was told last will soon be too old to resume from."""

    type: Literal['position']
    channel: str
    position: str


class PresenceChangedMessage(TypedDict):
    """Who came and who left since the last message about who is there."""

    type: Literal['presence_changed']
    channel: str
    joined: list[MemberMessage]
    left: list[UserId]


class PresenceMessage(TypedDict):
    """All who are there now; it replaces what was told of the channel before. `presence_changed` goes on from here."""

    type: Literal['presence']
    channel: str
    members: list[MemberMessage]


class Problem(TypedDict):
    """What every error is told with: RFC 9457 members, and R-131's error for programs."""

    type: str  # a URI
    title: str
    status: int
    detail: NotRequired[str]
    instance: NotRequired[str]  # the request's path
    error: ProblemError  # The error for programs.


class ProblemError(TypedDict):
    """The error for programs."""

    code: str
    message: str
    details: NotRequired[dict[str, Any]]  # free JSON
    timestamp: str
    requestId: str
    retryable: bool  # the same request may succeed later


class ProgressResponse(TypedDict):
    """GET /me/progress"""

    totalXp: Xp
    level: Level
    xpIntoLevel: Xp
    xpForNextLevel: Xp  # what the whole level spans
    streaks: list[Streak]  # all three types
    achievements: list[Achievement]
    sessionsCompleted: int
    incomplete: NotRequired[bool]  # true: something that happened is missing here, until an operator has seen to it


class PublishMessage(TypedDict):
    """Asks for something to be done, as a POST with `id` as its Idempotency-Key would; answered by `ack`, or by `error` with the same id."""

    type: Literal['publish']
    id: str  # visible ASCII, of the client's making; said again, also elsewhere and later, it is the same wish
    message: RecordProgressMessage | ShowTypingMessage


# How few have an achievement.
Rarity: TypeAlias = Literal['common', 'rare', 'epic', 'legendary']


class RecordProgressMessage(TypedDict):
    """Published: tells how a session of one's own goes, as POST /challenge-sessions/{id}/progress does."""

    type: Literal['record_progress']
    sessionId: ChallengeSessionId
    progress: RecordProgressRequest  # the body that the POST takes


class RecordProgressRequest(TypedDict):
    """POST /challenge-sessions/{id}/progress"""

    currentPhase: NotRequired[str]
    distractionEvents: NotRequired[list[DistractionEvent]]
    sessionData: NotRequired[dict[str, Any]]  # free JSON: timer states, answers


class RecordProgressResponse(TypedDict):
    """200 to POST /challenge-sessions/{id}/progress: what was new in it and is recorded now"""

    id: ChallengeSessionId
    status: SessionStatus
    currentPhase: NotRequired[str]
    distractionEvents: list[DistractionEvent]
    sessionData: NotRequired[dict[str, Any]]  # free JSON
    position: str  # opaque; see Kiroku-Min-Position


class RefreshRequest(TypedDict):
    """POST /auth/refresh"""

    refreshToken: str


class RefreshReuseDetected(TypedDict):
    """A refresh token came back that had been traded before: it or its child was stolen."""

    sessionId: SessionId
    presented: Generation
    current: Generation


class RefreshRotated(TypedDict):
    """A refresh token was traded for the next one."""

    sessionId: SessionId
    generation: Generation  # of the token that is good from now on
    rotatedAt: str


class RegisterRequest(TypedDict):
    """POST /auth/register"""

    email: str
    password: str
    displayName: str
    timezone: str  # IANA name


class RegisterResponse(TypedDict):
    """201 to POST /auth/register"""

    userId: UserId
    position: str  # opaque; see Kiroku-Min-Position


# Why a login session ended; displaced: the user had too many.
RevocationReason: TypeAlias = Literal['logout', 'logout_everywhere', 'displaced', 'refresh_reuse']


class Reward(TypedDict):
    """What a completed session earned."""

    xpAwarded: Xp  # the whole change of totalXp
    totalXp: Xp
    level: Level
    levelUp: bool
    streaks: list[Streak]
    achievements: list[Achievement]  # those unlocked by this session


# What a user may do beyond what everybody may, who are all learners.
Role: TypeAlias = Literal['analyst', 'operator']


class RoleGranted(TypedDict):
    """A user may do what a role may; who granted it is the event's actor."""

    role: Role


class RoleRevoked(TypedDict):
    """A user may no longer do what a role may; who revoked it is the event's actor."""

    role: Role


# The version of the XP rules that an award was made by.
RulesVersion: TypeAlias = int


# A span of time, up to ten years.
Seconds: TypeAlias = int


class Session(TypedDict):
    """A session; the answer to its start and abandonment"""

    id: ChallengeSessionId
    challengeId: ChallengeId
    userId: UserId
    status: SessionStatus
    startTime: str
    currentPhase: str
    distractionEvents: list[DistractionEvent]
    sessionData: NotRequired[dict[str, Any]]  # free JSON
    performanceScore: NotRequired[PerformanceScore]
    completionTime: NotRequired[Seconds]
    completedAt: NotRequired[str]  # when it happened for the learner
    abandonReason: NotRequired[AbandonReason]  # of an abandoned session
    position: NotRequired[str]  # in answers to writes: opaque, see Kiroku-Min-Position
    incomplete: NotRequired[bool]  # true: something that happened is missing here, until an operator has seen to it


class SessionAbandoned(TypedDict):
    """Somebody gave a challenge up."""

    userId: UserId
    challengeId: ChallengeId
    challengeType: ChallengeType
    difficulty: Difficulty
    occurredAt: str
    timezone: str  # IANA name
    reason: AbandonReason  # as the learner says; until version 2 nobody asked: unspecified


class SessionAbandonedV1(TypedDict):
    """Somebody gave a challenge up."""

    userId: UserId
    challengeId: ChallengeId
    challengeType: ChallengeType
    difficulty: Difficulty
    occurredAt: str
    timezone: str  # IANA name


class SessionCompleted(TypedDict):
    """Somebody finished a challenge."""

    userId: UserId
    challengeId: ChallengeId
    challengeType: ChallengeType
    difficulty: Difficulty
    performanceScore: PerformanceScore
    completionTime: Seconds
    occurredAt: str
    timezone: str  # IANA name


# A login session: one device, one family of refresh tokens.
SessionId: TypeAlias = str


class SessionProgressed(TypedDict):
    """A session went on."""

    userId: UserId
    currentPhase: NotRequired[str]
    distractionEvents: list[DistractionEvent]
    sessionData: NotRequired[dict[str, Any]]  # free JSON: timer states, answers


class SessionRevoked(TypedDict):
    """A login session is over."""

    sessionId: SessionId
    reason: RevocationReason


# How a session stands.
SessionStatus: TypeAlias = Literal['in_progress', 'completed', 'abandoned']


class SessionsResponse(TypedDict):
    """GET /challenge-sessions"""

    items: list[Session]
    nextCursor: str | None  # opaque; null on the last page


class ShowTypingMessage(TypedDict):
    """Published: I am typing; said again every few seconds for as long as that is so. Never stored; of one user one a second is passed on."""

    type: Literal['show_typing']
    channel: str  # challenge:<id>, subscribed to


class Standing(TypedDict):
    """What a learner had before an activity, so that the events of one decision tell the whole of it."""

    totalXp: Xp
    streaks: list[StreakStanding]  # those that ever began


class StartSessionRequest(TypedDict):
    """POST /challenges/{id}/sessions"""


class Streak(TypedDict):
    """How a streak stands."""

    currentStreak: StreakCount  # of the latest run, even if it is over
    longestStreak: StreakCount
    streakType: StreakType
    isActive: bool  # whether it can still be extended
    nextMilestone: StreakCount | None  # null beyond the last


# Days, weeks or sessions in a row, by the streak's type.
StreakCount: TypeAlias = int


class StreakEnded(TypedDict):
    """A streak broke."""

    streakType: StreakType
    count: StreakCount  # how long it was
    occurredAt: str


class StreakExtended(TypedDict):
    """A streak stands anew."""

    streakType: StreakType
    count: StreakCount  # of the run that ends at the latest active day; 0: a run that is over was longer than known
    longest: StreakCount  # ever
    localDate: str  # the latest active day of the run
    timezone: str  # in which that day was counted, an IANA name


class StreakMilestoneReached(TypedDict):
    """A streak reached one of the milestones in the rules."""

    streakType: StreakType
    milestone: StreakCount


class StreakStanding(TypedDict):
    """How a streak stood."""

    streakType: StreakType
    count: StreakCount  # of its latest run
    longest: StreakCount  # ever
    localDate: str  # the latest active day of the run
    timezone: str  # in which that day was counted, an IANA name


# What is counted in a row.
StreakType: TypeAlias = Literal['daily', 'weekly', 'challenge_completion']


class SubscribeMessage(TypedDict):
    """Follows a channel, from where it was left off if that is told."""

    type: Literal['subscribe']
    channel: str  # me, leaderboard:global or challenge:<id>
    since: NotRequired[str]  # the last position seen


class SubscribedMessage(TypedDict):
    """Events of the channel follow from here on."""

    type: Literal['subscribed']
    channel: str
    position: str
    recovered: bool  # false: something since may be missing, fetch anew


class TokensResponse(TypedDict):
    """200 to POST /auth/login and /auth/refresh"""

    accessToken: str
    refreshToken: str
    tokenType: Literal['Bearer']
    expiresIn: Seconds  # of the access token
    userId: UserId


class TypingMessage(TypedDict):
    """Somebody else is typing; unless it is said again, no longer than until then."""

    type: Literal['typing']
    channel: str
    userId: UserId
    expiresAt: str


class UnsubscribeMessage(TypedDict):
    """Follows a channel no longer."""

    type: Literal['unsubscribe']
    channel: str  # me, leaderboard:global or challenge:<id>


class UnsubscribedMessage(TypedDict):
    """No more events of the channel follow."""

    type: Literal['unsubscribed']
    channel: str


# A person with an account.
UserId: TypeAlias = str


class UserRegistered(TypedDict):
    """Somebody has an account."""

    emailClaimId: EmailClaimId
    email: str
    displayName: str
    timezone: str  # IANA name
    credential: str  # sealed password hash, opaque


# Experience points.
Xp: TypeAlias = int


class XpAwarded(TypedDict):
    """A learner has more XP."""

    awardId: AwardId
    sourceEventId: EventId
    rule: str  # stable name of the rule
    rulesVersion: RulesVersion
    amount: Xp
    totalXp: Xp  # after this award
    reason: str  # for people
    occurredAt: str


class XpHistoryItem(TypedDict):
    """One award."""

    awardId: AwardId
    amount: Xp
    rule: str
    reason: str
    totalXp: Xp
    occurredAt: str
    recordedAt: str
    sourceEventId: EventId


class XpHistoryResponse(TypedDict):
    """GET /me/xp-history, newest first"""

    items: list[XpHistoryItem]
    nextCursor: str | None  # opaque; null on the last page
    incomplete: NotRequired[bool]  # true: something that happened is missing here, until an operator has seen to it


ClientMessage = Union[
    AuthenticateMessage,
    PingMessage,
    PublishMessage,
    SubscribeMessage,
    UnsubscribeMessage,
]


PublishedMessage = Union[
    RecordProgressMessage,
    ShowTypingMessage,
]


ServerMessage = Union[
    AckMessage,
    AuthenticatedMessage,
    ErrorMessage,
    EventMessage,
    PongMessage,
    PositionMessage,
    PresenceChangedMessage,
    PresenceMessage,
    SubscribedMessage,
    TypingMessage,
    UnsubscribedMessage,
]


StreamMessage = Union[
    CloseMessage,
    EventMessage,
    PositionMessage,
    PresenceChangedMessage,
    PresenceMessage,
    SubscribedMessage,
    TypingMessage,
]


# What an event of each type tells in `data`.
EVENT_TYPES = {
    "challenges.challenge_created.v1": ChallengeCreated,
    "challenges.session_abandoned.v1": SessionAbandonedV1,
    "challenges.session_abandoned.v2": SessionAbandoned,
    "challenges.session_completed.v1": SessionCompleted,
    "challenges.session_progressed.v1": SessionProgressed,
    "challenges.session_started.v1": ChallengesSessionStarted,
    "gamification.achievement_unlocked.v1": AchievementUnlocked,
    "gamification.activity_recorded.v1": ActivityRecorded,
    "gamification.level_reached.v1": LevelReached,
    "gamification.streak_ended.v1": StreakEnded,
    "gamification.streak_extended.v1": StreakExtended,
    "gamification.streak_milestone_reached.v1": StreakMilestoneReached,
    "gamification.xp_awarded.v1": XpAwarded,
    "identity.access_audited.v1": AccessAudited,
    "identity.email_claimed.v1": EmailClaimed,
    "identity.refresh_reuse_detected.v1": RefreshReuseDetected,
    "identity.refresh_rotated.v1": RefreshRotated,
    "identity.role_granted.v1": RoleGranted,
    "identity.role_revoked.v1": RoleRevoked,
    "identity.session_revoked.v1": SessionRevoked,
    "identity.session_started.v1": IdentitySessionStarted,
    "identity.user_registered.v1": UserRegistered,
}


# What a published message of each type is answered with.
PUBLISHED_ANSWERS = {
    "record_progress": RecordProgressResponse,
    "show_typing": None,
}
