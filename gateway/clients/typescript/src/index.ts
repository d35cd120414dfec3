// gateway/clients/typescript/src/index.ts: what programs import.
export type { Answer, Operation, Options, Settings } from "./calls.js";
export type * from "./generated/types.js";
export { Kiroku } from "./kiroku.js";
export type { Login, Tokens } from "./login.js";
export { KirokuError, Refused, SignedOut, Unreachable } from "./problem.js";
export { Realtime } from "./realtime.js";
export type { Listener, Pushed, RealtimeSettings, Socket, SocketConstructor, State, Subscription } from "./realtime.js";
export { usualPatience, type Patience } from "./retries.js";
