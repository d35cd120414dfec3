// gateway/clients/typescript/src/realtime.ts: channels that are followed over one line, resumed wherever it was cut.
import type { Answer, Options } from "./calls.js";
import { remedyFor, type Remedy } from "./closes.js";
import { Connection, PROTOCOL, type SocketConstructor } from "./connection.js";
import type { ClientMessage, ErrorMessage, PublishedMessage, RecordProgressRequest, RecordProgressResponse, ServerMessage, SubscribedMessage } from "./generated/types.js";
import type { Line, LineParts, Silence } from "./line.js";
import type { Login } from "./login.js";
import { KirokuError, OriginRefused, Refused, SignedOut } from "./problem.js";
import { Publications, type Acknowledged, type PublishOptions } from "./publications.js";
import { pauseBefore } from "./retries.js";
import { Room, type RoomListener } from "./room.js";
import { EventStream } from "./stream.js";
import { Followed, type Listener, type Pushed, type Subscription } from "./subscription.js";

export type State = "connecting" | "live" | "waiting" | "ended";

/** "sse": server-sent events, for where WebSockets don't get through, of four channels at most; "auto": the other one whenever one couldn't be made. */
export type Transport = "websocket" | "sse" | "auto";

export interface RealtimeSettings {
  /** "websocket" if it isn't told. By "sse", `publish` goes by POST, and nobody is shown that one types. */
  transport?: Transport;
  /** Node before 22 has none: that of the package ws. */
  WebSocket?: SocketConstructor;
  /** ended: by `close`, by a mistake that coming back won't mend (`code`), or because nobody is logged in any more. */
  onState?: (state: State, code: number | undefined, reason: string) => void;
  /** What this client doesn't know itself: `error`, and what newer gateways tell. */
  onMessage?: (message: ServerMessage) => void;
  /** What a listener has thrown; console.error if it isn't told. */
  onError?: (error: unknown) => void;
  quietMs?: number;
  deadMs?: number;
  connectMs?: number;
  pauseMs?: number;
  longestPauseMs?: number;
}

export interface RealtimeParts {
  url: string;
  login: Login;
  newKey: () => string;
  fetch: typeof globalThis.fetch;
  recordProgress: (sessionId: string, body: RecordProgressRequest, options: Options) => Promise<Answer<RecordProgressResponse>>;
  saw: (position: string) => void;
  originRefused: () => Promise<KirokuError | undefined>;
}

const SOON_MS = 1_000;
const SLOWLY_MS = 2_000;
const STANDS_AFTER_MS = 10_000;
const ASKED_AGAIN_MS = 2_000;
/** Gateways are silent for 15 s on a stream of server-sent events that has nothing to tell. */
const QUIET_MS = { websocket: 20_000, sse: 35_000 };

