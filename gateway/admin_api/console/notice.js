// What the console tells: notices that stay in the page, toasts that go by themselves, and both for screen readers.

import { Problem } from "./api.js";
import { h, put } from "./dom.js";
import { icon } from "./icons.js";
import { has, sentence, t } from "./i18n.js";

const TOAST_MS = 6000;
const ICONS = { ok: "ok", info: "info", warning: "warning", failed: "failed" };

// kind: "ok", "info", "warning", "failed". The rest are children: text, buttons.
export function notice(kind, title, ...more) {
  return h(
    "div",
    { class: `notice ${kind}` },
    icon(ICONS[kind]),
    h("div", { class: "notice-body" }, title && h("p", { class: "notice-title" }, title), ...more),
  );
}

// A Problem in words: what it means, and what the gateway said.
function problemWords(problem) {
  if (!(problem instanceof Problem)) return { title: t("problem.page"), detail: String(problem?.message ?? problem) };
  const key = `problem.${problem.status}`;
  const title = has(key) ? t(key, { seconds: problem.retryAfterS }) : t("problem.unknown", { status: problem.status });
  return { title, detail: problem.detail && sentence(problem.detail) };
}

export function problemNotice(problem, ...more) {
  const { title, detail } = problemWords(problem);
  return notice("failed", title, detail && h("p", { lang: "en" }, detail), ...more);
}

// --- Toasts ---

const toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" });

// In the top layer, so that it also stands above a dialog; taken out and in again to be above the last one.
export function toast(text, kind = "ok") {
  const element = h("div", { class: `toast ${kind}` }, icon(ICONS[kind]), h("p", {}, text));
  const host = document.querySelector("dialog[open]:last-of-type") ?? document.body;
  if (toasts.parentNode !== host) host.append(toasts);
  toasts.append(element);
  setTimeout(() => element.remove(), TOAST_MS);
}

export function toastProblem(problem) {
  const { title, detail } = problemWords(problem);
  toast(detail ? `${title} ${detail}` : title, "failed");
}

// --- For screen readers only ---

const announcer = h("p", { class: "unseen", role: "status", "aria-live": "polite" });

export function announce(text) {
  if (!announcer.isConnected) document.body.append(announcer);
  put(announcer, text);
}
