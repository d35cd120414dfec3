// gateway/clients/typescript/src/publications.ts: what was published and isn't acknowledged yet: told again until it is.
import type { AckMessage, ErrorMessage, PublishedAnswers, PublishedMessage, PublishMessage } from "./generated/types.js";
import { KirokuError, Refused, Unreachable } from "./problem.js";
import { pauseBefore, type Patience } from "./retries.js";

export interface PublishOptions {
  /** Made up if it isn't told; to repeat what was published before a crash, tell the one that it had. A POST's idempotencyKey is the same. */
  id?: string;
  signal?: AbortSignal;
  /** Until it is acknowledged, over all cuts; 30 s if it isn't told. */
  timeoutMs?: number;
}

/** It is done: durable, if it is something that is kept. */
export interface Acknowledged<M extends PublishedMessage = PublishedMessage> {
  id: string;
  /** the body that the POST is answered with */
  answer: PublishedAnswers[M["type"]];
  /** reads that are told it see it; this client's do so by themselves */
  position: string | undefined;
  /** It had happened before, and is only told again. */
  replayed: boolean;
}

export interface PublicationParts {
  /** Over the WebSocket; false: there is none now. */
  say: (message: PublishMessage) => boolean;
  /** By POST where there are only server-sent events; undefined: publish over the WebSocket. */
  post: () => ((message: PublishedMessage, options: Required<Pick<PublishOptions, "id" | "timeoutMs">> & { signal: AbortSignal }) => Promise<Acknowledged>) | undefined;
  newKey: () => string;
  saw: (position: string) => void;
  patience: Pick<Patience, "pauseMs" | "longestPauseMs">;
}

interface Publication {
  message: PublishedMessage;
  until: number;
  resolve: (acknowledged: any) => void;
  reject: (error: unknown) => void;
  state: "waits" | "said" | "rests";
  turn: number;
  /** Why it was not done the last time. */
  refused: Refused | undefined;
  stop: AbortController;
}

/** A gateway lets eight be under way on a connection, challenges that are looked up among them; 60 messages at once, 20 a second. */
const UNDER_WAY = 6;
const AT_ONCE = 40;
const A_SECOND = 16;

export class Publications {
  private readonly all = new Map<string, Publication>();
  private left = AT_ONCE;
  private countedAt = 0;
  private pumps: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: PublicationParts) {}

  publish<M extends PublishedMessage>(message: M, options: PublishOptions): Promise<Acknowledged<M>> {
    const { id = this.parts.newKey(), timeoutMs = 30_000, signal } = options;
    if (this.all.has(id)) return Promise.reject(new KirokuError(`${id} is being published already`));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const made = new Promise<Acknowledged<M>>((resolve, reject) => {
      this.all.set(id, { message, until: Date.now() + timeoutMs, resolve, reject, state: "waits", turn: 0, refused: undefined, stop: new AbortController() });
    });
    const late = setTimeout(() => this.fail(id, this.all.get(id)?.refused ?? new Unreachable(`${message.type}: no acknowledgement within ${timeoutMs} ms`)), timeoutMs);
    const stop = () => this.fail(id, signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    this.pump();
    return made.finally(() => {
      clearTimeout(late);
      signal?.removeEventListener("abort", stop);
    });
  }

  /** A line stands: whatever isn't acknowledged is told on it. */
  opened(): void {
    this.left = AT_ONCE;
    this.pump();
  }

  /** The line is gone: nobody knows what became of what was said on it. What only meant that moment is not told again. */
  cut(): void {
    clearTimeout(this.pumps);
    this.pumps = undefined;
    for (const [id, one] of this.all) {
      if (one.message.type === "show_typing") this.fail(id, new Unreachable("the connection is gone"));
      else if (one.state === "said") one.state = "waits";
    }
  }

  /** Whether it answers something of ours. */
  heard(message: AckMessage | ErrorMessage): boolean {
    const one = message.id === undefined ? undefined : this.all.get(message.id);
    if (one === undefined || message.id === undefined) return false;
    if (message.type === "ack") this.done(message.id, one, { id: message.id, answer: message.answer as never, position: message.position, replayed: message.replayed ?? false });
    else this.refused(message.id, one, message);
    this.pump();
    return true;
  }

  end(error: unknown): void {
    for (const id of [...this.all.keys()]) this.fail(id, error);
  }

  private done(id: string, one: Publication, acknowledged: Acknowledged): void {
    this.all.delete(id);
    if (acknowledged.position !== undefined) this.parts.saw(acknowledged.position);
    one.resolve(acknowledged);
  }

  private refused(id: string, one: Publication, { code, message, retryable = false }: ErrorMessage): void {
    one.refused = new Refused(0, code, `${one.message.type}: ${code}: ${message}`, {}, "", retryable, undefined, undefined);
    if (!retryable) return this.fail(id, one.refused);
    one.state = "rests";
    setTimeout(() => {
      if (one.state === "rests") one.state = "waits";
      this.pump();
    }, pauseBefore(one.turn++, this.parts.patience));
  }

  private fail(id: string, error: unknown): void {
    const one = this.all.get(id);
    this.all.delete(id);
    one?.stop.abort(error);
    one?.reject(error);
  }

  private pump(): void {
    const post = this.parts.post();
    let underWay = [...this.all.values()].filter((one) => one.state === "said").length;
    for (const [id, one] of this.all) {
      if (one.state !== "waits") continue;
      if (post !== undefined) {
        one.state = "said";
        post(one.message, { id, timeoutMs: Math.max(1, one.until - Date.now()), signal: one.stop.signal }).then(
          (acknowledged) => this.done(id, one, acknowledged), (error: unknown) => this.fail(id, error));
      } else if (underWay++ >= UNDER_WAY || !this.mayTell() || !this.parts.say({ type: "publish", id, message: one.message })) {
        return;
      } else {
        one.state = "said";
      }
    }
  }

  private mayTell(): boolean {
    const now = Date.now();
    this.left = Math.min(AT_ONCE, this.left + ((now - this.countedAt) / 1_000) * A_SECOND);
    this.countedAt = now;
    if (this.left >= 1) {
      this.left -= 1;
      return true;
    }
    this.pumps ??= setTimeout(() => {
      this.pumps = undefined;
      this.pump();
    }, ((1 - this.left) / A_SECOND) * 1_000 + 1);
    return false;
  }
}
