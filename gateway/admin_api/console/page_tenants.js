// Tenants: made, and their flags switched. A flag that somebody else has changed in the meantime is shown, not overwritten.

import { ask, get, path } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { badge, button, link, time } from "./controls.js";
import { openDialog } from "./dialog.js";
import { checkField, makeForm, textField } from "./form.js";
import { notice, toast } from "./notice.js";
import { href } from "./routes.js";
import { loadTenants } from "./shell.js";
import { makeList } from "./table.js";

const FLAGS = ["enabled", "bidirectionalCallEnabled", "trial"];

const flagFields = (tenant) =>
  FLAGS.map((name) =>
    checkField({ name, label: t(`tenants.${name}.label`), rule: t(`tenants.${name}.rule`), value: tenant[name] }),
  );

function createDialog() {
  return openDialog(t("tenants.create"), (close) => {
    const fields = [
      textField({
        name: "tenant",
        label: t("common.name"),
        rule: t("tenants.nameRule"),
        attributes: { maxlength: 64, autocapitalize: "none" },
      }),
      ...flagFields({ enabled: true, bidirectionalCallEnabled: true, trial: false }),
    ];
    return [
      makeForm({
        fields,
        submit: t("tenants.create"),
        cancel: () => close(),
        save: async (values) =>
          close((await ask("POST", "/tenants", { body: { ...values, tenant: values.tenant.trim() } })).body),
      }).element,
    ];
  });
}

// With 412 the fields show what is there now, marked, and saving again is up to the user.
function showTheirs(form, fields, now) {
  for (const field of fields) field.set(now[field.name]);
  form.summary.replaceChildren(notice("warning", t("tenants.stale"), h("p", {}, t("tenants.staleWords"))));
  form.summary.hidden = false;
  form.summary.focus();
}

async function editDialog(name) {
  const loaded = await get(path`/tenants/${name}`);
  let { etag } = loaded;
  return openDialog(t("tenants.editTitle", { tenant: name }), (close) => {
    const fields = flagFields(loaded.body);
    const form = makeForm({
      fields,
      submit: t("common.save"),
      cancel: () => close(),
      save: async (values) => {
        try {
          close((await ask("PUT", path`/tenants/${name}`, { body: values, etag })).body);
        } catch (problem) {
          if (problem.status !== 412) throw problem;
          etag = problem.etag;
          showTheirs(form, fields, problem.body);
        }
      },
    });
    return [form.element];
  });
}

const flag = (isOn, kind, words) => badge(words ?? t(isOn ? "common.on" : "common.off"), isOn ? kind : "off");

export async function show(view) {
  let list;
  const edit = async (name) => {
    if (!(await editDialog(name))) return;
    toast(t("common.saved"));
    await list.load();
  };
  view.heading(t("nav.tenants"), {
    intro: t("tenants.intro"),
    actions: [
      button(t("tenants.create"), {
        picture: "plus",
        class: "primary",
        onclick: async () => {
          const made = await createDialog();
          if (!made) return;
          toast(t("tenants.created", made));
          await Promise.all([list.load(), loadTenants()]);
        },
      }),
    ],
  });
  list = makeList({
    path: "/tenants",
    signal: view.signal,
    caption: t("nav.tenants"),
    empty: h("p", {}, t("tenants.none")),
    columns: [
      { title: t("common.tenant"), main: true, cell: (item) => link(item.tenant, href("bidirectionalCall", item)) },
      { title: t("tenants.enabled.title"), cell: (item) => flag(item.enabled, "ok") },
      { title: t("tenants.bidirectionalCallEnabled.title"), cell: (item) => flag(item.bidirectionalCallEnabled, "ok") },
      {
        title: t("tenants.trial.title"),
        cell: (item) => (item.trial ? badge(t("tenants.trial.title"), "info") : h("span", { class: "muted" }, "–")),
      },
      { title: t("tenants.configured"), cell: (item) => t(item.configured ? "common.yes" : "common.no") },
      { title: t("common.created"), cell: (item) => time(item.createdAt) },
      {
        title: t("common.actions"),
        kind: "actions",
        cell: (item) =>
          button(t("common.edit"), {
            class: "small",
            picture: "edit",
            "aria-label": `${t("common.edit")} ${item.tenant}`,
            onclick: () => edit(item.tenant),
          }),
      },
    ],
  });
  await list.load();
  view.append(list.element);
}
