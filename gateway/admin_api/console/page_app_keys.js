// App keys: with what the tenant's agent systems sign in. A secret is shown once; a rotated key stays good for a while.

import { ask, get, path } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { badge, busyButton, button, time } from "./controls.js";
import { confirmDialog, openDialog, secretDialog } from "./dialog.js";
import { makeForm, selectField } from "./form.js";
import { toast } from "./notice.js";
import { makeTable } from "./table.js";

const OVERLAPS_S = { now: 0, hour: 3600, day: 86400, week: 604800, month: 2592000 };

function state(key) {
  if (!key.enabled) return badge(t("appKeys.disabled"), "off");
  if (!key.usable) return badge(t("appKeys.expired"), "off");
  return key.expiresAt === null
    ? badge(t("appKeys.good"), "ok")
    : h(
        "span",
        {},
        badge(t("appKeys.replaced"), "warning"),
        " ",
        h("span", { class: "below" }, t("appKeys.until"), " ", time(key.expiresAt)),
      );
}

const showSecret = ({ appKey, appSecret }) =>
  secretDialog(t("appKeys.made"), t("appKeys.madeWords"), [
    [t("appKeys.key"), appKey],
    [t("appKeys.secret"), appSecret],
  ]);

function rotateDialog(where, key) {
  return openDialog(t("appKeys.rotateTitle"), (close) => {
    const overlap = selectField({
      name: "overlapSeconds",
      label: t("appKeys.overlap"),
      rule: t("appKeys.overlapRule"),
      value: String(OVERLAPS_S.day),
      choices: Object.entries(OVERLAPS_S).map(([name, seconds]) => [String(seconds), t(`appKeys.overlaps.${name}`)]),
    });
    return [
      h("p", {}, t("appKeys.rotateWords")),
      h("p", {}, h("code", {}, key.appKey)),
      makeForm({
        fields: [overlap],
        submit: t("appKeys.rotate"),
        cancel: () => close(),
        save: async ({ overlapSeconds }) =>
          close(
            (
              await ask("POST", where + path`/${key.appKey}/rotation`, {
                body: { overlapSeconds: Number(overlapSeconds) },
              })
            ).body,
          ),
      }).element,
    ];
  });
}

function rowActions(where, key, refresh) {
  if (!key.usable) return [];
  return [
    key.expiresAt === null &&
      button(t("appKeys.rotate"), {
        class: "small",
        picture: "refresh",
        "aria-label": `${t("appKeys.rotate")} ${key.appKey}`,
        onclick: async () => {
          const made = await rotateDialog(where, key);
          if (!made) return;
          await showSecret(made);
          await refresh();
        },
      }),
    busyButton(
      t("appKeys.disable"),
      async () => {
        const agreed = await confirmDialog({
          title: t("appKeys.disableTitle"),
          words: [t("appKeys.disableWords"), h("p", {}, h("code", {}, key.appKey))],
          action: t("appKeys.disable"),
          danger: true,
        });
        if (!agreed) return;
        await ask("DELETE", where + path`/${key.appKey}`);
        toast(t("appKeys.disabledNow"));
        await refresh();
      },
      { class: "small danger", "aria-label": `${t("appKeys.disable")} ${key.appKey}` },
    ),
  ];
}

export async function show(view) {
  const where = path`/tenants/${view.tenant}/app-keys`;
  const table = makeTable({
    caption: t("nav.appKeys"),
    empty: [h("p", {}, t("appKeys.none")), h("p", {}, t("appKeys.noneWords"))],
    columns: [
      { title: t("appKeys.key"), main: true, cell: (key) => h("code", {}, key.appKey) },
      { title: t("common.state"), cell: state },
      { title: t("common.created"), cell: (key) => time(key.createdAt) },
      { title: t("common.actions"), kind: "actions", cell: (key) => rowActions(where, key, refresh) },
    ],
  });
  async function refresh() {
    table.set((await get(where, { signal: view.signal })).body.items);
  }
  view.heading(t("nav.appKeys"), {
    intro: t("appKeys.intro"),
    actions: [
      busyButton(
        t("appKeys.create"),
        async () => {
          const { body } = await ask("POST", where, { body: {} });
          await showSecret(body);
          await refresh();
        },
        { picture: "plus", class: "primary" },
      ),
    ],
  });
  await refresh();
  view.append(table.element);
}
