// Who is signed in.

import { ask, useSession } from "./api.js";

let who = null; // {user, role, tenant, mustChangePassword, ...} as the API gives it; null: nobody
let renewing = null;
let askAgain = null; // (user): a dialog that signs in again

export const currentSession = () => who;
export const isSystemAdministrator = () => who?.role === "sysadmin";

// Who is asked, and how, when a session has ended under an open page.
export function onSessionEnd(ask) {
  askAgain = ask;
}

function keep(session) {
  who = session;
  useSession(session.user, session.csrfToken, renew);
  return session;
}

// The session of this browser, or null.
export async function findSession() {
  try {
    return keep((await ask("GET", "/session")).body);
  } catch (problem) {
    if (problem.status === 401) return null;
    throw problem;
  }
}

// Gives null when the browser does not keep the cookie, as some don't over plain HTTP.
export async function signIn(user, password) {
  const { body } = await ask("POST", "/session", { body: { user, password } });
  useSession(body.user, body.csrfToken, null);
  return findSession();
}

export async function changePassword(oldPassword, newPassword) {
  return keep((await ask("PUT", "/session/password", { body: { oldPassword, newPassword } })).body);
}

export async function signOut() {
  useSession(who?.user, who?.csrfToken, null);
  try {
    await ask("DELETE", "/session");
  } catch (problem) {
    if (problem.status !== 401) throw problem;
  }
  who = null;
}

// Requests that find the session ended at the same time wait for one dialog.
function renew() {
  renewing ??= askAgain(who.user).finally(() => {
    renewing = null;
  });
  return renewing;
}
