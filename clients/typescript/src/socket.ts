// One WebSocket, read as a sequence of messages.
// Invariant: it is closed when nobody reads it any more, and its end is always an error with a code.

import type { ServerMessage } from "./events.js";

const LOST = 1006; // WebSocket's own code for a connection that broke, or was never made

/** The socket was closed; `code` is the API's (4400, 4401, 4403) or WebSocket's own. */
export class SocketClosed extends Error {
  override readonly name = "SocketClosed";

  constructor(readonly code: number) {
    super(`the event socket was closed with ${code}`);
  }

  /** Whether the API itself said so, and nothing on the way to it. */
  get isOfTheApi(): boolean {
    return this.code >= 4000;
  }

  /** Whether a new ticket may open it again: 4400 and 4403 would only come back. */
  get passes(): boolean {
    return this.code !== 4400 && this.code !== 4403;
  }
}

/** Yield what a socket says; twice `heartbeat` without a word, and it is given up. Throws `SocketClosed` at its end. */
export async function* overSocket(
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
  socket.onerror = () => {
    closed ??= LOST; // Node before 22 says nothing more of one that was refused
    wake();
  };
  const beat = setInterval(() => {
    if (unanswered++ < 2) {
      if (socket.readyState === socket.OPEN) socket.send('{"type":"ping"}');
    } else {
      closed ??= LOST;
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
