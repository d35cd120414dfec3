// gateway/clients/typescript/src/calls.ts: a call: what is sent along, tried again with the same key, and answered.
import { Copies } from "./copies.js";
import type { TokensResponse } from "./generated/types.js";
import { readLines } from "./lines.js";
import { Login, type Tokens } from "./login.js";
import { Origin } from "./origin.js";
import { Positions } from "./positions.js";
import { Refused, refusedBy, Unreachable } from "./problem.js";
import { asUnreachable, retrying, usualPatience, type Patience } from "./retries.js";

/** A route, as the contract has it. */
export interface Operation {
  method: string;
  path: string;
  /** the statuses that are no refusal */
  answers: readonly number[];
  media: string;
  secured: boolean;
  /** takes an Idempotency-Key, */
  keyed: boolean;
  /** a Kiroku-Min-Position, */
  positioned: boolean;
  /** an If-None-Match */
  cached: boolean;
}

/** What a caller may say about one call. */
export interface Options {
  /** Made up for each call if it isn't told; to repeat a call of before a crash, tell the one that it had. */
  idempotencyKey?: string;
  /** What the read must have seen besides what this client has written. */
  minPosition?: string;
  requestId?: string;
  /** The `etag` that what is changed must still have; else it is refused with 412. */
  ifMatch?: string;
  signal?: AbortSignal;
  /** Instead of `patience.budgetMs`. */
  timeoutMs?: number;
}

export interface Answer<T> {
  status: number;
  body: T;
  /** of a write: reads that are told it see it */
  position: string | undefined;
  /** It had happened before, and is only told again. */
  replayed: boolean;
  requestId: string;
  etag: string | undefined;
}

export interface Request {
  path: string[];
  body: unknown;
  query: object | undefined;
}

export interface Settings {
  patience?: Partial<Patience>;
  /** To go on with a login session of before. */
  tokens?: Tokens;
  /** Called with new tokens, and with undefined when the session is over. */
  onTokens?: (tokens: Tokens | undefined) => void;
  fetch?: typeof globalThis.fetch;
}

interface Page<T> {
  items: T[];
  nextCursor?: string | null;
}

const PAGE_END = "kiroku.page.v1";
const REFRESH: Operation = { method: "POST", path: "/auth/refresh", answers: [200], media: "json", secured: false, keyed: true, positioned: false, cached: false };
const IDEMPOTENT = ["GET", "PUT", "DELETE"];

/** Unique; where there is no crypto (Node 18), not unguessable, which nothing here relies on. */
export function newKey(): string {
  if (typeof globalThis.crypto?.randomUUID === "function") return globalThis.crypto.randomUUID();
  const digits = () => Math.floor(Math.random() * 2 ** 32).toString(16).padStart(8, "0");
  return `${Date.now().toString(16)}-${digits()}${digits()}${digits()}`;
}

function target(url: string, operation: Operation, request: Request): string {
  let at = 0;
  const path = operation.path.replace(/{\w+}/g, () => encodeURIComponent(request.path[at++] ?? ""));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) query.set(name, String(value));
  return url + path + (query.size === 0 || String(query) === "" ? "" : `?${query}`);
}

/** What all routes share. */
export abstract class Calls {
  readonly positions = new Positions();
  readonly login: Login;
  protected readonly url: string;
  protected readonly origin: Origin;
  private readonly copies = new Copies();
  private readonly patience: Patience;

  constructor(url: string, private readonly settings: Settings = {}) {
    this.url = url.replace(/\/+$/, "");
    this.origin = new Origin(this.url, (...asked) => this.fetch(...asked));
    this.patience = { ...usualPatience, ...settings.patience };
    this.login = new Login({ trade: (token, key, signal) => this.trade(token, key, signal), newKey, changed: (tokens) => this.changed(tokens) }, settings.tokens);
  }

  protected async call<T>(operation: Operation, request: Request, options: Options): Promise<Answer<T>> {
    const wish = { idempotencyKey: newKey(), requestId: newKey(), ...options };
    const repeatable = operation.keyed || IDEMPOTENT.includes(operation.method);
    const patience = { ...this.patience, budgetMs: options.timeoutMs ?? this.patience.budgetMs, ...(repeatable ? {} : { attempts: 1 }) };
    return retrying((signal) => this.attempt<T>(operation, request, wish, signal), patience, options.signal);
  }

