// Signing in: as a page, and as a dialog when a session has ended under a page that is still open.

import { h, put } from "./dom.js";
import { t } from "./i18n.js";
import { openDialog } from "./dialog.js";
import { makeForm, Refused, textField } from "./form.js";
import { notice } from "./notice.js";
import { changePassword, signIn } from "./session.js";
import { preferences } from "./shell.js";

const userField = (value, isFixed) =>
  textField({
    name: "user",
    label: t("signIn.user"),
    value,
    attributes: { autocomplete: "username", autocapitalize: "none", readonly: isFixed },
  });
const passwordField = (name, label, complete, rule) =>
  textField({ name, label, rule, type: "password", attributes: { autocomplete: complete } });

// Signs in with what the form holds; a session that the browser did not keep is told as such.
async function attempt({ user, password }) {
  const session = await signIn(user.trim(), password);
  if (session === null) throw new Refused(["", t("signIn.noCookie")]);
  return session;
}

// Counts down what a slowed-down sign-in has to wait.
function explainWait(form, problem) {
  let left = problem.retryAfterS;
  const show = () => {
    put(
      form.summary,
      notice(
        "warning",
        t("signIn.slowDown"),
        h("p", {}, left > 0 ? t("signIn.wait", { n: left }) : t("signIn.mayTry")),
      ),
    );
    form.summary.hidden = false;
  };
  show();
  const timer = setInterval(() => {
    left -= 1;
    if (!form.element.isConnected || left < 0) clearInterval(timer);
    else show();
  }, 1000);
}

function signInForm({ user = "", isFixed = false, submit, onDone, cancel }) {
  const name = userField(user, isFixed),
    password = passwordField("password", t("signIn.password"), "current-password");
  const form = makeForm({
    fields: [name, password],
    submit,
    cancel,
    save: async (values) => {
      try {
        await onDone(await attempt(values));
      } catch (problem) {
        password.set("");
        if (problem.status === 401) throw new Refused(["password", t("signIn.wrong")]);
        if (problem.status !== 429) throw problem;
        explainWait(form, problem);
      }
    },
  });
  return form;
}

// Two new passwords that must be the same; also the page where one changes one's password.
export function passwordForm({ oldPassword = null, onDone }) {
  const old = passwordField("oldPassword", t("password.old"), "current-password");
  const fresh = passwordField("newPassword", t("password.new"), "new-password", t("password.rule"));
  const again = passwordField("again", t("password.again"), "new-password");
  const fields = oldPassword === null ? [old, fresh, again] : [fresh, again];
  const form = makeForm({
    fields,
    submit: t("password.save"),
    save: async (values) => {
      if (values.newPassword !== values.again) throw new Refused(["again", t("password.differs")]);
      try {
        await onDone(await changePassword(oldPassword ?? values.oldPassword, values.newPassword));
      } catch (problem) {
        if (problem.status === 429) explainWait(form, problem);
        else throw problem;
      }
    },
  });
  return form;
}

function frame(app, title, words, form, onChanged) {
  put(
    app,
    h(
      "main",
      { class: "front", id: "main" },
      h(
        "div",
        { class: "front-card" },
        h(
          "p",
          { class: "brand" },
          h("img", { src: "/console/icon.svg", alt: "", width: 32, height: 32 }),
          t("app.name"),
        ),
        h("h1", { tabindex: "-1" }, title),
        words && h("p", { class: "intro" }, words),
        form.element,
      ),
      preferences(onChanged),
    ),
  );
  document.title = `${title} · ${t("app.name")}`;
  app.querySelector("input")?.focus();
}

function showOneTimePassword(app, oldPassword, onDone) {
  const form = passwordForm({ oldPassword, onDone });
  frame(app, t("password.firstTitle"), t("password.firstWords"), form, () =>
    showOneTimePassword(app, oldPassword, onDone),
  );
}

// The sign-in page. onDone() goes on when someone is in, with a password of his own.
export function showSignIn(app, { onDone, words = null }) {
  const form = signInForm({
    submit: t("signIn.submit"),
    onDone: (session) => {
      if (!session.mustChangePassword) return onDone(session);
      return showOneTimePassword(app, form.lastPassword, onDone);
    },
  });
  // The one-time password was typed a moment ago: nobody has to type it twice.
  form.element.addEventListener(
    "submit",
    () => {
      form.lastPassword = form.values().password;
    },
    { capture: true },
  );
  frame(app, t("signIn.title"), words, form, () => showSignIn(app, { onDone, words }));
}

// A session that was found at the start with a one-time password that is still to be changed.
export function showPasswordChange(app, { onDone }) {
  const form = passwordForm({ onDone });
  frame(app, t("password.firstTitle"), t("password.firstWords"), form, () => showPasswordChange(app, { onDone }));
}

// Resolves when the same user is in again; rejects when he gave it up.
export async function signInAgain(user) {
  const isIn = await openDialog(t("signIn.againTitle"), (close) => {
    const form = signInForm({
      user,
      isFixed: true,
      submit: t("signIn.submit"),
      cancel: () => close(false),
      onDone: () => close(true),
    });
    return [h("p", {}, t("signIn.againWords")), form.element];
  });
  if (!isIn) throw new DOMException("signing in was given up", "AbortError");
}
