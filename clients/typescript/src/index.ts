// What the package offers. The types of the API are under their own names: `Job`, `MealPlan`, `User`.

export { data, Regimen, type JobEvent, type Options } from "./client.js";
export type * as events from "./events.js";
export type { FeedEvent, Listening } from "./feed.js";
export { Problem } from "./problem.js";
export type * from "./schema.js";
export type { Fetch, Tokens } from "./session.js";
export { SocketClosed } from "./socket.js";
