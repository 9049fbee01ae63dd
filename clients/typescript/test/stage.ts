// The running product that every test talks to, and people to talk as.
// Invariant: every test has people of its own.

import { Regimen, type Options, type Register } from "regimen-client";

export const baseUrl = process.env["REGIMEN_URL"] ?? "http://localhost:8000";
export const PASSWORD = "four blue kettles sing";

export function person(): Register {
  return {
    email: `node.${crypto.randomUUID()}@example.org`,
    password: PASSWORD,
    name: "Nora Node",
    age: 34,
    sex: "female",
    height: 168,
    weight: 71.5,
    fitness_goal: "lose_weight",
  };
}

/** A client whose person has just registered; options may be anything but the address. */
export async function registered(options: Partial<Options> = {}): Promise<Regimen> {
  const regimen = new Regimen({ baseUrl, ...options });
  await regimen.register(person());
  return regimen;
}