  /** All items of a list, page after page; of a stream, line after line. */
  protected async *iterate<T>(operation: Operation, request: Request, options: Options): AsyncGenerator<T> {
    for (let cursor: string | undefined | null = undefined; cursor !== null; ) {
      const query: object = { ...request.query, cursor };
      cursor = null;
      const { body } = await this.call<Page<T> | AsyncIterable<T>>(operation, { ...request, query }, options);
      if (!(Symbol.asyncIterator in body)) {
        yield* body.items;
        cursor = body.nextCursor ?? null;
        continue;
      }
      let ended = false;
      for await (const line of body) {
        const end = line as { type?: string; complete?: boolean; nextCursor?: string };
        ended = end.type === PAGE_END;
        if (!ended) yield line;
        else if (end.complete !== true) cursor = end.nextCursor ?? null;
      }
      if (!ended) throw new Unreachable("the stream was cut off");
    }
  }

  /** Once; and once more if the token was refused, with a new one. */
  private async attempt<T>(operation: Operation, request: Request, wish: Options, signal: AbortSignal): Promise<Answer<T>> {
    if (!operation.secured) return this.send<T>(operation, request, wish, undefined, signal);
    const token = await this.login.access();
    try {
      return await this.send<T>(operation, request, wish, token, signal);
    } catch (error) {
      if (token === undefined || !(error instanceof Refused) || error.status !== 401) throw error;
      const { accessToken } = await this.login.renew(token);
      return this.send<T>(operation, request, wish, accessToken, signal);
    }
  }

  private headers(operation: Operation, wish: Options, token: string | undefined, etag: string | undefined): Record<string, string> {
    const position = new Positions();
    if (operation.positioned) for (const one of [this.positions.text(), wish.minPosition ?? ""]) position.see(one);
    const told = {
      Authorization: token && `Bearer ${token}`,
      "Content-Type": operation.method === "GET" ? undefined : "application/json",
      "Idempotency-Key": operation.keyed ? wish.idempotencyKey : undefined,
      "Kiroku-Min-Position": position.text() || undefined,
      "X-Request-Id": wish.requestId,
      "If-Match": wish.ifMatch,
      "If-None-Match": etag,
    };
    return Object.fromEntries(Object.entries(told).filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  private async send<T>(operation: Operation, request: Request, wish: Options, token: string | undefined, signal: AbortSignal): Promise<Answer<T>> {
    const url = target(this.url, operation, request);
    const copy = operation.cached ? this.copies.find(url) : undefined;
    const where = `${operation.method} ${operation.path}`;
    const sent: RequestInit = {
      method: operation.method, headers: this.headers(operation, wish, token, copy?.etag), signal, cache: "no-store", credentials: "omit", redirect: "error",
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    };
    try {
      const response = await this.fetch(url, sent);
      this.origin.admits();
      if (operation.media === "lines" && operation.answers.includes(response.status)) return this.answer(response, readLines(response) as T);
      const text = await response.text();
      if (response.status === 304 && copy !== undefined) return this.answer(response, JSON.parse(copy.text) as T);
      if (!operation.answers.includes(response.status) || response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
        throw refusedBy(where, response.status, response.headers, text);
      }
      const etag = response.headers.get("ETag");
      if (operation.cached && etag !== null) this.copies.keep(url, { etag, text });
      return this.answer(response, (operation.media === "json" ? JSON.parse(text) : operation.media === "text" ? text : undefined) as T);
    } catch (error) {
      const lost = asUnreachable(where, error, signal);
      throw (lost instanceof Unreachable && !signal.aborted && (await this.origin.refusal())) || lost;
    }
  }

  protected fetch(...asked: Parameters<typeof globalThis.fetch>): Promise<Response> {
    return (this.settings.fetch ?? globalThis.fetch)(...asked);
  }

  private answer<T>(response: Response, body: T): Answer<T> {
    const told = (body as { position?: unknown } | undefined)?.position;
    const position = response.headers.get("Kiroku-Position") ?? (typeof told === "string" ? told : undefined);
    if (position !== undefined) this.positions.see(position);
    return {
      status: response.status, body, position,
      replayed: response.headers.get("Idempotent-Replayed") === "true",
      requestId: response.headers.get("X-Request-Id") ?? "",
      etag: response.headers.get("ETag") ?? undefined,
    };
  }

  private async trade(refreshToken: string, idempotencyKey: string, signal: AbortSignal): Promise<TokensResponse> {
    const wish = { idempotencyKey, requestId: newKey() };
    return (await this.send<TokensResponse>(REFRESH, { path: [], body: { refreshToken }, query: undefined }, wish, undefined, signal)).body;
  }

  private changed(tokens: Tokens | undefined): void {
    if (tokens === undefined) this.forgetAll();
    this.settings.onTokens?.(tokens);
  }

  /** What was somebody's. */
  protected forgetAll(): void {
    this.copies.clear();
    this.positions.clear();
  }
}
