// The feed as server-sent events, read as a sequence of messages.
// Invariant: the request ends when nobody reads it any more, and when the line has gone silent.

import type { ServerMessage } from "./events.js";

/** Yield what the stream says, until the server ends it; throws `TypeError`, as `fetch` does, when it breaks. */
export async function* overStream(
  open: (stop: AbortSignal) => Promise<Response>,
  silence: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerMessage, void> {
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  const giveUp = (): void => stop.abort(new TypeError("the event stream has gone silent"));
  signal?.addEventListener("abort", abort);
  let deadline = setTimeout(giveUp, silence);
  try {
    signal?.throwIfAborted();
    const { body } = await open(stop.signal);
    if (!body) throw new TypeError("this fetch does not stream");
    for await (const line of lines(body)) {
      clearTimeout(deadline);
      deadline = setTimeout(giveUp, silence);
      if (line.startsWith("data:")) yield JSON.parse(line.slice("data:".length)) as ServerMessage;
    }
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error; // some say only that it was aborted
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener("abort", abort);
    stop.abort();
  }
}

/** Yield the lines of a body; what has no end of line was cut off, and comes again with the next connection. */
async function* lines(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const found = (rest + chunk.value).split(/\r?\n/);
    rest = found.pop() ?? "";
    yield* found;
  }
}
