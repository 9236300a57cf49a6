// Callbacks: what waits to be sent, what was delivered, and what was given up (dead letters), which may be sent again.

import { ask, path } from "./api.js";
import { h } from "./dom.js";
import { both, dateTime, t } from "./i18n.js";
import { busyButton, button, link, time } from "./controls.js";
import { callbackState, callLink, dash } from "./call_words.js";
import { confirmDialog } from "./dialog.js";
import { makeForm, selectField, textField } from "./form.js";
import { toast } from "./notice.js";
import { href } from "./routes.js";
import { makeList } from "./table.js";

const STATES = ["waiting", "delivered", "dead"];
const KINDS = ["connection", "hangup"];
const NAMES = ["state", "kind", "callSerialNo"];
const REFRESH_MS = 10 * 1000; // tries are told by no event

// Asks first. True when it was sent to the queue again.
export async function sendAgain(tenant, item) {
  const agreed = await confirmDialog({
    title: t("callbacks.againTitle"),
    words: t(item.state === "delivered" ? "callbacks.againDelivered" : "callbacks.againWords", {
      serial: item.callSerialNo,
    }),
    action: t("callbacks.again"),
  });
  if (!agreed) return false;
  await ask("POST", path`/tenants/${tenant}/callbacks/${item.id}/resend`);
  toast(t("callbacks.queued"));
  return true;
}

// The gateway takes so many at a time.
async function sendAllAgain(tenant) {
  const agreed = await confirmDialog({
    title: t("callbacks.allTitle"),
    words: t("callbacks.allWords", { tenant }),
    action: t("callbacks.all"),
  });
  if (!agreed) return;
  let n = 0,
    mayHaveMore = true;
  while (mayHaveMore) {
    const { body } = await ask("POST", path`/tenants/${tenant}/callbacks/resend`, { body: { state: "dead" } });
    n += body.count;
    mayHaveMore = body.mayHaveMore && body.count > 0;
  }
  toast(t("callbacks.allQueued", { n }));
}

const choices = (names, group) => [["", t("common.all")], ...names.map((name) => [name, t(`${group}.${name}`)])];

function filterFields(values) {
  return [
    selectField({
      name: "state",
      label: t("common.state"),
      value: values.state,
      choices: choices(STATES, "callbacks.state"),
    }),
    selectField({
      name: "kind",
      label: t("callbacks.kind"),
      value: values.kind,
      choices: choices(KINDS, "callbacks.kinds"),
    }),
    textField({
      name: "callSerialNo",
      label: t("calls.serial"),
      value: values.callSerialNo,
      attributes: { required: false, inputmode: "numeric" },
    }),
  ];
}

const nextTry = (item) =>
  item.state === "waiting"
    ? item.nextAttemptAt
      ? time(item.nextAttemptAt, dateTime)
      : t("callbacks.afterOther")
    : dash();

function columns(tenant, again) {
  return [
    {
      title: t("callbacks.kind"),
      main: true,
      cell: (item) => link(t(`callbacks.kinds.${item.kind}`), href("callback", { tenant, id: item.id })),
    },
    { title: t("calls.serial"), cell: (item) => callLink(tenant, item.callSerialNo) },
    { title: t("common.state"), cell: callbackState },
    { title: t("callbacks.attempts"), kind: "number", cell: (item) => String(item.attempts) },
    { title: t("callbacks.next"), cell: nextTry },
    { title: t("callbacks.lastError"), cell: (item) => (item.lastError ? both(item.lastError) : dash()) },
    {
      title: t("common.actions"),
      kind: "actions",
      cell: (item) =>
        item.state === "dead" &&
        busyButton(t("callbacks.again"), () => again(item), {
          class: "small",
          picture: "callbacks",
          "aria-label": t("callbacks.againOf", { serial: item.callSerialNo }),
        }),
    },
  ];
}

export async function show(view) {
  let values = Object.fromEntries(NAMES.map((name) => [name, view.query.get(name) ?? ""]));
  let isPaged = false;
  const again = async (item) => {
    if (await sendAgain(view.tenant, item)) await list.load();
  };
  const list = makeList({
    path: path`/tenants/${view.tenant}/callbacks`,
    filters: () => values,
    signal: view.signal,
    caption: t("nav.callbacks"),
    empty: [h("p", {}, t("callbacks.none")), h("p", {}, t("callbacks.noneWords"))],
    rowKey: (item) => item.id,
    columns: columns(view.tenant, again),
    onLoaded: (_, more) => {
      isPaged = more;
    },
  });
  const form = makeForm({
    fields: filterFields(values),
    submit: t("common.search"),
    className: "filters",
    save: async (given) => {
      values = { ...given, callSerialNo: given.callSerialNo.trim() };
      view.setQuery(values);
      await list.refresh(t("callbacks.found"));
    },
  });
  form.element.setAttribute("role", "search");
  view.heading(t("nav.callbacks"), {
    intro: t("callbacks.intro"),
    actions: [
      button(t("common.reload"), { picture: "refresh", onclick: () => list.load() }),
      busyButton(
        t("callbacks.all"),
        async () => {
          await sendAllAgain(view.tenant);
          await list.load();
        },
        { picture: "callbacks" },
      ),
    ],
  });
  await list.load();
  view.append(form.element, list.element);
  view.every(REFRESH_MS, () => {
    const isUsed = list.rows.body.contains(document.activeElement);
    if (!isPaged && !isUsed) list.reload().catch(() => {}); // the next one may come through
  });
}
