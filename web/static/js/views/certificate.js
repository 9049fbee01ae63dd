// What was checked before a plan was shown, and who made it.
// Invariant: a check is listed with its own outcome; the seal says what the certificate says, never more.

import { el } from "../dom.js";
import { list, number, sentence, short, signed, source, words } from "../format.js";

/** The badge of a plan's source; the reason of a fallback is in words, for all to read. */
export function origin(plan) {
  const { label, detail } = source(plan);
  return el("span.badge.origin", { "data-source": plan.source }, label, detail ? el("small", {}, detail) : null);
}

/** A seal that opens into its checks: `[{label, value, ok: true | false | null, long}]`; null is a note. */
export function certificate(title, verdict, checks) {
  const passed = verdict.passed === true;
  const judged = checks.filter(({ ok }) => ok !== null).length;
  const face = ({ ok, long }) => (long ? "note long" : ok === null ? "note" : ok ? "ok" : "off");
  return el(`details.certificate${passed ? "" : ".open-issue"}`, {},
    el("summary", {}, el("span.seal", { "aria-hidden": "true" }, passed ? "✓" : "!"),
      el("span", {}, el("strong", {}, passed ? "Checked and passed" : "Checked, not passed"),
        el("small", {}, `${title}: ${judged} checks`))),
    el("ul.checks", {}, checks.map((check) =>
      el("li", { class: face(check) }, el("span", {}, check.label), el("b", {}, check.value)))),
    el("p.small", {}, "Recomputed from the catalogue’s own figures, never taken from what proposed the plan."));
}

export function mealChecks(found) {
  return [
    ...["kcal", "protein", "carbs", "fat"].filter((name) => found[name]).map((name) => target(name, found[name])),
    ...["fibre", "sodium", "sat_fat"].filter((name) => found[name]).map((name) => goal(name, found[name])),
    absent("Allergens kept out", found.allergens?.excluded, found.allergens?.found),
    absent("Diet kept", found.diets?.kept, found.diets?.found),
    ...Object.entries(found.floors ?? {}).map(([name, floor]) =>
      ({ label: `Never under ${number(floor.floor)} ${name}`, value: floor.held ? "held" : "broken", ok: floor.held })),
    ...notes(found),
  ].filter(Boolean);
}

export function sessionChecks(found) {
  const { injuries, equipment, conditions, recovery, minutes, volume = {}, cardio, effort } = found;
  return [
    injuries && absent("Injuries spared", injuries.declared, injuries.found, "no exercise loads them"),
    conditions && absent("Made for", conditions.declared, conditions.found, "held in every session"),
    equipment && absent("Equipment", equipment.available, equipment.found, "nothing else is asked for"),
    recovery && absent("Recovery", [`${recovery.hours} hours for a muscle`], recovery.found, "held"),
    minutes && absent("Time", [`at most ${minutes.limit} min`], minutes.found, "held in every session"),
    ...Object.entries(volume).map(([muscle, { sets, band: [low, high] }]) => ({
      label: `Sets for ${words(muscle)}`, value: `${short(sets)} of ${number(low)}–${number(high)} a week`,
      ok: sets >= low && sets <= high ? true : null })),
    cardio?.goal && { label: "Cardio", value: `${cardio.minutes} of ${cardio.goal} min a week`,
      ok: cardio.minutes >= cardio.goal || null },
    effort && { label: "Repetitions in reserve", value: effort.rir.join("–"), ok: null },
    ...notes({ ...found, deviations: found.faults?.filter(({ hard }) => !hard) }),
  ].filter(Boolean);
}

const UNIT = { kcal: "kcal", sodium: "mg" };
const NAME = { kcal: "Energy", sat_fat: "Saturated fat" };

const nameOf = (name) => NAME[name] ?? sentence(name);

function target(name, { target: aim, actual, delta_pct: delta }) {
  const figures = `${number(actual)} of ${number(aim)} ${UNIT[name] ?? "g"}`;
  return { label: nameOf(name), value: `${figures} (${signed(delta)} %)`, ok: true };
}

function goal(name, { at_least: least, at_most: most, actual, met }) {
  const bound = least === undefined ? `at most ${number(most)}` : `at least ${number(least)}`;
  return { label: nameOf(name), value: `${number(actual)} ${UNIT[name] ?? "g"}, ${bound}`, ok: met };
}

function absent(label, wanted, found, held = "held in every ingredient") {
  if (!wanted?.length) return null;
  return { label: `${label}: ${list(wanted)}`, value: found?.length ? list(found) : held, ok: !found?.length };
}

function notes({ relaxations = [], deviations = [], notices = [], not_enforced: unenforced = [] }) {
  const note = (label) => (value) => ({ label, value: value.meaning ?? value.detail ?? value, ok: null, long: true });
  return [
    ...relaxations.map(note("Gave way")), ...deviations.map(note("Off by a little")),
    ...notices.map(note("Please note")),
    ...unenforced.map(words).map(note("Not checked, since no rule of ours stands for it")),
  ];
}