export class Realtime {
  private readonly followed = new Map<string, Followed>();
  private readonly publications: Publications;
  private readonly settings: RealtimeSettings & Omit<Silence, "quietMs"> & { pauseMs: number; longestPauseMs: number };
  private line: Line | undefined;
  private way: "websocket" | "sse";
  private state: State | undefined;
  private token: string | undefined;
  private turn = 0;
  private openedAt = 0;
  private waits: ReturnType<typeof setTimeout> | undefined;
  private renews: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: RealtimeParts, settings: RealtimeSettings) {
    this.settings = { deadMs: 10_000, connectMs: 15_000, pauseMs: 250, longestPauseMs: 30_000, ...settings };
    this.way = settings.transport === "sse" || (settings.transport === "auto" && this.socketConstructor === undefined) ? "sse" : "websocket";
    this.publications = new Publications({
      say: (message) => this.send(message),
      post: () => (this.way === "sse" ? (message, options) => this.post(message, options) : undefined),
      newKey: parts.newKey, saw: parts.saw, patience: this.settings,
    });
  }

  /** `since`: the position up to which everything is known already. */
  subscribe(channel: string, listener: Listener, since?: string): Subscription {
    return this.follow(channel, listener, since);
  }

  /** Who practises this challenge now, and who is typing: to be there oneself. */
  join(challengeId: string, listener: RoomListener = {}): Room {
    const one = this.follow(`challenge:${challengeId}`, { event: () => undefined }, undefined);
    const room = new Room(one, listener, { run: (told) => this.run(told), sayTyping: (channel) => this.sayTyping(channel) });
    one.room = room;
    return room;
  }

  /** Has it done, once, and resolves when it is: told again with the same id over all cuts until it is acknowledged. Rejects with
   * Refused, or after `timeoutMs` or `close` with what hindered it: then nobody knows, and the same id may be published again. */
  publish<M extends PublishedMessage>(message: M, options: PublishOptions = {}): Promise<Acknowledged<M>> {
    const done = this.publications.publish(message, options);
    if (this.way === "websocket") this.begin();
    return done;
  }

  /** Says something else of the protocol; false: there is no WebSocket at the moment. */
  send(message: ClientMessage): boolean {
    return this.state === "live" && this.line !== undefined && this.line.say(message);
  }

  /** A subscription after that connects again. */
  close(): void {
    this.end(undefined, "closed", new KirokuError("closed"));
  }

  private follow(channel: string, listener: Listener, since: string | undefined): Followed {
    if (this.followed.has(channel)) throw new KirokuError(`${channel} is followed already`);
    const one = new Followed(channel, listener, since, (stopped) => this.stop(stopped));
    this.followed.set(channel, one);
    if (!this.begin()) this.ask(one);
    return one;
  }

  /** False: it was begun before. */
  private begin(): boolean {
    if (this.state !== undefined && this.state !== "ended") return false;
    void this.connect();
    return true;
  }

  private tell(state: State, code: number | undefined, reason: string): void {
    this.state = state;
    this.settings.onState?.(state, code, reason);
  }

  private async connect(): Promise<void> {
    this.tell("connecting", undefined, "");
    try {
      this.token = await this.parts.login.access();
    } catch (error) {
      return this.trouble(error);
    }
    if (this.state !== "connecting") return;
    if (this.token === undefined) return this.trouble(new SignedOut("nobody is logged in"));
    const parts = {
      opened: () => this.opened(),
      heard: (message: ServerMessage) => this.heard(message),
      closed: (code: number | undefined, reason: string, afterMs?: number) => void this.closed(code, reason, afterMs),
    };
    const silence = { quietMs: QUIET_MS[this.way], ...this.settings };
    const line = this.way === "sse" ? new EventStream(this.parts.url, this.token, parts, silence, this.parts.fetch) : this.socket(this.token, parts, silence);
    if (line === undefined) return this.end(undefined, "no WebSocket", new KirokuError("there is no WebSocket here: tell one in the settings"));
    this.line = line;
    for (const one of this.followed.values()) this.ask(one);
    if (this.way === "sse") this.publications.opened();
  }

  private get socketConstructor(): SocketConstructor | undefined {
    return this.settings.WebSocket ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  }

  private socket(token: string, parts: LineParts, silence: Silence): Line | undefined {
    const make = this.socketConstructor;
    if (make === undefined) return undefined;
    const address = new URL(this.parts.url + "/ws", (globalThis as { location?: Location }).location?.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return new Connection(new make(String(address), [PROTOCOL]), token, parts, silence);
  }

  private opened(): void {
    if (this.openedAt === 0) this.openedAt = Date.now();
    if (this.state !== "live") this.tell("live", undefined, "");
    this.publications.opened();
    this.renewInTime();
  }

  private ask(one: Followed): void {
    if (this.line === undefined) return;
    one.asked = { since: one.position };
    this.line.subscribe(one.channel, one.position);
  }

  private stop(one: Followed): void {
    if (this.followed.get(one.channel) !== one) return;
    this.followed.delete(one.channel);
    if (one.asked !== undefined) this.line?.unsubscribe(one.channel);
  }

  private heard(message: ServerMessage): void {
    const { channel } = message as { channel?: string };
    const one = channel === undefined ? undefined : this.followed.get(channel);
    switch (message.type) {
      case "subscribed":
        return one && this.subscribed(one, message);
      case "event":
      case "position":
        if (one === undefined || !one.live) return;
        if (message.type === "event") this.run(() => one.listener.event(message.event as unknown as Pushed, message.position));
        one.position = message.position;
        return;
      case "authenticated":
      case "unsubscribed":
        return;
      case "presence":
      case "presence_changed":
      case "typing":
        if (one?.room !== undefined) return one.room.heard(message);
        break;
      case "ack":
        if (this.publications.heard(message)) return;
        break;
      case "error":
        if (this.publications.heard(message)) return;
        if (one !== undefined && !one.live) this.refused(one, message);
    }
    this.run(() => this.settings.onMessage?.(message));
  }

  private subscribed(one: Followed, message: SubscribedMessage): void {
    const resumed = one.live || one.asked?.since !== undefined;
    one.live = true;
    one.position = message.position;
    if (resumed && !message.recovered) this.run(() => one.listener.missed?.());
    one.stands();
  }

  private refused(one: Followed, { code, message, retryable = false }: ErrorMessage): void {
    if (retryable) {
      const { line } = this;
      setTimeout(() => this.line === line && this.followed.get(one.channel) === one && !one.live && this.ask(one), ASKED_AGAIN_MS * (0.5 + Math.random()));
      return;
    }
    this.followed.delete(one.channel);
    one.fails(new Refused(0, code, `${one.channel}: ${code}: ${message}`, {}, "", false, undefined, undefined));
  }

  private async post(message: PublishedMessage, { id, timeoutMs, signal }: { id: string; timeoutMs: number; signal: AbortSignal }): Promise<Acknowledged> {
    if (message.type !== "record_progress") throw new KirokuError(`${message.type} needs a WebSocket`);
    const { body, position, replayed } = await this.parts.recordProgress(message.sessionId, message.progress, { idempotencyKey: id, timeoutMs, signal });
    return { id, answer: body, position, replayed };
  }

  private sayTyping(channel: string): boolean {
    if (this.way === "sse" || this.state !== "live" || !this.followed.get(channel)?.live) return false;
    this.publications.publish({ type: "show_typing", channel }, {}).catch(() => undefined);
    return true;
  }

  private run(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      (this.settings.onError ?? console.error)(error);
    }
  }

  /** Before the token ends, another one is told on the same line. */
  private renewInTime(): void {
    clearTimeout(this.renews);
    this.renews = setTimeout(() => void this.renew(), Math.max(1_000, this.parts.login.dueAt - Date.now()));
  }

  private async renew(): Promise<void> {
    const { line } = this;
    const token = await this.parts.login.access().catch(() => undefined);
    if (line === undefined || line !== this.line) return;
    if (token !== undefined && token !== this.token) {
      this.token = token;
      line.authenticate(token);
    }
    this.renewInTime();
  }

  private leave(): void {
    clearTimeout(this.renews);
    clearTimeout(this.waits);
    this.line = undefined;
    if (this.way === "websocket") this.publications.cut();
    for (const one of this.followed.values()) one.cut();
  }

  private async closed(code: number | undefined, reason: string, afterMs = 0): Promise<void> {
    this.leave();
    const remedy = remedyFor(code);
    if (remedy === "give up") return this.end(code, reason, new KirokuError(`the gateway closed with ${code}: ${reason}`));
    const stood = this.openedAt;
    if (stood > 0 && Date.now() - stood > STANDS_AFTER_MS) this.turn = 0;
    this.openedAt = 0;
    if (remedy !== "renew") return stood > 0 ? this.wait(remedy, code, reason, afterMs) : this.notOpened(code, reason, afterMs);
    this.tell("waiting", code, reason);
    try {
      await this.parts.login.renew(this.token);
    } catch (error) {
      return this.trouble(error, code);
    }
    if (this.state === "waiting") this.wait(remedy, code, reason, afterMs);
  }

  /** No line could be made this way: for a page of this origin never, or perhaps by the other way. */
  private async notOpened(code: number | undefined, reason: string, afterMs: number): Promise<void> {
    this.wait("come back", code, reason, afterMs);
    if (this.settings.transport === "auto") this.way = this.way === "sse" && this.socketConstructor !== undefined ? "websocket" : "sse";
    const refused = await this.parts.originRefused();
    if (refused !== undefined && this.openedAt === 0 && this.state !== "ended") this.end(code, refused.message, refused);
  }

  private wait(remedy: Remedy, code: number | undefined, reason: string, afterMs = 0): void {
    const pause = remedy === "soon" ? Math.random() * SOON_MS : pauseBefore(this.turn, this.settings) + (remedy === "slow down" ? SLOWLY_MS : 0);
    this.turn += 1;
    this.tell("waiting", code, reason);
    this.waits = setTimeout(() => void this.connect(), pause + afterMs);
  }

  /** No token is to be had: for ever (nobody is logged in, or this page isn't let in), or at the moment. */
  private trouble(error: unknown, code?: number): void {
    if (this.state === "ended") return;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof SignedOut || error instanceof OriginRefused) this.end(code, reason, error);
    else this.wait("come back", code, reason);
  }

  private end(code: number | undefined, reason: string, error: KirokuError): void {
    const { line } = this;
    this.leave();
    line?.leave();
    for (const one of this.followed.values()) one.fails(error);
    this.followed.clear();
    this.publications.end(error);
    this.tell("ended", code, reason);
  }
}
