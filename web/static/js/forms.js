// Forms: the profile's fields, what was entered as JSON, and a problem shown at the field that it names.
// Invariant: a form that is being sent cannot be sent again, and ends in success or in words.

import { $, el, fill } from "./dom.js";
import { words } from "./format.js";

const FIELDS = [
  ["Body", [
    { name: "age", label: "Age", unit: "years", min: 13, max: 120, required: true },
    { name: "sex", label: "Sex", options: ["female", "male", "unspecified"], value: "unspecified" },
    { name: "height", label: "Height", unit: "cm", min: 100, max: 250, step: 0.5, required: true },
    { name: "weight", label: "Weight", unit: "kg", min: 25, max: 350, step: 0.1, required: true }]],
  ["Aim", [
    { name: "fitness_goal", label: "Goal", value: "general_health",
      options: ["lose_weight", "maintain", "gain_muscle", "improve_endurance", "general_health"] },
    { name: "activity_level", label: "Daily activity", value: "light",
      options: ["sedentary", "light", "moderate", "active", "very_active"] },
    { name: "training_level", label: "Training level", options: ["beginner", "intermediate", "advanced"] },
    { name: "minutes_per_session", label: "One session", unit: "min", min: 15, max: 180, value: 45, required: true },
    { name: "days", label: "Training days (none: chosen for you)",
      chips: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] }]],
  ["Food", [
    { name: "dietary_preferences", label: "Diet", chips: ["vegan", "vegetarian", "pescatarian", "halal", "kosher",
      "gluten_free", "lactose_free", "low_carb", "keto", "mediterranean"] },
    { name: "allergies", label: "Allergies", chips: ["gluten", "crustaceans", "eggs", "fish", "peanuts", "soy", "milk",
      "nuts", "celery", "mustard", "sesame", "sulphites", "lupin", "molluscs"] }]],
  ["Equipment", [
    { name: "equipment", label: "At hand (body weight always is)", chips: ["dumbbell", "barbell", "kettlebell",
      "machine", "cable", "band", "bench", "pull_up_bar", "cardio_machine"] }]],
];
const AVAILABILITY = new Set(["days", "minutes_per_session"]); // nested in the profile, flat in the form

/** Fieldsets for the profile, filled with `person` (as `GET /profile` answers). */
export function profileFields(person = {}) {
  const values = { ...person, ...person.availability };
  return FIELDS.map(([title, fields]) => el("fieldset", {}, el("legend", {}, title),
    fields.map((field) => control(field, values[field.name] ?? field.value))));
}

function control({ name, label, unit, options, chips, ...limits }, value) {
  if (chips) {
    const box = (chip) => el("input", { type: "checkbox", name, value: chip, checked: value?.includes(chip) });
    return el("div.chips", { role: "group", "aria-label": label, "data-field": name }, el("span.label", {}, label),
      chips.map((chip) => el("label", {}, box(chip), words(chip))));
  }
  const choice = (option) => el("option", { value: option, selected: option === value }, words(option));
  const input = options ? el("select", { name }, options.map(choice))
    : el("input", { name, type: "number", inputmode: "decimal", step: 1, ...limits, value });
  return el("label.field", { "data-field": name }, el("span", {}, label, unit && el("small", {}, ` ${unit}`)), input);
}

/** What was entered: numbers as numbers, chips as lists, what was left empty left out. */
export function entered(form) {
  const body = {};
  for (const { name, type, value, checked } of form.elements) {
    const target = AVAILABILITY.has(name) ? (body.availability ??= {}) : body;
    if (type === "checkbox") target[name] = [...(target[name] ?? []), ...(checked ? [value] : [])];
    else if (name && value !== "") target[name] = type === "number" ? Number(value) : value;
  }
  return body;
}

/** Call `handle(form)` when the form is sent; a problem goes to its fields and to the form's `.error` line. */
export function onSubmit(form, handle) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = $("[type=submit]", form);
    if (button.getAttribute("aria-busy")) return;
    clear(form);
    button.setAttribute("aria-busy", "true");
    try {
      await handle(form);
    } catch (problem) {
      show(form, problem);
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}

function clear(form) {
  fill($(".error", form));
  for (const node of form.querySelectorAll(".fault")) node.remove();
  for (const node of form.querySelectorAll("[aria-invalid]")) node.removeAttribute("aria-invalid");
}

function show(form, problem) {
  const homeless = problem.errors.filter(({ pointer, detail }) => !mark(form, pointer.split("/"), detail));
  fill($(".error", form), problem.message, homeless.map(({ pointer, detail }) => ` ${pointer.slice(1)}: ${detail}`));
  $("[aria-invalid]", form)?.focus();
}

function mark(form, path, detail) {
  const field = path.map((name) => name && $(`[data-field="${CSS.escape(name)}"]`, form)).findLast(Boolean);
  if (!field) return false;
  field.append(el("span.fault", {}, detail));
  $("input, select", field).setAttribute("aria-invalid", "true");
  return true;
}
