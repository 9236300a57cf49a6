// Two administrators have edited the same settings: what changed between what one began with and what is there now,
// beside what one was about to save.

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { button, time } from "./controls.js";
import { openDialog } from "./dialog.js";
import { notice } from "./notice.js";
import { changedFields, fieldLabel, shownValue } from "./settings_fields.js";

function cell(field, settings) {
  const value = shownValue(field, settings);
  if (value === null) return h("span", { class: "muted" }, "–");
  if (field.kind === "secret") return h("span", {}, t("secret.set"), " ", time(value));
  return h("span", { class: field.kind === "json" ? "mono" : null }, value);
}

function mineCell(field, values, isMine) {
  if (!isMine) return h("span", { class: "muted" }, t("conflict.untouched"));
  return field.kind === "secret" ? t("conflict.newSecret") : cell(field, values);
}

function comparison({ base, now, mine, values }) {
  const theirs = changedFields(base, now);
  const titles = [t("conflict.field"), t("conflict.before"), t("conflict.now"), t("conflict.mine")];
  return h(
    "div",
    { class: "table-box" },
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, t("conflict.title")),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          titles.map((title) => h("th", { scope: "col" }, title)),
        ),
      ),
      h(
        "tbody",
        {},
        [...new Set([...theirs, ...mine])].map((field) =>
          h(
            "tr",
            { class: theirs.includes(field) && mine.includes(field) ? "clash" : null },
            h("th", { scope: "row" }, fieldLabel(field.name)),
            h("td", { "data-title": titles[1] }, cell(field, base)),
            h(
              "td",
              { "data-title": titles[2] },
              theirs.includes(field)
                ? h("mark", {}, cell(field, now))
                : h("span", { class: "muted" }, t("conflict.same")),
            ),
            h("td", { "data-title": titles[3] }, mineCell(field, values, mine.includes(field))),
          ),
        ),
      ),
    ),
  );
}

// Resolves with "mine" (on top of theirs), "theirs", or undefined: go on editing as it is.
export function openConflict(sides) {
  return openDialog(
    t("conflict.title"),
    (close) => [
      notice("warning", t("conflict.words")),
      comparison(sides),
      h(
        "div",
        { class: "actions end" },
        button(t("conflict.goOn"), { onclick: () => close() }),
        button(t("conflict.theirs"), { onclick: () => close("theirs") }),
        button(t("conflict.apply"), { class: "primary", autofocus: true, onclick: () => close("mine") }),
      ),
    ],
    { wide: true },
  );
}
