// gateway/clients/typescript/src/generated/types.ts: bodies, messages and events as /openapi.json and /asyncapi.json have them. Made by gateway/clients/generator.

/** A JSON object whose members the contract leaves open. */
export type Json = { [name: string]: unknown };

/** Why a learner gave a session up. */
export type AbandonReason = "unspecified" | "interrupted" | "no_time" | "too_hard" | "too_easy" | "lost_interest";

/** POST /challenge-sessions/{id}/abandon */
export interface AbandonSessionRequest {
  /** absent: unspecified */
  reason?: AbandonReason;
}

/** 202: it is done, but what it came to is not visible yet */
export interface Accepted {
  /** opaque; see Kiroku-Min-Position */
  position: string;
}

/** Somebody asked for what they may not do, couldn't show who they are, or did what must be known. */
export interface AccessAudited {
  /** who: user/<id> or anonymous */
  principal: string;
  /** what: a method and a route's pattern */
  action: string;
  /** at what: the path that was asked for last */
  target: string;
  outcome: AuditOutcome;
  /** the code of the refusal; absent: there was none */
  reason?: string;
  /** from where: an IP address; personal */
  address?: string;
  /** by what program, as it says itself; personal */
  userAgent?: string;
  /** how often between firstAt and lastAt */
  count: number;
  firstAt: string;
  lastAt: string;
}

/** Something earned once. */
export interface Achievement {
  id: string;
  title: string;
  description?: string;
  rarity: Rarity;
  unlockedAt: string;
}

/** A learner earned an achievement. */
export interface AchievementUnlocked {
  achievementId: string;
  rarity: Rarity;
  title: string;
}

/** What was published is done: durable, if it is something that is kept. */
export interface AckMessage {
  type: "ack";
  /** of the `publish` */
  id: string;
  /** as Kiroku-Position */
  position?: string;
  /** true: it was done before, and is only told again */
  replayed?: boolean;
  /** the body that the POST is answered with */
  answer?: Json;
}

/** How a session ended. */
export type ActivityKind = "completed" | "abandoned";

/** A session counts. */
export interface ActivityRecorded {
  sourceEventId: EventId;
  kind: ActivityKind;
  challengeType: ChallengeType;
  difficulty: Difficulty;
  /** of a completed session */
  performanceScore?: PerformanceScore;
  /** of a completed session */
  completionTime?: Seconds;
  occurredAt: string;
  /** in the time zone, fixed here for ever */
  localDate: string;
  /** IANA name */
  timezone: string;
  /** where the learner stood before it; absent: it is the first */
  before?: Standing;
}

/** denied: by somebody known, who may not; failed: who it was could not be shown; allowed: it was done. */
export type AuditOutcome = "denied" | "failed" | "allowed";

/** The first message on a connection. */
export interface AuthenticateMessage {
  type: "authenticate";
  /** an access token */
  token: string;
}

/** The token is good. */
export interface AuthenticatedMessage {
  type: "authenticated";
  userId: UserId;
  expiresAt: string;
}

/** One award of XP, from its source event and rule. */
export type AwardId = string;

/** A challenge; 201 to POST /challenges */
export interface Challenge {
  id: ChallengeId;
  type: ChallengeType;
  title: string;
  description: string;
  difficulty: Difficulty;
  estimatedDuration: Minutes;
  instructions: string[];
  /** free JSON */
  successCriteria: Json;
  /** free JSON */
  rewards: Json[];
  /** system, kiro or user */
  createdBy: string;
  createdAt: string;
  /** in answers to writes: opaque, see Kiroku-Min-Position */
  position?: string;
}

/** There is a challenge. */
export interface ChallengeCreated {
  challengeType: ChallengeType;
  title: string;
  description: string;
  difficulty: Difficulty;
  estimatedDuration: Minutes;
  instructions: string[];
  /** free JSON */
  successCriteria: Json;
  /** free JSON */
  rewards: Json[];
  /** system, kiro or user */
  createdBy: string;
  /** the only one who sees it; absent: everybody does */
  owner?: UserId;
}

