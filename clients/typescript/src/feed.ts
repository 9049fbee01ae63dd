// The event feed over a WebSocket that may break at any time.
// Invariant: every event past `after` comes once and in order, whatever happens to the connection.

import type { Hello, Pong, ServerMessage } from "./events.js";
import { backoff, pause } from "./patience.js";
import { Problem } from "./problem.js";

export type FeedEvent = Exclude<ServerMessage, Hello | Pong>;

/** The socket was closed; `code` is the API's (4400, 4401, 4403) or WebSocket's own. */
export class SocketClosed extends Error {
  override readonly name = "SocketClosed";

  constructor(readonly code: number) {
    super(`the event socket was closed with ${code}`);
  }

  /** Whether a new ticket may open it again: 4400 and 4403 would only come back. */
  get passes(): boolean {
    return this.code !== 4400 && this.code !== 4403;
  }
}

export interface Listening {
  /** The last `seq` that was seen; without it, only what comes. */
  after?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Door {
  /** A fresh address with a ticket of its own. */
  address(after: number | undefined): Promise<URL>;
  open(address: URL): WebSocket;
  /** Milliseconds between two pings; twice as long without an answer, and the connection is given up. */
  heartbeat: number;
}

/** Yield events until the consumer stops, the signal aborts, the session ends (`Problem` 401) or we are refused. */
export async function* listen(door: Door, { after, signal }: Listening = {}): AsyncGenerator<FeedEvent, never> {
  for (let failures = 0; ; failures++) {
    try {
      for await (const message of messages(door.open(await door.address(after)), door.heartbeat, signal)) {
        if (message.type === "hello") {
          failures = 0;
          after ??= message.seq;
        } else if (message.type !== "pong") {
          after = message.seq;
          yield message;
        }
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!passes(error)) throw error;
    }
    await pause(backoff(failures), signal);
  }
}

function passes(error: unknown): boolean {
  if (error instanceof Problem || error instanceof SocketClosed) return error.passes;
  return error instanceof TypeError; // how `fetch` says that the network is away
}

/** Yield what one socket says; throws `SocketClosed` at its end. */
async function* messages(
  socket: WebSocket,
  heartbeat: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerMessage, never> {
  const inbox: ServerMessage[] = [];
  let closed: number | null = null;
  let unanswered = 0;
  let wake = (): void => undefined;
  socket.onmessage = ({ data }) => {
    unanswered = 0;
    inbox.push(JSON.parse(String(data)) as ServerMessage);
    wake();
  };
  socket.onclose = ({ code }) => {
    closed = code;
    wake();
  };
  const beat = setInterval(() => {
    if (unanswered++ < 2) {
      if (socket.readyState === socket.OPEN) socket.send('{"type":"ping"}');
    } else {
      closed ??= 1006;
      wake();
    }
  }, heartbeat);
  const abort = (): void => wake();
  signal?.addEventListener("abort", abort);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const message = inbox.shift();
      if (message) yield message;
      else if (closed !== null) throw new SocketClosed(closed);
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    clearInterval(beat);
    socket.close();
  }
}
