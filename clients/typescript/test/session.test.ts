// Signing in, staying signed in, and errors: against the running product.

import assert from "node:assert/strict";
import { test } from "node:test";

import { data, Problem, Regimen, type Fetch, type Tokens } from "regimen-client";

import { baseUrl, PASSWORD, person, registered } from "./stage.js";

/** A network that counts what is sent to a path and can lose the first answers from it. */
function network(path: string, lost = 0): { fetch: Fetch; sent: Request[] } {
  const sent: Request[] = [];
  const send: Fetch = async (request) => {
    if (!request.url.includes(path)) return fetch(request);
    sent.push(request.clone());
    const answer = await fetch(request);
    if (sent.length > lost) return answer;
    throw new TypeError("the answer was lost");
  };
  return { fetch: send, sent };
}

/** Tokens whose access token is no good and whose refresh token is. */
async function withOldAccess(): Promise<Tokens> {
  const { tokens } = await registered();
  assert(tokens);
  return { ...tokens, access: "long.gone.by" };
}

test("who registers is signed in, and may sign in again", async () => {
  const who = person();
  const user = await new Regimen({ baseUrl }).register(who);

  const later = new Regimen({ baseUrl });
  await later.login(who.email, PASSWORD);

  assert.equal((await data(later.api.GET("/api/v1/profile"))).id, user.id);
});

test("an expired access token is renewed without the caller's knowing", async () => {
  const kept: (Tokens | null)[] = [];
  const old = await withOldAccess();
  const regimen = new Regimen({ baseUrl, tokens: old, onTokens: (tokens) => kept.push(tokens) });

  const user = await data(regimen.api.GET("/api/v1/profile"));

  assert.equal(user.name, "Nora Node");
  assert.deepEqual(kept, [regimen.tokens]);
  assert.notEqual(regimen.tokens?.refresh, old.refresh);
});

test("a body is sent again with the new token", async () => {
  const regimen = new Regimen({ baseUrl, tokens: await withOldAccess() });

  const user = await data(regimen.api.PATCH("/api/v1/profile", { body: { weight: 70.5 } }));

  assert.equal(user.weight, 70.5);
});

test("ten requests that find the token expired refresh it once", async () => {
  const { fetch, sent } = network("/token/refresh");
  const regimen = new Regimen({ baseUrl, tokens: await withOldAccess(), fetch });

  const users = await Promise.all(Array.from({ length: 10 }, () => data(regimen.api.GET("/api/v1/profile"))));

  assert.equal(new Set(users.map((user) => user.id)).size, 1);
  assert.equal(sent.length, 1);
});

test("a refresh whose answer got lost is asked for again", async () => {
  const { fetch, sent } = network("/token/refresh", 1);
  const regimen = new Regimen({ baseUrl, tokens: await withOldAccess(), fetch });

  assert.equal((await data(regimen.api.GET("/api/v1/profile"))).name, "Nora Node");
  assert.equal(sent.length, 2);
});

test("when the session is over, the tokens go and the caller hears why", async () => {
  const kept: (Tokens | null)[] = [];
  const other = await registered();
  const { tokens } = other;
  await other.logout();
  const regimen = new Regimen({ baseUrl, tokens, onTokens: (changed) => kept.push(changed) });

  await assert.rejects(regimen.api.GET("/api/v1/profile"), { name: "Problem", status: 401, code: "unauthorized" });

  assert.deepEqual(kept, [null]);
  assert.equal(other.tokens, null);
});

test("a wrong password is a problem, and no reason to refresh", async () => {
  const { fetch, sent } = network("/token/refresh");
  const regimen = await registered({ fetch });

  await assert.rejects(regimen.login(person().email, "not the password"), { status: 401, code: "invalid_credentials" });

  assert.equal(sent.length, 0);
});

test("a problem names every field that could not be accepted", async () => {
  const error: unknown = await new Regimen({ baseUrl }).register({ ...person(), age: 12, height: 20 }).catch((e) => e);

  assert(error instanceof Problem);
  assert.equal(error.status, 422);
  assert.equal(error.code, "validation_failed");
  assert.deepEqual(error.errors.map((one) => one.pointer).sort(), ["/age", "/height"]);
  assert.match(error.requestId, /^[\w-]{8,}$/);
});

test("a proxy's page is a problem too", async () => {
  const fetch: Fetch = async () => new Response("<h1>Bad gateway</h1>", { status: 502 });
  const regimen = new Regimen({ baseUrl, fetch });

  await assert.rejects(regimen.api.GET("/api/v1/foods"), { name: "Problem", status: 502, code: "no_problem_document" });
});

test("what is away for a moment is asked again, as often as is sensible", async () => {
  let asked = 0;
  const fetch: Fetch = async () => {
    asked++;
    return Response.json({ code: "unavailable" }, { status: 503, headers: { "Retry-After": "0" } });
  };
  const regimen = new Regimen({ baseUrl, fetch });

  await assert.rejects(regimen.api.GET("/api/v1/profile"), { status: 503, code: "unavailable" });
  assert.equal(asked, 4);
  await assert.rejects(regimen.login("ada@example.org", PASSWORD), { status: 503 });
  assert.equal(asked, 5);
});

test("a plan that was asked for twice because an answer got lost is one job", async () => {
  const { fetch, sent } = network("/generate-plan", 1);
  const regimen = await registered({ fetch });

  const job = await regimen.generatePlan({ kind: "meal", days: 1 });

  assert.equal(sent.length, 2);
  assert.equal(sent[0]?.headers.get("Idempotency-Key"), sent[1]?.headers.get("Idempotency-Key"));
  assert.deepEqual((await data(regimen.api.GET("/api/v1/jobs"))).items.map((one) => one.id), [job.id]);
});
