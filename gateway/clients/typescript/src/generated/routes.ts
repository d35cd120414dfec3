// gateway/clients/typescript/src/generated/routes.ts: every route as a method. Made by gateway/clients/generator.
import { Calls, type Answer, type Operation, type Options } from "../calls.js";
import type {
  Json,
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
} from "./types.js";

const SHOW_LIFE: Operation = { method: "GET", path: "/healthz", answers: [200], media: "json", secured: false, keyed: false, positioned: false, cached: false };
const SHOW_READINESS: Operation = { method: "GET", path: "/readyz", answers: [200, 503], media: "json", secured: false, keyed: false, positioned: false, cached: false };
const SHOW_METRICS: Operation = { method: "GET", path: "/metrics", answers: [200], media: "text", secured: false, keyed: false, positioned: false, cached: false };
const SHOW_KEYS: Operation = { method: "GET", path: "/.well-known/jwks.json", answers: [200], media: "json", secured: false, keyed: false, positioned: false, cached: false };
const REGISTER: Operation = { method: "POST", path: "/auth/register", answers: [201, 202], media: "json", secured: false, keyed: true, positioned: false, cached: false };
const LOG_IN: Operation = { method: "POST", path: "/auth/login", answers: [200], media: "json", secured: false, keyed: true, positioned: false, cached: false };
const REFRESH: Operation = { method: "POST", path: "/auth/refresh", answers: [200], media: "json", secured: false, keyed: true, positioned: false, cached: false };
const LOG_OUT: Operation = { method: "POST", path: "/auth/logout", answers: [204], media: "none", secured: true, keyed: true, positioned: false, cached: false };
const LOG_OUT_EVERYWHERE: Operation = { method: "POST", path: "/auth/logout-everywhere", answers: [204], media: "none", secured: true, keyed: true, positioned: false, cached: false };
const SHOW_MY_ACCOUNT: Operation = { method: "GET", path: "/me", answers: [200], media: "json", secured: true, keyed: false, positioned: true, cached: true };
const LIST_CHALLENGES: Operation = { method: "GET", path: "/challenges", answers: [200], media: "json", secured: true, keyed: false, positioned: true, cached: true };
const CREATE_CHALLENGE: Operation = { method: "POST", path: "/challenges", answers: [201], media: "json", secured: true, keyed: true, positioned: false, cached: false };
const SHOW_CHALLENGE: Operation = { method: "GET", path: "/challenges/{id}", answers: [200], media: "json", secured: true, keyed: false, positioned: true, cached: true };
const START_SESSION: Operation = { method: "POST", path: "/challenges/{id}/sessions", answers: [201], media: "json", secured: true, keyed: true, positioned: true, cached: false };
const LIST_SESSIONS: Operation = { method: "GET", path: "/challenge-sessions", answers: [200], media: "json", secured: true, keyed: false, positioned: true, cached: true };
const SHOW_SESSION: Operation = { method: "GET", path: "/challenge-sessions/{id}", answers: [200], media: "json", secured: true, keyed: false, positioned: true, cached: true };
const RECORD_PROGRESS: Operation = { method: "POST", path: "/challenge-sessions/{id}/progress", answers: [200], media: "json", secured: true, keyed: true, positioned: false, cached: false };
const COMPLETE_SESSION: Operation = { method: "POST", path: "/challenge-sessions/{id}/complete", answers: [200, 202], media: "json", secured: true, keyed: true, positioned: false, cached: false };
const ABANDON_SESSION: Operation = { method: "POST", path: "/challenge-sessions/{id}/abandon", answers: [200, 202], media: "json", secured: true, keyed: true, positioned: false, cached: false };
const SHOW_MY_PROGRESS: Operation = { method: "GET", path: "/me/progress", answers: [200], media: "json", secured: true, keyed: false, positioned: true, cached: true };
const LIST_MY_XP: Operation = { method: "GET", path: "/me/xp-history", answers: [200], media: "json", secured: true, keyed: false, positioned: true, cached: true };
const SHOW_LEADERBOARD: Operation = { method: "GET", path: "/leaderboards/global", answers: [200], media: "json", secured: true, keyed: false, positioned: true, cached: true };
const STREAM_EVENTS: Operation = { method: "GET", path: "/analytics/events", answers: [200], media: "lines", secured: true, keyed: false, positioned: false, cached: false };
const SHOW_OPEN_API: Operation = { method: "GET", path: "/openapi.json", answers: [200], media: "json", secured: false, keyed: false, positioned: false, cached: true };
const SHOW_ASYNC_API: Operation = { method: "GET", path: "/asyncapi.json", answers: [200], media: "json", secured: false, keyed: false, positioned: false, cached: true };

