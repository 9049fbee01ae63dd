// The weight log: enter a day, see the line and the trend, in figures and in a chart.
// Invariant: points are what was logged, the line is the API's own trend; dates are dates, whatever the browser's time zone.

import * as api from "../api.js";
import { $, el, empty, failed, fill, loading, toast } from "../dom.js";
import { entered, onSubmit } from "../forms.js";
import { DAY, longDate, number, plus, seconds, signed } from "../format.js";

const DAYS = 62; // the most that one call gives
const HEIGHT = 320;
const STATES = { learning: "still learning from your logs", tracking: "follows your logs", holding: "held: too few recent logs" };

export function weight() {
  const [form, panel] = [$("#log"), $("#chart")];
  let [today, drawn, chart] = [null, null, null];

  onSubmit(form, async () => {
    const { date } = await api.post("/progress", entered(form));
    toast(`Logged for ${longDate(date)}.`);
    form.elements.weight.value = form.elements.calories_consumed.value = "";
    await load();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn && draw());
  new ResizeObserver(() => chart?.setSize({ width: panel.clientWidth, height: HEIGHT })).observe(panel);

  async function begin(date) {
    today = form.elements.date.value = form.elements.date.max = date;
    drawn = null;
    loading(panel, 3);
    fill($("#figures"));
    await load();
  }

  async function load() {
    try {
      const range = `?from=${plus(today, 1 - DAYS)}&to=${today}`;
      const [logs, summary] = await Promise.all([api.get(`/progress${range}`), api.get("/progress/summary")]);
      drawn = { logs: logs.items.filter((log) => log.weight !== null), summary };
      draw();
    } catch (problem) {
      if (problem.status !== 401) failed(panel, problem, load);
    }
  }

  function draw() {
    const { logs, summary } = drawn;
    chart?.destroy();
    chart = null;
    fill($("#figures"), figures(summary));
    if (!logs.length) {
      empty(panel, "No weight logged yet", "Log today’s: from the second on there is a line, and soon a trend.");
      return;
    }
    const from = plus(today, 1 - DAYS);
    const trend = summary.trend.filter(({ date }) => date >= from);
    const held = (rows) => new Map(rows.map((row) => [row.date, row.weight]));
    const [points, line] = [held(logs), held(trend)];
    const dates = [...new Set([...points.keys(), ...line.keys()])].sort();
    const column = (map) => dates.map((date) => map.get(date) ?? null);
    fill(panel);
    panel.setAttribute("aria-label", `Weight from ${longDate(dates[0])} to ${longDate(dates.at(-1))}: ${number(logs[0].weight, 1)} to ${number(logs.at(-1).weight, 1)} kilograms`);
    chart = new uPlot(options(panel, dates), [dates.map(seconds), column(points), column(line)], panel);
    read(dates.length - 1);
    fill($("#entries"), logs.slice(-14).reverse().map((log) => el("tr", {}, el("th", { scope: "row" }, longDate(log.date)),
      el("td", {}, `${number(log.weight, 1)} kg`), el("td", {}, log.calories_consumed === null ? "–" : `${number(log.calories_consumed)} kcal`))));

    function read(index) {
      const [logged, smooth] = [points.get(dates[index]), line.get(dates[index])];
      $("#readout").textContent = `${longDate(dates[index])}: ${logged === undefined ? "not weighed" : `${number(logged, 1)} kg`}${smooth === undefined ? "" : `, trend ${number(smooth, 1)} kg`}`;
    }

    function options(node) {
      const css = getComputedStyle(document.documentElement);
      const colour = (name) => css.getPropertyValue(name).trim();
      const axis = { stroke: colour("--soft"), font: "12px 'Instrument Sans', sans-serif", grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
      const label = (_, splits) => splits.map((at) => new Date(at * 1000).toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "short" }));
      return {
        width: node.clientWidth, height: HEIGHT, legend: { show: false }, padding: [12, 8, 0, 0],
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
        scales: { x: { range: (_, low, high) => [low - DAY / 2000, high + DAY / 2000] } },
        cursor: { y: false, points: { size: 9 }, drag: { x: false, y: false } },
        hooks: { setCursor: [({ cursor }) => read(cursor.idx ?? dates.length - 1)] },
        axes: [{ ...axis, space: 70, size: 30, incrs: [7, 14, 28].map((days) => days * DAY / 1000), values: label, grid: { show: false } },
          { ...axis, size: 44, values: (_, splits) => splits.map((value) => number(value, value % 1 ? 1 : 0)) }],
        series: [{}, { label: "Logged", stroke: "transparent", paths: () => null, points: { show: true, size: 6, fill: colour("--point"), stroke: colour("--point") } },
          { label: "Trend", stroke: colour("--trend"), width: 3, spanGaps: true, points: { show: false } }],
      };
    }
  }

  return { begin, load };
}

function figures({ trend_weight: trend, weekly_rate: rate, tdee, tdee_low: low, tdee_high: high, state, streak }) {
  const rows = [
    ["Trend", trend === null ? "–" : `${number(trend, 1)} kg`, "the noise taken out"],
    ["A week", rate === null ? "–" : `${signed(rate, 2)} kg`, "at the present rate"],
    ["You use", tdee === null ? "–" : `${number(tdee)} kcal`, low === null || tdee === null ? STATES[state] ?? state : `${number(low)} to ${number(high)}: ${STATES[state] ?? state}`],
    ["Streak", `${streak} ${streak === 1 ? "day" : "days"}`, "logged in a row"],
  ];
  return rows.map(([label, value, note]) => el("div", {}, el("dt", {}, label), el("dd", {}, el("b", {}, value), el("small", {}, note))));
}
