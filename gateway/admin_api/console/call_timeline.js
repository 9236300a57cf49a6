// A call's two legs drawn over time. Only what was told is drawn: the ITA does not tell of ringing, so that the time before an
// answer is one dashed line, whatever happened in it. The list below the drawing says the same in words.

import { h, svg } from "./dom.js";
import { both, dateTime, number, t } from "./i18n.js";
import { isNarrow } from "./chart.js";

const WIDE = 560,
  NARROW = 360,
  EDGE = 8,
  LANE = 62, // from one lane to the next
  FIRST = 36, // the middle of the first lane
  BAR = 14,
  HEIGHT = FIRST + LANE + 52;
const SPARE = 0.04; // of the time, behind the last event
const SHORTEST_MS = 1000;
// The gateway's clock ends the drawing: CDRs come later, and say nothing of when.
const AFTERWARDS = ["cdr", "expired"];

const ms = (text) => (text ? Date.parse(text) : null);

// When what is drawn begins and ends. A call that has not ended goes on until now.
function domain(call) {
  const known = call.timeline.filter(({ event }) => !AFTERWARDS.includes(event)).map(({ at }) => ms(at));
  const isOver = call.state === "ended";
  const last = isOver ? (ms(call.finishedAt) ?? ms(call.endedAt)) : Date.now();
  const from = Math.min(...known, ms(call.createdAt)),
    to = Math.max(...known, last ?? from, from + SHORTEST_MS);
  return { from, to, end: isOver ? (last ?? to) : to };
}

// Since when a leg rings, if anybody has told.
const rings = (call, leg) => ms(call.timeline.find((each) => each.event === "ring" && each.leg === leg)?.at);

// Since when a leg can have been called: the customer is called when the agent has answered.
function calledFrom(call, leg, answered, other) {
  const begun = ms(call.startAt) ?? ms(call.outcomeAt);
  return leg === "a" ? begun : (other ?? (answered === null ? null : begun));
}

// The pieces of a leg: [kind, from, to], kind being "asked" (nothing is told), "ring", "open" (answered) or "talk" (both are).
function pieces(call, leg, answered, other, { end }) {
  if (call.outcome === "refused" || call.outcome === null) return [];
  const begun = calledFrom(call, leg, answered, other);
  if (begun === null) return [];
  const reached = answered ?? end,
    rang = rings(call, leg) ?? reached,
    talk = answered === null || other === null ? end : Math.max(answered, other);
  return [
    ["asked", begun, rang],
    ["ring", rang, reached],
    ["open", reached, talk],
    ["talk", talk, end],
  ].filter(([, from, to]) => to > from);
}

function lane(name, tel, middle, parts, { x, width }) {
  return [
    svg("text", { class: "lane-name", x: EDGE, y: middle - 14 }, name, svg("tspan", { class: "lane-tel", dx: 8 }, tel)),
    svg("line", { class: "lane-rest", x1: EDGE, x2: width - EDGE, y1: middle, y2: middle }),
    parts.map(([kind, from, to]) =>
      kind === "asked"
        ? svg("line", { class: "lane-asked", x1: x(from), x2: x(to), y1: middle, y2: middle })
        : svg("rect", {
            class: `lane-${kind}`,
            x: x(from),
            y: middle - BAR / 2,
            width: Math.max(x(to) - x(from), 2).toFixed(1),
            height: BAR,
            rx: 4,
          }),
    ),
  ];
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400];

function axis({ from, to, x, y, width }) {
  const most = width === NARROW ? 4 : 8;
  const step = STEPS_S.find((each) => (to - from) / 1000 / each <= most) ?? 2 * STEPS_S.at(-1);
  const count = Math.floor((to - from) / 1000 / step) + 1;
  const word = (seconds) =>
    step >= 60 ? t("call.minutes", { n: number(seconds / 60) }) : t("call.seconds", { n: number(seconds) });
  return Array.from({ length: count }, (_, i) => i * step).map((seconds) => {
    const at = x(from + seconds * 1000);
    return [
      svg("line", { class: "grid", x1: at, x2: at, y1: 8, y2: y }),
      svg(
        "text",
        { class: "tick", x: at, y: y + 16, "text-anchor": at < 20 ? "start" : at > width - 24 ? "end" : "middle" },
        word(seconds),
      ),
    ];
  });
}

// Where something of the whole call is known to have happened: the order, its outcome, the end.
function marks(call, { x, y, end }) {
  return call.timeline
    .filter(({ event }) => ["created", "accepted", "refused", "unknown", "end"].includes(event))
    .map(({ event, at }) => [
      event === "end" && svg("line", { class: "mark-end", x1: x(end), x2: x(end), y1: 8, y2: y }),
      svg("circle", { class: `mark ${event}`, cx: x(ms(at)), cy: y, r: 4.5 }),
    ]);
}

function legend(kinds) {
  return h(
    "ul",
    { class: "legend" },
    kinds.map((kind) =>
      h(
        "li",
        {},
        svg(
          "svg",
          { class: "lane-swatch", viewBox: "0 0 22 10", "aria-hidden": "true" },
          kind === "asked"
            ? svg("line", { class: "lane-asked", x1: 0, x2: 22, y1: 5, y2: 5 })
            : svg("rect", { class: `lane-${kind}`, width: 22, height: 10, rx: 3 }),
        ),
        t(`call.lane.${kind}`),
      ),
    ),
  );
}

export function legDrawing(call) {
  const { from, to, end } = domain(call);
  const width = isNarrow() ? NARROW : WIDE;
  const span = (to - from) * (1 + SPARE);
  const place = {
    from,
    to,
    end,
    width,
    y: HEIGHT - 30,
    x: (at) => Number((EDGE + ((at - from) / span) * (width - 2 * EDGE)).toFixed(1)),
  };
  const a = ms(call.callerAnsweredAt),
    b = ms(call.calledAnsweredAt);
  const legs = [pieces(call, "a", a, b, place), pieces(call, "b", b, a, place)];
  const kinds = ["asked", "ring", "open", "talk"].filter((kind) => legs.flat().some(([each]) => each === kind));
  const words = call.timeline.map(({ text }) => both(text)).join(". ");
  return h(
    "figure",
    { class: "legs" },
    kinds.length > 0 && h("figcaption", {}, legend(kinds)),
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${t("call.drawing")}. ${words}` },
      axis(place),
      svg("line", { class: "axis", x1: EDGE, x2: width - EDGE, y1: place.y, y2: place.y }),
      lane(t("call.agentLeg"), call.caller, FIRST, legs[0], place),
      lane(t("call.customerLeg"), call.called, FIRST + LANE, legs[1], place),
      marks(call, place),
    ),
    legs.flat().length > 0 && call.startAt === null && h("p", { class: "muted" }, t("call.nothingTold")),
  );
}

const OF_THE_ITA = ["start", "answer", "talk", "end"]; // told in whole seconds
const LEGS = { a: "agentLeg", b: "customerLeg" };

// The same in words: when, on which leg, what.
export function eventList(call) {
  const seconds = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
    exact = { ...seconds, fractionalSecondDigits: 3 };
  return h(
    "ol",
    { class: "events" },
    call.timeline.map(({ at, event, leg, text }) =>
      h(
        "li",
        { class: event },
        h("time", { datetime: at, title: dateTime(at) }, dateTime(at, OF_THE_ITA.includes(event) ? seconds : exact)),
        h("span", {}, both(text), leg && h("span", { class: "muted" }, ` · ${t(`call.${LEGS[leg]}`)}`)),
      ),
    ),
  );
}
