// The form of the Bidirectional Call settings: parts appear as type and modes are chosen, errors stand at their fields,
// and who saves second sees what the first has changed.

import { ask, get, path } from "./api.js";
import { h, put } from "./dom.js";
import { has, t } from "./i18n.js";
import { button } from "./controls.js";
import { makeForm } from "./form.js";
import { notice, toast } from "./notice.js";
import { openConflict } from "./settings_conflict.js";
import { mayLeavePage } from "./router.js";
import { fields, isSame, makeField, matters, parts, partTitle, requestBody } from "./settings_fields.js";
import { addNumbersDialog } from "./number_dialogs.js";

// The gateway's own list of X numbers is another resource: adding takes effect at once.
function xNumbersHint(view, settings) {
  const count = h("span", {}, t("bidirectionalCall.xNumbersCount", { n: settings.xNumbers }));
  const where = path`/tenants/${view.tenant}/x-numbers`;
  return h(
    "div",
    { class: "field" },
    h("h3", {}, t("bidirectionalCall.xNumbers")),
    h("p", { class: "rule" }, t("bidirectionalCall.xNumbersRule")),
    h(
      "p",
      { class: "actions" },
      count,
      button(t("xNumbers.add"), {
        picture: "plus",
        class: "small",
        onclick: async () => {
          if (!(await addNumbersDialog(t("xNumbers.addTitle"), t("xNumbers.addWords"), where))) return;
          const { body } = await get(path`/tenants/${view.tenant}/bidirectional-call`);
          put(count, t("bidirectionalCall.xNumbersCount", { n: body.xNumbers }));
        },
      }),
    ),
  );
}

function layOut(view, settings, made) {
  const element = (field) => made.get(field.name).element;
  return parts.map((part) => {
    const inside = [...part.fields.map(element), part.name === "ita" && xNumbersHint(view, settings)];
    const box = part.folded
      ? h(
          "section",
          { class: "card" },
          h(
            "details",
            {},
            h("summary", {}, t(`bidirectionalCall.parts.${part.name}`)),
            h("div", { class: "form folded" }, inside),
          ),
        )
      : h(
          "section",
          { class: "card" },
          part.fields.length > 1 && partTitle(part),
          has(`bidirectionalCall.hints.${part.name}`) &&
            h("p", { class: "muted" }, t(`bidirectionalCall.hints.${part.name}`)),
          inside,
        );
    return { part, box };
  });
}

function valuesOf(made) {
  return Object.fromEntries([...made].map(([name, field]) => [name, field.get()]));
}

// Shows what belongs to the type and mode that are chosen now.
function showWhatMatters(boxes, made) {
  const values = valuesOf(made);
  for (const field of fields) made.get(field.name).element.hidden = !matters(field, values);
  for (const { part, box } of boxes) box.hidden = !(part.when?.(values) ?? true);
}

// What an unusual choice means, at the choice.
function noteAt(field, isUnusual, words) {
  const note = notice("warning", null, h("p", {}, words));
  const show = () => {
    note.hidden = !isUnusual(field.get());
  };
  field.element.append(note);
  field.element.addEventListener("input", show);
  show();
}

function addWarnings(made) {
  for (const { name, url } of fields)
    if (url) noteAt(made.get(name), (value) => /^http:/i.test(value ?? ""), t("bidirectionalCall.insecure"));
  noteAt(made.get("callbackAuthentication"), (value) => value === "none", t("bidirectionalCall.noneWarning"));
}

// Errors may concern a part that is folded.
function unfold(form) {
  for (const details of form.querySelectorAll("details"))
    if (details.querySelector("[aria-invalid=true]")) details.open = true;
}

export function openSettingsForm(view, loaded, { onSaved, onCancel }) {
  let { body: base, etag } = loaded;
  const made = new Map(fields.map((field) => [field.name, makeField(field, base)]));
  const boxes = layOut(view, base, made);
  const begun = valuesOf(made);
  const isChanged = (name) => !isSame(begun[name], made.get(name).get());
  const where = path`/tenants/${view.tenant}/bidirectional-call`;

  // Mine on top of theirs: what I did not touch becomes what is there now.
  function rebase(problem) {
    for (const field of fields) {
      if (isChanged(field.name) || field.kind === "secret") continue;
      made.get(field.name).set(problem.body[field.name]);
      begun[field.name] = made.get(field.name).get();
    }
    base = problem.body;
    etag = problem.etag;
    showWhatMatters(boxes, made);
  }

  async function resolve(problem) {
    const mine = fields.filter((field) => isChanged(field.name));
    const decided = await openConflict({ base, now: problem.body, mine, values: valuesOf(made) });
    if (decided === "theirs") onCancel({ body: problem.body, etag: problem.etag });
    if (decided !== "mine") return;
    rebase(problem);
    put(form.summary, notice("info", t("conflict.applied")));
    form.summary.hidden = false;
    form.summary.focus();
  }

  async function save(values) {
    try {
      const saved = await ask("PUT", where, { body: requestBody(values), etag });
      toast(t("bidirectionalCall.saved"));
      onSaved(saved);
    } catch (problem) {
      if (problem.status === 412) return resolve(problem);
      setTimeout(() => unfold(form.element));
      throw problem;
    }
    return undefined;
  }

  const form = makeForm({
    fields: [...made.values()],
    content: boxes.map(({ box }) => box),
    submit: t("common.save"),
    save,
    cancel: async () => {
      if (await mayLeavePage()) onCancel({ body: base, etag });
    },
    className: "form settings",
  });
  addWarnings(made);
  form.element.addEventListener("change", () => showWhatMatters(boxes, made));
  showWhatMatters(boxes, made);
  view.guard(() => fields.some(({ name }) => isChanged(name)));
  put(view.content, form.element);
}
