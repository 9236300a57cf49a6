// How calls and callbacks are shown in words, wherever they are.

import { h } from "./dom.js";
import { both, number, t } from "./i18n.js";
import { badge, link } from "./controls.js";
import { href } from "./routes.js";

const KINDS = { waiting: "off", calling: "info", talking: "ok", ended: "off" };
const CALLBACK_KINDS = { waiting: "info", delivered: "ok", dead: "failed" };

// What a call is doing, or how it ended.
export function callState(call) {
  if (call.outcome === "refused") return badge(t("calls.state.refused"), "failed");
  if (call.outcome === "unknown" && call.state !== "ended") return badge(t("calls.state.unknown"), "warning");
  return badge(t(`calls.state.${call.state}`), KINDS[call.state] ?? "off");
}

// Why: the ITA's code when it refused, the cause when it ended, and that nothing certain is known.
export function callReason(call) {
  const words = call.outcome === "refused" ? call.codeText : call.causeText;
  const code = call.outcome === "refused" ? call.code : call.cause;
  const known = words || code !== null ? [words ? both(words) : "", " ", code !== null && h("code", {}, code)] : null;
  if (call.outcome === "unknown" && known === null) return t("calls.maybePlaced");
  return known && h("span", {}, known);
}

// "1:05", "1:02:03"
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600),
    minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0
    ? `${number(hours)}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(Math.floor(seconds % 60))}`;
}

export const callLink = (tenant, serial) => link(serial, href("call", { tenant, serial }), { class: "mono" });

// The agent's number, the customer's, and through which X number.
export const legNumbers = (a, b, x) =>
  h(
    "span",
    { class: "leg-numbers" },
    h("span", { class: "mono" }, a ?? "–"),
    " ",
    h("span", { class: "mono" }, `→ ${b ?? "–"}`),
    x && h("span", { class: "below" }, t("calls.via", { number: x })),
  );

export const dash = () => h("span", { class: "muted" }, "–");

export const callbackState = ({ state }) => badge(t(`callbacks.state.${state}`), CALLBACK_KINDS[state] ?? "off");
