// A plan being made: ask for it, watch it, cancel it, say how it ended.
// Invariant: what is shown follows the feed, whichever device asked; while the feed is away the job itself is asked.

import * as api from "../api.js";
import { $, el, fill, toast } from "../dom.js";
import { list, sentence, source } from "../format.js";

const STAGES = {
  queued: "Waiting for a worker", reading: "Reading your profile", asking: "Asking the model for ideas",
  meals: "Composing your meals", workouts: "Composing your training", saving: "Checking and saving", done: "Ready",
};
const STATIONS = [5, 35, 70, 95]; // percent at which the stages named under the bar begin
const POLL = 2000;
const ACTIVE = ["queued", "running"];
const ENDS = { succeeded: "plan.ready", failed: "plan.failed", cancelled: "plan.cancelled" };

/** `ready(dates)` is called when a plan has been stored. */
export function jobs(feed, ready) {
  const [panel, button] = [$("#job"), $("#generate")];
  let current = null;
  let polling = null;

  const declined = (problem) => say("The plan was not asked for.", problem.message, "alert");
  button.addEventListener("click", () => generate().catch(declined));
  $("#cancel").addEventListener("click", cancel);
  feed.addEventListener("event", ({ detail: { type, data } }) => told(type, data));

  async function generate() {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    fill($("#outcome"));
    try {
      const once = { "Idempotency-Key": api.idempotencyKey() };
      const job = await api.post("/generate-plan", { kind: "both", days: 7 }, once);
      if (job.id !== current?.ended) follow(job.id, "queued", 0);
    } catch (problem) {
      if (problem.code !== "already_running") throw problem;
      await resume();
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  async function cancel() {
    try {
      await api.remove(`/jobs/${current.id}`);
      $("#stage").textContent = "Cancelling";
    } catch (problem) {
      toast(problem.message);
    }
  }

  /** Take up a job that is under way already, after a reload or on another device. */
  async function resume() {
    const { items: [job] } = await api.get("/jobs?limit=1");
    if (job && ACTIVE.includes(job.status)) follow(job.id, job.stage, job.percent);
  }

  function follow(id, stage, percent) {
    if (current?.id !== id) {
      current = { id, percent: 0 };
      clearInterval(polling);
      polling = setInterval(poll, POLL);
    }
    if (percent < current.percent) return;
    current.percent = percent;
    swap(panel, button, $("#cancel"));
    $("#stage").textContent = STAGES[stage] ?? sentence(stage);
    $("#percent").textContent = `${percent} %`;
    $("#track").setAttribute("aria-valuenow", percent);
    $("#track").style.setProperty("--done", percent / 100);
    STATIONS.forEach((at, index) => $("#stations").children[index].toggleAttribute("data-reached", percent >= at));
  }

  function told(type, data) {
    if (type === "plan.queued") follow(data.job_id, "queued", 0);
    else if (type === "plan.progress") follow(data.job_id, data.stage, data.percent);
    else if (Object.values(ENDS).includes(type)) finish(type, data);
  }

  async function finish(type, data) {
    if (data.job_id === current?.ended) return;
    clearInterval(polling);
    current = { ended: data.job_id };
    swap(button, panel, button);
    if (type === "plan.cancelled") say("Cancelled.", "Your earlier plan stays as it was.");
    else if (type === "plan.failed") await explain(data);
    else {
      say("Your week is ready.", `${source(data).label}, every figure checked.`);
      ready(data.dates);
    }
  }

  async function explain({ job_id: id, detail }) {
    const { error } = await api.get(`/jobs/${id}`).catch(() => ({}));
    const relax = error?.relax?.length ? ` What could give way: ${list(error.relax)}.` : "";
    say("No plan could be made.", `${error?.detail ?? detail}${relax}`, "alert");
  }

  async function poll() {
    if (feed.state === "live" || !current?.id) return;
    const job = await api.get(`/jobs/${current.id}`).catch(() => null);
    if (!job) return;
    if (ACTIVE.includes(job.status)) follow(job.id, job.stage, job.percent);
    else finish(ENDS[job.status], { ...job, job_id: job.id });
  }

  function say(title, text, role = "status") {
    fill($("#outcome"), el("p", { role }, el("strong", {}, title), " ", text));
  }

  function reset() {
    clearInterval(polling);
    current = null;
    swap(button, panel, button);
    fill($("#outcome"));
  }

  return { resume, reset };
}

/** Show one part in the other's place; the keyboard's focus goes along. */
function swap(shown, hidden, focused) {
  const here = document.activeElement;
  [shown.hidden, hidden.hidden] = [false, true];
  if (hidden.contains(here)) focused.focus();
}
