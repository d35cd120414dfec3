// gateway/clients/typescript/src/line.ts: what a line to a gateway can do, whichever way it goes.
import type { ClientMessage, ServerMessage } from "./generated/types.js";

export interface LineParts {
  /** It stands; a stream of server-sent events may begin anew, and says so each time. */
  opened: () => void;
  heard: (message: ServerMessage) => void;
  /** Once. Without a code: it couldn't be made, or nothing was heard any more. Come back no sooner than after `afterMs`. */
  closed: (code: number | undefined, reason: string, afterMs?: number) => void;
}

export interface Silence {
  /** After so long without a word we ask whether anybody is there (by server-sent events nobody can ask), */
  quietMs: number;
  /** and wait so long for an answer. */
  deadMs: number;
  /** For the connection itself. Browsers hold new ones back for seconds where many have failed: less than that, and none succeeds. */
  connectMs: number;
}

/** What is said before it stands is said then. */
export interface Line {
  subscribe(channel: string, since: string | undefined): void;
  unsubscribe(channel: string): void;
  /** Another token of the same user. */
  authenticate(token: string): void;
  /** False: not this way, or not yet. */
  say(message: ClientMessage): boolean;
  /** Without telling anybody here. */
  leave(): void;
}
