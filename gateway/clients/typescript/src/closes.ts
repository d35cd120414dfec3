// gateway/clients/typescript/src/closes.ts: what to do when a line is closed, as gateway/realtime/PROTOCOL.md says.

/** give up: a mistake that coming back won't mend; renew: with another token; the rest: with growing pauses, soon or late. */
export type Remedy = "give up" | "renew" | "soon" | "come back" | "slow down";

export const UNAUTHORIZED = 4401;

const REMEDIES: { [code: number]: Remedy } = {
  1002: "give up", 1003: "give up", 1007: "give up", 1009: "give up", 4400: "give up", 4406: "give up",
  [UNAUTHORIZED]: "renew", 4403: "renew",
  1012: "soon",
  1008: "slow down",
};

/** undefined: no close was heard, only silence. */
export function remedyFor(code: number | undefined): Remedy {
  return REMEDIES[code ?? 1006] ?? "come back";
}
