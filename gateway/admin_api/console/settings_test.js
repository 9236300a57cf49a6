// The Test button: tries what is saved, step by step, and shows what was found. Also the look of a diagnosis elsewhere.

import { ask, path } from "./api.js";
import { h, put } from "./dom.js";
import { both, number, t } from "./i18n.js";
import { icon } from "./icons.js";
import { announce, notice, problemNotice } from "./notice.js";

const KINDS = { ok: "ok", warning: "warning", failed: "failed", skipped: "skipped" };

function stepRow({ title, result, durationMs, text, cause, remedy }) {
  return h(
    "li",
    { class: `step ${result}` },
    icon(KINDS[result] ?? "info"),
    h(
      "div",
      {},
      h(
        "p",
        { class: "step-text" },
        h("span", { class: "unseen" }, `${t(`test.result.${result}`)}: `),
        both(title),
        durationMs > 0 && h("span", { class: "muted" }, ` ${t("test.took", { ms: number(Math.round(durationMs)) })}`),
      ),
      h("p", {}, both(text)),
      cause && h("p", {}, both(cause)),
      remedy && h("p", { class: "remedy" }, h("strong", {}, t("test.remedy")), " ", both(remedy)),
    ),
  );
}

// A diagnosis of the API, {result, steps}, as a list.
export function diagnosis({ result, steps }) {
  const title = t(`test.${result}`);
  return h(
    "section",
    { class: "card", "aria-label": title },
    notice(KINDS[result] ?? "info", title),
    h("ol", { class: "steps" }, steps.map(stepRow)),
  );
}

export async function runTest(view, place) {
  put(place, h("section", { class: "card" }, h("p", { class: "muted", role: "status" }, t("test.running"))));
  try {
    const { body } = await ask("POST", path`/tenants/${view.tenant}/bidirectional-call/test`, { signal: view.signal });
    put(place, diagnosis(body));
    announce(t(`test.${body.result}`));
  } catch (problem) {
    if (problem.name === "AbortError") return;
    put(place, problemNotice(problem));
  }
}
