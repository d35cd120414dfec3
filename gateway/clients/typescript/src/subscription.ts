// gateway/clients/typescript/src/subscription.ts: a channel that is followed, and what its listener is told.
import type { EventTypes, LeaderboardItemMessage, PresenceChangedMessage, PresenceMessage, TypingMessage } from "./generated/types.js";

/** An event of `me`, by its type. */
export type PersonalEvent = { [T in keyof EventTypes]: { id: string; type: T; subject: string; time: string; traceparent?: string; data: EventTypes[T] } }[keyof EventTypes];

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

/** What a challenge's channel tells. */
export type RoomMessage = PresenceMessage | PresenceChangedMessage | TypingMessage;

/** Who hears that. */
export interface RoomHearer {
  heard(message: RoomMessage): void;
  cut(): void;
}

export class Followed implements Subscription {
  readonly ready: Promise<void>;
  position: string | undefined;
  /** On this line, since the position that was told. */
  asked: { since: string | undefined } | undefined;
  live = false;
  room: RoomHearer | undefined;
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

  cut(): void {
    [this.asked, this.live] = [undefined, false];
    this.room?.cut();
  }
}
