// gateway/clients/typescript/src/server_sent.ts: server-sent events (HTML, section 9.2), one by one as they come.
import { readPieces } from "./pieces.js";

export interface ServerSent {
  event: string;
  data: string;
  /** How long to wait before coming back, if it was told. */
  retryMs: number | undefined;
}

function readBlock(block: string): ServerSent {
  const sent: ServerSent = { event: "message", data: "", retryMs: undefined };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "data") data.push(value ?? "");
    else if (name === "event") sent.event = value ?? "";
    else if (name === "retry" && /^\d+$/.test(value ?? "")) sent.retryMs = Number(value);
  }
  sent.data = data.join("\n");
  return sent;
}

/** `arrived` is called for whatever comes, comments too. Ends the request when the reader has had enough. */
export async function* readServerSent(response: Response, arrived: () => void): AsyncGenerator<ServerSent> {
  for await (const block of readPieces(response, "\n\n", arrived)) yield readBlock(block);
}
