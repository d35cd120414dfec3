// gateway/clients/typescript/src/origin.ts: whether a gateway lets a page of another origin speak to it; browsers won't say.
import { OriginRefused } from "./problem.js";

const PROBE_MS = 5_000;

/** Where the page comes from; undefined: this is no page. */
function here(): string | undefined {
  return (globalThis as { location?: { origin?: string } }).location?.origin;
}

export class Origin {
  private admitted = false;

  constructor(private readonly url: string, private readonly fetch: typeof globalThis.fetch) {}

  /** An answer could be read. */
  admits(): void {
    this.admitted = true;
  }

  /** After a request has failed without an answer: the reason, if the gateway is there, but not for this page. */
  async refusal(): Promise<OriginRefused | undefined> {
    const origin = here();
    if (this.admitted || origin === undefined || new URL(this.url, globalThis.location.href).origin === origin) return undefined;
    if (await this.answers("cors")) return this.admits() as undefined;
    if (!(await this.answers("no-cors"))) return undefined;
    return new OriginRefused(`${this.url} doesn't let pages of ${origin} in: its gateways must be told so (KIROKU_ORIGINS)`);
  }

  private async answers(mode: RequestMode): Promise<boolean> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PROBE_MS);
    try {
      await this.fetch(`${this.url}/healthz`, { mode, signal: abort.signal, cache: "no-store", credentials: "omit" });
      return true;
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
