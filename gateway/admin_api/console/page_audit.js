// The audit log: who has changed what, newest first.

import { h } from "./dom.js";
import { dateTime, has, t } from "./i18n.js";
import { button, time } from "./controls.js";
import { makeForm, textField } from "./form.js";
import { makeList } from "./table.js";

function who(text) {
  const [kind, ...name] = text.split(":");
  const label = t(`audit.kinds.${kind}`);
  return h(
    "span",
    {},
    name.join(":") || text,
    h("span", { class: "muted kind" }, label.startsWith("audit.") ? "" : ` · ${label}`),
  );
}

// "field=old->new,field": each on its own.
const detail = (text) =>
  h(
    "span",
    { class: "pieces" },
    text
      .split(/[,;] ?/)
      .filter(Boolean)
      .map((piece) => h("code", {}, piece)),
  );

export async function show(view) {
  const tenant = textField({
    name: "tenant",
    label: t("common.tenant"),
    value: view.query.get("tenant") ?? "",
    optional: true,
    attributes: { autocapitalize: "none" },
  });
  const list = makeList({
    path: "/audit",
    signal: view.signal,
    filters: () => ({ tenant: tenant.get().trim() }),
    caption: t("nav.audit"),
    empty: h("p", {}, t("audit.none")),
    columns: [
      { title: t("audit.at"), cell: (entry) => time(entry.at, dateTime) },
      { title: t("audit.who"), cell: (entry) => who(entry.who) },
      {
        title: t("audit.action"),
        main: true,
        cell: (entry) => (has(`audit.actions.${entry.action}`) ? t(`audit.actions.${entry.action}`) : entry.action),
      },
      { title: t("common.tenant"), cell: (entry) => entry.tenant ?? h("span", { class: "muted" }, "–") },
      { title: t("audit.detail"), cell: (entry) => detail(entry.detail) },
    ],
  });
  const form = makeForm({
    fields: [tenant],
    submit: t("audit.show"),
    className: "filters",
    save: async ({ tenant: name }) => {
      view.setQuery({ tenant: name.trim() });
      await list.refresh(t("audit.shown"));
    },
  });
  view.heading(t("nav.audit"), {
    intro: t("audit.intro"),
    actions: [button(t("common.reload"), { picture: "refresh", onclick: () => list.load() })],
  });
  await list.load();
  view.append(form.element, list.element);
}
