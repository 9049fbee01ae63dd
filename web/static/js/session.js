// Who is here: enter, sign up, sign out.
// Invariant: tokens are kept exactly as long as the session that they belong to.

import * as api from "./api.js";

export const present = () => api.tokens.read() !== null;

export async function signIn(email, password) {
  api.tokens.save(await api.open("/login", { email, password }));
}

export async function signUp(person) {
  api.tokens.save(await api.open("/register", person));
}

/** End the session here, and on the server if it can be told. */
export async function signOut() {
  try {
    await api.post("/logout", { refresh: api.tokens.read()?.refresh });
  } catch {
    // it ends here all the same; on the server it expires by itself
  }
  api.tokens.clear();
  api.bus.dispatchEvent(new Event("signed-out"));
}