/** A challenge of the catalogue or of somebody's own. */
export type ChallengeId = string;

/** One attempt at a challenge. */
export type ChallengeSessionId = string;

/** What kind of focus exercise a challenge is. */
export type ChallengeType = "pomodoro" | "distraction_drill" | "real_life_task" | "custom";

/** GET /challenges */
export interface ChallengesResponse {
  items: Challenge[];
  /** opaque; null on the last page */
  nextCursor: string | null;
}

/** Somebody began a challenge. */
export interface ChallengesSessionStarted {
  challengeId: ChallengeId;
  userId: UserId;
  challengeType: ChallengeType;
  difficulty: Difficulty;
  /** IANA name */
  timezone: string;
  currentPhase: string;
  startedAt: string;
}

export type CheckStatus = "passing" | "failing";

/** A stream of server-sent events ends here; a WebSocket's close frame says the same. */
export interface CloseMessage {
  type: "close";
  /** as a WebSocket's close code */
  code: number;
  /** for people */
  reason: string;
}

/** POST /challenge-sessions/{id}/complete */
export interface CompleteSessionRequest {
  performanceScore: PerformanceScore;
  completionTime: Seconds;
  /** when it happened, if the client was offline */
  occurredAt?: string;
}

/** 200 to POST /challenge-sessions/{id}/complete; 202 with what is known by then, if that isn't all */
export interface CompleteSessionResponse {
  session?: Session;
  /** What a completed session earned. */
  reward?: Reward;
  /** opaque; see Kiroku-Min-Position */
  position: string;
}

/** POST /challenges */
export interface CreateChallengeRequest {
  type: ChallengeType;
  title: string;
  description?: string;
  difficulty: Difficulty;
  estimatedDuration: Minutes;
  instructions?: string[];
  /** free JSON */
  successCriteria?: Json;
  /** free JSON */
  rewards?: Json[];
}

/** 1 easy to 5 hard. */
export type Difficulty = number;

/** Something drew the learner away. */
export interface DistractionEvent {
  at: string;
  kind: string;
  note?: string;
}

/** An e-mail address: UUIDv8 from a keyed hash of its normal form. */
export type EmailClaimId = string;

/** An address belongs to an account from now on. */
export interface EmailClaimed {
  emailClaimId: EmailClaimId;
  userId: UserId;
  email: string;
  displayName: string;
  /** IANA name */
  timezone: string;
  /** sealed password hash, opaque */
  credential: string;
}

/** A request that says all by its path */
export type EmptyRequest = { [name: string]: never };

/** A message could not be followed; the connection stays. */
export interface ErrorMessage {
  type: "error";
  code: string;
  message: string;
  /** of the `publish` that it answers */
  id?: string;
  /** of the `subscribe` or `unsubscribe` that it answers */
  channel?: string;
  /** the same message, with the same id, may succeed later */
  retryable?: boolean;
}

/** An event, UUIDv7. */
export type EventId = string;

/** Something happened. */
export interface EventMessage {
  type: "event";
  channel: string;
  position: string;
  event: LeaderboardItemMessage | EventMessageEvent;
}

export interface EventMessageEvent {
  id: string;
  type: string;
  subject: string;
  time: string;
  /** W3C Trace Context, as the stored event has it: the trace of the request that led to it */
  traceparent?: string;
  data: Json;
}

/** How often a refresh token family was rotated, counted from 1. */
export type Generation = number;

/** GET /healthz and /readyz */
export interface Health {
  status: "ok" | "unavailable";
  checks?: HealthCheck[];
}

/** One thing that must be there. */
export interface HealthCheck {
  name: string;
  status: CheckStatus;
  detail?: string;
}

/** Somebody logged in. */
export interface IdentitySessionStarted {
  sessionId: SessionId;
  generation: Generation;
}

