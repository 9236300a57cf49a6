// The trustlist: where callbacks may go. Everything else is refused when settings are saved and again when one is sent.

import { ask, path } from "./api.js";
import { h, put } from "./dom.js";
import { t } from "./i18n.js";
import { badge, busyButton, time } from "./controls.js";
import { confirmDialog } from "./dialog.js";
import { makeForm, textField } from "./form.js";
import { notice, toast } from "./notice.js";
import { makeList } from "./table.js";

function addForm(refresh) {
  const entry = textField({
    name: "entry",
    label: t("trustlist.entry"),
    rule: t("trustlist.rule"),
    attributes: { autocapitalize: "none", placeholder: "*.example.com" },
  });
  return makeForm({
    fields: [entry],
    submit: t("common.add"),
    save: async (values) => {
      const { body } = await ask("POST", "/callback-trustlist", { body: { entry: values.entry.trim() } });
      entry.set("");
      toast(t("trustlist.added", body));
      await refresh();
      entry.focus();
    },
  }).element;
}

// Which tenants the removal leaves with a URL that is not admitted any more.
function affectedNotice({ affected, tenants }) {
  return notice(
    "warning",
    t("trustlist.affected", { n: affected }),
    h("p", {}, tenants.join(", "), affected > tenants.length && " …"),
  );
}

function removeButton(item, refresh, place) {
  return busyButton(
    t("common.remove"),
    async () => {
      if (
        !(await confirmDialog({
          title: t("trustlist.removeTitle", item),
          words: t("trustlist.removeWords"),
          action: t("common.remove"),
          danger: true,
        }))
      )
        return;
      const { body } = await ask("DELETE", path`/callback-trustlist/${item.entry}`);
      toast(t("trustlist.removed", item));
      put(place, body.affected > 0 && affectedNotice(body));
      await refresh();
    },
    { class: "small danger", picture: "trash", "aria-label": `${t("common.remove")} ${item.entry}` },
  );
}

export async function show(view) {
  let list;
  const place = h("div", { class: "late", role: "status" });
  const refresh = () => list.load();
  view.heading(t("nav.trustlist"), { intro: t("trustlist.intro") });
  list = makeList({
    path: "/callback-trustlist",
    signal: view.signal,
    caption: t("nav.trustlist"),
    empty: [h("p", {}, t("trustlist.none")), h("p", {}, t("trustlist.noneWords"))],
    columns: [
      { title: t("trustlist.entry"), main: true, cell: (item) => h("span", { class: "mono" }, item.entry) },
      { title: t("trustlist.kind"), cell: (item) => badge(t(`trustlist.kinds.${item.kind}`), "info") },
      { title: t("common.created"), cell: (item) => time(item.createdAt) },
      { title: t("common.actions"), kind: "actions", cell: (item) => removeButton(item, refresh, place) },
    ],
  });
  await refresh();
  view.append(
    place,
    h("section", { class: "card" }, h("h2", {}, t("trustlist.addTitle")), addForm(refresh)),
    list.element,
  );
}
