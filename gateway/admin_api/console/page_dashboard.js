// A tenant's dashboard: how its calls go now and went lately.

import { get, path, query } from "./api.js";
import { h, put } from "./dom.js";
import { number, t } from "./i18n.js";
import { link } from "./controls.js";
import { gather, keepLive } from "./live.js";
import { notice } from "./notice.js";
import { href } from "./routes.js";
import { statsBoard } from "./stats.js";

const STATES = ["waiting", "calling", "talking"];
const COUNTED = 200; // of each state; as many as a page of the API holds
const BACK_MS = 24 * 60 * 60 * 1000; // no call is in progress for longer

// The calls in progress: counted once, then kept by the tenant's events.
function progress(view) {
  const calls = new Map(); // callSerialNo to state
  let hasMore = false;
  const element = h("div", { class: "figure" }, h("dt", {}, t("dashboard.inProgress")));
  const shown = element.appendChild(h("dd"));

  function draw() {
    const counts = STATES.map((state) => [state, [...calls.values()].filter((each) => each === state).length]);
    put(
      shown,
      link(h("strong", {}, `${number(calls.size)}${hasMore ? "+" : ""}`), href("calls", { tenant: view.tenant })),
      h(
        "span",
        { class: "muted" },
        counts
          .filter(([, n]) => n > 0)
          .map(([state, n]) => t(`dashboard.states.${state}`, { n: number(n) }))
          .join(" · "),
      ),
    );
  }

  async function count() {
    const from = new Date(Date.now() - BACK_MS).toISOString();
    const lists = await Promise.all(
      STATES.map((state) =>
        get(path`/tenants/${view.tenant}/calls` + query({ state, from, limit: COUNTED }), {
          signal: view.signal,
          background: true,
        }),
      ),
    );
    calls.clear();
    for (const { body } of lists) for (const call of body.items) calls.set(call.callSerialNo, call.state);
    hasMore = lists.some(({ body }) => body.items.length === COUNTED);
    draw();
  }

  const moved = gather((all) => {
    for (const call of all) {
      if (call.state === "ended") calls.delete(call.callSerialNo);
      else calls.set(call.callSerialNo, call.state);
    }
    draw();
  }, view.signal);
  draw();
  return {
    element,
    begin: () => keepLive(view, count, { call: (call) => moved.add(call.callSerialNo, call) }),
  };
}

export async function show(view) {
  view.heading(t("nav.dashboard"), { intro: t("dashboard.intro") });
  const now = progress(view);
  const live = h("div");
  const board = statsBoard(view, path`/tenants/${view.tenant}/stats`, { more: now.element, live });
  try {
    await board.load();
  } catch (problem) {
    if (problem.status !== 403) throw problem;
    const words = h("p", {}, t("bidirectionalCall.noFeatureWords"));
    view.append(notice("info", t("bidirectionalCall.noFeature"), words));
    return;
  }
  live.append(now.begin());
  view.append(board.element);
}
