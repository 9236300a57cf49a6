// What stands around every page: the navigation with the tenant switcher, language, colours, and who is signed in.

import { get, query } from "./api.js";
import { h, put } from "./dom.js";
import { icon } from "./icons.js";
import { changeLanguage, currentLanguage, languages, t, zone } from "./i18n.js";
import { button } from "./controls.js";
import { toastProblem } from "./notice.js";
import { href, routes } from "./routes.js";
import { mayLeavePage, navigate } from "./router.js";
import { currentSession, isSystemAdministrator } from "./session.js";

const TENANTS_SHOWN = 200; // as many as a page of the API holds
const TENANT = "ita-console-tenant",
  COLOURS = "ita-console-colours";

const shown = { tenant: null, tenants: [], hasMore: false };

// --- Which tenant ---

// The system administrator's choice of last time, if it is still there, or the first.
export async function loadTenants() {
  if (!isSystemAdministrator()) {
    shown.tenants = [currentSession().tenant];
  } else {
    const { body } = await get(`/tenants${query({ limit: TENANTS_SHOWN })}`);
    shown.tenants = body.items.map(({ tenant }) => tenant);
    shown.hasMore = body.next !== null;
  }
  const stored = localStorage.getItem(TENANT);
  if (shown.tenant === null || !shown.tenants.includes(shown.tenant))
    shown.tenant = shown.tenants.includes(stored) ? stored : (shown.tenants[0] ?? null);
  if (elements) fillTenants();
}

export const currentTenant = () => shown.tenant;

function switchTenant(tenant) {
  const route = routes.find(({ name }) => name === shown.route) ?? routes[0];
  const name = route.group === "tenant" ? route.name : (route.under ?? "dashboard");
  navigate(href(name, { tenant }));
}

function fillTenants() {
  const names =
    shown.tenants.includes(shown.tenant) || shown.tenant === null ? shown.tenants : [shown.tenant, ...shown.tenants];
  if (!isSystemAdministrator()) {
    put(
      elements.tenant,
      h(
        "p",
        { class: "tenant-name" },
        h("span", { class: "overline" }, t("shell.tenant")),
        h("strong", {}, shown.tenant),
      ),
    );
    return;
  }
  const select = h(
    "select",
    {
      id: "tenant-switch",
      onchange: () => {
        const wanted = select.value;
        select.value = shown.tenant; // until the page has changed: it may ask to stay
        if (wanted === "") navigate(href("tenants"));
        else switchTenant(wanted);
      },
    },
    names.map((name) => h("option", { value: name, selected: name === shown.tenant }, name)),
    shown.hasMore && h("option", { value: "" }, t("shell.moreTenants")),
  );
  put(
    elements.tenant,
    h("label", { class: "overline", for: "tenant-switch" }, t("shell.tenant")),
    names.length > 0 ? select : h("p", { class: "muted" }, t("shell.noTenant")),
  );
}

// --- Navigation ---

let elements = null;

function entries(group) {
  return routes
    .filter((route) => route.group === group)
    .map((route) => {
      const target = href(route.name, { tenant: shown.tenant });
      const isHere = route.name === shown.route || route.name === shown.under;
      return h(
        "li",
        {},
        h(
          "a",
          { href: target, "aria-current": isHere ? "page" : null, onclick: () => closeMenu() },
          icon(route.icon),
          h("span", {}, t(`nav.${route.name}`)),
        ),
      );
    });
}

function fillNavigation() {
  put(
    elements.groups,
    shown.tenant !== null && h("ul", {}, entries("tenant")),
    isSystemAdministrator() && [h("h2", { class: "overline" }, t("shell.system")), h("ul", {}, entries("system"))],
  );
}

function openMenu() {
  document.body.classList.add("menu-open");
  elements.menu.setAttribute("aria-expanded", "true");
  elements.nav.querySelector("a, select")?.focus();
}

function closeMenu() {
  document.body.classList.remove("menu-open");
  elements.menu.setAttribute("aria-expanded", "false");
}

// --- Language and colours ---

