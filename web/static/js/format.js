// Numbers, dates and the API's words as people read them.
// Invariant: a date is `YYYY-MM-DD` and is never moved by a time zone.

export const DAY = 86_400_000;
const instant = (date) => Date.parse(`${date}T00:00:00Z`);
const dates = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const [LONG, SHORT, WEEKDAY, MONTH] = [
  dates({ weekday: "long", day: "numeric", month: "long" }), dates({ day: "numeric", month: "short" }),
  dates({ weekday: "short" }), dates({ month: "long" })];

export const plus = (date, days) => new Date(instant(date) + days * DAY).toISOString().slice(0, 10);
export const week = (start) => Array.from({ length: 7 }, (_, offset) => plus(start, offset));
export const seconds = (date) => instant(date) / 1000;
export const longDate = (date) => LONG.format(instant(date));
export const shortDate = (date) => SHORT.format(instant(date));
export const weekday = (date) => WEEKDAY.format(instant(date));
export const month = (date) => MONTH.format(instant(date));
export const clock = (time) => new Date(time).toLocaleTimeString("en-GB");

/** With exactly so many digits; an unknown figure is a dash. */
export const number = (value, digits = 0) =>
  value?.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits }) ?? "–";
/** With one digit where there is something to say. */
export const short = (value) => number(value, value % 1 ? 1 : 0);
const sign = (value) => (value > 0 ? "+" : value < 0 ? "−" : "±");
export const signed = (value, digits = 1) => sign(value) + number(Math.abs(value), digits);
export const words = (code) => String(code).replaceAll("_", " ");
export const sentence = (code) => words(code).replace(/^./, (first) => first.toUpperCase());
export const list = (items) => new Intl.ListFormat("en").format(items.map(words));

export function duration(value) {
  const [minutes, rest] = [Math.floor(value / 60), value % 60];
  if (value < 90) return `${value} s`;
  return rest ? `${minutes}:${String(rest).padStart(2, "0")} min` : `${minutes} min`;
}

const LOADS = { start_light: "start light", bodyweight: "body weight", band: "band", none: "" };
export function load({ kind, value }) {
  if (kind === "kg" && value !== null) return `${short(value)} kg`;
  if (kind === "heart_rate") return `${value} bpm`;
  if (kind === "effort") return `effort ${value} of 10`;
  return LOADS[kind] ?? words(kind);
}

const FALLBACK = {
  timeout: "the model took too long", unavailable: "the model could not be reached",
  invalid: "the model’s answer did not hold",
  budget: "the model’s budget is spent", no_consent: "no consent to ask a model",
};
/** Who made a plan, in words: `{label, detail}`. */
export function source({ source: by, fallback_reason: reason, model }) {
  const label = {
    planner: "Composed by the planner", ai: `Proposed by ${model ?? "a model"}`,
    ai_repaired: `Proposed by ${model ?? "a model"}, repaired`, user: "Changed by you",
  }[by] ?? words(by);
  return { label, detail: reason ? `Instead of a model: ${FALLBACK[reason] ?? words(reason)}.` : "" };
}