/** A public key that access tokens are signed with. */
export interface JsonWebKey {
  kty: "EC";
  crv: "P-256";
  /** base64url */
  x: string;
  /** base64url */
  y: string;
  kid: string;
  use: "sig";
  alg: "ES256";
}

/** GET /.well-known/jwks.json (RFC 7517) */
export interface JwksResponse {
  keys: JsonWebKey[];
}

/** One learner's place. */
export interface LeaderboardEntry {
  rank: number;
  userId: UserId;
  displayName: string;
  xp: Xp;
  /** true: something that happened is missing here, until an operator has seen to it */
  incomplete?: boolean;
}

/** The event pushed on leaderboard:global: somebody's XP changed. */
export interface LeaderboardItemMessage {
  type: "leaderboard_item";
  userId: UserId;
  displayName?: string;
  xpAwarded: Xp;
  totalXp: Xp;
  occurredAt: string;
}

/** GET /leaderboards/global */
export interface LeaderboardResponse {
  items: LeaderboardEntry[];
  /** null where unranked */
  me: LeaderboardEntry | null;
  asOf: string;
}

/** Level L begins at 50·L·(L−1) XP. */
export type Level = number;

/** A learner reached a level. */
export interface LevelReached {
  level: Level;
}

/** POST /auth/login */
export interface LoginRequest {
  email: string;
  password: string;
}

/** GET /me */
export interface MeResponse {
  userId: UserId;
  email: string;
  displayName: string;
  /** IANA name */
  timezone: string;
  /** true: something that happened is missing here, until an operator has seen to it */
  incomplete?: boolean;
}

/** Somebody who is there, however many connections they have. */
export interface MemberMessage {
  userId: UserId;
  since: string;
}

/** A span of time, up to a week. */
export type Minutes = number;

/** Percent. */
export type PerformanceScore = number;

/** Are you there? */
export interface PingMessage {
  type: "ping";
}

/** I am here. */
export interface PongMessage {
  type: "pong";
}

/** Nothing new on the channel, but keep this position: the one that was told last will soon be too old to resume from. */
export interface PositionMessage {
  type: "position";
  channel: string;
  position: string;
}

/** Who came and who left since the last message about who is there. */
export interface PresenceChangedMessage {
  type: "presence_changed";
  channel: string;
  joined: MemberMessage[];
  left: UserId[];
}

/** All who are there now; it replaces what was told of the channel before. `presence_changed` goes on from here. */
export interface PresenceMessage {
  type: "presence";
  channel: string;
  members: MemberMessage[];
}

/** What every error is told with: RFC 9457 members, and R-131's error for programs. */
export interface Problem {
  /** a URI */
  type: string;
  title: string;
  status: number;
  detail?: string;
  /** the request's path */
  instance?: string;
  /** The error for programs. */
  error: ProblemError;
}

/** The error for programs. */
export interface ProblemError {
  code: string;
  message: string;
  /** free JSON */
  details?: Json;
  timestamp: string;
  requestId: string;
  /** the same request may succeed later */
  retryable: boolean;
}

/** GET /me/progress */
export interface ProgressResponse {
  totalXp: Xp;
  level: Level;
  xpIntoLevel: Xp;
  /** what the whole level spans */
  xpForNextLevel: Xp;
  /** all three types */
  streaks: Streak[];
  achievements: Achievement[];
  sessionsCompleted: number;
  /** true: something that happened is missing here, until an operator has seen to it */
  incomplete?: boolean;
}

/** Asks for something to be done, as a POST with `id` as its Idempotency-Key would; answered by `ack`, or by `error` with the same id. */
export interface PublishMessage {
  type: "publish";
  /** visible ASCII, of the client's making; said again, also elsewhere and later, it is the same wish */
  id: string;
  message: RecordProgressMessage | ShowTypingMessage;
}

