// API keys: with what programs use the admin API. The key itself is shown once.

import { accountBody, roleCell, roleFields } from "./account_fields.js";
import { ask, get, path } from "./api.js";
import { h } from "./dom.js";
import { date, t } from "./i18n.js";
import { badge, busyButton, button, time } from "./controls.js";
import { confirmDialog, openDialog, secretDialog } from "./dialog.js";
import { makeForm, selectField, textField } from "./form.js";
import { makeList } from "./table.js";

const LIVES_DAYS = ["30", "90", "365", ""];

function createDialog() {
  return openDialog(t("apiKeys.create"), (close) => {
    const fields = [
      textField({
        name: "name",
        label: t("common.name"),
        rule: t("accounts.nameRule"),
        attributes: { maxlength: 64, autocapitalize: "none" },
      }),
      ...roleFields(),
      selectField({
        name: "expiresInDays",
        label: t("apiKeys.life"),
        value: "365",
        choices: LIVES_DAYS.map((days) => [days, days ? t("apiKeys.days", { n: Number(days) }) : t("apiKeys.forever")]),
      }),
    ];
    return [
      makeForm({
        fields,
        submit: t("apiKeys.create"),
        cancel: () => close(),
        save: async ({ expiresInDays, ...values }) =>
          close(
            (
              await ask("POST", "/api-keys", {
                body: {
                  ...accountBody({ ...values, name: values.name.trim() }),
                  expiresInDays: expiresInDays ? Number(expiresInDays) : null,
                },
              })
            ).body,
          ),
      }).element,
    ];
  });
}

function state(key) {
  if (!key.enabled) return badge(t("apiKeys.disabled"), "off");
  if (key.expiresAt !== null && Date.parse(key.expiresAt) < Date.now()) return badge(t("apiKeys.expired"), "off");
  return badge(t("apiKeys.good"), "ok");
}

function switchButton(key, refresh) {
  const word = t(key.enabled ? "apiKeys.disable" : "apiKeys.enable");
  return busyButton(
    word,
    async () => {
      if (
        key.enabled &&
        !(await confirmDialog({
          title: t("apiKeys.disableTitle", key),
          words: t("apiKeys.disableWords"),
          action: word,
          danger: true,
        }))
      )
        return;
      const where = path`/api-keys/${key.name}`;
      const { etag } = await get(where);
      await ask("PUT", where, { body: { enabled: !key.enabled }, etag });
      await refresh();
    },
    { class: key.enabled ? "small danger" : "small", "aria-label": `${word} ${key.name}` },
  );
}

export async function show(view) {
  let list;
  const refresh = () => list.load();
  view.heading(t("nav.apiKeys"), {
    intro: t("apiKeys.intro"),
    actions: [
      button(t("apiKeys.create"), {
        picture: "plus",
        class: "primary",
        onclick: async () => {
          const made = await createDialog();
          if (!made) return;
          await secretDialog(t("apiKeys.made"), t("apiKeys.madeWords"), [
            [t("common.name"), made.name],
            [t("apiKeys.key"), made.key],
          ]);
          await refresh();
        },
      }),
    ],
  });
  list = makeList({
    path: "/api-keys",
    signal: view.signal,
    caption: t("nav.apiKeys"),
    empty: [h("p", {}, t("apiKeys.none")), h("p", {}, t("apiKeys.noneWords"))],
    columns: [
      { title: t("common.name"), main: true, cell: (key) => key.name },
      { title: t("common.role"), cell: roleCell },
      { title: t("common.state"), cell: state },
      { title: t("apiKeys.expires"), cell: (key) => time(key.expiresAt, date) },
      { title: t("apiKeys.used"), cell: (key) => time(key.usedOn, date) },
      { title: t("common.actions"), kind: "actions", cell: (key) => switchButton(key, refresh) },
    ],
  });
  await refresh();
  view.append(list.element);
}
