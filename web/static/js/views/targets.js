// The person's daily targets, and how each was reached.
// Invariant: explanation, sources and notices are shown as the API gives them; nothing is computed here.

import * as api from "../api.js";
import { $, el, empty, failed, fill, loading, term } from "../dom.js";
import { number, sentence, short } from "../format.js";

const SHOWN = [["kcal", "Energy", "kcal"], ["protein", "Protein", "g"], ["carbs", "Carbs", "g"], ["fat", "Fat", "g"],
  ["fibre", "Fibre, at least", "g"], ["sodium", "Sodium, at most", "mg"]];
const NAMES = { bmi: "Body mass index", rmr: "Energy at rest", tdee: "Energy you use", kcal: "Energy target",
  sat_fat: "Saturated fat" };

export async function showTargets() {
  const panel = $("#targets");
  loading(panel, 3);
  try {
    draw(panel, await api.get("/profile/targets"));
  } catch (problem) {
    if (problem.code === "profile_incomplete") empty(panel, "Your targets need a little more", problem.message);
    else if (problem.status !== 401) failed(panel, problem, showTargets);
  }
}

function draw(panel, targets) {
  fill(panel,
    el("header.panel-head", {}, el("h2", {}, "Daily targets")),
    el("dl.targets", {}, SHOWN.map(([name, label, unit]) =>
      term(label, el("b", {}, number(targets[name])), ` ${unit}`))),
    targets.notices.map((notice) => el("p.notice", {}, notice)),
    el("details.why", {},
      el("summary", {}, "How was this reached?"),
      el("ol", {}, targets.explanation.map(({ figure, value, unit, how, source }) => el("li", {},
        el("strong", {}, NAMES[figure] ?? sentence(figure)), el("b", {}, `${short(value)} ${unit.replace("m2", "m²")}`),
        el("span", {}, how), el("cite", {}, source))))));
}
