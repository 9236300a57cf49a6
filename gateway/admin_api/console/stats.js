// Statistics drawn: figures, charts over time, and why calls failed. Of one tenant or of all.

import { get, query } from "./api.js";
import { h, newId, put, svg } from "./dom.js";
import { both, dateTime, number, t } from "./i18n.js";
import { badge } from "./controls.js";
import { chart } from "./chart.js";
import { problemNotice } from "./notice.js";

const MINUTE_MS = 60 * 1000,
  HOUR_MS = 60 * MINUTE_MS;
// back: how far it shows; begun steps count, so that a step less is asked for. refreshMs: as often as something may be new.
const SPANS = {
  hour: { back: HOUR_MS - MINUTE_MS, step: "minute", stepMinutes: 1, refreshMs: 10 * 1000 },
  day: { back: 23 * HOUR_MS, step: "hour", stepMinutes: 60, refreshMs: MINUTE_MS },
  week: { back: (7 * 24 - 1) * HOUR_MS, step: "hour", stepMinutes: 60, refreshMs: 5 * MINUTE_MS },
};

const percent = (value) => number(value, { style: "percent", maximumFractionDigits: value > 0 && value < 0.1 ? 1 : 0 });
const milliseconds = (value) => (value === null || value === undefined ? "–" : t("dashboard.ms", { n: number(value) }));

function figure(name, value, below, kind = "") {
  return h(
    "div",
    { class: `figure ${kind}` },
    h("dt", {}, t(`dashboard.${name}`)),
    h("dd", {}, h("strong", {}, value), below && h("span", { class: "muted" }, below)),
  );
}

const sum = (calls, name) => calls.reduce((all, step) => all + step[name], 0);

function figures(stats, { back }) {
  const { calls, itaLatency } = stats;
  const placed = sum(calls, "placed"),
    lost = ["refused", "unknown", "failed"].map((name) => [name, sum(calls, name)]);
  const minutes = back / MINUTE_MS;
  const failures = lost.reduce((all, [, count]) => all + count, 0);
  const told = lost.filter(([, count]) => count > 0).map(([name, n]) => t(`dashboard.lost.${name}`, { n: number(n) }));
  return [
    figure(
      "placed",
      number(placed),
      t("dashboard.perMinute", { rate: number(placed / minutes, { maximumSignificantDigits: 2 }) }),
    ),
    figure(
      "answerRate",
      stats.answerRate === null ? "–" : percent(stats.answerRate),
      t("dashboard.ofEnded", { n: number(sum(calls, "ended")) }),
    ),
    figure("failures", number(failures), told.join(" · "), failures > 0 ? "bad" : ""),
    figure(
      "latency",
      milliseconds(itaLatency.p50Ms),
      itaLatency.p95Ms !== null && t("dashboard.p95", { ms: milliseconds(itaLatency.p95Ms) }),
    ),
  ];
}

const points = (steps, value) => steps.map((step) => ({ at: step.at, value: value(step) }));

function callChart(stats, span, times) {
  return chart({
    ...times,
    kind: "bar",
    stepMs: span.stepMinutes * MINUTE_MS,
    title: t(span.stepMinutes === 1 ? "dashboard.charts.perMinute" : "dashboard.charts.perHour"),
    summary: t("dashboard.charts.callsSummary", { n: number(sum(stats.calls, "placed")) }),
    series: ["accepted", "refused", "unknown", "failed"].map((name) => ({
      name: t(`dashboard.outcome.${name}`),
      points: points(stats.calls, (step) => step[name]),
    })),
  });
}

function rateChart(stats, times) {
  return chart({
    ...times,
    title: t("dashboard.charts.answerRate"),
    summary: t("dashboard.charts.rateSummary", { rate: percent(stats.answerRate) }),
    series: [
      {
        name: t("dashboard.answerRate"),
        points: points(stats.calls, ({ ended, answered }) => (ended > 0 ? answered / ended : null)),
      },
    ],
    format: percent,
  });
}

function latencyChart(stats, times) {
  const found = new Map(stats.itaLatency.series.map((each) => [each.at, each]));
  return chart({
    ...times,
    title: t("dashboard.charts.latency"),
    summary: t("dashboard.charts.latencySummary", { ms: milliseconds(stats.itaLatency.p95Ms) }),
    series: ["p50Ms", "p95Ms"].map((name) => ({
      name: t(`dashboard.${name}`),
      points: points(stats.calls, ({ at }) => found.get(at)?.[name] ?? null),
    })),
    format: milliseconds,
    tick: number,
  });
}

function numberChart(stats, times) {
  if (stats.xNumbers.length === 0)
    return h(
      "div",
      {},
      h("p", { class: "chart-title" }, t("dashboard.charts.xNumbers")),
      h("p", { class: "muted" }, t("dashboard.noXNumbers")),
    );
  return chart({
    ...times,
    kind: "step",
    title: t("dashboard.charts.xNumbers"),
    summary: t("dashboard.charts.xSummary", { n: number(Math.max(...stats.xNumbers.map(({ busy }) => busy))) }),
    series: ["busy", "resting", "locked", "blocked"].map((name) => ({
      name: t(`dashboard.x.${name}`),
      points: points(stats.xNumbers, (sample) => sample[name]),
    })),
  });
}

