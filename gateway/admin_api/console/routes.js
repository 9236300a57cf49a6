// Every page: its place in the address (behind #), its module, who may see it and where it stands in the navigation.
// A page's module exports `show(view)`, see router.js. Texts: nav.<name> in both dictionaries.

export const routes = [
  // Of a tenant
  {
    name: "dashboard",
    path: "/t/:tenant/dashboard",
    group: "tenant",
    icon: "dashboard",
    load: () => import("./page_dashboard.js"),
  },
  { name: "calls", path: "/t/:tenant/calls", group: "tenant", icon: "calls", load: () => import("./page_calls.js") },
  { name: "call", path: "/t/:tenant/calls/:serial", under: "calls", load: () => import("./page_call.js") },
  {
    name: "callbacks",
    path: "/t/:tenant/callbacks",
    group: "tenant",
    icon: "callbacks",
    load: () => import("./page_callbacks.js"),
  },
  {
    name: "callback",
    path: "/t/:tenant/callbacks/:id",
    under: "callbacks",
    load: () => import("./page_callback.js"),
  },
  {
    name: "xNumbers",
    path: "/t/:tenant/x-numbers",
    group: "tenant",
    icon: "numbers",
    load: () => import("./page_x_numbers.js"),
  },
  {
    name: "bidirectionalCall",
    path: "/t/:tenant/bidirectional-call",
    group: "tenant",
    icon: "settings",
    load: () => import("./page_bidirectional_call.js"),
  },
  {
    name: "appKeys",
    path: "/t/:tenant/app-keys",
    group: "tenant",
    icon: "key",
    load: () => import("./page_app_keys.js"),
  },
  {
    name: "agentNumbers",
    path: "/t/:tenant/agent-numbers",
    group: "tenant",
    icon: "agents",
    load: () => import("./page_agent_numbers.js"),
  },
  // Of the system administrator
  { name: "overview", path: "/overview", group: "system", icon: "dashboard", load: () => import("./page_overview.js") },
  { name: "tenants", path: "/tenants", group: "system", icon: "tenants", load: () => import("./page_tenants.js") },
  { name: "users", path: "/users", group: "system", icon: "users", load: () => import("./page_users.js") },
  { name: "apiKeys", path: "/api-keys", group: "system", icon: "key", load: () => import("./page_api_keys.js") },
  { name: "trustlist", path: "/trustlist", group: "system", icon: "shield", load: () => import("./page_trustlist.js") },
  {
    name: "certificates",
    path: "/certificates",
    group: "system",
    icon: "certificate",
    load: () => import("./page_certificates.js"),
  },
  {
    name: "unmatched",
    path: "/unmatched-cdrs",
    group: "system",
    icon: "unmatched",
    load: () => import("./page_unmatched.js"),
  },
  { name: "audit", path: "/audit", group: "system", icon: "audit", load: () => import("./page_audit.js") },
  {
    name: "diagnostics",
    path: "/diagnostics",
    group: "system",
    icon: "diagnostics",
    load: () => import("./page_diagnostics.js"),
  },
  // Of everybody
  { name: "password", path: "/password", load: () => import("./page_password.js") },
];

// A route's path with its parameters filled in, as a link's href: href("calls", {tenant: "acme"}).
export function href(name, params = {}, query = {}) {
  const route = routes.find((each) => each.name === name);
  const path = route.path.replace(/:(\w+)/g, (_, param) => encodeURIComponent(params[param]));
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return `#${path}${search && `?${search}`}`;
}

// {route, params, query} of a location's hash, or null.
export function match(hash) {
  const [path, search = ""] = hash.replace(/^#/, "").split("?");
  for (const route of routes) {
    const names = [];
    const pattern = route.path.replace(/:(\w+)/g, (_, name) => {
      names.push(name);
      return "([^/]+)";
    });
    const found = path.match(new RegExp(`^${pattern}$`));
    if (found === null) continue;
    try {
      const params = Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(found[i + 1])]));
      return { route, params, query: new URLSearchParams(search) };
    } catch {
      return null; // a percent sign that stands for nothing
    }
  }
  return null;
}
