// The event feed over connections that may break at any time.
// Invariant: every event past `after` comes once and in order, whatever happens to a connection and whichever kind it is.

import type { Hello, Pong, ServerMessage } from "./events.js";
import { backoff, pause } from "./patience.js";
import { Problem } from "./problem.js";
import { overSocket, SocketClosed } from "./socket.js";
import { overStream } from "./stream.js";

export type FeedEvent = Exclude<ServerMessage, Hello | Pong>;

export interface Listening {
  /** The last `seq` that was seen; without it, only what comes. */
  after?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Door {
  /** A socket with a ticket of its own; null where there are none. */
  socket(after: number | undefined): Promise<WebSocket | null>;
  /** The same feed as server-sent events over plain HTTP. */
  stream(after: number | undefined, signal: AbortSignal): Promise<Response>;
  /** Milliseconds between two pings of a socket. */
  heartbeat: number;
  /** Milliseconds without a word after which a stream is given up. */
  silence: number;
}

/** Yield events until the consumer stops, the signal aborts, the session ends (`Problem` 401) or we are refused. */
export async function* listen(door: Door, { after, signal }: Listening = {}): AsyncGenerator<FeedEvent, never> {
  for (let failures = 0; ; failures++) {
    try {
      for await (const message of connection(door, after, signal)) {
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

/** Yield what one connection says: a socket, or a stream where something between us and the API lets none through. */
async function* connection(
  door: Door,
  after: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerMessage, void> {
  const socket = await door.socket(after);
  let isOpen = false;
  try {
    for await (const message of socket ? overSocket(socket, door.heartbeat, signal) : []) {
      isOpen = true;
      yield message;
    }
  } catch (error) {
    if (isOpen || !(error instanceof SocketClosed) || error.isOfTheApi) throw error;
  }
  yield* overStream((stop) => door.stream(after, stop), door.silence, signal);
}

function passes(error: unknown): boolean {
  if (error instanceof Problem || error instanceof SocketClosed) return error.passes;
  return error instanceof TypeError; // how `fetch` says that the network is away
}
