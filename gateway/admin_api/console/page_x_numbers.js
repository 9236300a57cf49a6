// X numbers: what each is doing now, locking, removing, adding, and how busy they were over time.

import { ask, get, path, query } from "./api.js";
import { h, put } from "./dom.js";
import { t, timeOfDay } from "./i18n.js";
import { badge, busyButton, button, time } from "./controls.js";
import { confirmDialog } from "./dialog.js";
import { followEvents } from "./events.js";
import { problemNotice, toast, toastProblem } from "./notice.js";
import { addNumbersDialog, importNumbersDialog } from "./number_dialogs.js";
import { makeList } from "./table.js";

const REST_SLACK_MS = 500; // between our clock and the gateway's
const SPAN_MS = { hour: 60 * 60 * 1000, day: 24 * 60 * 60 * 1000, week: 7 * 24 * 60 * 60 * 1000 };
const STEPS = { hour: "minute", day: "minute", week: "hour" };
const MINUTE_MS = 60 * 1000; // less than the span: the API gives 1440 steps at most, counting those that are begun
const KINDS = { free: "off", inUse: "ok", resting: "info", locked: "warning", blocked: "failed" };

function state(item) {
  const until = item.restingUntil ?? item.blockedUntil;
  return h(
    "span",
    {},
    badge(t(`xNumbers.state.${item.state}`), KINDS[item.state] ?? "off"),
    item.calls > 0 && h("span", { class: "muted" }, ` ${t("xNumbers.calls", { n: item.calls })}`),
    until !== null && h("span", { class: "muted" }, ` ${t("xNumbers.until", { time: timeOfDay(until) })}`),
  );
}

function rowActions(item, where, refresh) {
  const isLocked = item.state === "locked";
  const number = path`/${item.number}`;
  return [
    busyButton(
      t(isLocked ? "xNumbers.unlock" : "xNumbers.lock"),
      async () => {
        await ask("PUT", where + number, { body: { locked: !isLocked } });
        toast(t(isLocked ? "xNumbers.unlocked" : "xNumbers.lockedNow", item));
        await refresh();
      },
      {
        class: "small",
        picture: isLocked ? "unlock" : "lock",
        "aria-label": `${t(isLocked ? "xNumbers.unlock" : "xNumbers.lock")} ${item.number}`,
      },
    ),
    busyButton(
      t("common.remove"),
      async () => {
        const agreed = await confirmDialog({
          title: t("xNumbers.removeTitle", item),
          words: t("xNumbers.removeWords"),
          action: t("common.remove"),
          danger: true,
        });
        if (!agreed) return;
        await ask("DELETE", where + number);
        toast(t("xNumbers.removed", item));
        await refresh();
      },
      { class: "small danger", picture: "trash", "aria-label": `${t("common.remove")} ${item.number}` },
    ),
  ];
}

// --- Utilisation ---

async function drawUse(view, place, span) {
  const to = new Date(),
    from = new Date(to - SPAN_MS[span] + MINUTE_MS);
  const times = { from: from.toISOString(), to: to.toISOString() };
  try {
    const [{ chart }, { body }] = await Promise.all([
      import("./chart.js"),
      get(path`/tenants/${view.tenant}/stats` + query({ ...times, step: STEPS[span] }), { signal: view.signal }),
    ]);
    const series = ["busy", "resting", "locked", "blocked"].map((name) => ({
      name: t(`xNumbers.use.${name}`),
      points: body.xNumbers.map((point) => ({ at: point.at, value: point[name] })),
    }));
    put(
      place,
      body.xNumbers.length === 0
        ? h("p", { class: "muted" }, t("xNumbers.use.none"))
        : chart({ title: t("xNumbers.use.title"), summary: t("xNumbers.use.summary"), series, kind: "step", ...times }),
    );
  } catch (problem) {
    if (problem.name === "AbortError") return;
    put(place, problemNotice(problem));
  }
}

function useCard(view) {
  const place = h("div", {}, h("p", { class: "muted" }, t("common.loading")));
  const spans = h(
    "div",
    { class: "segments", role: "group", "aria-label": t("xNumbers.use.span") },
    Object.keys(SPAN_MS).map((span) =>
      h(
        "button",
        {
          type: "button",
          "aria-pressed": String(span === "day"),
          onclick: (event) => {
            spans
              .querySelectorAll("button")
              .forEach((each) => each.setAttribute("aria-pressed", String(each === event.currentTarget)));
            drawUse(view, place, span);
          },
        },
        t(`xNumbers.use.${span}`),
      ),
    ),
  );
  drawUse(view, place, "day");
  return h(
    "section",
    { class: "card" },
    h("div", { class: "card-head" }, h("h2", {}, t("xNumbers.use.heading")), spans),
    place,
  );
}

// --- The page ---

export async function show(view) {
  const where = path`/tenants/${view.tenant}/x-numbers`;
  const live = h("span", { role: "status" });
  let list;
  const refresh = () => list.load();
  const changed = async (work) => {
    if (await work) await refresh();
  };
  view.heading(t("nav.xNumbers"), {
    intro: t("xNumbers.intro"),
    actions: [
      button(t("numbers.import"), {
        picture: "upload",
        onclick: () =>
          changed(importNumbersDialog(t("xNumbers.importTitle"), t("xNumbers.importWords"), `${where}/import`)),
      }),
      button(t("xNumbers.add"), {
        picture: "plus",
        class: "primary",
        onclick: () => changed(addNumbersDialog(t("xNumbers.addTitle"), t("xNumbers.addWords"), where)),
      }),
    ],
  });
  list = makeList({
    path: where,
    signal: view.signal,
    limit: 200,
    caption: t("nav.xNumbers"),
    rowKey: (item) => item.number,
    empty: [h("p", {}, t("xNumbers.none")), h("p", {}, t("xNumbers.noneWords"))],
    columns: [
      { title: t("numbers.number"), main: true, cell: (item) => h("span", { class: "mono" }, item.number) },
      { title: t("common.state"), cell: state },
      { title: t("xNumbers.lastUsed"), cell: (item) => (item.calls > 0 ? t("xNumbers.now") : time(item.lastUsedAt)) },
      { title: t("common.actions"), kind: "actions", cell: (item) => rowActions(item, where, refresh) },
    ],
  });
  await refresh();
  view.append(h("div", { class: "live-line" }, live), list.element, useCard(view));
  keepLive(view, list, live);
}

// Rows move with the tenant's events.
function keepLive(view, list, live) {
  let restOver = null;
  const reload = () =>
    list.load().catch((problem) => {
      if (problem.name !== "AbortError") toastProblem(problem);
    });
  followEvents(
    view.tenant,
    {
      hello: reload,
      lagged: reload,
      "x-number": (item) => {
        const shown = list.rows.find(item.number);
        if (shown) list.rows.update({ ...shown, ...item });
        if (item.restingUntil === null) return;
        clearTimeout(restOver); // that a rest is over is not told
        restOver = setTimeout(reload, Math.max(Date.parse(item.restingUntil) - Date.now(), 0) + REST_SLACK_MS);
      },
    },
    (how) => {
      put(live, how === "live" ? badge(t("common.live"), "ok") : badge(t("common.waiting"), "warning"));
      return how === "none" ? reload() : undefined;
    },
    view.signal,
  );
  view.signal.addEventListener("abort", () => clearTimeout(restOver));
}
