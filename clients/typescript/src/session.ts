// Requests of somebody who is signed in: their access token, renewed when it has run out.
// Invariant: a refresh token is traded once, however many requests find the access token expired.

import { backoff, pause } from "./patience.js";
import { Problem } from "./problem.js";

export interface Tokens {
  access: string;
  refresh: string;
}

export type Fetch = (request: Request) => Promise<Response>;

const ATTEMPTS = 4;
const LONGEST = 10; // seconds that a caller can be made to wait in silence

export class Session {
  #tokens: Tokens | null;
  #refreshing: Promise<void> | null = null;

  constructor(
    private readonly baseUrl: string,
    private readonly fetch: Fetch,
    tokens: Tokens | null,
    private readonly onTokens: (tokens: Tokens | null) => void,
  ) {
    this.#tokens = tokens;
  }

  get tokens(): Tokens | null {
    return this.#tokens;
  }

  /** Take up a pair of tokens, or none. */
  keep(tokens: Tokens | null): void {
    this.#tokens = tokens && { access: tokens.access, refresh: tokens.refresh };
    this.onTokens(this.#tokens);
  }

  /** Send a request; a 401 for an old access token is mended once. Throws `Problem` for every 4xx and 5xx. */
  async send(request: Request): Promise<Response> {
    const used = this.#tokens?.access;
    try {
      return await this.#patiently(signed(request, used));
    } catch (error) {
      if (!used || !(error instanceof Problem) || error.code !== "unauthorized") throw error;
      await this.#renew(used);
      return this.#patiently(signed(request, this.#tokens?.access));
    }
  }

  /** Trade the refresh token, unless another request has done so since `used` was sent. */
  async #renew(used: string): Promise<void> {
    if (this.#tokens?.access !== used) return;
    this.#refreshing ??= this.#refresh(this.#tokens.refresh).finally(() => {
      this.#refreshing = null;
    });
    await this.#refreshing;
  }

  async #refresh(refresh: string): Promise<void> {
    const request = new Request(`${this.baseUrl}/api/v1/token/refresh`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh }),
    });
    try {
      const response = await this.#patiently(request, true); // a lost answer is given again for some seconds
      this.keep((await response.json()) as Tokens);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.keep(null); // the session is over
      throw error;
    }
  }

  /** Send what may be sent twice again while the network or the API is away for a moment. */
  async #patiently(request: Request, repeatable = isRepeatable(request)): Promise<Response> {
    for (let failures = 0; ; failures++) {
      const last = !repeatable || failures + 1 >= ATTEMPTS;
      let response: Response;
      try {
        response = await this.fetch(request.clone());
      } catch (error) {
        if (last || request.signal.aborted) throw error;
        await pause(backoff(failures), request.signal);
        continue;
      }
      if (response.status < 400) return response;
      const seconds = Number(response.headers.get("Retry-After") ?? 1);
      if (last || ![429, 503].includes(response.status) || !(seconds <= LONGEST)) throw await Problem.of(response);
      await pause(seconds * 1000, request.signal);
    }
  }
}

function isRepeatable(request: Request): boolean {
  return request.method === "GET" || request.headers.has("Idempotency-Key");
}

function signed(request: Request, access: string | undefined): Request {
  const copy = request.clone();
  if (access) copy.headers.set("Authorization", `Bearer ${access}`);
  return copy;
}
