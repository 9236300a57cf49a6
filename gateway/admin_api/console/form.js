// Forms: each field has a label, its rule in words, and a place for its error. Errors come from the API by JSON pointer
// and are shown at their fields and in a summary above them.

import { h, newId, put } from "./dom.js";
import { both, t } from "./i18n.js";
import { button } from "./controls.js";
import { icon } from "./icons.js";
import { problemNotice } from "./notice.js";

function described(control, ids) {
  const present = ids.filter(Boolean).join(" ");
  if (present) control.setAttribute("aria-describedby", present);
}

// What all kinds of field share: label, rule, error. `control` takes focus; get/set read and write its value.
function wrap({ name, label, rule, optional, wide }, control, { get, set, grouped = false, extra = [] }) {
  const ruleId = newId(`${name}-rule`),
    errorId = newId(`${name}-error`);
  const error = h("p", { class: "field-error", id: errorId, hidden: true });
  const mark = optional && h("span", { class: "optional" }, t("form.optional"));
  const hint = rule && h("p", { class: "rule", id: ruleId }, rule);
  const element = grouped
    ? h("fieldset", { class: "field", "data-field": name }, h("legend", {}, label), hint, control, extra, error)
    : h(
        "div",
        { class: wide ? "field wide" : "field", "data-field": name },
        h("label", { for: control.id }, label, mark),
        control,
        extra,
        hint,
        error,
      );
  const target = grouped ? element : control;
  described(target, [rule && ruleId]);
  return {
    name,
    label,
    element,
    get,
    set,
    focus: () => (grouped ? control.querySelector("input:checked, input") : control).focus(),
    setError(text) {
      error.hidden = !text;
      put(error, text && icon("failed"), text && h("span", {}, text));
      if (grouped)
        control.querySelectorAll("input").forEach((input) => input.setAttribute("aria-invalid", String(Boolean(text))));
      else control.setAttribute("aria-invalid", String(Boolean(text)));
      described(target, [text && errorId, rule && ruleId]);
    },
  };
}

// A line of text. Options: name, label, rule, value, type ("text", "password", "number", "url", "datetime-local"),
// optional, attributes (of the input).
export function textField(options) {
  const input = h("input", {
    id: newId(options.name),
    name: options.name,
    type: options.type ?? "text",
    autocomplete: "off",
    spellcheck: "false",
    value: options.value ?? "",
    required: !options.optional,
    ...options.attributes,
  });
  return wrap(options, input, {
    get: () => input.value,
    set: (value) => {
      input.value = value ?? "";
    },
    extra: options.extra,
  });
}

// Several lines of text. Options as above.
export function areaField(options) {
  const area = h("textarea", {
    id: newId(options.name),
    name: options.name,
    rows: options.rows ?? 5,
    spellcheck: "false",
    value: options.value ?? "",
    ...options.attributes,
  });
  return wrap(options, area, {
    get: () => area.value,
    set: (value) => {
      area.value = value ?? "";
    },
  });
}

// A secret that is only written: its state stands beside it, and left empty it stays.
export function secretField({ state, ...options }) {
  const input = h("input", {
    id: newId(options.name),
    name: options.name,
    type: "password",
    autocomplete: "new-password",
    value: "",
    ...options.attributes,
  });
  return wrap({ ...options, rule: [options.rule, state?.set && t("secret.keeps")].filter(Boolean).join(" ") }, input, {
    get: () => input.value,
    set: (value) => {
      input.value = value ?? "";
    },
  });
}

// One of few, as a row of radio buttons. choices: [[value, text, explanation?], ...]
export function choiceField(options) {
  const group = h(
    "div",
    { class: "choices" },
    options.choices.map(([value, text, explanation]) =>
      h(
        "label",
        { class: "choice" },
        h("input", { type: "radio", name: options.name, value, checked: value === options.value }),
        h(
          "span",
          {},
          h("span", { class: "choice-text" }, text),
          explanation && h("span", { class: "rule" }, explanation),
        ),
      ),
    ),
  );
  const inputs = [...group.querySelectorAll("input")];
  return wrap(options, group, {
    grouped: true,
    get: () => inputs.find((input) => input.checked)?.value ?? null,
    set: (value) =>
      inputs.forEach((input) => {
        input.checked = input.value === value;
      }),
  });
}

