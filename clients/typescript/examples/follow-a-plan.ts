// Registers a person, asks for a week, follows it being made, and prints the first day.
// Run: npm run build && node build/examples/follow-a-plan.js http://localhost:8000

import { data, Problem, Regimen } from "regimen-client";

const regimen = new Regimen({ baseUrl: process.argv[2] ?? "http://localhost:8000" });

try {
  const user = await regimen.register({
    email: `ada.${Date.now()}@example.org`,
    password: "four blue kettles sing",
    name: "Ada",
    age: 34,
    sex: "female",
    height: 168,
    weight: 71.5,
    fitness_goal: "lose_weight",
    dietary_preferences: ["vegetarian"],
    equipment: ["dumbbell"],
  });
  console.log(`Hello ${user.name}, you are number ${user.id}.`);

  const job = await regimen.generatePlan({ kind: "both", days: 7 });
  for await (const event of regimen.follow(job)) {
    if (event.type === "plan.progress") console.log(`${event.data.percent} % ${event.data.stage}`);
    if (event.type === "plan.failed") throw new Error(event.data.detail);
    if (event.type === "plan.ready") console.log(`${event.data.dates.length} days, made by: ${event.data.source}`);
  }

  const params = { query: { date: job.start_date } };
  const meals = await data(regimen.api.GET("/api/v1/meal-plan", { params }));
  for (const meal of meals.meals) console.log(`${meal.slot}: ${meal.title}`);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(`${error.code}: ${error.detail}`, error.errors);
  process.exitCode = 1;
}
