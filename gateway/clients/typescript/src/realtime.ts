// gateway/clients/typescript/src/realtime.ts: channels that are followed over one WebSocket, resumed wherever it was cut.
import { remedyFor, type Remedy } from "./closes.js";
import { Connection, PROTOCOL, type Silence, type SocketConstructor } from "./connection.js";
import type { ClientMessage, EventTypes, LeaderboardItemMessage, ServerMessage, SubscribedMessage } from "./generated/types.js";
import type { Login } from "./login.js";
import { KirokuError, SignedOut } from "./problem.js";
import { pauseBefore } from "./retries.js";

export type { Socket, SocketConstructor } from "./connection.js";

/** An event of `me`, by its type. */
export type PersonalEvent = { [T in keyof EventTypes]: { id: string; type: T; subject: string; time: string; data: EventTypes[T] } }[keyof EventTypes];

export type Pushed = PersonalEvent | LeaderboardItemMessage;

export interface Listener {
  event: (event: Pushed, position: string) => void;
  /** Something may have happened that won't be told: fetch anew what you show. */
  missed?: () => void;
}

export interface Subscription {
  readonly channel: string;
  /** To go on from, also in another program: `since`. */
  readonly position: string | undefined;
  /** When it stands for the first time: what is fetched after that and what is pushed leave nothing out. */
  readonly ready: Promise<void>;
  stop(): void;
}

export type State = "connecting" | "live" | "waiting" | "ended";

export interface RealtimeSettings {
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

const SOON_MS = 1_000;
const SLOWLY_MS = 2_000;
const STANDS_AFTER_MS = 10_000;

class Followed implements Subscription {
  readonly ready: Promise<void>;
  position: string | undefined;
  /** On this connection, since the position that was told. */
  asked: { since: string | undefined } | undefined;
  live = false;
  stands!: () => void;
  fails!: (error: unknown) => void;

  constructor(readonly channel: string, readonly listener: Listener, since: string | undefined, private readonly stopped: (one: Followed) => void) {
    this.position = since;
    this.ready = new Promise((resolve, reject) => ([this.stands, this.fails] = [resolve, reject]));
    this.ready.catch(() => undefined);
  }

  stop(): void {
    this.stopped(this);
  }
}

export class Realtime {
  private readonly followed = new Map<string, Followed>();
  private connection: Connection | undefined;
  private state: State | undefined;
  private token: string | undefined;
  private turn = 0;
  private openedAt = 0;
  private waits: ReturnType<typeof setTimeout> | undefined;
  private renews: ReturnType<typeof setTimeout> | undefined;
  private readonly settings: RealtimeSettings & Silence & { pauseMs: number; longestPauseMs: number };

  constructor(private readonly url: string, private readonly login: Login, settings: RealtimeSettings) {
    this.settings = { quietMs: 20_000, deadMs: 10_000, connectMs: 15_000, pauseMs: 250, longestPauseMs: 30_000, ...settings };
  }

  /** `since`: the position up to which everything is known already. */
  subscribe(channel: string, listener: Listener, since?: string): Subscription {
    if (this.followed.has(channel)) throw new KirokuError(`${channel} is followed already`);
    const one = new Followed(channel, listener, since, (stopped) => this.stop(stopped));
    this.followed.set(channel, one);
    if (this.state === "ended") this.state = undefined;
    if (this.state === undefined) void this.connect();
    else this.ask(one);
    return one;
  }

  /** Says something else of the protocol; false: there is no connection at the moment. */
  send(message: ClientMessage): boolean {
    if (this.state !== "live") return false;
    this.connection?.send(message);
    return true;
  }

  /** A subscription after that connects again. */
  close(): void {
    this.end(undefined, "closed", new KirokuError("closed"));
  }

  private tell(state: State, code: number | undefined, reason: string): void {
    this.state = state;
    this.settings.onState?.(state, code, reason);
  }

