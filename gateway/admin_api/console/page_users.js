// Users: people who sign in. A new one, or one who has forgotten his password, gets a one-time password.

import { accountBody, roleCell, roleFields } from "./account_fields.js";
import { ask, get, path } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { badge, busyButton, button, time } from "./controls.js";
import { confirmDialog, openDialog, secretDialog } from "./dialog.js";
import { makeForm, textField } from "./form.js";
import { toast } from "./notice.js";
import { currentSession } from "./session.js";
import { makeList } from "./table.js";

function createDialog() {
  return openDialog(t("users.create"), (close) => {
    const fields = [
      textField({
        name: "user",
        label: t("signIn.user"),
        rule: t("accounts.nameRule"),
        attributes: { maxlength: 64, autocapitalize: "none" },
      }),
      ...roleFields(),
    ];
    return [
      makeForm({
        fields,
        submit: t("users.create"),
        cancel: () => close(),
        save: async (values) =>
          close((await ask("POST", "/users", { body: accountBody({ ...values, user: values.user.trim() }) })).body),
      }).element,
    ];
  });
}

const showPassword = (user) =>
  secretDialog(t("users.oneTime"), t("users.oneTimeWords"), [
    [t("signIn.user"), user.user],
    [t("users.oneTime"), user.oneTimePassword],
  ]);

function state(user) {
  if (!user.enabled) return badge(t("users.disabled"), "off");
  if (user.oneTimePasswordUntil === null) return badge(t("users.active"), "ok");
  const isOver = Date.parse(user.oneTimePasswordUntil) < Date.now();
  return h(
    "span",
    {},
    badge(t(isOver ? "users.oneTimeOver" : "users.oneTime"), isOver ? "warning" : "info"),
    " ",
    h("span", { class: "below" }, t("appKeys.until"), " ", time(user.oneTimePasswordUntil)),
  );
}

// Somebody may have switched him in between: then what there is now counts, and the list shows it.
async function setEnabled(user, enabled) {
  const where = path`/users/${user.user}`;
  const { etag } = await get(where);
  await ask("PUT", where, { body: { enabled }, etag });
}

function rowActions(user, refresh) {
  const where = path`/users/${user.user}`;
  const named = (text) => ({ class: "small", "aria-label": `${text} ${user.user}` });
  const isSelf = user.user === currentSession().user;
  return [
    busyButton(
      t("users.reset"),
      async () => {
        if (
          !(await confirmDialog({
            title: t("users.resetTitle", user),
            words: t("users.resetWords"),
            action: t("users.reset"),
          }))
        )
          return;
        await showPassword((await ask("POST", `${where}/one-time-password`)).body);
        await refresh();
      },
      named(t("users.reset")),
    ),
    !isSelf &&
      busyButton(
        t(user.enabled ? "users.disable" : "users.enable"),
        async () => {
          if (
            user.enabled &&
            !(await confirmDialog({
              title: t("users.disableTitle", user),
              words: t("users.disableWords"),
              action: t("users.disable"),
              danger: true,
            }))
          )
            return;
          await setEnabled(user, !user.enabled);
          await refresh();
        },
        named(t(user.enabled ? "users.disable" : "users.enable")),
      ),
    !isSelf &&
      busyButton(
        t("common.remove"),
        async () => {
          if (
            !(await confirmDialog({
              title: t("users.removeTitle", user),
              words: t("users.removeWords"),
              action: t("common.remove"),
              danger: true,
            }))
          )
            return;
          await ask("DELETE", where);
          toast(t("users.removed", user));
          await refresh();
        },
        { ...named(t("common.remove")), class: "small danger" },
      ),
  ];
}

export async function show(view) {
  let list;
  const refresh = () => list.load();
  view.heading(t("nav.users"), {
    intro: t("users.intro"),
    actions: [
      button(t("users.create"), {
        picture: "plus",
        class: "primary",
        onclick: async () => {
          const made = await createDialog();
          if (!made) return;
          await showPassword(made);
          await refresh();
        },
      }),
    ],
  });
  list = makeList({
    path: "/users",
    signal: view.signal,
    caption: t("nav.users"),
    empty: h("p", {}, t("users.none")),
    columns: [
      { title: t("signIn.user"), main: true, cell: (user) => user.user },
      { title: t("common.role"), cell: roleCell },
      { title: t("common.state"), cell: state },
      { title: t("users.signedIn"), cell: (user) => time(user.signedInAt) },
      { title: t("common.actions"), kind: "actions", cell: (user) => rowActions(user, refresh) },
    ],
  });
  await refresh();
  view.append(list.element);
}
