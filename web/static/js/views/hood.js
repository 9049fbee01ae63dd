// Under the hood: the live feed as it comes, and every call that this page makes.
// Invariant: no token is ever shown.

import * as api from "../api.js";
import { $, el, fill } from "../dom.js";
import { clock, words } from "../format.js";

const KEPT = 40;
const BEFORE = 8; // events from before this visit
const STATES = { connecting: "connecting", live: "live", waiting: "reconnecting", off: "off" };

export function hood(feed) {
  const [events, calls, state] = [$("#events"), $("#calls"), $("#feed-state")];
  let seen = null;

  feed.addEventListener("state", ({ detail }) => {
    state.dataset.state = detail;
    state.textContent = STATES[detail];
  });
  feed.addEventListener("hello", ({ detail }) => recall(detail.seq));
  feed.addEventListener("event", ({ detail }) => add(events, eventRow(detail)));
  api.bus.addEventListener("call", ({ detail }) => add(calls, callRow(detail)));

  /** The same feed over plain HTTP, for what came before. */
  async function recall(seq) {
    if (seen !== null) return;
    seen = seq;
    const page = `/events?after=${Math.max(0, seq - BEFORE)}&limit=${BEFORE}`;
    const { items } = await api.get(page).catch(() => ({ items: [] }));
    for (const event of items.reverse()) if (event.seq <= seq) events.append(eventRow(event));
  }

  function reset() {
    seen = null;
    fill(events);
    fill(calls);
  }

  return { reset };
}

function add(log, row) {
  log.prepend(row);
  while (log.children.length > KEPT) log.lastChild.remove();
}

function eventRow({ seq, type, time, data }) {
  const { job_id: job, dates, ...rest } = data;
  const facts = [...Object.values(rest).map(words), dates && `${dates.length} days`].filter(Boolean).join(" · ");
  return el("li", { title: job ? `job ${job}` : null, "data-seq": seq },
    el("span.seq", {}, `#${seq}`), el("b", {}, type), el("span", {}, facts),
    el("time", { datetime: time }, clock(time)));
}

function callRow({ method, path, status, ms }) {
  return el(`li${status >= 200 && status < 400 ? "" : ".refused"}`, {},
    el("span.seq", {}, String(status || "—")), el("b", {}, method), el("span", {}, path), el("time", {}, `${ms} ms`));
}
