// One call: its legs drawn, what is known of it, the CDRs kept of it, and the callbacks that told of it.

import { get, path, query } from "./api.js";
import { h, put } from "./dom.js";
import { both, dateTime, t } from "./i18n.js";
import { badge, card, copyButton, facts, link, time } from "./controls.js";
import { eventList, legDrawing } from "./call_timeline.js";
import { callReason, callState, callbackState, dash, duration } from "./call_words.js";
import { gather, keepLive } from "./live.js";
import { problemNotice } from "./notice.js";
import { href } from "./routes.js";
import { makeTable } from "./table.js";

const NOW_MS = 1000; // as often a call that goes on is drawn

const mono = (text) => text && h("span", { class: "mono" }, text);
const copied = (text, label) =>
  text && h("span", { class: "with-copy" }, h("span", { class: "mono" }, text), copyButton(text, label));

function knownCard(call) {
  return card(
    t("call.known"),
    facts([
      [t("common.state"), callState(call)],
      [t("calls.outcome"), call.outcome && t(`calls.outcomes.${call.outcome}`)],
      [t("calls.reason"), callReason(call)],
      [t("call.why"), call.why && (call.nativeCode ? `${call.nativeCode}: ${call.why}` : call.why)],
      [t("call.agent"), mono(call.caller)],
      [t("call.customer"), mono(call.called)],
      [t("call.shownToCustomer"), mono(call.calledDisplay)],
      [t("call.xNumber"), mono(call.xNumber)],
      [t("calls.talked"), call.durationS === null ? null : duration(call.durationS)],
      [t("call.agentWorkNo"), call.agentWorkNo === null ? null : String(call.agentWorkNo)],
      [t("call.callId"), copied(call.callId, t("call.callId"))],
      [t("call.callData"), call.callData],
      [t("call.traceId"), copied(call.traceId, t("call.traceId"))],
      [t("call.type"), t(`bidirectionalCall.type.${call.type}`)],
    ]),
  );
}

function timelineCard(view, call) {
  const drawing = h("div", {}, legDrawing(call));
  if (call.state !== "ended" && call.outcome !== "refused") view.drawAgain = () => put(drawing, legDrawing(call));
  else view.drawAgain = null;
  return card(t("call.timeline"), drawing, eventList(call));
}

function cdrCard(cdrs) {
  const table = makeTable({
    caption: t("call.cdrs"),
    empty: h("p", {}, t("call.noCdrs")),
    columns: [
      { title: t("call.received"), main: true, cell: (cdr) => time(cdr.receivedAt, dateTime) },
      { title: t("call.callId"), cell: (cdr) => mono(cdr.callId) ?? dash() },
      { title: t("call.ended"), cell: (cdr) => (cdr.finishedAt ? time(cdr.finishedAt, dateTime) : dash()) },
      { title: t("calls.talked"), kind: "number", cell: (cdr) => duration(cdr.durationS) },
      {
        title: t("calls.cause"),
        cell: (cdr) =>
          h(
            "span",
            {},
            cdr.fault ?? (cdr.causeText && both(cdr.causeText)),
            cdr.cause !== null && [" ", h("code", {}, String(cdr.cause))],
            cdr.attachedByHand && [" ", badge(t("call.byHand"), "info")],
          ),
      },
    ],
  });
  table.set(cdrs);
  return card(t("call.cdrs"), cdrs.length > 1 && h("p", { class: "muted" }, t("call.cdrOrder")), table.element);
}

function callbackCard(tenant, callbacks) {
  const table = makeTable({
    caption: t("nav.callbacks"),
    empty: h("p", {}, t("call.noCallbacks")),
    columns: [
      {
        title: t("callbacks.kind"),
        main: true,
        cell: (item) => link(t(`callbacks.kinds.${item.kind}`), href("callback", { tenant, id: item.id })),
      },
      { title: t("common.state"), cell: callbackState },
      { title: t("callbacks.attempts"), kind: "number", cell: (item) => String(item.attempts) },
      { title: t("callbacks.lastError"), cell: (item) => (item.lastError ? both(item.lastError) : dash()) },
    ],
  });
  table.set(callbacks);
  return card(t("nav.callbacks"), table.element);
}

async function findCallbacks(where, serial, options) {
  try {
    return (await get(where + query({ callSerialNo: serial }), options)).body.items;
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    return problem; // the call is shown all the same
  }
}

export async function show(view) {
  const { tenant, serial } = view.params;
  const place = h("div", { class: "stack" });

  async function load(background = false) {
    const options = { signal: view.signal, background };
    const [{ body: call }, callbacks] = await Promise.all([
      get(path`/tenants/${tenant}/calls/${serial}`, options),
      findCallbacks(path`/tenants/${tenant}/callbacks`, serial, options),
    ]);
    put(
      place,
      h("div", { class: "call-columns" }, timelineCard(view, call), knownCard(call)),
      cdrCard(call.cdrs),
      Array.isArray(callbacks) ? callbackCard(tenant, callbacks) : problemNotice(callbacks),
    );
  }

  view.heading(t("call.title", { serial }), {
    intro: link(t("call.back"), href("calls", { tenant })),
  });
  await load();
  const moved = gather(() => load(true).catch(() => {}), view.signal); // the stream tells when the gateway is gone
  const live = keepLive(view, () => load(true), {
    call: (call) => {
      if (call.callSerialNo === serial) moved.add(serial, call);
    },
  });
  view.every(NOW_MS, () => view.drawAgain?.());
  view.append(live, place);
}