function languageButtons(onChanged) {
  return h(
    "div",
    { class: "segments", role: "group", "aria-label": t("shell.language") },
    Object.entries(languages).map(([code, name]) =>
      h(
        "button",
        {
          type: "button",
          lang: code,
          "aria-pressed": String(code === currentLanguage()),
          onclick: async () => {
            if (code === currentLanguage() || !(await mayLeavePage())) return;
            await changeLanguage(code);
            onChanged();
          },
        },
        name,
      ),
    ),
  );
}

export function applyColours() {
  const chosen = localStorage.getItem(COLOURS);
  if (chosen) document.documentElement.dataset.colours = chosen;
  else delete document.documentElement.dataset.colours;
}

function colourButton() {
  const order = ["", "light", "dark"];
  const name = () => t(`shell.colours.${localStorage.getItem(COLOURS) || "auto"}`);
  const element = button(name(), {
    picture: "sun",
    quiet: true,
    onclick: () => {
      const next = order[(order.indexOf(localStorage.getItem(COLOURS) ?? "") + 1) % order.length];
      if (next) localStorage.setItem(COLOURS, next);
      else localStorage.removeItem(COLOURS);
      applyColours();
      element.setAttribute("aria-label", name());
      element.title = name();
    },
  });
  return element;
}

// Language and colours, also for the sign-in page.
export function preferences(onChanged) {
  return h("div", { class: "preferences" }, languageButtons(onChanged), colourButton());
}

// --- The whole ---

function account(onSignOut) {
  const { user, role } = currentSession();
  return h(
    "div",
    { class: "account" },
    h("div", { class: "who" }, h("strong", {}, user), h("span", { class: "muted" }, t(`role.${role}`))),
    h(
      "a",
      {
        class: "button quiet",
        href: href("password"),
        "aria-label": t("nav.password"),
        title: t("nav.password"),
        onclick: () => closeMenu(),
      },
      icon("key"),
    ),
    button(t("shell.signOut"), { picture: "out", quiet: true, onclick: () => onSignOut().catch(toastProblem) }),
  );
}

// Builds the shell into `app`; returns its main element. `onChanged` hears of another language.
export function buildShell(app, { onSignOut, onChanged }) {
  const main = h("main", { id: "main", tabindex: "-1" });
  const menu = button(t("shell.menu"), {
    picture: "menu",
    quiet: true,
    class: "menu-button",
    "aria-expanded": "false",
    "aria-controls": "navigation",
    onclick: () => (document.body.classList.contains("menu-open") ? closeMenu() : openMenu()),
  });
  const tenant = h("div", { class: "tenant" }),
    groups = h("div", { class: "groups" });
  const nav = h(
    "nav",
    {
      id: "navigation",
      class: "sidebar",
      "aria-label": t("shell.navigation"),
      onkeydown: (event) => {
        if (event.key === "Escape" && document.body.classList.contains("menu-open")) {
          closeMenu();
          menu.focus();
        }
      },
    },
    h("p", { class: "brand" }, h("img", { src: "/console/icon.svg", alt: "", width: 28, height: 28 }), t("app.name")),
    tenant,
    groups,
    h(
      "div",
      { class: "sidebar-foot" },
      preferences(onChanged),
      account(onSignOut),
      h("p", { class: "zone muted" }, t("shell.zone", { zone: zone() })),
    ),
  );
  elements = { main, menu, nav, tenant, groups };
  put(
    app,
    h(
      "a",
      {
        class: "skip",
        href: "#main",
        onclick: (event) => {
          event.preventDefault();
          main.focus();
        },
      },
      t("shell.skip"),
    ),
    h("header", { class: "topbar" }, menu, h("span", { class: "brand" }, t("app.name"))),
    nav,
    h("div", { class: "shade", onclick: () => closeMenu() }),
    main,
  );
  fillTenants();
  fillNavigation();
  return main;
}

// After each page: which entry is the current one, and which tenant.
export function markPage(view) {
  shown.route = view.route.name;
  shown.under = view.route.under;
  if (view.tenant) {
    shown.tenant = view.tenant;
    localStorage.setItem(TENANT, view.tenant);
  }
  fillTenants();
  fillNavigation();
}
