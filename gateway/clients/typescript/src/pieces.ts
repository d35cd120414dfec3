// gateway/clients/typescript/src/pieces.ts: the text of a body, piece by piece as it comes.

/**
 * What stands before each separator; what is behind the last one was cut off and isn't told. `arrived` is called for
 * whatever comes: somebody is there. Ends the request when the reader has had enough.
 */
export async function* readPieces(response: Response, separator: string, arrived: () => void = () => undefined): AsyncGenerator<string> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      arrived();
      const pieces = (rest + decoder.decode(value, { stream: true })).replaceAll("\r", "").split(separator);
      rest = pieces.pop() ?? "";
      yield* pieces;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
