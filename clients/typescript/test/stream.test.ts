// Following a plan where no WebSocket gets through: the same feed as a stream, against the running product.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Problem, Regimen, type FeedEvent, type JobEvent } from "regimen-client";

import { proxy, type Proxy } from "./proxy.js";
import { baseUrl, registered } from "./stage.js";

const DAYS = [1, 2, 3, 4, 5, 6, 7, 8];

async function taken<T>(events: AsyncIterable<T>, count: number): Promise<T[]> {
  const found: T[] = [];
  for await (const event of events) if (found.push(event) === count) break;
  return found;
}

async function log(regimen: Regimen, days: number[]): Promise<void> {
  for (const day of days) await regimen.api.POST("/api/v1/progress", { body: { date: `2026-03-0${day}`, weight: 70 } });
}

async function seqs(regimen: Regimen, count: number): Promise<number[]> {
  return (await taken<FeedEvent>(regimen.events({ after: 0 }), count)).map((event) => event.seq);
}

function behind({ url }: Proxy): Promise<Regimen> {
  return registered({ baseUrl: url });
}

test("where the upgrade is refused a plan is followed to its end all the same", async (t) => {
  const between = await proxy(t);
  const regimen = await behind(between);

  const job = await regimen.generatePlan({ days: 2 });
  const events: JobEvent[] = [];
  for await (const event of regimen.follow(job)) events.push(event);

  assert.equal(events[0]?.type, "plan.queued");
  assert(events.some((event) => event.type === "plan.progress"));
  assert.equal(events.at(-1)?.type, "plan.ready");
  assert(between.upgrades >= 1);
  assert(between.streams.length >= 1);
});

test("a stream says what a socket says, word for word", async (t) => {
  const regimen = await behind(await proxy(t));
  const direct = new Regimen({ baseUrl, tokens: regimen.tokens });
  await log(regimen, DAYS);

  const streamed = await taken(regimen.events({ after: 0 }), DAYS.length);

  assert.deepEqual(streamed, await taken(direct.events({ after: 0 }), DAYS.length));
});

test("a stream that is cut off, in the middle of a line too, loses nothing and repeats nothing", async (t) => {
  const between = await proxy(t, {
    chunk: (chunk, to, stream) => {
      if (stream > 3) return void to.write(chunk);
      const cut = chunk.indexOf('"seq":', chunk.indexOf(`id: ${2 * stream + 1}\n`)); // within that event's line
      to.write(cut < 0 ? chunk : chunk.subarray(0, cut), () => cut >= 0 && to.destroy());
    },
  });
  const regimen = await behind(between);
  await log(regimen, DAYS);

  assert.deepEqual(await seqs(regimen, DAYS.length), DAYS);
  assert.deepEqual(between.streams, ["0", "2", "4", "6"]);
});

test("an event whose bytes come one by one is one event", async (t) => {
  const between = await proxy(t, {
    chunk: (chunk, to) => {
      for (const byte of chunk) to.write(Buffer.of(byte));
    },
  });
  const regimen = await behind(between);
  await log(regimen, DAYS);

  assert.deepEqual(await seqs(regimen, DAYS.length), DAYS);
});

test("a stream that has gone silent is given up and opened again", async (t) => {
  const between = await proxy(t, { chunk: (chunk, to, stream) => stream > 1 && to.write(chunk) });
  const regimen = await registered({ baseUrl: between.url, silence: 1_000 });
  await log(regimen, DAYS);

  assert.deepEqual(await seqs(regimen, DAYS.length), DAYS);
  assert(between.streams.length >= 2);
});

test("a socket that is neither opened nor refused is given up", async (t) => {
  const between = await proxy(t, { upgrade: () => undefined });
  const regimen = await registered({ baseUrl: between.url, heartbeat: 100 });
  await log(regimen, DAYS);

  assert.deepEqual(await seqs(regimen, DAYS.length), DAYS);
  assert.deepEqual(between.streams, ["0"]);
});

test("without a place to go on from, a stream tells only what comes", async (t) => {
  const between = await proxy(t);
  const regimen = await behind(between);
  await log(regimen, [1]);
  const events = regimen.events();

  const next = events.next();
  for (let day = 2; day < 29; day++) {
    await regimen.api.POST("/api/v1/progress", { body: { date: `2026-03-${String(day).padStart(2, "0")}`, weight: 70 } });
    if (await Promise.race([next, new Promise<null>((resolve) => setTimeout(resolve, 100, null))])) break;
  }

  assert((await next).value.seq > 1);
  assert.deepEqual(between.streams, [""]);
  await events.return(undefined as never);
});

test("the caller can stop listening to a stream", async (t) => {
  const regimen = await behind(await proxy(t));
  await log(regimen, [1]);
  const stop = new AbortController();
  const events = regimen.events({ after: 0, signal: stop.signal });
  await events.next();

  const next = events.next();
  stop.abort(new Error("enough"));

  await assert.rejects(next, { message: "enough" });
});

test("a place that never was is refused over a stream as well", async (t) => {
  const regimen = await behind(await proxy(t));

  const error: unknown = await taken(regimen.events({ after: 999 }), 1).catch((e) => e);

  assert(error instanceof Problem);
  assert.equal(error.status, 422);
});

test("when the session ends, so does the stream", async (t) => {
  const regimen = await behind(await proxy(t));
  const other = new Regimen({ baseUrl, tokens: regimen.tokens });
  await log(regimen, [1]);
  const events = regimen.events({ after: 0 });
  await events.next();

  const rest = taken(events, 2);
  await other.logout();

  await assert.rejects(rest, { status: 401 });
});

test("where there are no WebSockets at all the feed is a stream", async (t) => {
  const { WebSocket } = globalThis;
  Object.assign(globalThis, { WebSocket: undefined });
  t.after(() => Object.assign(globalThis, { WebSocket }));
  const between = await proxy(t);
  const regimen = await behind(between);
  await log(regimen, DAYS);

  assert.deepEqual(await seqs(regimen, DAYS.length), DAYS);
  assert.equal(between.upgrades, 0);
});
