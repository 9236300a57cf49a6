// Pages that keep themselves up to date: the sign that they do, and work that is put together.

import { h, put } from "./dom.js";
import { t } from "./i18n.js";
import { badge } from "./controls.js";
import { followEvents } from "./events.js";
import { toastProblem } from "./notice.js";

const GATHER_MS = 200;

// Follows the tenant's events and shows in the element it gives how that goes. `reload` fetches anew what the page shows,
// after every "hello" and whenever events were left out; handlers are of other events.
export function keepLive(view, reload, handlers) {
  const element = h("div", { class: "live-line", role: "status" });
  const anew = async () => {
    try {
      await reload();
    } catch (problem) {
      if (problem.name !== "AbortError") toastProblem(problem);
    }
  };
  followEvents(
    view.tenant,
    { hello: anew, lagged: anew, ...handlers },
    (how) => {
      put(element, how === "live" ? badge(t("common.live"), "ok") : badge(t("common.waiting"), "warning"));
      return how === "none" ? anew() : undefined;
    },
    view.signal,
  );
  return element;
}

// Gathers what comes one by one, and hands it over together a little later: {add(key, item)}; the last of a key counts.
export function gather(work, signal) {
  let items = new Map();
  let timer = null;
  signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    add(key, item) {
      items.set(key, item);
      timer ??= setTimeout(() => {
        const all = [...items.values()];
        items = new Map();
        timer = null;
        work(all);
      }, GATHER_MS);
    },
  };
}
