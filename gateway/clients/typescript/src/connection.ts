// gateway/clients/typescript/src/connection.ts: one WebSocket: JSON both ways, and an end that is noticed whatever it is.
import type { ClientMessage, ServerMessage } from "./generated/types.js";

export const PROTOCOL = "kiroku.v1.json";

/** What browsers have, and the package ws. */
export interface Socket {
  addEventListener(type: string, listener: (event: any) => void): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

export interface ConnectionParts {
  opened: () => void;
  heard: (message: ServerMessage) => void;
  /** Once. Without a code: it couldn't be made, or nothing was heard any more. */
  closed: (code: number | undefined, reason: string) => void;
}

export interface Silence {
  /** After so long without a word we ask whether anybody is there, */
  quietMs: number;
  /** and wait so long for an answer. */
  deadMs: number;
  /** For the connection itself. Browsers hold new ones back for seconds where many have failed: less than that, and none succeeds. */
  connectMs: number;
}

export class Connection {
  private open = true;
  private timer: ReturnType<typeof setTimeout>;

  constructor(private readonly socket: Socket, private readonly parts: ConnectionParts, private readonly silence: Silence) {
    this.timer = setTimeout(() => this.end(undefined, "no connection in time"), silence.connectMs);
    socket.addEventListener("open", () => this.open && this.opened());
    socket.addEventListener("message", (event: { data: unknown }) => this.open && this.heard(String(event.data)));
    socket.addEventListener("close", (event: { code: number; reason: unknown }) => this.end(event.code, String(event.reason)));
    socket.addEventListener("error", () => this.end(undefined, "the connection failed"));
  }

  send(message: ClientMessage): void {
    if (this.open) this.socket.send(JSON.stringify(message));
  }

  /** Without telling anybody here. */
  leave(): void {
    this.open = false;
    clearTimeout(this.timer);
    this.socket.close(1000);
  }

  private opened(): void {
    this.listen();
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
      this.send({ type: "ping" });
      this.timer = setTimeout(() => this.end(undefined, "nobody answers"), this.silence.deadMs);
    }, this.silence.quietMs);
  }

  private end(code: number | undefined, reason: string): void {
    if (!this.open) return;
    this.leave();
    this.parts.closed(code, reason);
  }
}
