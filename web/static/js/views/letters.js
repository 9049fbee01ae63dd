// What the links in letters lead to: `#confirm-email=TOKEN` confirms an address, `#reset-password=TOKEN` asks for a password.
// Invariant: a token is taken out of the address before anything else happens, and is used for what its letter says alone.

import * as api from "../api.js";
import { $, el, fill, toast } from "../dom.js";
import { entered, onSubmit } from "../forms.js";

/** Follow the link that the page was opened with, and every one that it is led to later. */
export function letters() {
  const dialog = $("#new-password");
  let token = "";
  onSubmit($("form", dialog), async (form) => {
    await api.open("/password/reset/confirm", { token, ...entered(form) });
    form.reset();
    dialog.close();
    api.tokens.clear(); // it has ended every session
    api.bus.dispatchEvent(new Event("signed-out"));
    toast("Your password is changed. Sign in with it.");
  });
  $("#close-new-password").addEventListener("click", () => dialog.close());
  const follow = () => {
    const [, what, given] = location.hash.match(/^#(confirm-email|reset-password)=([\w-]+)$/) ?? [];
    if (!what) return;
    history.replaceState(null, "", location.pathname);
    if (what === "confirm-email") confirm(given);
    else {
      token = given;
      fill($(".error", dialog));
      dialog.showModal();
    }
  };
  window.addEventListener("hashchange", follow);
  follow();
}

/** Offer a letter to whoever cannot sign in; the answer is the same whether or not the address has an account. */
export function forgotten(signIn) {
  const ask = el("button.quiet", { type: "button", onclick: async () => {
    const { email } = entered(signIn);
    if (!email) return $("[name=email]", signIn).focus();
    const said = await api.open("/password/reset", { email }).then(() => null, (problem) => problem.message);
    return toast(said ?? `If ${email} has an account, a letter is on its way.`);
  } }, "I forgot my password");
  signIn.append(ask);
}

async function confirm(token) {
  try {
    await api.open("/email/verify/confirm", { token });
    toast("Your address is confirmed.");
  } catch (problem) {
    toast(problem.message);
  }
}
