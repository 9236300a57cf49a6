// Dialogs that add phone numbers: typed or pasted, and from a CSV file with an error at each wrong line.

import { ask } from "./api.js";
import { h, put } from "./dom.js";
import { both, t } from "./i18n.js";
import { openDialog } from "./dialog.js";
import { areaField, fileField, makeForm, Refused } from "./form.js";
import { announce, toast } from "./notice.js";

const FILE_MAX = 64 * 1024; // as the API takes

// One error for each number or line, with what stands there. The API counts numbers from 0 and lines from 1.
function errorList(problem, texts, first) {
  return problem.errors.map(({ pointer, detail }) => {
    const at = Number(pointer.split("/")[2]) - first;
    return { line: at + 1, text: texts[at] ?? "", words: both(detail) };
  });
}

function errorTable(rows, numbered) {
  return h(
    "div",
    { class: "scroll-box", tabindex: "0", role: "region", "aria-label": t("numbers.errors") },
    h(
      "table",
      { class: "compact" },
      h("caption", { class: "unseen" }, t("numbers.errors")),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col", class: "number" }, numbered),
          h("th", { scope: "col" }, t("numbers.number")),
          h("th", { scope: "col" }, t("numbers.error")),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map(({ line, text, words }) =>
          h("tr", {}, h("td", { class: "number" }, line), h("td", {}, h("code", {}, text)), h("td", {}, words)),
        ),
      ),
    ),
  );
}

function showErrors(place, rows, numbered) {
  put(place, h("p", { class: "field-error" }, t("numbers.noneAdded", { n: rows.length })), errorTable(rows, numbered));
  announce(t("numbers.noneAdded", { n: rows.length }));
}

// Resolves with how many were added, or undefined.
export function addNumbersDialog(title, words, where) {
  return openDialog(title, (close) => {
    const numbers = areaField({
      name: "numbers",
      label: t("numbers.label"),
      rule: words,
      rows: 6,
      attributes: { inputmode: "tel" },
    });
    const errors = h("div", { class: "line-errors" });
    return [
      makeForm({
        fields: [numbers],
        content: [numbers.element, errors],
        submit: t("common.add"),
        cancel: () => close(),
        save: async (values) => {
          const texts = values.numbers.split(/[\n,;\s]+/).filter(Boolean);
          put(errors);
          if (texts.length === 0) throw new Refused(["numbers", t("numbers.needed")]);
          try {
            const { body } = await ask("POST", where, { body: { numbers: texts } });
            toast(t("numbers.added", { n: body.added }));
            close(body.added);
          } catch (problem) {
            if (!problem.errors?.some(({ pointer }) => pointer.startsWith("/numbers/"))) throw problem;
            showErrors(errors, errorList(problem, texts, 0), t("numbers.place"));
          }
        },
      }).element,
    ];
  });
}

// Resolves with how many were added, or undefined. A line's error names the line of the file.
export function importNumbersDialog(title, words, where) {
  return openDialog(title, (close) => {
    const file = fileField({ name: "file", label: t("numbers.file"), rule: words, accept: ".csv,text/csv,text/plain" });
    const errors = h("div", { class: "line-errors" });
    return [
      makeForm({
        fields: [file],
        content: [file.element, errors],
        submit: t("numbers.import"),
        cancel: () => close(),
        save: async (values) => {
          put(errors);
          if (!values.file) throw new Refused(["file", t("numbers.fileNeeded")]);
          if (values.file.size > FILE_MAX) throw new Refused(["file", t("problem.413")]);
          const text = await values.file.text();
          try {
            const { body } = await ask("POST", where, { body: text, type: "text/csv" });
            toast(t("numbers.added", { n: body.added }));
            close(body.added);
          } catch (problem) {
            if (!problem.errors?.some(({ pointer }) => pointer.startsWith("/lines/"))) throw problem;
            showErrors(errors, errorList(problem, text.split(/\r?\n/), 1), t("numbers.line"));
          }
        },
      }).element,
    ];
  });
}
