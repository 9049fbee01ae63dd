// Following a plan over a WebSocket that may break: against the running product.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Problem, SocketClosed, type FeedEvent, type JobEvent, type Regimen } from "regimen-client";

import { baseUrl, registered } from "./stage.js";

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const event of events) found.push(event);
  return found;
}

/** A kind of socket that breaks after so many messages, the first `times` that it is opened. */
function breaking({ after, times }: { after: number; times: number }): { kind: typeof WebSocket; opened: string[] } {
  const opened: string[] = [];
  class Breaking extends WebSocket {
    constructor(address: string | URL) {
      super(address);
      opened.push(String(address));
      if (opened.length > times) return;
      let left = after;
      this.addEventListener("message", () => {
        if (--left === 0) this.close();
      });
    }
  }
  return { kind: Breaking, opened };
}

async function log(regimen: Regimen, date: string): Promise<void> {
  await regimen.api.POST("/api/v1/progress", { body: { date, weight: 70 } });
}

function isWhole(events: JobEvent[]): void {
  const seqs = events.map((event) => event.seq);
  assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b));
  assert.equal(events[0]?.type, "plan.queued");
  assert.equal(events.at(-1)?.type, "plan.ready");
}

test("a plan is followed from queued to ready", async () => {
  const regimen = await registered();
  const job = await regimen.generatePlan({ days: 2 });

  const events = await all(regimen.follow(job));

  isWhole(events);
  assert(events.some((event) => event.type === "plan.progress"));
  assert(events.every((event) => event.data.job_id === job.id));
});

test("a job that has ended already is followed to its end all the same", async () => {
  const regimen = await registered();
  const job = await regimen.generatePlan({ kind: "meal", days: 1 });
  const live = await all(regimen.follow(job));
  await log(regimen, "2026-03-02");

  const again = await all(regimen.follow(job.id));

  assert.deepEqual(again, live);
});

test("two jobs at once are told apart", async () => {
  const regimen = await registered();
  const jobs = [await regimen.generatePlan({ kind: "meal" }), await regimen.generatePlan({ kind: "workout" })];

  const followed = await Promise.all(jobs.map((job) => all(regimen.follow(job))));

  followed.forEach(isWhole);
  assert.deepEqual(followed.map((events) => events[0]?.data.job_id), jobs.map((job) => job.id));
});

test("a connection that breaks again and again loses nothing and repeats nothing", async () => {
  const { kind, opened } = breaking({ after: 2, times: 3 });
  const regimen = await registered({ WebSocket: kind });
  for (const day of [1, 2, 3, 4, 5, 6, 7, 8]) await log(regimen, `2026-03-0${day}`);

  const seqs: number[] = [];
  for await (const event of regimen.events({ after: 0 })) {
    seqs.push(event.seq);
    if (event.seq === 8) break;
  }

  assert.deepEqual(seqs, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert(opened.length >= 2);
  const tickets = opened.map((address) => new URL(address).searchParams.get("ticket"));
  assert.equal(new Set(tickets).size, opened.length);
});

test("without a place to go on from, only what comes is heard", async () => {
  const regimen = await registered();
  await log(regimen, "2026-03-01");
  const events = regimen.events();

  const next = events.next();
  for (let day = 2; day < 29; day++) {
    await log(regimen, `2026-03-${String(day).padStart(2, "0")}`);
    const heard = await Promise.race([next, new Promise<null>((resolve) => setTimeout(resolve, 100, null))]);
    if (heard) break;
  }

  const { value } = await next;
  assert(value.seq > 1);
  await events.return(undefined as never);
});

test("a connection that has gone silent is given up and opened again", async () => {
  let opened = 0;
  class Deaf extends WebSocket {
    constructor(address: string | URL) {
      super(address);
      let heard = 0;
      const isFirst = ++opened === 1;
      this.addEventListener("message", (event) => {
        if (isFirst && ++heard > 1) event.stopImmediatePropagation(); // after its hello
      });
    }
  }
  const regimen = await registered({ WebSocket: Deaf, heartbeat: 100 });
  await log(regimen, "2026-03-01");

  const events: AsyncGenerator<FeedEvent, never> = regimen.events({ after: 0 });

  assert.equal((await events.next()).value.seq, 1);
  assert.equal(opened, 2);
  await events.return(undefined as never);
});

test("the caller can stop listening", async () => {
  const regimen = await registered();
  const stop = new AbortController();
  const listening = all(regimen.events({ signal: stop.signal }));

  stop.abort(new Error("enough"));

  await assert.rejects(listening, { message: "enough" });
});

test("a place that never was is refused, and not tried again", async () => {
  const regimen = await registered();

  const error: unknown = await all(regimen.events({ after: 999 })).catch((e) => e);

  assert(error instanceof SocketClosed);
  assert.equal(error.code, 4400);
});

test("when the session ends, so does the feed", async () => {
  const regimen = await registered();
  const { tokens } = regimen;
  const listening = all(regimen.events({ after: 0 }));
  await log(regimen, "2026-03-01");
  assert(tokens);
  await fetch(`${baseUrl}/api/v1/logout`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${tokens.access}` },
    body: JSON.stringify({ refresh: tokens.refresh }),
  });

  const error: unknown = await listening.catch((e) => e);

  assert(error instanceof Problem);
  assert.equal(error.status, 401);
});

test("a job that is not there, or somebody else's, is a problem and not an endless wait", async () => {
  const [owner, stranger] = [await registered(), await registered()];
  const job = await owner.generatePlan({ kind: "workout", days: 1 });

  await assert.rejects(all(stranger.follow(job.id)), { status: 404, code: "no_job" });
});
