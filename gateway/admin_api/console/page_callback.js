// One callback: what it says, where it goes, and how each try went.

import { get, path } from "./api.js";
import { h, put } from "./dom.js";
import { both, dateTime, number, t } from "./i18n.js";
import { badge, busyButton, card, copyButton, facts, link, time } from "./controls.js";
import { callbackState, callLink, dash } from "./call_words.js";
import { sendAgain } from "./page_callbacks.js";
import { href } from "./routes.js";
import { makeTable } from "./table.js";

const REFRESH_MS = 5 * 1000; // tries are told by no event

function triesCard({ history, attempts }) {
  const table = makeTable({
    caption: t("callbacks.tries"),
    empty: h("p", {}, t("callbacks.noTries")),
    columns: [
      { title: t("callbacks.at"), main: true, cell: (each) => time(each.at, dateTime) },
      {
        title: t("callbacks.result"),
        cell: (each) => badge(t(`callbacks.results.${each.result}`), each.result === "delivered" ? "ok" : "failed"),
      },
      { title: "HTTP", kind: "number", cell: (each) => (each.status === null ? dash() : String(each.status)) },
      { title: t("callbacks.took"), kind: "number", cell: (each) => t("dashboard.ms", { n: number(each.durationMs) }) },
      { title: t("callbacks.error"), cell: (each) => (each.error ? both(each.error) : dash()) },
    ],
  });
  table.set(history);
  return card(
    t("callbacks.tries"),
    attempts > history.length && h("p", { class: "muted" }, t("callbacks.triesKept", { n: attempts })),
    table.element,
  );
}

export async function show(view) {
  const { tenant, id } = view.params;
  const place = h("div", { class: "stack" });
  let state = null;

  function draw(item) {
    view.heading(t(`callbacks.titles.${item.kind}`), {
      intro: link(t("callbacks.back"), href("callbacks", { tenant })),
      actions: [
        item.state !== "waiting" &&
          busyButton(
            t("callbacks.again"),
            async () => {
              if (await sendAgain(tenant, item)) await load();
            },
            { picture: "callbacks" },
          ),
      ].filter(Boolean),
    });
    put(
      place,
      card(
        null,
        facts([
          [t("common.state"), callbackState(item)],
          [t("calls.serial"), callLink(tenant, item.callSerialNo)],
          [t("callbacks.url"), item.url ? h("code", {}, item.url) : t("callbacks.noUrl")],
          [t("common.created"), time(item.createdAt, dateTime)],
          item.state === "waiting" && [
            t("callbacks.next"),
            item.nextAttemptAt ? time(item.nextAttemptAt, dateTime) : t("callbacks.afterOther"),
          ],
          item.deliveredAt && [t("callbacks.delivered"), time(item.deliveredAt, dateTime)],
          item.lastError && [t("callbacks.lastError"), both(item.lastError)],
          [
            "X-Event-Id",
            h("span", { class: "with-copy" }, h("span", { class: "mono" }, item.id), copyButton(item.id, "X-Event-Id")),
          ],
        ]),
      ),
      triesCard(item),
      card(
        t("callbacks.body"),
        item.body
          ? h("pre", { tabindex: "0", "aria-label": t("callbacks.body") }, JSON.stringify(item.body, null, 2))
          : h("p", { class: "muted" }, t("callbacks.noBody")),
      ),
    );
  }

  async function load(background = false) {
    const { body } = await get(path`/tenants/${tenant}/callbacks/${id}`, { signal: view.signal, background });
    state = body.state;
    draw(body);
  }
  await load();
  view.append(place);
  view.every(REFRESH_MS, () => {
    if (state === "waiting") load(true).catch(() => {}); // the next one may come through
  });
}
