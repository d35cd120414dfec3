// gateway/clients/typescript/src/lines.ts: newline-delimited JSON, line by line as it comes.
import { readPieces } from "./pieces.js";
import { Unreachable } from "./problem.js";

/** Ends the request when the reader has had enough. */
export async function* readLines<T>(response: Response): AsyncGenerator<T> {
  try {
    for await (const line of readPieces(response, "\n")) if (line !== "") yield JSON.parse(line) as T;
  } catch (error) {
    throw error instanceof TypeError ? new Unreachable("the stream was cut off", { cause: error }) : error;
  }
}