/** How few have an achievement. */
export type Rarity = "common" | "rare" | "epic" | "legendary";

/** Published: tells how a session of one's own goes, as POST /challenge-sessions/{id}/progress does. */
export interface RecordProgressMessage {
  type: "record_progress";
  sessionId: ChallengeSessionId;
  /** the body that the POST takes */
  progress: RecordProgressRequest;
}

/** POST /challenge-sessions/{id}/progress */
export interface RecordProgressRequest {
  currentPhase?: string;
  distractionEvents?: DistractionEvent[];
  /** free JSON: timer states, answers */
  sessionData?: Json;
}

/** 200 to POST /challenge-sessions/{id}/progress: what was new in it and is recorded now */
export interface RecordProgressResponse {
  id: ChallengeSessionId;
  status: SessionStatus;
  currentPhase?: string;
  distractionEvents: DistractionEvent[];
  /** free JSON */
  sessionData?: Json;
  /** opaque; see Kiroku-Min-Position */
  position: string;
}

/** POST /auth/refresh */
export interface RefreshRequest {
  refreshToken: string;
}

/** A refresh token came back that had been traded before: it or its child was stolen. */
export interface RefreshReuseDetected {
  sessionId: SessionId;
  presented: Generation;
  current: Generation;
}

/** A refresh token was traded for the next one. */
export interface RefreshRotated {
  sessionId: SessionId;
  /** of the token that is good from now on */
  generation: Generation;
  rotatedAt: string;
}

/** POST /auth/register */
export interface RegisterRequest {
  email: string;
  password: string;
  displayName: string;
  /** IANA name */
  timezone: string;
}

/** 201 to POST /auth/register */
export interface RegisterResponse {
  userId: UserId;
  /** opaque; see Kiroku-Min-Position */
  position: string;
}

/** Why a login session ended; displaced: the user had too many. */
export type RevocationReason = "logout" | "logout_everywhere" | "displaced" | "refresh_reuse";

/** What a completed session earned. */
export interface Reward {
  /** the whole change of totalXp */
  xpAwarded: Xp;
  totalXp: Xp;
  level: Level;
  levelUp: boolean;
  streaks: Streak[];
  /** those unlocked by this session */
  achievements: Achievement[];
}

/** What a user may do beyond what everybody may, who are all learners. */
export type Role = "analyst" | "operator";

/** A user may do what a role may; who granted it is the event's actor. */
export interface RoleGranted {
  role: Role;
}

/** A user may no longer do what a role may; who revoked it is the event's actor. */
export interface RoleRevoked {
  role: Role;
}

/** The version of the XP rules that an award was made by. */
export type RulesVersion = number;

/** A span of time, up to ten years. */
export type Seconds = number;

/** A session; the answer to its start and abandonment */
export interface Session {
  id: ChallengeSessionId;
  challengeId: ChallengeId;
  userId: UserId;
  status: SessionStatus;
  startTime: string;
  currentPhase: string;
  distractionEvents: DistractionEvent[];
  /** free JSON */
  sessionData?: Json;
  performanceScore?: PerformanceScore;
  completionTime?: Seconds;
  /** when it happened for the learner */
  completedAt?: string;
  /** of an abandoned session */
  abandonReason?: AbandonReason;
  /** in answers to writes: opaque, see Kiroku-Min-Position */
  position?: string;
  /** true: something that happened is missing here, until an operator has seen to it */
  incomplete?: boolean;
}

/** Somebody gave a challenge up. */
export interface SessionAbandoned {
  userId: UserId;
  challengeId: ChallengeId;
  challengeType: ChallengeType;
  difficulty: Difficulty;
  occurredAt: string;
  /** IANA name */
  timezone: string;
  /** as the learner says; until version 2 nobody asked: unspecified */
  reason: AbandonReason;
}

