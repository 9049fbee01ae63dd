// A day's meals: energy by meal against the target, macros, and each dish with its recipe.
// Invariant: every figure is the plan's own; bars are drawn on one scale on which the target is the mark.

import { el, empty, fill } from "../dom.js";
import { list, number, sentence, short } from "../format.js";
import { certificate, mealChecks, origin } from "./certificate.js";

const SCALE = 1.25; // a bar's full width is 125 % of its target
const MACROS = [["protein", 4], ["carbs", 4], ["fat", 9]]; // kcal per gram

export function showMeals(panel, plan) {
  if (!plan) {
    empty(panel, "No meals for this day yet", "Press “Generate my week” and watch them being composed.");
    return;
  }
  fill(panel,
    el("header.panel-head", {}, el("h2", {}, "Meals"), origin(plan)),
    el("div.energy", {},
      el("p.figure", {}, el("b", {}, number(plan.totals.kcal)), "kcal, target ",
        el("i.tick", { "aria-hidden": "true" }), number(plan.targets.kcal)),
      el("div.bar.big", { "--scale": SCALE, "aria-hidden": "true" }, plan.meals.map(({ slot, nutrition }) =>
        el(`i.slot-${slot}`, { "--share": nutrition.kcal / plan.targets.kcal, title: sentence(slot) })))),
    el("div.macros", {}, MACROS.map(([name]) => macro(name, plan.totals[name], plan.targets[name]))),
    el("div.meals", {}, plan.meals.map(dish)),
    certificate("Certificate of this day’s meals", plan.certificate, mealChecks(plan.certificate)));
}

function macro(name, actual, target) {
  return el("div.macro", {},
    el("p", {}, el("span", {}, sentence(name)), el("b", {}, number(actual)), ` / ${number(target)} g`),
    el("div.bar", { "--scale": SCALE, "aria-hidden": "true" }, el(`i.${name}`, { "--share": actual / target })));
}

function dish(meal) {
  const { kcal, ...grams } = meal.nutrition;
  const minutes = meal.prep_minutes + (meal.cook_minutes ?? 0);
  const energy = MACROS.reduce((sum, [name, factor]) => sum + grams[name] * factor, 0) || 1;
  return el("details.meal", {},
    el("summary", {},
      el("span.slot", {}, el(`i.slot-${meal.slot}`, { "aria-hidden": "true" }), sentence(meal.slot)),
      el("strong", {}, meal.title),
      el("span.meta", {}, MACROS.map(([name]) => el("span", {}, `${number(grams[name])} g ${name}`)),
        el("span", {}, `${minutes} min`)),
      el("span.kcal", {}, el("b", {}, number(kcal)), " kcal"),
      el("span.bar.mix", { "--scale": 1, "aria-hidden": "true" }, MACROS.map(([name, factor]) =>
        el(`i.${name}`, { "--share": (grams[name] * factor) / energy })))),
    el("div.recipe", {},
      el("section", {}, el("h3", {}, `Ingredients for ${servings(meal.servings)}`),
        el("ul.ingredients", {}, meal.ingredients.map((part) =>
          el("li", {}, el("span", {}, part.name), el("b", {}, part.amount ?? `${short(part.grams)} g`))))),
      el("section", {}, el("h3", {}, "Method"), el("ol", {}, meal.steps.map((step) => el("li", {}, step)))),
      el("p.allergens", {}, allergens(meal.allergens),
        grams.fibre === null ? null : ` ${number(grams.fibre)} g fibre.`)));
}

const servings = (value) => (value === 1 ? "one serving" : `${number(value, value % 1 ? 2 : 0)} servings`);
const allergens = (found) =>
  found.length ? ["Contains ", el("b", {}, list(found)), "."] : "None of the 14 EU allergens.";
