// Elements from plain values, and the three faces of a panel that has nothing to show yet.
// Invariant: text stays text; nothing here parses HTML, and no style attribute is written (the page's CSP forbids it).

export const $ = (selector, root = document) => root.querySelector(selector);

/** `el("p.note", {hidden: true, onclick: f, "--share": 0.4}, "text", node)`; null, undefined and false are left out. */
export function el(what, props = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...present(children));
  return node;
}

export const fill = (node, ...children) => {
  node.replaceChildren(...present(children));
  node.removeAttribute("aria-busy");
};

const present = (children) => children.flat(2).filter((child) => ![null, undefined, false].includes(child));

/** A term and what it says, for a `dl`. */
export const term = (label, ...value) => el("div", {}, el("dt", {}, label), el("dd", {}, ...value));

export function loading(node, rows = 3) {
  fill(node, el("div.skeleton", { "aria-hidden": "true" }, Array.from({ length: rows }, () => el("i"))));
  node.setAttribute("aria-busy", "true");
}

export function empty(node, title, text, ...more) {
  fill(node, el("div.empty", {}, el("strong", {}, title), el("p", {}, text), ...more));
}

export function failed(node, problem, retry) {
  const reference = [problem.code, problem.requestId].filter(Boolean).join(" · ");
  fill(node, el("div.empty.failed", { role: "alert" }, el("strong", {}, "This could not be loaded"),
    el("p", {}, problem.message), el("small", {}, reference),
    el("button.quiet", { type: "button", onclick: retry }, "Try again")));
}

let fading;
/** Say something in passing; `role=status` reads it out. */
export function toast(text) {
  const node = $("#toast");
  node.textContent = text;
  node.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => node.classList.remove("shown"), 4500);
}
