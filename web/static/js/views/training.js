// A day's session: each exercise with sets, repetitions or time, rest, load and cues.
// Invariant: a rest day is a plan of its own and says so; it is not an empty state.

import { el, empty, fill, term } from "../dom.js";
import { duration, list, load, number, words } from "../format.js";
import { certificate, origin, sessionChecks } from "./certificate.js";

export function showTraining(panel, plan) {
  if (!plan) {
    empty(panel, "No session for this day yet", "It comes with your week.");
    return;
  }
  fill(panel,
    el("header.panel-head", {}, el("h2", {}, plan.rest_day ? "Rest day" : plan.title),
      plan.rest_day ? null : el("span.badge", {}, `${plan.estimated_minutes} min`), origin(plan)),
    plan.rest_day
      ? el("p.rest", {}, "Nothing to lift today. Sleep, walk, eat well: this is when the training takes hold.")
      : el("ol.exercises", {}, plan.exercises.map(exercise)),
    certificate("Certificate of this week’s training", plan.certificate, sessionChecks(plan.certificate)));
}

function exercise(item) {
  const work = item.reps === null ? duration(item.duration_s) : String(item.reps);
  const dose = item.sets === 1 ? (item.reps === null ? work : `1 × ${work}`) : `${item.sets} × ${work}`;
  const brief = [item.role && words(item.role), load(item.load), item.rest_s && `rest ${duration(item.rest_s)}`];
  const facts = [
    ["Load", load(item.load) || null],
    ["Rest", item.rest_s ? duration(item.rest_s) : null],
    ["In reserve", item.rir === null ? null : `${item.rir} repetitions`],
    ["Works", item.muscles.length ? list(item.muscles) : null],
    ["With", item.equipment.length ? list(item.equipment) : null],
    ["Warm up", item.warmup?.length ? item.warmup.map(ramp).join(", ") : null],
  ];
  return el("li", {}, el("details.exercise", {},
    el("summary", {},
      el("strong", {}, item.name),
      el("span.meta", {}, brief.filter(Boolean).map((text) => el("span", {}, text))),
      el("span.dose", {}, el("b", {}, dose), item.per_side ? el("small", {}, "each side") : null)),
    el("div.how", {},
      el("ul.cues", {}, item.cues.map((cue) => el("li", {}, cue))),
      el("dl", {}, facts.filter(([, value]) => value).map((fact) => term(...fact))))));
}

const ramp = ({ reps, percent, load: kg }) => `${reps} at ${kg === null ? `${percent} %` : `${number(kg, 1)} kg`}`;
