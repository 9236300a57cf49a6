// Shows the page that the address names. A page's `show(view)` fills view.body; what it throws is shown with a button to
// try again. Pages ask before they are left when view.guard() says that something would be lost.

import { h, put } from "./dom.js";
import { t } from "./i18n.js";
import { button } from "./controls.js";
import { confirmDialog } from "./dialog.js";
import { announce, problemNotice, toast } from "./notice.js";
import { match } from "./routes.js";

const LATE_MS = 150; // what comes sooner needs no sign that it is being fetched

const state = { main: null, onShown: null, home: null, hash: null, view: null, isAsking: false };

class View {
  constructor({ route, params, query }) {
    this.route = route;
    this.params = params; // of the path
    this.query = query; // URLSearchParams behind ? in the hash
    this.tenant = params.tenant;
    this.body = h("div", { class: "page-body" });
    this.isDirty = () => false;
    this.leaving = new AbortController();
    this.signal = this.leaving.signal; // aborted when the page is left: for requests and listeners
  }

  // The page's h1, with a sentence under it and buttons beside it.
  heading(title, { intro = null, actions = [] } = {}) {
    this.title = title;
    this.head ??= this.body.appendChild(h("header", { class: "page-head" }));
    const text = h("div", {}, h("h1", { tabindex: "-1" }, title), intro && h("p", { class: "intro" }, intro));
    put(this.head, text, actions.length > 0 && h("div", { class: "actions" }, actions));
    document.title = `${title} · ${this.tenant ? `${this.tenant} · ` : ""}${t("app.name")}`;
  }

  append(...elements) {
    this.body.append(...elements.flat().filter(Boolean));
  }

  // Asks before the page is left as long as isDirty() is true.
  guard(isDirty) {
    this.isDirty = isDirty;
  }

  // Calls now and then every so often until the page is left; not while the window is hidden.
  every(ms, work) {
    const timer = setInterval(() => {
      if (!document.hidden) work();
    }, ms);
    this.signal.addEventListener("abort", () => clearInterval(timer));
  }

  // Puts the filters of a page into its address, without showing it anew.
  setQuery(values) {
    const search = new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
    const hash = `${location.hash.split("?")[0]}${search && `?${search}`}`;
    history.replaceState(null, "", hash);
    state.hash = hash;
  }
}

function failed(problem) {
  const retry = button(t("common.tryAgain"), { picture: "refresh", onclick: () => reload() });
  return problemNotice(problem, h("p", {}, retry));
}

async function fill(view) {
  try {
    const page = await view.route.load();
    await page.show(view);
  } catch (problem) {
    if (problem.name === "AbortError" || view.signal.aborted) return;
    if (!view.head) view.heading(t(`nav.${view.route.name}`));
    view.append(failed(problem));
    if (problem.status === undefined) console.error(problem);
  }
}

async function show(found, { keepFocus = false } = {}) {
  const view = new View(found);
  state.view?.leaving.abort();
  state.view = view;
  state.onShown(view);
  const late = setTimeout(
    () => put(state.main, h("div", { class: "loading" }, h("p", { role: "status" }, t("common.loading")))),
    LATE_MS,
  );
  await fill(view);
  clearTimeout(late);
  if (state.view !== view) return;
  put(state.main, view.body);
  state.main.dataset.shown = location.hash; // for tests and whoever measures
  performance.mark("console-shown");
  scrollTo(0, 0);
  if (keepFocus) return;
  view.body.querySelector("h1")?.focus({ preventScroll: true });
  announce(view.title ?? "");
}

async function mayLeave() {
  if (!state.view?.isDirty()) return true;
  state.isAsking = true;
  const isAgreed = await confirmDialog({
    title: t("unsaved.title"),
    words: t("unsaved.words"),
    action: t("unsaved.leave"),
    cancel: t("unsaved.stay"),
    danger: true,
  });
  state.isAsking = false;
  return isAgreed;
}

async function onHashChange() {
  const wanted = location.hash;
  if (wanted === state.hash || state.isAsking) return;
  if (state.view?.isDirty()) {
    history.pushState(null, "", state.hash);
    if (!(await mayLeave())) return;
    state.view.isDirty = () => false;
    location.hash = wanted;
    return;
  }
  go();
}

// Shows what the address says now; an address that is no page leads home, and says so.
function go(options) {
  const found = match(location.hash);
  if (found === null) {
    if (location.hash.length > "#/".length) toast(t("common.noPage"), "warning");
    history.replaceState(null, "", state.home());
    return match(location.hash) ? go(options) : undefined;
  }
  state.hash = location.hash;
  return show(found, options);
}

// Shows the page anew, as after another language was chosen. False when the user wants to stay as it is.
export async function reload(options) {
  if (!(await mayLeave())) return false;
  await go(options);
  return true;
}

export const mayLeavePage = mayLeave;

export function navigate(hash) {
  location.hash = hash;
}

// `home()` gives the address to begin with; `onShown(view)` hears of each page.
export function startRouter(main, home, onShown) {
  Object.assign(state, { main, home, onShown });
  return go({ keepFocus: true });
}

export function stopRouter() {
  state.view?.leaving.abort();
  Object.assign(state, { view: null, hash: null });
}

addEventListener("hashchange", () => {
  if (state.main?.isConnected) onHashChange();
});
addEventListener("beforeunload", (event) => {
  if (state.view?.isDirty()) event.preventDefault();
});
