// gateway/clients/typescript/src/retries.ts: how often and how long a call is tried, and the pauses in between.
import { KirokuError, Refused, Unreachable } from "./problem.js";

export interface Patience {
  /** How often a call is sent; waiting for a copy of it that is still worked on isn't counted. */
  attempts: number;
  /** For a call with all its retries and pauses. */
  budgetMs: number;
  /** For one attempt, until its answer is whole. */
  attemptMs: number;
  /** The first pause is up to so long, each one after it up to twice as long, */
  pauseMs: number;
  /** but none longer than this, unless Retry-After says so. */
  longestPauseMs: number;
}

export const usualPatience: Patience = { attempts: 8, budgetMs: 30_000, attemptMs: 15_000, pauseMs: 100, longestPauseMs: 5_000 };

/** Full jitter: anything up to the bound, so that many clients don't come back at once. */
export function pauseBefore(turn: number, patience: Pick<Patience, "pauseMs" | "longestPauseMs">): number {
  return Math.random() * Math.min(patience.longestPauseMs, patience.pauseMs * 2 ** turn);
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Runs it with a signal that is aborted after `ms`, or when `signal` is. */
async function within<T>(ms: number, signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ours = new AbortController();
  const stop = () => ours.abort(signal?.reason);
  const timer = setTimeout(() => ours.abort(new Unreachable(`no answer within ${Math.round(ms)} ms`)), ms);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await run(ours.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refused && error.retryable);
}

/** Tries until there is an answer, a refusal that stays one, or patience is at its end; then the last error is thrown. */
export async function retrying<T>(attempt: (signal: AbortSignal) => Promise<T>, patience: Patience, signal?: AbortSignal): Promise<T> {
  const until = Date.now() + patience.budgetMs;
  for (let sent = 1, turn = 0; ; turn++) {
    try {
      return await within(Math.min(patience.attemptMs, until - Date.now()), signal, attempt);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const inFlight = error instanceof Refused && error.code === "request_in_flight";
      if (!isRetryable(error) || (!inFlight && sent++ >= patience.attempts)) throw error;
      const told = error instanceof Refused ? (error.retryAfterMs ?? 0) : 0;
      const pause = told + pauseBefore(turn, patience);
      if (Date.now() + pause >= until) throw error;
      await sleep(pause, signal);
    }
  }
}

/** Node says why only in the cause: a certificate that isn't known, a name that isn't found. */
function inWords({ message, cause }: Error): string {
  return cause instanceof Error && cause.message !== "" ? `${message}: ${cause.message}` : message;
}

/** What fetch throws is a lost request; errors of our own stay what they are. */
export function asUnreachable(where: string, error: unknown, signal: AbortSignal): unknown {
  const reason: unknown = signal.aborted ? signal.reason : error;
  if (reason instanceof KirokuError || (signal.aborted && reason !== error)) return reason;
  if (error instanceof TypeError || (error as Error | null)?.name === "AbortError") {
    return new Unreachable(`${where}: ${error instanceof Error ? inWords(error) : "no answer"}`, { cause: error });
  }
  return error;
}
