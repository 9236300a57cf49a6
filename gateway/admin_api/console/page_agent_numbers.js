// The numbers that the tenant's agents may call from, and the trial list: two lists of the same kind.

import { ask, path } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { busyButton, button } from "./controls.js";
import { confirmDialog } from "./dialog.js";
import { toast } from "./notice.js";
import { addNumbersDialog } from "./number_dialogs.js";
import { isSystemAdministrator } from "./session.js";
import { makeList } from "./table.js";

function numberList(view, { where, name, mayChange }) {
  const remove = (number) =>
    busyButton(
      t("common.remove"),
      async () => {
        const agreed = await confirmDialog({
          title: t("agentNumbers.removeTitle", { number }),
          words: t(`agentNumbers.${name}.removeWords`),
          action: t("common.remove"),
          danger: true,
        });
        if (!agreed) return;
        await ask("DELETE", where + path`/${number}`);
        toast(t("agentNumbers.removed", { number }));
        await list.load();
      },
      { class: "small danger", picture: "trash", "aria-label": `${t("common.remove")} ${number}` },
    );
  const list = makeList({
    path: where,
    signal: view.signal,
    limit: 200,
    caption: t(`agentNumbers.${name}.title`),
    empty: h("p", {}, t(`agentNumbers.${name}.none`)),
    columns: [
      { title: t("numbers.number"), main: true, cell: (number) => h("span", { class: "mono" }, number) },
      ...(mayChange ? [{ title: t("common.actions"), kind: "actions", cell: remove }] : []),
    ],
  });
  const add = button(t("common.add"), {
    picture: "plus",
    onclick: async () => {
      if (await addNumbersDialog(t(`agentNumbers.${name}.addTitle`), t("agentNumbers.rule"), where)) await list.load();
    },
    "aria-label": t(`agentNumbers.${name}.addTitle`),
  });
  return {
    load: list.load,
    element: h(
      "section",
      { class: "card" },
      h("div", { class: "card-head" }, h("h2", {}, t(`agentNumbers.${name}.title`)), mayChange && add),
      h("p", { class: "muted" }, t(`agentNumbers.${name}.words`)),
      list.element,
    ),
  };
}

export async function show(view) {
  view.heading(t("nav.agentNumbers"), { intro: t("agentNumbers.intro") });
  const lists = [
    numberList(view, { where: path`/tenants/${view.tenant}/agent-numbers`, name: "own", mayChange: true }),
    numberList(view, {
      where: path`/tenants/${view.tenant}/trial-numbers`,
      name: "trial",
      mayChange: isSystemAdministrator(),
    }),
  ];
  await Promise.all(lists.map((list) => list.load()));
  view.append(
    h(
      "div",
      { class: "columns" },
      lists.map((list) => list.element),
    ),
  );
}