// --- Why calls failed, and why they ended ---

const BAR = 100;

function bar(count, highest) {
  return svg(
    "svg",
    { class: "share", viewBox: `0 0 ${BAR} 8`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "share-all", width: BAR, height: 8 }),
    svg("rect", { class: "share-part", width: ((count / highest) * BAR).toFixed(1), height: 8 }),
  );
}

// rows: [[code, {en, zh} or null, count], ...]
function reasons(name, rows) {
  const id = newId("reasons");
  const highest = Math.max(...rows.map(([, , count]) => count));
  return h(
    "section",
    { class: "card", "aria-labelledby": id },
    h("h2", { id }, t(`dashboard.${name}.title`)),
    rows.length === 0
      ? h("p", { class: "muted" }, t(`dashboard.${name}.none`))
      : h(
          "ul",
          { class: "reasons" },
          rows.map(([code, words, count]) =>
            h(
              "li",
              {},
              h(
                "span",
                {},
                words ? both(words) : t("dashboard.otherReasons"),
                code !== null && [" ", h("code", {}, code)],
              ),
              h("strong", { class: "number" }, number(count)),
              bar(count, highest),
            ),
          ),
        ),
  );
}

function drawing(stats, span) {
  // The last step may not be over: it is drawn as wide as the others.
  const last = Date.parse(stats.calls.at(-1)?.at ?? stats.to) + span.stepMinutes * MINUTE_MS;
  const toMs = Math.max(last, Date.parse(stats.to)),
    to = new Date(toMs).toISOString();
  // All of the span, also where nothing is known of its beginning.
  const from = new Date(Math.min(Date.parse(stats.from), toMs - span.back)).toISOString();
  const times = { from, to, half: true };
  return [
    h(
      "div",
      { class: "columns even" },
      [
        callChart(stats, span, times),
        rateChart(stats, times),
        latencyChart(stats, times),
        numberChart(stats, times),
      ].map((each) => h("div", { class: "card" }, each)),
    ),
    h(
      "div",
      { class: "columns" },
      reasons(
        "byCode",
        stats.failures.map(({ code, text, count }) => [code, text, count]),
      ),
      reasons(
        "byCause",
        stats.causes.map(({ cause, text, count }) => [String(cause), text, count]),
      ),
    ),
  ];
}

// --- Keeping it up to date ---

// What is drawn anew keeps its tables open, and the focus where it was.
function redraw(place, content) {
  const summaries = () => [...place.querySelectorAll("summary")];
  const open = summaries().map((each) => each.parentNode.open),
    focused = summaries().indexOf(document.activeElement);
  put(place, content);
  summaries().forEach((each, i) => {
    each.parentNode.open = open[i] ?? false;
  });
  if (focused >= 0) summaries()[focused]?.focus();
}

function spanButtons(chosen, onChoice) {
  const buttons = Object.keys(SPANS).map((name) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(name === chosen),
        onclick: (event) => {
          for (const each of buttons) each.setAttribute("aria-pressed", String(each === event.currentTarget));
          onChoice(name);
        },
      },
      t(`dashboard.span.${name}`),
    ),
  );
  return h("div", { class: "segments", role: "group", "aria-label": t("dashboard.span.label") }, buttons);
}

// The statistics at `where` of the API, with buttons for the span of time. Gives {element, load()}; after the first load it
// keeps itself up to date. Of the page's own: `more` is a figure, `live` stands where the time of the last refresh does.
export function statsBoard(view, where, { more = null, live = null } = {}) {
  let name = view.query.get("span") in SPANS ? view.query.get("span") : "hour";
  let shownAt = 0;
  let asked = 0;
  const numbers = h("dl", { class: "figures" }),
    place = h("div", { class: "stack" }),
    state = h("span", { class: "muted", role: "status" });

  async function load(background = false) {
    const span = SPANS[name],
      turn = ++asked,
      to = new Date();
    const times = { from: new Date(to - span.back).toISOString(), to: to.toISOString(), step: span.step };
    const { body } = await get(where + query(times), { signal: view.signal, background });
    if (turn !== asked) return;
    shownAt = Date.now();
    put(numbers, more, figures(body, span));
    redraw(place, drawing(body, span));
    put(state, t("common.stale", { time: dateTime(to, { timeStyle: "medium" }) }));
  }

  const failed = (problem) => {
    if (problem.name === "AbortError") return;
    put(state, badge(t("dashboard.old"), "warning"));
    if (shownAt === 0) put(place, problemNotice(problem));
  };
  const refresh = () => load(true).catch(failed);
  // A minute's step is due at once after the window was hidden for long.
  const isDue = () => Date.now() - shownAt >= SPANS[name].refreshMs;
  view.every(1000, () => {
    if (!isDue()) return;
    shownAt = Date.now(); // not again while it is on its way
    refresh();
  });
  const choose = (wanted) => {
    name = wanted;
    view.setQuery({ span: wanted === "hour" ? "" : wanted });
    load().catch(failed);
  };
  return {
    load,
    element: h(
      "div",
      { class: "stack" },
      h("div", { class: "card-head" }, spanButtons(name, choose), h("div", { class: "actions" }, live, state)),
      numbers,
      place,
    ),
  };
}
