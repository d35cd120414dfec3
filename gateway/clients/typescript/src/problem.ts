// gateway/clients/typescript/src/problem.ts: what can go wrong, as errors that programs can tell apart.
import type { Json, Problem } from "./generated/types.js";

/** Whatever the client throws, but for an AbortSignal's reason and mistakes in a program. */
export class KirokuError extends Error {
  override name = "KirokuError";
}

/** Kiroku said no. `problem` is the answer's body, if it was one. */
export class Refused extends KirokuError {
  override name = "Refused";
  constructor(
    /** 0: it was said on a WebSocket, which has none; `code` is the same either way */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Json,
    readonly requestId: string,
    /** The same request may succeed later. */
    readonly retryable: boolean,
    readonly retryAfterMs: number | undefined,
    readonly problem: Problem | undefined,
  ) {
    super(message);
  }
}

/** No whole answer came: nobody knows whether the request took effect. The same idempotencyKey may be sent again. */
export class Unreachable extends KirokuError {
  override name = "Unreachable";
}

/** The login session is over, or there was none: log in. */
export class SignedOut extends KirokuError {
  override name = "SignedOut";
}

/** The gateway is there, but lets no page of this origin speak to it (only in browsers). */
export class OriginRefused extends KirokuError {
  override name = "OriginRefused";
}

const RETRYABLE = [429, 502, 503, 504];

function isProblem(body: unknown): body is Problem {
  const error = (body as Problem | null)?.error;
  return typeof error === "object" && error !== null && typeof error.code === "string";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of a Retry-After: seconds or a date. */
export function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** What an answer that is none of the expected ones says; those of something between us and Kiroku, too. */
export function refusedBy(where: string, status: number, headers: Headers, text: string): Refused {
  const body = parsed(text);
  const after = retryAfterMs(headers.get("Retry-After"));
  const requestId = headers.get("X-Request-Id") ?? "";
  if (!isProblem(body)) {
    return new Refused(status, `http_${status}`, `${where}: ${status}`, {}, requestId, RETRYABLE.includes(status), after, undefined);
  }
  const { code, message, details, retryable } = body.error;
  return new Refused(status, code, `${where}: ${status} ${code}: ${message}`, details ?? {}, body.error.requestId,
    retryable || RETRYABLE.includes(status), after, body);
}
