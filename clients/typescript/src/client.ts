// The client: sign in, call anything, ask for a plan and follow it.
// Invariant: a call either gives what the contract says or throws; there is no half-answer to check for.

import createClient, { type Client } from "openapi-fetch";

import { listen, type Door, type FeedEvent, type Listening } from "./feed.js";
import type { Events, GeneratePlan, Job, paths, Register, User } from "./schema.js";
import { Session, type Fetch, type Tokens } from "./session.js";

export type JobEvent = Extract<FeedEvent, { data: { job_id: string } }>;

export interface Options {
  /** Where the API is served, such as `https://api.example.com`; nothing of `/api/v1`. */
  baseUrl: string;
  /** Those of an earlier visit. */
  tokens?: Tokens | null;
  /** Called whenever the tokens change; null says that nobody is signed in any more. */
  onTokens?: (tokens: Tokens | null) => void;
  fetch?: Fetch;
  WebSocket?: typeof WebSocket;
  /** Milliseconds between two pings of the event socket. */
  heartbeat?: number;
  /** Milliseconds without a word after which an event stream is given up; the server says one every dozen seconds. */
  silence?: number;
}

const PAGE = 200;
const ENDS: ReadonlySet<string> = new Set(["plan.ready", "plan.failed", "plan.cancelled"]);

export class Regimen {
  /** Every operation of the API, typed by path; errors are thrown, never returned. */
  readonly api: Client<paths>;
  readonly #session: Session;
  readonly #door: Door;

  constructor(options: Options) {
    const baseUrl = options.baseUrl.replace(/\/+$/, "");
    const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
    this.#session = new Session(baseUrl, send, options.tokens ?? null, options.onTokens ?? (() => undefined));
    this.api = createClient<paths>({ baseUrl, fetch: (request) => this.#session.send(request) });
    const Socket = options.WebSocket ?? (globalThis as { WebSocket?: typeof WebSocket }).WebSocket;
    const feed = `${baseUrl.replace(/^http/, "ws")}/ws/events`;
    this.#door = {
      socket: async (after) => (Socket ? new Socket(await this.#address(feed, after)) : null),
      stream: (after, signal) => this.#stream(`${baseUrl}/api/v1/events`, after, signal),
      heartbeat: options.heartbeat ?? 20_000,
      silence: options.silence ?? 40_000,
    };
  }

  /** What to keep for the next visit; null when nobody is signed in. */
  get tokens(): Tokens | null {
    return this.#session.tokens;
  }

  /** Create an account and sign in. */
  async register(person: Register): Promise<User> {
    const { user, ...tokens } = await data(this.api.POST("/api/v1/register", { body: person }));
    this.#session.keep(tokens);
    return user;
  }

  async login(email: string, password: string): Promise<void> {
    this.#session.keep(await data(this.api.POST("/api/v1/login", { body: { email, password } })));
  }

  /** End the session, here and on the server. */
  async logout(): Promise<void> {
    const { tokens } = this;
    if (tokens) await this.api.POST("/api/v1/logout", { body: { refresh: tokens.refresh } });
    this.#session.keep(null);
  }

  /** Ask for a plan. It is sent again while the network is away; the key makes sure that there is one job. */
  async generatePlan(wish: GeneratePlan = {}, idempotencyKey: string = crypto.randomUUID()): Promise<Job> {
    const header = { "Idempotency-Key": idempotencyKey };
    return data(this.api.POST("/api/v1/generate-plan", { params: { header }, body: wish }));
  }

  /** Everything that happens to the person, over breaks of the connection, without an end. */
  events(listening: Listening = {}): AsyncGenerator<FeedEvent, never> {
    return listen(this.#door, listening);
  }

  /** Every event of a job, from `plan.queued` to the one that ends it, also when it has ended already. */
  async *follow(job: string | { id: string }, { after, signal }: Listening = {}): AsyncGenerator<JobEvent, void> {
    const id = typeof job === "string" ? await this.#known(job) : job.id;
    for await (const event of this.events({ after: after ?? (await this.#before(id)), signal })) {
      if (!("job_id" in event.data) || event.data.job_id !== id) continue;
      yield event as JobEvent;
      if (ENDS.has(event.type)) return;
    }
  }

  async #address(feed: string, after: number | undefined): Promise<URL> {
    const address = new URL(feed);
    address.searchParams.set("ticket", (await data(this.api.POST("/api/v1/ws-ticket"))).ticket);
    if (after !== undefined) address.searchParams.set("after", String(after));
    return address;
  }

  #stream(feed: string, after: number | undefined, signal: AbortSignal): Promise<Response> {
    const address = new URL(feed);
    if (after !== undefined) address.searchParams.set("after", String(after));
    return this.#session.send(new Request(address, { headers: { Accept: "text/event-stream" }, signal }));
  }

  async #known(id: string): Promise<string> {
    return (await data(this.api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: id } } }))).id;
  }

  /** The `seq` before the job's first event, looked for from the feed's end backwards. */
  async #before(id: string): Promise<number> {
    let { seq: upper } = await this.#page(Number.MAX_SAFE_INTEGER);
    for (; upper > 0; upper = Math.max(0, upper - PAGE)) {
      const { items } = await this.#page(Math.max(0, upper - PAGE));
      const queued = items.find((event) => event.type === "plan.queued" && event.data["job_id"] === id);
      if (queued) return queued.seq - 1;
    }
    return 0;
  }

  #page(after: number): Promise<Events> {
    return data(this.api.GET("/api/v1/events", { params: { query: { after, limit: PAGE } } }));
  }
}

/** The answer's body. */
export async function data<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  return (await call).data as NonNullable<T>;
}