/** Every route that programs call. */
export class Routes extends Calls {
  /** It lives. `GET /healthz` */
  showLife(options: Options = {}): Promise<Answer<Health>> {
    return this.call(SHOW_LIFE, { path: [], body: undefined, query: undefined }, options);
  }

  /** Whether to send it requests, and what is missing if not. `GET /readyz` */
  showReadiness(options: Options = {}): Promise<Answer<Health>> {
    return this.call(SHOW_READINESS, { path: [], body: undefined, query: undefined }, options);
  }

  /** Figures for Prometheus. `GET /metrics` */
  showMetrics(options: Options = {}): Promise<Answer<string>> {
    return this.call(SHOW_METRICS, { path: [], body: undefined, query: undefined }, options);
  }

  /** The public keys that access tokens are checked with. `GET /.well-known/jwks.json` */
  showKeys(options: Options = {}): Promise<Answer<JwksResponse>> {
    return this.call(SHOW_KEYS, { path: [], body: undefined, query: undefined }, options);
  }

  /** Opens an account. 202: it is opened, and can be used in a moment. `POST /auth/register` */
  register(body: RegisterRequest, options: Options = {}): Promise<Answer<RegisterResponse>> {
    return this.call(REGISTER, { path: [], body: body, query: undefined }, options);
  }

  /** Starts a login session: an access token for a quarter of an hour and a refresh token. `POST /auth/login` */
  logIn(body: LoginRequest, options: Options = {}): Promise<Answer<TokensResponse>> {
    return this.call(LOG_IN, { path: [], body: body, query: undefined }, options);
  }

  /** New tokens for a refresh token, which is used up by it. `POST /auth/refresh` */
  refresh(body: RefreshRequest, options: Options = {}): Promise<Answer<TokensResponse>> {
    return this.call(REFRESH, { path: [], body: body, query: undefined }, options);
  }

  /** Ends this login session, on all gateways. `POST /auth/logout` */
  logOut(options: Options = {}): Promise<Answer<undefined>> {
    return this.call(LOG_OUT, { path: [], body: {}, query: undefined }, options);
  }

  /** Ends all login sessions of the account. `POST /auth/logout-everywhere` */
  logOutEverywhere(options: Options = {}): Promise<Answer<undefined>> {
    return this.call(LOG_OUT_EVERYWHERE, { path: [], body: {}, query: undefined }, options);
  }

  /** The account that is logged in. `GET /me` */
  showMyAccount(options: Options = {}): Promise<Answer<MeResponse>> {
    return this.call(SHOW_MY_ACCOUNT, { path: [], body: undefined, query: undefined }, options);
  }

  /** The catalogue, and one's own challenges. `GET /challenges` `sort`: the first of them if it isn't said; -: descending. `cursor`: `nextCursor` of the page before, for the same list. `limit`: how many at most; 20 if it isn't said. */
  listChallenges(query: { type?: "pomodoro" | "distraction_drill" | "real_life_task" | "custom"; difficulty?: number; sort?: "createdAt" | "-createdAt"; cursor?: string; limit?: number } = {}, options: Options = {}): Promise<Answer<ChallengesResponse>> {
    return this.call(LIST_CHALLENGES, { path: [], body: undefined, query: query }, options);
  }

  /** A challenge of one's own. `POST /challenges` */
  createChallenge(body: CreateChallengeRequest, options: Options = {}): Promise<Answer<Challenge>> {
    return this.call(CREATE_CHALLENGE, { path: [], body: body, query: undefined }, options);
  }

  /** One of them. `GET /challenges/{id}` */
  showChallenge(id: string, options: Options = {}): Promise<Answer<Challenge>> {
    return this.call(SHOW_CHALLENGE, { path: [id], body: undefined, query: undefined }, options);
  }

  /** Begins to practise a challenge. `POST /challenges/{id}/sessions` */
  startSession(id: string, options: Options = {}): Promise<Answer<Session>> {
    return this.call(START_SESSION, { path: [id], body: {}, query: undefined }, options);
  }

  /** One's own sessions. `GET /challenge-sessions` `sort`: the first of them if it isn't said; -: descending. `cursor`: `nextCursor` of the page before, for the same list. `limit`: how many at most; 20 if it isn't said. */
  listSessions(query: { sort?: "-startTime" | "startTime"; cursor?: string; limit?: number } = {}, options: Options = {}): Promise<Answer<SessionsResponse>> {
    return this.call(LIST_SESSIONS, { path: [], body: undefined, query: query }, options);
  }

  /** A session of one's own. `GET /challenge-sessions/{id}` */
  showSession(id: string, options: Options = {}): Promise<Answer<Session>> {
    return this.call(SHOW_SESSION, { path: [id], body: undefined, query: undefined }, options);
  }

