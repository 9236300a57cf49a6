// Charts over time as SVG: lines, steps or stacked bars with axes, a legend, and the same numbers as a table for whoever can't
// see them. Colours come from the style sheet by the series' place (.s0, .s1, ...).

import { h, newId, svg } from "./dom.js";
import { dateTime, number, t } from "./i18n.js";

const WIDE = 720,
  HALF = 520, // beside another one
  NARROW = 360, // phones: drawn smaller, so that its letters stay large
  HEIGHT = 220,
  LEFT = 44,
  RIGHT = 12,
  TOP = 12,
  BOTTOM = 26;
const INNER_HEIGHT = HEIGHT - TOP - BOTTOM;
const MINUTE_MS = 60 * 1000,
  DAY_MS = 24 * 60 * MINUTE_MS;
const TIME_STEPS_MIN = [1, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 7200, 14400];
const ROUND_STEPS = [1, 2, 2.5, 5, 10];

// Three to five lines at round numbers, from 0 to above the highest value; not closer than `least`.
function ticks(highest, least) {
  const rough = Math.max(highest, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(ROUND_STEPS.find((each) => each * power >= rough) * power, least);
  const count = Math.max(Math.ceil((highest || 1) / step), 1);
  return Array.from({ length: count + 1 }, (_, i) => i * step);
}

const label = (ms, span) =>
  span > 2 * DAY_MS
    ? dateTime(new Date(ms), { month: "short", day: "numeric" })
    : dateTime(new Date(ms), { hour: "2-digit", minute: "2-digit" });

// Full hours and days of the reader's zone, as many as there is room for.
function roundTimes(from, to, width) {
  const most = width === NARROW ? 4 : 7;
  const step = MINUTE_MS * (TIME_STEPS_MIN.find((minutes) => (to - from) / MINUTE_MS / minutes <= most) ?? 43200);
  const zone = new Date(to).getTimezoneOffset() * MINUTE_MS;
  const first = Math.ceil((from - zone) / step) * step + zone;
  return Array.from({ length: Math.max(Math.floor((to - first) / step) + 1, 0) }, (_, i) => first + i * step);
}

function axes(scale) {
  const { x, y, lines, from, to, format, width } = scale;
  const times = roundTimes(from, to, width);
  return [
    lines.map((value) => [
      svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
      svg("text", { class: "tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, format(value)),
    ]),
    times.map((at) =>
      svg(
        "text",
        { class: "tick", x: x(at), y: HEIGHT - 8, "text-anchor": x(at) < width - 30 ? "middle" : "end" },
        label(at, to - from),
      ),
    ),
  ];
}

// A gap where there is no value; a value between two gaps is a dash.
function line(points, { x, y }) {
  const isGap = (point) => point?.value === null || point?.value === undefined;
  return points
    .map((point, i) => {
      if (isGap(point)) return "";
      const place = `${x(Date.parse(point.at)).toFixed(1)} ${y(point.value).toFixed(1)}`;
      if (!isGap(points[i - 1])) return `L${place}`;
      return isGap(points[i + 1]) ? `M${place}m-2.5 0h5` : `M${place}`;
    })
    .join("");
}

// Each value stands until the next one.
function steps(points, { x, y, to }) {
  return points
    .map(({ at, value }, i) => {
      const end = i + 1 < points.length ? Date.parse(points[i + 1].at) : to;
      return `${i === 0 ? "M" : "L"}${x(Date.parse(at)).toFixed(1)} ${y(value).toFixed(1)}H${x(end).toFixed(1)}`;
    })
    .join("");
}

function bars(series, { x, y, from, stepMs }) {
  const room = x(from + stepMs) - x(from);
  const width = Math.max(room - (room > 5 ? 1.5 : 0), 1);
  const tops = series[0].points.map(() => 0);
  return series.map(({ points }, s) =>
    points.map(({ at, value }, i) => {
      const low = tops[i];
      tops[i] += value ?? 0;
      return value
        ? svg("rect", {
            class: `bar s${s}`,
            x: x(Date.parse(at)).toFixed(1),
            y: y(tops[i]).toFixed(1),
            width: width.toFixed(1),
            height: (y(low) - y(tops[i])).toFixed(1),
          })
        : null;
    }),
  );
}

function legend(series) {
  return (
    series.length > 1 &&
    h(
      "ul",
      { class: "legend" },
      series.map(({ name }, i) =>
        h(
          "li",
          {},
          svg(
            "svg",
            { class: `swatch s${i}`, viewBox: "0 0 10 10", "aria-hidden": "true" },
            svg("rect", { width: 10, height: 10, rx: 2 }),
          ),
          name,
        ),
      ),
    )
  );
}

function asTable(title, series, format) {
  const rows = series[0].points;
  return h(
    "details",
    { class: "chart-table" },
    h("summary", {}, t("chart.asTable")),
    h(
      "div",
      { class: "scroll-box", tabindex: "0", role: "region", "aria-label": title },
      h(
        "table",
        { class: "compact" },
        h("caption", { class: "unseen" }, title),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, t("chart.time")),
            series.map(({ name }) => h("th", { scope: "col", class: "number" }, name)),
          ),
        ),
        h(
          "tbody",
          {},
          rows.map(({ at }, i) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, dateTime(at, { dateStyle: "short", timeStyle: "short" })),
              series.map(({ points }) => h("td", { class: "number" }, format(points[i]?.value))),
            ),
          ),
        ),
      ),
    ),
  );
}

export const isNarrow = () => matchMedia("(max-width: 40rem)").matches;

// series: [{name, points: [{at, value}]}], all with the same times; from, to: RFC 3339. kind: "line", "step" or "bar" (stacked).
// stepMs: how long a bar's time is. half: two stand beside each other. format: of the table's values, and of the axis' unless `tick` is given.
export function chart({
  title,
  summary,
  series,
  from,
  to,
  kind = "line",
  format = number,
  tick = format,
  half = false,
  stepMs = 0,
}) {
  const width = isNarrow() ? NARROW : half ? HALF : WIDE;
  const start = Date.parse(from),
    end = Date.parse(to);
  const sums =
    kind === "bar"
      ? series[0].points.map((_, i) => series.reduce((sum, each) => sum + (each.points[i]?.value ?? 0), 0))
      : series.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
  const lines = ticks(Math.max(0, ...sums), kind === "line" ? 0 : 1);
  const scale = {
    from: start,
    to: end,
    lines,
    format: tick,
    width,
    stepMs,
    x: (ms) => LEFT + Math.min(Math.max((ms - start) / Math.max(end - start, 1), 0), 1) * (width - LEFT - RIGHT),
    y: (value) => TOP + INNER_HEIGHT * (1 - value / lines.at(-1)),
  };
  const id = newId("chart");
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", { id }, h("span", { class: "chart-title" }, title), legend(series)),
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${title}. ${summary ?? ""}` },
      axes(scale),
      kind === "bar"
        ? bars(series, scale)
        : series
            .map(({ points }, i) =>
              svg("path", { class: `line s${i}`, d: (kind === "step" ? steps : line)(points, scale) }),
            )
            .reverse(),
    ),
    asTable(title, series, format),
  );
}
