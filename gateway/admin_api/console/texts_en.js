// English. The same keys as texts_zh.js; a page's texts stand under its own name.

export default {
  app: { name: "ITA Gateway" },
  common: {
    cancel: "Cancel", save: "Save", edit: "Edit", remove: "Remove", add: "Add", close: "Close", never: "never", yes: "Yes", no: "No",
    loading: "Loading …", tryAgain: "Try again", reload: "Reload", more: "Show more", shown: { one: "{n} shown", other: "{n} shown" },
    copyOf: "Copy {label}", copied: "{label} copied", copyByHand: "Selected: copy it with your keyboard", saved: "Saved",
    actions: "Actions", state: "State", created: "Created", name: "Name", tenant: "Tenant", role: "Role", on: "On", off: "Off",
    allTimes: "All times are {zone}.", live: "Live", waiting: "Reconnecting", stale: "As of {time}", search: "Search", all: "All",
  },
  shell: {
    skip: "Skip to content", menu: "Menu", navigation: "Main", tenant: "Tenant", system: "System", noTenant: "No tenant yet",
    moreTenants: "More …", language: "Language", signOut: "Sign out",
    colours: { auto: "Colours: as the system", light: "Colours: light", dark: "Colours: dark" },
  },
  nav: {
    dashboard: "Dashboard", calls: "Calls", call: "Call", callbacks: "Callbacks", xNumbers: "X numbers", bidirectionalCall: "Bidirectional Call",
    appKeys: "App keys", agentNumbers: "Agent numbers", tenants: "Tenants", users: "Users", apiKeys: "API keys", trustlist: "Trustlist",
    certificates: "Certificates", unmatched: "Unmatched CDRs", audit: "Audit log", diagnostics: "Diagnostics", password: "Change password",
  },
  role: { sysadmin: "System administrator", "tenant-admin": "Tenant administrator" },
  problem: {
    0: "The gateway can't be reached. Check that it runs and that this computer is online.",
    400: "The gateway did not understand the request.", 401: "You are not signed in.", 403: "You may not do this.",
    404: "There is no such thing (any more).", 409: "This can't be done as things stand.", 412: "It has been changed in the meantime.",
    413: "That is too large: 64 KiB at most.", 415: "This kind of content is not taken.", 422: "This was not accepted.",
    429: "Too many attempts. Try again in {seconds} seconds.", 500: "The gateway has a fault.", 503: "The gateway is busy. Try again in a moment.",
    other: "The gateway answered with {status}.", page: "This page has a fault.", notYet: "This gateway does not offer this, or it is not there any more.",
  },
  form: { optional: "optional", errors: { one: "One thing is to be corrected", other: "{n} things are to be corrected" } },
  unsaved: { title: "Leave without saving?", words: "What you have changed here is not saved and would be lost.", leave: "Leave", stay: "Stay" },
  secret: {
    set: "Set", notSet: "Not set", changed: "Set, last changed {time}", keeps: "Leave it empty to keep the one that is set.",
    once: "Shown this once only", done: "I have stored it",
  },
  chart: { asTable: "Show as table", time: "Time" },
  signIn: {
    title: "Sign in", user: "User", password: "Password", submit: "Sign in", wrong: "User or password is wrong.",
    slowDown: "Too many wrong passwords", wait: { one: "Try again in one second.", other: "Try again in {n} seconds." }, mayTry: "You can try again now.",
    noCookie: "The password is right, but this browser did not keep the session. Use https://, or a browser that keeps secure cookies on this address.",
    againTitle: "Sign in again", againWords: "Your session has ended. Sign in to go on where you are; nothing you have typed is lost.",
    signedOut: "You have signed out.",
  },
  password: {
    intro: "Your other sessions end when you change it.", firstTitle: "Choose your password", firstWords: "The one-time password was good for this sign-in only.",
    old: "Current password", new: "New password", again: "New password, once more", rule: "12 to 128 characters. A few words that you remember are better than one with symbols.",
    differs: "The two are not the same.", save: "Change password", changed: "Password changed",
  },
};
