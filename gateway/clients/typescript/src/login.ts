// gateway/clients/typescript/src/login.ts: a login session: its tokens, renewed before they end, once for all who wait.
import type { TokensResponse } from "./generated/types.js";
import { Refused, SignedOut, Unreachable } from "./problem.js";
import { retrying, usualPatience, type Patience } from "./retries.js";

/** What to keep where nobody else reads it, to go on with the session later (`Settings.tokens`). */
export interface Tokens {
  accessToken: string;
  refreshToken: string;
  userId: string;
  /** of the access token, in ms since 1970 by this machine's clock */
  endsAt: number;
}

/** A refresh token may be traded again within 10 s after its first trade; after that, it ends the session. */
const tradePatience: Patience = { ...usualPatience, attempts: 20, budgetMs: 9_000, attemptMs: 3_000, longestPauseMs: 500 };

/** What couldn't be renewed, but is still good, is used so long before that is tried again. */
const AGAIN_MS = 5_000;

/** Before its end by a fifth of its life, or a minute. */
const renewedBeforeMs = (lifeMs: number) => Math.min(60_000, lifeMs / 5);

export interface LoginParts {
  /** Trades a refresh token in one attempt. */
  trade: (refreshToken: string, idempotencyKey: string, signal: AbortSignal) => Promise<TokensResponse>;
  newKey: () => string;
  changed: (tokens: Tokens | undefined) => void;
}

export class Login {
  private tokens: Tokens | undefined;
  private renewsAt = 0;
  private renewing: Promise<Tokens> | undefined;

  constructor(private readonly parts: LoginParts, tokens: Tokens | undefined) {
    this.tokens = tokens;
    this.renewsAt = (tokens?.endsAt ?? 0) - renewedBeforeMs((tokens?.endsAt ?? 0) - Date.now());
  }

  get current(): Tokens | undefined {
    return this.tokens;
  }

  /** When the tokens should be renewed, in ms since 1970. */
  get dueAt(): number {
    return this.renewsAt;
  }

  /** `askedAt`: before they were asked for, so that they never end earlier than we think. */
  adopt(told: TokensResponse, askedAt: number): Tokens {
    const { accessToken, refreshToken, userId } = told;
    this.tokens = { accessToken, refreshToken, userId, endsAt: askedAt + told.expiresIn * 1000 };
    this.renewsAt = this.tokens.endsAt - renewedBeforeMs(told.expiresIn * 1000);
    this.parts.changed(this.tokens);
    return this.tokens;
  }

  forget(): void {
    if (this.tokens === undefined) return;
    this.tokens = undefined;
    this.parts.changed(undefined);
  }

  /** A token that is good for a while; undefined: nobody is logged in. */
  async access(): Promise<string | undefined> {
    const had = this.tokens;
    if (had === undefined || Date.now() < this.renewsAt) return had?.accessToken;
    try {
      return (await this.renew(had.accessToken)).accessToken;
    } catch (error) {
      const passing = error instanceof Unreachable || (error instanceof Refused && error.retryable);
      if (!passing || Date.now() >= had.endsAt) throw error;
      this.renewsAt = Math.min(had.endsAt, Date.now() + AGAIN_MS);
      return had.accessToken;
    }
  }

  /** Another token than `used`. Whoever asks meanwhile gets the same. */
  async renew(used: string | undefined): Promise<Tokens> {
    const had = this.tokens;
    if (had === undefined) throw new SignedOut("nobody is logged in");
    if (had.accessToken !== used) return had;
    this.renewing ??= this.traded(had).finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  private async traded(had: Tokens): Promise<Tokens> {
    const key = this.parts.newKey();
    let askedAt = 0;
    const attempt = (signal: AbortSignal) => {
      askedAt = Date.now();
      return this.parts.trade(had.refreshToken, key, signal);
    };
    try {
      const told = await retrying(attempt, tradePatience);
      return this.tokens === had ? this.adopt(told, askedAt) : this.otherwise();
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      if (this.tokens === had) this.forget();
      throw new SignedOut(error.message, { cause: error });
    }
  }

  /** Somebody logged in or out in the meantime. */
  private otherwise(): Tokens {
    if (this.tokens === undefined) throw new SignedOut("logged out");
    return this.tokens;
  }
}