// One of several, as a list. choices: [[value, text], ...]
export function selectField(options) {
  const select = h(
    "select",
    { id: newId(options.name), name: options.name, ...options.attributes },
    options.choices.map(([value, text]) => h("option", { value, selected: value === (options.value ?? "") }, text)),
  );
  return wrap(options, select, {
    get: () => select.value,
    set: (value) => {
      select.value = value;
    },
  });
}

export function checkField(options) {
  const input = h("input", {
    type: "checkbox",
    id: newId(options.name),
    name: options.name,
    checked: Boolean(options.value),
  });
  const errorId = newId(`${options.name}-error`),
    ruleId = newId(`${options.name}-rule`);
  const error = h("p", { class: "field-error", id: errorId, hidden: true });
  described(input, [options.rule && ruleId]);
  return {
    name: options.name,
    label: options.label,
    focus: () => input.focus(),
    element: h(
      "div",
      { class: "field check", "data-field": options.name },
      h(
        "label",
        { class: "choice" },
        input,
        h(
          "span",
          {},
          h("span", { class: "choice-text" }, options.label),
          options.rule && h("span", { class: "rule", id: ruleId }, options.rule),
        ),
      ),
      error,
    ),
    get: () => input.checked,
    set: (value) => {
      input.checked = Boolean(value);
    },
    setError(text) {
      error.hidden = !text;
      put(error, text);
      input.setAttribute("aria-invalid", String(Boolean(text)));
    },
  };
}

// A file, not yet read. get() gives the File or undefined.
export function fileField(options) {
  const input = h("input", { type: "file", id: newId(options.name), name: options.name, accept: options.accept });
  return wrap(options, input, {
    get: () => input.files[0],
    set: () => {
      input.value = "";
    },
  });
}

// A form of fields. `save(values)` sends them; a Problem it throws is shown at its fields. Options: fields, content (what
// stands in the form; the fields' elements when absent), submit (text), cancel (listener), danger.
export function makeForm({ fields, content, submit, cancel, save, labelledby, className = "form" }) {
  const summary = h("div", { class: "summary", tabindex: "-1", hidden: true });
  const submitter = h("button", { type: "submit", class: "primary" }, h("span", {}, submit));
  const form = h(
    "form",
    {
      class: className,
      novalidate: true,
      "aria-labelledby": labelledby,
      onsubmit: async (event) => {
        event.preventDefault();
        if (submitter.getAttribute("aria-disabled") === "true") return;
        clearErrors();
        submitter.setAttribute("aria-disabled", "true");
        submitter.classList.add("busy");
        try {
          await save(values());
        } catch (problem) {
          showProblem(problem);
        } finally {
          submitter.removeAttribute("aria-disabled");
          submitter.classList.remove("busy");
        }
      },
    },
    summary,
    content ?? fields.map((field) => field.element),
    h("div", { class: "actions form-actions" }, submitter, cancel && button(t("common.cancel"), { onclick: cancel })),
  );

  const values = () => Object.fromEntries(fields.map((field) => [field.name, field.get()]));

  function clearErrors() {
    summary.hidden = true;
    fields.forEach((field) => field.setError(""));
  }

  // errors: [{pointer, detail}]. The first part of the pointer names the field; what has no field is told in the summary.
  function showErrors(errors) {
    const rows = errors.map((error) => {
      const [name, ...rest] = error.pointer.split("/").slice(1);
      return {
        field: fields.find((each) => each.name === name),
        name: [name, ...rest].join("/"),
        text: both(error.detail),
      };
    });
    for (const { field, text } of rows) field?.setError(text);
    put(
      summary,
      h("h2", {}, icon("failed"), t("form.errors", { n: rows.length })),
      h(
        "ul",
        {},
        rows.map(({ field, name, text }) =>
          h(
            "li",
            {},
            field
              ? h("button", { type: "button", class: "link", onclick: () => field.focus() }, `${field.label}: ${text}`)
              : `${name}: ${text}`,
          ),
        ),
      ),
    );
    summary.hidden = false;
    summary.focus();
  }

  function showProblem(problem) {
    if (problem.name === "AbortError") return;
    if (problem.errors?.length > 0) {
      showErrors(problem.errors);
      return;
    }
    put(summary, problemNotice(problem));
    summary.hidden = false;
    summary.focus();
  }

  return { element: form, summary, values, clearErrors, showErrors, showProblem };
}

// An error of the console's own, in the shape of the API's.
export class Refused extends Error {
  constructor(...errors) {
    super("refused");
    this.errors = errors.map(([name, text]) => ({ pointer: `/${name}`, rule: "own", detail: { en: text, zh: text } }));
  }
}
