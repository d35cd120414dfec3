// gateway/clients/typescript/src/stream.ts: one stream of server-sent events for all channels, begun anew when they or the token change.
import { UNAUTHORIZED } from "./closes.js";
import type { ServerMessage, StreamMessage } from "./generated/types.js";
import type { Line, LineParts, Silence } from "./line.js";
import { refusedBy } from "./problem.js";
import { readServerSent } from "./server_sent.js";

const WHERE = "GET /events/stream";
const ABOUT_CHANNELS = [400, 403, 404];

interface Followed {
  /** The latest position, from which a stream that is begun anew goes on. */
  since: string | undefined;
  stands: boolean;
}

export class EventStream implements Line {
  private readonly channels = new Map<string, Followed>();
  private over = false;
  /** One of several channels was refused: they are asked for one after the other, to find which. */
  private careful = false;
  private abort: AbortController | undefined;
  private begins: ReturnType<typeof setTimeout> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private retryMs = 0;

  constructor(private readonly url: string, private token: string, private readonly parts: LineParts, private readonly silence: Silence,
              private readonly fetch: typeof globalThis.fetch) {}

  subscribe(channel: string, since: string | undefined): void {
    this.channels.set(channel, { since, stands: false });
    this.beginSoon();
  }

  unsubscribe(channel: string): void {
    if (this.channels.delete(channel)) this.beginSoon();
  }

  authenticate(token: string): void {
    this.token = token;
    this.beginSoon();
  }

  say(): boolean {
    return false;
  }

  leave(): void {
    this.over = true;
    clearTimeout(this.begins);
    clearTimeout(this.timer);
    this.abort?.abort();
  }

  private beginSoon(): void {
    this.begins ??= setTimeout(() => {
      this.begins = undefined;
      void this.begin();
    }, 0);
  }

  private async begin(): Promise<void> {
    this.abort?.abort();
    clearTimeout(this.timer);
    const channels = this.asked();
    if (this.over || channels.length === 0) return;
    const abort = (this.abort = new AbortController());
    const current = () => !this.over && this.abort === abort;
    this.timer = setTimeout(() => this.end(undefined, "no connection in time"), this.silence.connectMs);
    try {
      const response = await this.request(channels, abort.signal);
      if (current()) await (response.status === 200 ? this.read(response, current) : this.refused(response, channels, current));
    } catch (error) {
      if (current()) this.end(undefined, error instanceof Error ? error.message : String(error), this.retryMs);
    }
  }

  private asked(): string[] {
    const all = [...this.channels];
    const next = all.find(([, one]) => !one.stands);
    return (this.careful ? all.filter((entry) => entry[1].stands || entry === next) : all).map(([channel]) => channel);
  }

  private request(channels: string[], signal: AbortSignal): Promise<Response> {
    const positions = channels.map((channel) => this.channels.get(channel)?.since ?? "");
    const headers: Record<string, string> = { Accept: "text/event-stream", Authorization: `Bearer ${this.token}` };
    if (positions.some((position) => position !== "")) headers["Last-Event-ID"] = positions.join(",");
    const query = new URLSearchParams({ channel: channels.join(",") });
    return this.fetch(`${this.url}/events/stream?${query}`, { headers, signal, cache: "no-store", credentials: "omit", redirect: "error" });
  }

  private async read(response: Response, current: () => boolean): Promise<void> {
    this.listen();
    this.parts.opened();
    for await (const sent of readServerSent(response, () => current() && this.listen())) {
      if (!current()) return;
      this.retryMs = sent.retryMs ?? this.retryMs;
      if (sent.data !== "") this.heard(JSON.parse(sent.data) as StreamMessage);
    }
    if (current()) this.end(undefined, "the stream broke off", this.retryMs);
  }

  private heard(message: StreamMessage): void {
    if (message.type === "close") return this.end(message.code, message.reason, this.retryMs);
    const one = this.channels.get(message.channel);
    if (one === undefined) return;
    if ("position" in message) one.since = message.position;
    if (message.type === "subscribed") this.stands(one);
    this.parts.heard(message);
  }

  private stands(one: Followed): void {
    one.stands = true;
    if (!this.careful) return;
    this.careful = [...this.channels.values()].some((other) => !other.stands);
    if (this.careful) this.beginSoon();
  }

  private async refused(response: Response, channels: string[], current: () => boolean): Promise<void> {
    const refused = refusedBy(WHERE, response.status, response.headers, await response.text());
    if (!current()) return;
    if (response.status === 401) return this.end(UNAUTHORIZED, refused.message);
    if (!ABOUT_CHANNELS.includes(response.status)) return this.end(undefined, refused.message, refused.retryAfterMs);
    const doubtful = channels.filter((channel) => channels.length === 1 || !this.channels.get(channel)?.stands);
    const [culprit] = doubtful;
    if (culprit !== undefined && doubtful.length === 1 && (this.careful || channels.length === 1)) {
      this.channels.delete(culprit);
      const { code, retryable } = refused;
      this.parts.heard({ type: "error", channel: culprit, code, message: refused.problem?.error.message ?? refused.message, retryable } as ServerMessage);
    } else {
      this.careful = true;
      for (const one of this.channels.values()) one.stands = false;
    }
    this.beginSoon();
  }

  /** Gateways say something every 15 s. */
  private listen(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(undefined, "nothing was heard", this.retryMs), this.silence.quietMs + this.silence.deadMs);
  }

  private end(code: number | undefined, reason: string, afterMs = 0): void {
    if (this.over) return;
    this.leave();
    this.parts.closed(code, reason, afterMs);
  }
}
