// Dialogs: <dialog> does focus and Escape by itself.

import { h, newId } from "./dom.js";
import { t } from "./i18n.js";
import { button, copyButton } from "./controls.js";
import { notice } from "./notice.js";

// Shows content under a title. `build(close)` gives the content; close(value) ends the dialog with that value, Escape
// ends it with undefined unless it is `modalOnly`. Resolves when it has closed.
export function openDialog(title, build, { wide = false, modalOnly = false } = {}) {
  return new Promise((resolve) => {
    const id = newId("dialog");
    let result;
    const opener = document.activeElement;
    const close = (value) => {
      result = value;
      dialog.close();
    };
    const dialog = h(
      "dialog",
      {
        class: wide ? "wide" : null,
        "aria-labelledby": id,
        oncancel: (event) => {
          if (modalOnly) event.preventDefault();
        },
        onclose: () => {
          dialog.remove();
          if (opener?.isConnected) opener.focus();
          resolve(result);
        },
      },
      h("h2", { id, tabindex: "-1" }, title),
    );
    dialog.append(...[build(close)].flat());
    document.body.append(dialog);
    dialog.showModal();
    (
      dialog.querySelector("[autofocus], input:not([type=hidden]), select, textarea") ?? dialog.querySelector("h2")
    ).focus();
  });
}

// Resolves with true when it was agreed to. `danger` paints the button; `words` may be text or elements.
export function confirmDialog({ title, words, action, danger = false, cancel = t("common.cancel") }) {
  return openDialog(title, (close) => [
    h(
      "div",
      { class: "dialog-words" },
      [words].flat().map((each) => (typeof each === "string" ? h("p", {}, each) : each)),
    ),
    h(
      "div",
      { class: "actions end" },
      button(cancel, { onclick: () => close(false), autofocus: danger }),
      button(action, { class: danger ? "danger solid" : "primary", onclick: () => close(true), autofocus: !danger }),
    ),
  ]).then(Boolean);
}

// A secret that is shown this once: rows are [label, text].
export function secretDialog(title, words, rows) {
  return openDialog(
    title,
    (close) => [
      notice("warning", t("secret.once"), h("p", {}, words)),
      h(
        "dl",
        { class: "secrets" },
        rows.map(([label, text]) =>
          h("div", {}, h("dt", {}, label), h("dd", {}, h("code", {}, text), copyButton(text, label))),
        ),
      ),
      h("div", { class: "actions end" }, button(t("secret.done"), { class: "primary", onclick: () => close() })),
    ],
    { modalOnly: true },
  );
}
