// Buttons and other small parts.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { minute, relative, t, zone } from "./i18n.js";
import { toast, toastProblem } from "./notice.js";

// `picture` is an icon's name; with `quiet` the text is its name only.
export function button(text, { picture = null, quiet = false, ...attributes } = {}) {
  return h(
    "button",
    {
      type: "button",
      ...(quiet ? { "aria-label": text, title: text } : {}),
      ...attributes,
      class: `${attributes.class ?? ""} ${quiet ? "quiet" : ""}`.trim() || null,
    },
    picture && icon(picture),
    !quiet && h("span", {}, text),
  );
}

// While the work runs the button can't be pressed again. A Problem that the work throws becomes a toast.
export function busyButton(text, work, attributes = {}) {
  const element = button(text, {
    ...attributes,
    onclick: () => whileBusy(element, work).catch(toastProblem),
  });
  return element;
}

export async function whileBusy(element, work) {
  if (element.getAttribute("aria-disabled") === "true") return undefined;
  element.setAttribute("aria-disabled", "true");
  element.classList.add("busy");
  try {
    return await work();
  } finally {
    element.removeAttribute("aria-disabled");
    element.classList.remove("busy");
  }
}

export function link(text, href, attributes = {}) {
  return h("a", { href, ...attributes }, text);
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  throw new Error("no clipboard");
}

// Over plain HTTP, not on loopback, browsers have no clipboard: then the text is selected to be copied by hand.
export function copyButton(text, label) {
  const element = button(t("common.copyOf", { label }), {
    picture: "copy",
    quiet: true,
    onclick: async () => {
      try {
        await copy(text);
        toast(t("common.copied", { label }));
      } catch {
        getSelection().selectAllChildren(element.previousElementSibling);
        toast(t("common.copyByHand"), "info");
      }
    },
  });
  return element;
}

// A state as a coloured word. kind: "ok", "info", "warning", "failed", "off".
export function badge(text, kind = "off") {
  return h("span", { class: `badge ${kind}` }, text);
}

// <time>: the day and time; how long ago, and the zone, on hovering; "never" without one.
export function time(text, format = minute) {
  if (!text) return h("span", { class: "muted" }, t("common.never"));
  return h("time", { datetime: text, title: `${relative(text)} · ${zone()}` }, format(text));
}

// Rows of [label, value]; a value that is null or empty shows as a dash.
export function facts(rows) {
  return h(
    "dl",
    { class: "facts" },
    rows
      .filter(Boolean)
      .map(([label, value]) =>
        h(
          "div",
          {},
          h("dt", {}, label),
          h(
            "dd",
            {},
            value === null || value === undefined || value === "" ? h("span", { class: "muted" }, "–") : value,
          ),
        ),
      ),
  );
}

// A part of a page under its own heading.
export function card(title, ...content) {
  return h("section", { class: "card" }, title && h("h2", {}, title), ...content);
}
