// The event feed: one WebSocket with a ticket, taken up again where it broke.
// Invariant: every event is dispatched once and in the order of its `seq`, however often the connection is lost.

import * as api from "./api.js";

const PING = 25_000;
const SILENCE = 40_000; // a socket that is silent for longer is half dead
const BACKOFF = [500, 15_000];
const AFTER_REFUSED = 4400;

/** Dispatches `event` (detail: `{seq, type, time, data}`), `state` (connecting, live, waiting, off) and `hello`. */
export class Feed extends EventTarget {
  seq = null;
  state = "off";
  #socket = null;
  #tries = 0;
  #timers = [];

  constructor() {
    super();
    addEventListener("online", () => this.state === "waiting" && this.open());
  }

  async open() {
    this.#halt();
    this.#become("connecting");
    try {
      const { ticket } = await api.post("/ws-ticket");
      if (this.state === "connecting" && !this.#socket) this.#connect(ticket);
    } catch (problem) {
      if (problem.status !== 401) this.#later();
    }
  }

  close() {
    this.#halt();
    this.seq = null;
    this.#become("off");
  }

  #connect(ticket) {
    const url = new URL(`/ws/events?ticket=${encodeURIComponent(ticket)}`, location.href.replace(/^http/, "ws"));
    if (this.seq !== null) url.searchParams.set("after", this.seq);
    const socket = this.#socket = new WebSocket(url);
    socket.onmessage = ({ data }) => this.#socket === socket && this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return; // closed by us
      if (code === AFTER_REFUSED) this.seq = null; // a seq this server never gave: begin anew
      this.#later();
    };
  }

  #receive(message) {
    clearTimeout(this.#timers[1]);
    this.#timers[1] = setTimeout(() => this.open(), SILENCE);
    if (message.type === "hello") {
      this.#tries = 0;
      this.#timers[0] = setInterval(() => this.#socket.send('{"type":"ping"}'), PING);
      this.seq ??= message.seq;
      this.#become("live");
      this.dispatchEvent(new CustomEvent("hello", { detail: message }));
    } else if (message.seq > this.seq) {
      this.seq = message.seq;
      this.dispatchEvent(new CustomEvent("event", { detail: message }));
    }
  }

  #later() {
    this.#halt();
    this.#become("waiting");
    const wait = Math.min(BACKOFF[0] * 2 ** this.#tries++, BACKOFF[1]);
    this.#timers[2] = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2)); // not all clients at once
  }

  #halt() {
    clearInterval(this.#timers[0]);
    this.#timers.slice(1).forEach(clearTimeout);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
