// gateway/clients/typescript/src/index.ts: what programs import.
export type { Answer, Operation, Options, Settings } from "./calls.js";
export type * from "./generated/types.js";
export { Kiroku } from "./kiroku.js";
export type { Login, Tokens } from "./login.js";
export type { Socket, SocketConstructor } from "./connection.js";
export { KirokuError, OriginRefused, Refused, SignedOut, Unreachable } from "./problem.js";
export type { Acknowledged, PublishOptions } from "./publications.js";
export { Realtime } from "./realtime.js";
export type { RealtimeSettings, State, Transport } from "./realtime.js";
export type { Room, RoomListener } from "./room.js";
export type { Listener, PersonalEvent, Pushed, Subscription } from "./subscription.js";
export { usualPatience, type Patience } from "./retries.js";
