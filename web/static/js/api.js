// The API as this page calls it: JSON in and out, tokens renewed, refusals as `Problem`.
// Invariant: a refresh token is spent once, also when several calls or tabs find the access token expired together.

const BASE = "/api/v1";
const KEY = "regimen.tokens";
let flight = null;

/** Tells `call` after each request, and `signed-out` when the session has ended. */
export const bus = new EventTarget();

export const tokens = {
  read: () => JSON.parse(localStorage.getItem(KEY) ?? "null"),
  save: ({ access, refresh }) => localStorage.setItem(KEY, JSON.stringify({ access, refresh })),
  clear: () => localStorage.removeItem(KEY),
};

/** A refusal: RFC 9457's members, with a stable `code`. Status 0: no answer at all. */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail || body.title || `The server answered ${status}.`);
    Object.assign(this, { status, code: body.code, errors: body.errors ?? [], requestId: body.request_id, body });
  }
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}, headers = {}) => call("POST", path, body, headers);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

/** A call without a session: sign in, sign up. */
export const open = (path, body) => send("POST", path, body);

/** A key that makes repeating a POST safe. */
export const idempotencyKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function call(method, path, body, headers = {}) {
  const used = tokens.read()?.access;
  try {
    return await send(method, path, body, { ...headers, Authorization: `Bearer ${used}` });
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    await renew(used);
    return send(method, path, body, { ...headers, Authorization: `Bearer ${tokens.read().access}` });
  }
}

async function renew(used) {
  const work = async () => {
    const held = tokens.read();
    if (held && held.access !== used) return; // another call or tab was faster
    try {
      tokens.save(await send("POST", "/token/refresh", { refresh: held?.refresh || "none" }));
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      tokens.clear();
      bus.dispatchEvent(new Event("signed-out"));
      throw problem;
    }
  };
  if (navigator.locks) return navigator.locks.request(KEY, work);
  flight ??= work().finally(() => { flight = null; });
  return flight;
}

async function send(method, path, body, headers = {}) {
  const started = performance.now();
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "Content-Type": "application/json" };
  let response;
  try {
    response = await fetch(BASE + path, { method, ...json, headers: { ...type, ...headers } });
  } catch {
    told(method, path, 0, started);
    throw new Problem(0, { code: "offline", detail: "The server cannot be reached. Check the connection." });
  }
  told(method, path, response.status, started);
  const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, answer);
  return answer;
}

function told(method, path, status, started) {
  const detail = { method, path: BASE + path, status, ms: Math.round(performance.now() - started) };
  bus.dispatchEvent(new CustomEvent("call", { detail }));
}
