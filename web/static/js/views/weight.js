// The weight log: enter a day, see the line and the trend, in figures, in a chart and in a table.
// Invariant: after a log was accepted, what is shown is read again; nothing is added up here.

import * as api from "../api.js";
import { $, el, empty, failed, fill, loading, term, toast } from "../dom.js";
import { entered, onSubmit } from "../forms.js";
import { longDate, number, plus, signed } from "../format.js";
import { HEIGHT, chart } from "./chart.js";

const DAYS = 62; // the most that one call gives
const LISTED = 14;
const STATES = {
  learning: "still learning from your logs", tracking: "follows your logs", holding: "held: too few recent logs",
};

export function weight(feed) {
  const [form, panel] = [$("#log"), $("#chart")];
  let [today, shown, drawn] = [null, null, null];

  onSubmit(form, async () => {
    const { date } = await api.post("/progress", entered(form));
    toast(`Logged for ${longDate(date)}.`);
    form.elements.weight.value = form.elements.calories_consumed.value = "";
    if (feed.state !== "live") await load(); // else the event brings it, as it does on every other device
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => shown && draw());
  new ResizeObserver(() => drawn?.setSize({ width: panel.clientWidth, height: HEIGHT })).observe(panel);

  async function begin(date) {
    today = form.elements.date.value = form.elements.date.max = date;
    shown = null;
    clear();
    loading(panel, 3);
    await load();
  }

  async function load() {
    try {
      const range = `?from=${plus(today, 1 - DAYS)}&to=${today}`;
      const [logs, summary] = await Promise.all([api.get(`/progress${range}`), api.get("/progress/summary")]);
      shown = { logs: logs.items.filter((log) => log.weight !== null), summary };
      draw();
    } catch (problem) {
      if (problem.status === 401) return;
      clear();
      failed(panel, problem, load);
    }
  }

  function clear() {
    drawn?.destroy();
    drawn = null;
    for (const part of [panel, $("#figures"), $("#entries"), $("#readout")]) fill(part);
    panel.setAttribute("aria-label", "Weight");
  }

  function draw() {
    const { logs, summary } = shown;
    clear();
    fill($("#figures"), figures(summary));
    if (!logs.length) {
      empty(panel, "No weight logged yet", "Log today’s: from the second on there is a line, and soon a trend.");
      return;
    }
    const held = (rows) => new Map(rows.map(({ date, weight: kg }) => [date, kg]));
    const [points, line] = [held(logs), held(summary.trend.filter(({ date }) => date > plus(today, -DAYS)))];
    const dates = [...new Set([...points.keys(), ...line.keys()])].sort();
    const read = (index) => {
      const [logged, smooth] = [points.get(dates[index]), line.get(dates[index])];
      const facts = [logged ? `${number(logged, 1)} kg` : "not weighed", smooth && `trend ${number(smooth, 1)} kg`];
      $("#readout").textContent = `${longDate(dates[index])}: ${facts.filter(Boolean).join(", ")}`;
    };
    const [first, last] = [logs[0], logs.at(-1)].map(({ weight: kg }) => number(kg, 1));
    const span = `${longDate(dates[0])} to ${longDate(dates.at(-1))}`;
    panel.setAttribute("aria-label", `Weight from ${span}: ${first} to ${last} kilograms`);
    drawn = chart(panel, dates, points, line, read);
    read(dates.length - 1);
    fill($("#entries"), logs.slice(-LISTED).reverse().map(entry));
  }

  return { begin, load, clear };
}

function entry({ date, weight: kg, calories_consumed: kcal }) {
  return el("tr", {}, el("th", { scope: "row" }, longDate(date)), el("td", {}, `${number(kg, 1)} kg`),
    el("td", {}, kcal === null ? "–" : `${number(kcal)} kcal`));
}

function figures({ trend_weight: trend, weekly_rate: rate, tdee, tdee_low: low, tdee_high: high, state, streak }) {
  const band = tdee === null ? "" : `${number(low)} to ${number(high)}: `;
  const rows = [
    ["Trend", trend === null ? "–" : `${number(trend, 1)} kg`, "the noise taken out"],
    ["A week", rate === null ? "–" : `${signed(rate, 2)} kg`, "at the present rate"],
    ["You use", tdee === null ? "–" : `${number(tdee)} kcal`, band + (STATES[state] ?? state)],
    ["Streak", `${streak} ${streak === 1 ? "day" : "days"}`, "logged in a row"],
  ];
  return rows.map(([label, value, note]) => term(label, el("b", {}, value), el("small", {}, note)));
}
