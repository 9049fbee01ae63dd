// The page: at the door or inside, and what each event brings up to date.
// Invariant: everything shown comes from the public API; signing out leaves nothing of the person on the page.

import * as api from "./api.js";
import { $, el, fill, toast } from "./dom.js";
import { Feed } from "./feed.js";
import { entered, onSubmit, profileFields } from "./forms.js";
import * as session from "./session.js";
import { gate } from "./views/gate.js";
import { hood } from "./views/hood.js";
import { jobs } from "./views/job.js";
import { letters } from "./views/letters.js";
import { showTargets } from "./views/targets.js";
import { week } from "./views/week.js";
import { weight } from "./views/weight.js";

const feed = new Feed();
const [plans, log, inside] = [week(), weight(feed), hood(feed)];
const making = jobs(feed, () => {
  plans.reload();
  $("#generate-label").textContent = "Generate a new week";
});
const dialog = $("#profile");

gate(enter);
$("#sign-out").addEventListener("click", session.signOut);
$("#edit-profile").addEventListener("click", editProfile);
$("#close-profile").addEventListener("click", () => dialog.close());
api.bus.addEventListener("signed-out", leave);
feed.addEventListener("event", ({ detail: { type } }) => {
  if (type.startsWith("progress.")) log.load();
  if (type === "targets.changed") showTargets();
});
onSubmit($("form", dialog), async (form) => {
  await api.patch("/profile", entered(form));
  dialog.close();
  toast("Saved. Your next plan will use it.");
  showTargets();
});
if (session.present()) enter().catch(unreachable);
else leave();
letters();

async function enter() {
  const [person, { date }] = await Promise.all([api.get("/profile"), api.get("/today")]);
  fill($("#who"), person.name);
  $("#gate").hidden = true;
  $("#app").hidden = false;
  feed.open();
  showTargets();
  await Promise.all([plans.begin(date), log.begin(date), making.resume().catch((problem) => toast(problem.message))]);
}

function leave() {
  feed.close();
  making.reset();
  inside.reset();
  log.clear();
  for (const id of ["who", "meals", "training", "targets"]) fill($(`#${id}`));
  dialog.close();
  $("#app").hidden = true;
  $("#gate").hidden = false;
}

function unreachable(problem) {
  if (problem.status === 401) return;
  leave();
  const again = el("button.quiet", { type: "button", onclick: () => location.reload() }, "Try again");
  fill($("#gate-error"), problem.message, " ", again);
}

async function editProfile() {
  try {
    const person = await api.get("/profile");
    fill($(".profile-fields", dialog), profileFields(person));
    fill($(".error", dialog));
    dialog.showModal();
  } catch (problem) {
    toast(problem.message);
  }
}