/** Somebody gave a challenge up. */
export interface SessionAbandonedV1 {
  userId: UserId;
  challengeId: ChallengeId;
  challengeType: ChallengeType;
  difficulty: Difficulty;
  occurredAt: string;
  /** IANA name */
  timezone: string;
}

/** Somebody finished a challenge. */
export interface SessionCompleted {
  userId: UserId;
  challengeId: ChallengeId;
  challengeType: ChallengeType;
  difficulty: Difficulty;
  performanceScore: PerformanceScore;
  completionTime: Seconds;
  occurredAt: string;
  /** IANA name */
  timezone: string;
}

/** A login session: one device, one family of refresh tokens. */
export type SessionId = string;

/** A session went on. */
export interface SessionProgressed {
  userId: UserId;
  currentPhase?: string;
  distractionEvents: DistractionEvent[];
  /** free JSON: timer states, answers */
  sessionData?: Json;
}

/** A login session is over. */
export interface SessionRevoked {
  sessionId: SessionId;
  reason: RevocationReason;
}

/** How a session stands. */
export type SessionStatus = "in_progress" | "completed" | "abandoned";

/** GET /challenge-sessions */
export interface SessionsResponse {
  items: Session[];
  /** opaque; null on the last page */
  nextCursor: string | null;
}

/** Published: I am typing; said again every few seconds for as long as that is so. Never stored; of one user one a second is passed on. */
export interface ShowTypingMessage {
  type: "show_typing";
  /** challenge:<id>, subscribed to */
  channel: string;
}

/** What a learner had before an activity, so that the events of one decision tell the whole of it. */
export interface Standing {
  totalXp: Xp;
  /** those that ever began */
  streaks: StreakStanding[];
}

/** POST /challenges/{id}/sessions */
export type StartSessionRequest = { [name: string]: never };

/** How a streak stands. */
export interface Streak {
  /** of the latest run, even if it is over */
  currentStreak: StreakCount;
  longestStreak: StreakCount;
  streakType: StreakType;
  /** whether it can still be extended */
  isActive: boolean;
  /** null beyond the last */
  nextMilestone: StreakCount | null;
}

/** Days, weeks or sessions in a row, by the streak's type. */
export type StreakCount = number;

/** A streak broke. */
export interface StreakEnded {
  streakType: StreakType;
  /** how long it was */
  count: StreakCount;
  occurredAt: string;
}

/** A streak stands anew. */
export interface StreakExtended {
  streakType: StreakType;
  /** of the run that ends at the latest active day; 0: a run that is over was longer than known */
  count: StreakCount;
  /** ever */
  longest: StreakCount;
  /** the latest active day of the run */
  localDate: string;
  /** in which that day was counted, an IANA name */
  timezone: string;
}

/** A streak reached one of the milestones in the rules. */
export interface StreakMilestoneReached {
  streakType: StreakType;
  milestone: StreakCount;
}

/** How a streak stood. */
export interface StreakStanding {
  streakType: StreakType;
  /** of its latest run */
  count: StreakCount;
  /** ever */
  longest: StreakCount;
  /** the latest active day of the run */
  localDate: string;
  /** in which that day was counted, an IANA name */
  timezone: string;
}

/** What is counted in a row. */
export type StreakType = "daily" | "weekly" | "challenge_completion";

/** Follows a channel, from where it was left off if that is told. */
export interface SubscribeMessage {
  type: "subscribe";
  /** me, leaderboard:global or challenge:<id> */
  channel: string;
  /** the last position seen */
  since?: string;
}

/** Events of the channel follow from here on. */
export interface SubscribedMessage {
  type: "subscribed";
  channel: string;
  position: string;
  /** false: something since may be missing, fetch anew */
  recovered: boolean;
}

/** 200 to POST /auth/login and /auth/refresh */
export interface TokensResponse {
  accessToken: string;
  refreshToken: string;
  tokenType: "Bearer";
  /** of the access token */
  expiresIn: Seconds;
  userId: UserId;
}

