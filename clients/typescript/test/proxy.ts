// A proxy before the running product that lets no WebSocket through, as those of some companies and hotels.
// Invariant: what it passes on is unchanged; what it does to upgrades and to event streams is said by its maker.

import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";

import { baseUrl } from "./stage.js";

export interface Manners {
  /** What is done to a request for an upgrade; without it, it is refused. */
  upgrade?: (socket: Duplex) => void;
  /** What is done to each chunk of the stream number `stream`, from 1; without it, it is passed on. */
  chunk?: (chunk: Buffer, to: http.ServerResponse, stream: number) => void;
}

export interface Proxy {
  url: string;
  /** The `after` of each stream that was asked for; empty for none. */
  streams: string[];
  /** How many sockets were asked for. */
  upgrades: number;
}

/** Start one, which ends with the test. */
export async function proxy(t: TestContext, { upgrade = refuse, chunk = pass }: Manners = {}): Promise<Proxy> {
  const started: Proxy = { url: "", streams: [], upgrades: 0 };
  const server = http.createServer((request, answer) => {
    const isStream = request.headers.accept === "text/event-stream";
    if (isStream) started.streams.push(new URL(request.url ?? "", baseUrl).searchParams.get("after") ?? "");
    const number = started.streams.length;
    const { method, headers } = request;
    const onward = http.request(new URL(request.url ?? "", baseUrl), { method, headers, agent: false }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      if (!isStream) return void found.pipe(answer);
      found.on("data", (part: Buffer) => chunk(part, answer, number));
      found.on("end", () => answer.end());
      found.on("error", () => answer.destroy());
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  server.on("upgrade", (_, socket: Duplex) => {
    started.upgrades++;
    upgrade(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  started.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return started;
}

function refuse(socket: Duplex): void {
  socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

function pass(chunk: Buffer, to: http.ServerResponse): void {
  to.write(chunk);
}
