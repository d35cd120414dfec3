// gateway/clients/typescript/src/kiroku.ts: the client: all routes, a login session, and what is pushed.
import { newKey, type Answer, type Options, type Settings } from "./calls.js";
import { Routes } from "./generated/routes.js";
import type { LoginRequest, RecordProgressRequest, TokensResponse } from "./generated/types.js";
import { SignedOut } from "./problem.js";
import { Realtime, type RealtimeSettings } from "./realtime.js";

/** One user's. `url` is a gateway's, or of what stands before several. */
export class Kiroku extends Routes {
  constructor(url: string, settings: Settings = {}) {
    super(url, settings);
  }

  /** All calls after it are made with the tokens that it gives. */
  override async logIn(body: LoginRequest, options: Options = {}): Promise<Answer<TokensResponse>> {
    const askedAt = Date.now();
    const answer = await super.logIn(body, options);
    if (this.login.current?.userId !== answer.body.userId) this.forgetAll();
    if (answer.position !== undefined) this.positions.see(answer.position);
    this.login.adopt(answer.body, askedAt);
    return answer;
  }

  /** Fine, too, if the session was over already. */
  override async logOut(options: Options = {}): Promise<Answer<undefined>> {
    return this.ended(() => super.logOut(options));
  }

  override async logOutEverywhere(options: Options = {}): Promise<Answer<undefined>> {
    return this.ended(() => super.logOutEverywhere(options));
  }

  /** What happens, as it happens; it connects with the first subscription. */
  realtime(settings: RealtimeSettings = {}): Realtime {
    const parts = {
      url: this.url, login: this.login, newKey,
      fetch: (...asked: Parameters<typeof globalThis.fetch>) => this.fetch(...asked),
      recordProgress: (id: string, body: RecordProgressRequest, options: Options) => this.recordProgress(id, body, options),
      saw: (position: string) => this.positions.see(position),
      originRefused: () => this.origin.refusal(),
    };
    return new Realtime(parts, settings);
  }

  private async ended(end: () => Promise<Answer<undefined>>): Promise<Answer<undefined>> {
    try {
      const answer = await end();
      this.login.forget();
      return answer;
    } catch (error) {
      if (!(error instanceof SignedOut)) throw error;
      return { status: 204, body: undefined, position: undefined, replayed: true, requestId: "", etag: undefined };
    }
  }
}
