// The week: seven day tabs from today on, and the chosen day's meals and session.
// Invariant: what is shown is what the API last answered for these dates; a failed reload says so and offers another.

import * as api from "../api.js";
import { $, el, failed, fill, loading } from "../dom.js";
import { longDate, month, week as datesOf, weekday } from "../format.js";
import { showMeals } from "./meals.js";
import { showTraining } from "./training.js";

const LONGEST = 60; // minutes of a session that fills its bar in the day tab

export function week() {
  const [tabs, meals, training] = [$("#days"), $("#meals"), $("#training")];
  let dates = [];
  let chosen = null;
  let plans = null;

  tabs.addEventListener("keydown", (event) => {
    const at = dates.indexOf(chosen);
    const next = { ArrowRight: at + 1, ArrowLeft: at + 6, Home: 0, End: 6 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(dates[next % 7]);
    $("[aria-selected=true]", tabs).focus();
  });

  /** Show the week that begins today, as the server counts the person's days. */
  async function begin(today) {
    dates = datesOf(today);
    chosen = today;
    plans = null;
    show();
    await load();
  }

  async function load() {
    const range = `?from=${dates[0]}&to=${dates[6]}`;
    try {
      const answers = await Promise.all([api.get(`/meal-plans${range}`), api.get(`/workout-plans${range}`)]);
      plans = answers.map(({ items }) => new Map(items.map((item) => [item.date, item])));
      show();
    } catch (problem) {
      if (problem.status !== 401) [meals, training].forEach((panel) => failed(panel, problem, load));
    }
  }

  function choose(date) {
    chosen = date;
    show();
  }

  function show() {
    const [mealPlans, sessions] = plans ?? [new Map(), new Map()];
    const relative = ["Today", "Tomorrow"][dates.indexOf(chosen)];
    fill($("#date"), relative ? el("span", {}, `${relative}, `) : null, longDate(chosen));
    fill(tabs, dates.map((date) => tab(date, sessions.get(date), mealPlans.get(date))));
    if (!plans) [meals, training].forEach((panel) => loading(panel, 4));
    else {
      showMeals(meals, mealPlans.get(chosen));
      showTraining(training, sessions.get(chosen));
    }
  }

  function tab(date, session, meal) {
    const selected = date === chosen;
    const { rest_day: rests, title, estimated_minutes: minutes } = session ?? {};
    const training = rests ? "rest day" : session && `${title}, ${minutes} minutes`;
    const facts = [month(date), date === dates[0] && "today", meal ? "meals planned" : "no meals", training];
    const bar = session && !rests ? Math.min(1, minutes / LONGEST) : 0;
    return el("button.day", {
      type: "button", role: "tab", "aria-selected": String(selected), "aria-controls": "day",
      tabindex: selected ? 0 : -1, "data-date": date, onclick: () => choose(date),
    }, el("small", {}, `${weekday(date)} `), el("b", {}, Number(date.slice(8))),
    el("span.spoken", {}, ` ${facts.filter(Boolean).join(", ")}`),
    el(`i${session ? "" : ".none"}`, { "--bar": bar, "aria-hidden": "true" }));
  }

  return { begin, reload: load };
}
