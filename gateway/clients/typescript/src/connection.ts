// gateway/clients/typescript/src/connection.ts: one WebSocket: JSON both ways, and an end that is noticed whatever it is.
import type { ClientMessage, ServerMessage } from "./generated/types.js";
import type { Line, LineParts, Silence } from "./line.js";

export const PROTOCOL = "kiroku.v1.json";

/** What browsers have, and the package ws. */
export interface Socket {
  addEventListener(type: string, listener: (event: any) => void): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

export class Connection implements Line {
  private over = false;
  private stands = false;
  private waiting: ClientMessage[] = [];
  private timer: ReturnType<typeof setTimeout>;

  constructor(private readonly socket: Socket, token: string, private readonly parts: LineParts, private readonly silence: Silence) {
    this.timer = setTimeout(() => this.end(undefined, "no connection in time"), silence.connectMs);
    socket.addEventListener("open", () => !this.over && this.opened(token));
    socket.addEventListener("message", (event: { data: unknown }) => !this.over && this.heard(String(event.data)));
    socket.addEventListener("close", (event: { code: number; reason: unknown }) => this.end(event.code, String(event.reason)));
    socket.addEventListener("error", () => this.end(undefined, "the connection failed"));
  }

  subscribe(channel: string, since: string | undefined): void {
    this.sayThen({ type: "subscribe", channel, ...(since === undefined ? {} : { since }) });
  }

  unsubscribe(channel: string): void {
    this.sayThen({ type: "unsubscribe", channel });
  }

  authenticate(token: string): void {
    this.sayThen({ type: "authenticate", token });
  }

  say(message: ClientMessage): boolean {
    if (this.over || !this.stands) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  leave(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.socket.close(1000);
  }

  private sayThen(message: ClientMessage): void {
    if (!this.say(message)) this.waiting.push(message);
  }

  private opened(token: string): void {
    this.stands = true;
    this.listen();
    this.say({ type: "authenticate", token });
    for (const message of this.waiting.splice(0)) this.say(message);
    this.parts.opened();
  }

  private heard(text: string): void {
    this.listen();
    const message = JSON.parse(text) as ServerMessage;
    if (message.type !== "pong") this.parts.heard(message);
  }

  private listen(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.say({ type: "ping" });
      this.timer = setTimeout(() => this.end(undefined, "nobody answers"), this.silence.deadMs);
    }, this.silence.quietMs);
  }

  private end(code: number | undefined, reason: string): void {
    if (this.over) return;
    this.leave();
    this.parts.closed(code, reason);
  }
}