  /** Tells how a session goes. `POST /challenge-sessions/{id}/progress` */
  recordProgress(id: string, body: RecordProgressRequest = {}, options: Options = {}): Promise<Answer<RecordProgressResponse>> {
    return this.call(RECORD_PROGRESS, { path: [id], body: body, query: undefined }, options);
  }

  /** Ends a session with success, and tells what was earned. 202: as far as is known. `POST /challenge-sessions/{id}/complete` */
  completeSession(id: string, body: CompleteSessionRequest, options: Options = {}): Promise<Answer<CompleteSessionResponse>> {
    return this.call(COMPLETE_SESSION, { path: [id], body: body, query: undefined }, options);
  }

  /** Gives a session up. 202: it is, and can be seen in a moment. `POST /challenge-sessions/{id}/abandon` */
  abandonSession(id: string, body: AbandonSessionRequest = {}, options: Options = {}): Promise<Answer<Session | Accepted>> {
    return this.call(ABANDON_SESSION, { path: [id], body: body, query: undefined }, options);
  }

  /** XP, level, streaks and achievements. `GET /me/progress` */
  showMyProgress(options: Options = {}): Promise<Answer<ProgressResponse>> {
    return this.call(SHOW_MY_PROGRESS, { path: [], body: undefined, query: undefined }, options);
  }

  /** What the XP were awarded for, newest first. `GET /me/xp-history` `sort`: the first of them if it isn't said; -: descending. `cursor`: `nextCursor` of the page before, for the same list. `limit`: how many at most; 20 if it isn't said. */
  listMyXp(query: { sort?: "-occurredAt" | "occurredAt"; cursor?: string; limit?: number } = {}, options: Options = {}): Promise<Answer<XpHistoryResponse>> {
    return this.call(LIST_MY_XP, { path: [], body: undefined, query: query }, options);
  }

  /** Who earned most, and where one stands oneself. `GET /leaderboards/global` `timeframe`: in UTC; all if it isn't said. `limit`: how many at most; 10 if it isn't said. */
  showLeaderboard(query: { timeframe?: "daily" | "weekly" | "monthly" | "all"; limit?: number } = {}, options: Options = {}): Promise<Answer<LeaderboardResponse>> {
    return this.call(SHOW_LEADERBOARD, { path: [], body: undefined, query: query }, options);
  }

  /** The log as CloudEvents, a line each; the last line tells how to go on. `GET /analytics/events` */
  streamEvents(query: { context?: string; type?: string; subject?: string; actor?: string; organization?: string; since?: string; until?: string; where?: string; sample?: string; cursor?: string; limit?: number } = {}, options: Options = {}): Promise<Answer<AsyncIterable<Json>>> {
    return this.call(STREAM_EVENTS, { path: [], body: undefined, query: query }, options);
  }

  /** This description. `GET /openapi.json` */
  showOpenApi(options: Options = {}): Promise<Answer<Json>> {
    return this.call(SHOW_OPEN_API, { path: [], body: undefined, query: undefined }, options);
  }

  /** WebSocket messages and Kafka topics, in AsyncAPI 3.0. `GET /asyncapi.json` */
  showAsyncApi(options: Options = {}): Promise<Answer<Json>> {
    return this.call(SHOW_ASYNC_API, { path: [], body: undefined, query: undefined }, options);
  }

  /** All of listChallenges, page after page. */
  iterateChallenges(query: { type?: "pomodoro" | "distraction_drill" | "real_life_task" | "custom"; difficulty?: number; sort?: "createdAt" | "-createdAt"; limit?: number } = {}, options: Options = {}): AsyncIterable<Challenge> {
    return this.iterate(LIST_CHALLENGES, { path: [], body: undefined, query }, options);
  }

  /** All of listSessions, page after page. */
  iterateSessions(query: { sort?: "-startTime" | "startTime"; limit?: number } = {}, options: Options = {}): AsyncIterable<Session> {
    return this.iterate(LIST_SESSIONS, { path: [], body: undefined, query }, options);
  }

  /** All of listMyXp, page after page. */
  iterateMyXp(query: { sort?: "-occurredAt" | "occurredAt"; limit?: number } = {}, options: Options = {}): AsyncIterable<XpHistoryItem> {
    return this.iterate(LIST_MY_XP, { path: [], body: undefined, query }, options);
  }

  /** All of streamEvents, page after page. */
  iterateEvents(query: { context?: string; type?: string; subject?: string; actor?: string; organization?: string; since?: string; until?: string; where?: string; sample?: string; limit?: number } = {}, options: Options = {}): AsyncIterable<Json> {
    return this.iterate(STREAM_EVENTS, { path: [], body: undefined, query }, options);
  }
}
