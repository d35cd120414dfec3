// gateway/clients/typescript/src/room.ts: who practises the same challenge now, and who is typing there.
import type { MemberMessage } from "./generated/types.js";
import type { RoomHearer, RoomMessage, Subscription } from "./subscription.js";

export interface RoomListener {
  /** Somebody came or left: all who are there now. */
  changed?: (members: MemberMessage[]) => void;
  /** Somebody began to type, or stopped: the ids of all who type now. Oneself is never among them. */
  typing?: (userIds: string[]) => void;
}

/** As long as the gateway has typing shown; what its clock and ours disagree about doesn't lengthen it. */
const TYPING_MS = 5_000;
/** One a second is passed on. */
const TYPING_PAUSE_MS = 1_000;

function shownFor(expiresAt: string): number {
  const left = Date.parse(expiresAt) - Date.now();
  return left > 0 && left < TYPING_MS ? left : TYPING_MS;
}

export interface RoomParts {
  /** Runs a listener, whatever it throws. */
  run: (listener: () => void) => void;
  /** Says that somebody types here; false: it can't be said now. */
  sayTyping: (channel: string) => boolean;
}

/** The view stays over cuts: what was told last is kept until a new snapshot replaces it. */
export class Room implements RoomHearer {
  private readonly there = new Map<string, MemberMessage>();
  private readonly typers = new Map<string, ReturnType<typeof setTimeout>>();
  private typedAt = -Infinity;

  constructor(private readonly subscription: Subscription, private readonly listener: RoomListener, private readonly parts: RoomParts) {}

  get channel(): string {
    return this.subscription.channel;
  }

  /** When the gateway has let us in; `members` are told a moment later. */
  get ready(): Promise<void> {
    return this.subscription.ready;
  }

  /** Who is there, ourselves too, those first who came first. Someone with several connections is told once. */
  get members(): MemberMessage[] {
    return [...this.there.values()].sort((one, other) => Date.parse(one.since) - Date.parse(other.since));
  }

  /** The ids of those who type now. */
  get typing(): string[] {
    return [...this.typers.keys()];
  }

  /** To be called with every key that is pressed: it is said once a second. False: it wasn't said now. By server-sent events it never is. */
  showTyping(): boolean {
    if (Date.now() - this.typedAt < TYPING_PAUSE_MS || !this.parts.sayTyping(this.channel)) return false;
    this.typedAt = Date.now();
    return true;
  }

  leave(): void {
    this.subscription.stop();
    this.cut();
  }

  heard(message: RoomMessage): void {
    if (message.type === "typing") return this.types(message.userId, shownFor(message.expiresAt));
    const before = new Map(this.there);
    if (message.type === "presence") this.there.clear();
    const { joined, left } = message.type === "presence" ? { joined: message.members, left: [] } : message;
    for (const member of joined) this.there.set(member.userId, member);
    for (const userId of left) this.there.delete(userId);
    if (before.size !== this.there.size || [...this.there.keys()].some((userId) => !before.has(userId))) this.parts.run(() => this.listener.changed?.(this.members));
    this.stopped([...this.typers.keys()].filter((userId) => !this.there.has(userId)));
  }

  cut(): void {
    this.stopped([...this.typers.keys()]);
  }

  private types(userId: string, forMs: number): void {
    const began = !this.typers.has(userId);
    clearTimeout(this.typers.get(userId));
    this.typers.set(userId, setTimeout(() => this.stopped([userId]), forMs));
    if (began) this.tellTyping();
  }

  private stopped(userIds: string[]): void {
    for (const userId of userIds) {
      clearTimeout(this.typers.get(userId));
      this.typers.delete(userId);
    }
    if (userIds.length > 0) this.tellTyping();
  }

  private tellTyping(): void {
    this.parts.run(() => this.listener.typing?.(this.typing));
  }
}