  private async connect(): Promise<void> {
    this.tell("connecting", undefined, "");
    try {
      this.token = await this.login.access();
    } catch (error) {
      return this.trouble(error);
    }
    if (this.state !== "connecting") return;
    if (this.token === undefined) return this.trouble(new SignedOut("nobody is logged in"));
    const make = this.settings.WebSocket ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
    if (make === undefined) return this.end(undefined, "no WebSocket", new KirokuError("there is no WebSocket here: tell one in the settings"));
    const parts = {
      opened: () => this.opened(),
      heard: (message: ServerMessage) => this.heard(message),
      closed: (code: number | undefined, reason: string) => void this.closed(code, reason),
    };
    const address = new URL(this.url + "/ws", (globalThis as { location?: Location }).location?.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.connection = new Connection(new make(String(address), [PROTOCOL]), parts, this.settings);
  }

  private opened(): void {
    this.openedAt = Date.now();
    this.connection?.send({ type: "authenticate", token: this.token ?? "" });
    this.tell("live", undefined, "");
    for (const one of this.followed.values()) this.ask(one);
    this.renewInTime();
  }

  private ask(one: Followed): void {
    if (this.state !== "live") return;
    one.asked = { since: one.position };
    this.connection?.send({ type: "subscribe", channel: one.channel, ...(one.position === undefined ? {} : { since: one.position }) });
  }

  private stop(one: Followed): void {
    if (this.followed.get(one.channel) !== one) return;
    this.followed.delete(one.channel);
    if (one.asked !== undefined) this.send({ type: "unsubscribe", channel: one.channel });
  }

  private heard(message: ServerMessage): void {
    const { channel } = message as { channel?: string };
    const one = channel === undefined ? undefined : this.followed.get(channel);
    if (message.type === "subscribed") {
      if (one !== undefined) this.subscribed(one, message);
    } else if (message.type === "event") {
      if (one === undefined || !one.live) return;
      this.run(() => one.listener.event(message.event as unknown as Pushed, message.position));
      one.position = message.position;
    } else if (message.type === "position") {
      if (one !== undefined && one.live) one.position = message.position;
    } else if (message.type !== "authenticated" && message.type !== "unsubscribed") {
      if (message.type === "error") one?.fails(new KirokuError(`${message.code}: ${message.message}`));
      this.run(() => this.settings.onMessage?.(message));
    }
  }

  private subscribed(one: Followed, message: SubscribedMessage): void {
    const resumed = one.asked?.since !== undefined;
    one.live = true;
    one.position = message.position;
    if (resumed && !message.recovered) this.run(() => one.listener.missed?.());
    one.stands();
  }

  private run(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      (this.settings.onError ?? console.error)(error);
    }
  }

  /** Before the token ends, another one is told on the same connection. */
  private renewInTime(): void {
    clearTimeout(this.renews);
    this.renews = setTimeout(() => void this.renew(), Math.max(1_000, this.login.dueAt - Date.now()));
  }

  private async renew(): Promise<void> {
    const connection = this.connection;
    const token = await this.login.access().catch(() => undefined);
    if (connection === undefined || connection !== this.connection) return;
    if (token !== undefined && token !== this.token) {
      this.token = token;
      connection.send({ type: "authenticate", token });
    }
    this.renewInTime();
  }

  private leave(): void {
    clearTimeout(this.renews);
    clearTimeout(this.waits);
    this.connection = undefined;
    for (const one of this.followed.values()) [one.asked, one.live] = [undefined, false];
  }

  private async closed(code: number | undefined, reason: string): Promise<void> {
    this.leave();
    const remedy = remedyFor(code);
    if (remedy === "give up") return this.end(code, reason, new KirokuError(`the gateway closed with ${code}: ${reason}`));
    if (this.openedAt > 0 && Date.now() - this.openedAt > STANDS_AFTER_MS) this.turn = 0;
    this.openedAt = 0;
    if (remedy !== "renew") return this.wait(remedy, code, reason);
    this.tell("waiting", code, reason);
    try {
      await this.login.renew(this.token);
    } catch (error) {
      return this.trouble(error, code);
    }
    if (this.state === "waiting") this.wait(remedy, code, reason);
  }

  private wait(remedy: Remedy, code: number | undefined, reason: string): void {
    const pause = remedy === "soon" ? Math.random() * SOON_MS : pauseBefore(this.turn, this.settings) + (remedy === "slow down" ? SLOWLY_MS : 0);
    this.turn += 1;
    this.tell("waiting", code, reason);
    this.waits = setTimeout(() => void this.connect(), pause);
  }

  /** No token is to be had: for ever, or at the moment. */
  private trouble(error: unknown, code?: number): void {
    if (this.state === "ended") return;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof SignedOut) this.end(code, reason, error);
    else this.wait("come back", code, reason);
  }

  private end(code: number | undefined, reason: string, error: KirokuError): void {
    const { connection } = this;
    this.leave();
    connection?.leave();
    for (const one of this.followed.values()) one.fails(error);
    this.followed.clear();
    this.tell("ended", code, reason);
  }
}