/** Somebody else is typing; unless it is said again, no longer than until then. */
export interface TypingMessage {
  type: "typing";
  channel: string;
  userId: UserId;
  expiresAt: string;
}

/** Follows a channel no longer. */
export interface UnsubscribeMessage {
  type: "unsubscribe";
  /** me, leaderboard:global or challenge:<id> */
  channel: string;
}

/** No more events of the channel follow. */
export interface UnsubscribedMessage {
  type: "unsubscribed";
  channel: string;
}

/** A person with an account. */
export type UserId = string;

/** Somebody has an account. */
export interface UserRegistered {
  emailClaimId: EmailClaimId;
  email: string;
  displayName: string;
  /** IANA name */
  timezone: string;
  /** sealed password hash, opaque */
  credential: string;
}

/** Experience points. */
export type Xp = number;

/** A learner has more XP. */
export interface XpAwarded {
  awardId: AwardId;
  sourceEventId: EventId;
  /** stable name of the rule */
  rule: string;
  rulesVersion: RulesVersion;
  amount: Xp;
  /** after this award */
  totalXp: Xp;
  /** for people */
  reason: string;
  occurredAt: string;
}

/** One award. */
export interface XpHistoryItem {
  awardId: AwardId;
  amount: Xp;
  rule: string;
  reason: string;
  totalXp: Xp;
  occurredAt: string;
  recordedAt: string;
  sourceEventId: EventId;
}

/** GET /me/xp-history, newest first */
export interface XpHistoryResponse {
  items: XpHistoryItem[];
  /** opaque; null on the last page */
  nextCursor: string | null;
  /** true: something that happened is missing here, until an operator has seen to it */
  incomplete?: boolean;
}

export type ClientMessage = AuthenticateMessage | PingMessage | PublishMessage | SubscribeMessage | UnsubscribeMessage;

export type PublishedMessage = RecordProgressMessage | ShowTypingMessage;

export type ServerMessage = AckMessage | AuthenticatedMessage | ErrorMessage | EventMessage | PongMessage | PositionMessage | PresenceChangedMessage | PresenceMessage | SubscribedMessage | TypingMessage | UnsubscribedMessage;

export type StreamMessage = CloseMessage | EventMessage | PositionMessage | PresenceChangedMessage | PresenceMessage | SubscribedMessage | TypingMessage;

/** What an event of each type tells in `data`. */
export interface EventTypes {
  "challenges.challenge_created.v1": ChallengeCreated;
  "challenges.session_abandoned.v1": SessionAbandonedV1;
  "challenges.session_abandoned.v2": SessionAbandoned;
  "challenges.session_completed.v1": SessionCompleted;
  "challenges.session_progressed.v1": SessionProgressed;
  "challenges.session_started.v1": ChallengesSessionStarted;
  "gamification.achievement_unlocked.v1": AchievementUnlocked;
  "gamification.activity_recorded.v1": ActivityRecorded;
  "gamification.level_reached.v1": LevelReached;
  "gamification.streak_ended.v1": StreakEnded;
  "gamification.streak_extended.v1": StreakExtended;
  "gamification.streak_milestone_reached.v1": StreakMilestoneReached;
  "gamification.xp_awarded.v1": XpAwarded;
  "identity.access_audited.v1": AccessAudited;
  "identity.email_claimed.v1": EmailClaimed;
  "identity.refresh_reuse_detected.v1": RefreshReuseDetected;
  "identity.refresh_rotated.v1": RefreshRotated;
  "identity.role_granted.v1": RoleGranted;
  "identity.role_revoked.v1": RoleRevoked;
  "identity.session_revoked.v1": SessionRevoked;
  "identity.session_started.v1": IdentitySessionStarted;
  "identity.user_registered.v1": UserRegistered;
}

/** What a published message of each type is answered with. */
export interface PublishedAnswers {
  "record_progress": RecordProgressResponse;
  "show_typing": undefined;
}
