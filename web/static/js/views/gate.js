// The door: enter as the demo person, sign in, or sign up.
// Invariant: there is a demo button exactly when the server named a demo person.

import { $, el } from "../dom.js";
import { entered, onSubmit, profileFields } from "../forms.js";
import * as session from "../session.js";
import { forgotten } from "./letters.js";

export function gate(enter) {
  const { demoEmail, demoPassword } = document.body.dataset;
  const [demo, signIn, signUp] = [$("#enter-demo"), $("#sign-in"), $("#sign-up")];
  demo.hidden = !(demoEmail && demoPassword);
  onSubmit(demo, async () => {
    await session.signIn(demoEmail, demoPassword);
    await enter();
  });
  onSubmit(signIn, async () => {
    const { email, password } = entered(signIn);
    await session.signIn(email, password);
    await enter();
  });
  forgotten(signIn);
  $(".error", signUp).before(el("div.profile-fields", {}, profileFields()));
  onSubmit(signUp, async () => {
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
    await session.signUp({ ...entered(signUp), timezone });
    await enter();
  });
  for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => choose(button));
}

function choose(chosen) {
  for (const button of document.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button === chosen));
    $(`#${button.dataset.show}`).hidden = button !== chosen;
  }
  $(`#${chosen.dataset.show} input`).focus();
}
