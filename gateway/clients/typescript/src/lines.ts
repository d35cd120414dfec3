// gateway/clients/typescript/src/lines.ts: newline-delimited JSON, line by line as it comes.
import { Unreachable } from "./problem.js";

/** Ends the request when the reader has had enough. */
export async function* readLines<T>(response: Response): AsyncGenerator<T> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
      if (done) return;
    }
  } catch (error) {
    throw error instanceof TypeError ? new Unreachable("the stream was cut off", { cause: error }) : error;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
