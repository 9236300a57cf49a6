// The console's beginning: language, session, then the page that the address names.

import { h, put } from "./dom.js";
import { loadLanguage, t } from "./i18n.js";
import { button } from "./controls.js";
import { problemNotice } from "./notice.js";
import { href } from "./routes.js";
import { mayLeavePage, startRouter, stopRouter } from "./router.js";
import { currentSession, findSession, isSystemAdministrator, onSessionEnd, signOut } from "./session.js";
import { applyColours, buildShell, currentTenant, loadTenants, markPage } from "./shell.js";
import { showPasswordChange, showSignIn, signInAgain } from "./sign_in.js";

const app = document.getElementById("app");

// When the session has ended: the dialog, and the page stays as it is. Who gives up goes to the sign-in page.
async function askAgain(user) {
  try {
    await signInAgain(user);
  } catch (fault) {
    leave();
    throw fault;
  }
}

const home = () =>
  currentTenant() === null
    ? href(isSystemAdministrator() ? "tenants" : "password")
    : href("dashboard", { tenant: currentTenant() });

function leave(words = null) {
  stopRouter();
  document.body.classList.remove("menu-open");
  showSignIn(app, { onDone: enter, words });
}

async function onSignOut() {
  if (!(await mayLeavePage())) return;
  await signOut();
  leave(t("signIn.signedOut"));
}

function build() {
  return buildShell(app, { onSignOut, onChanged: () => startRouter(build(), home, markPage) });
}

async function enter() {
  if (currentSession().mustChangePassword) {
    showPasswordChange(app, { onDone: enter });
    return;
  }
  await loadTenants();
  await startRouter(build(), home, markPage);
}

async function begin() {
  applyColours();
  onSessionEnd(askAgain);
  await loadLanguage();
  try {
    if (await findSession()) await enter();
    else leave();
  } catch (problem) {
    put(
      app,
      h(
        "main",
        { class: "front" },
        h(
          "div",
          { class: "front-card" },
          h("h1", {}, t("app.name")),
          problemNotice(problem, h("p", {}, button(t("common.tryAgain"), { picture: "refresh", onclick: begin }))),
        ),
      ),
    );
  }
}

begin();
