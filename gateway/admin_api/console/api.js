// The admin API: JSON with CSRF token and entity tags. A session that has ended is renewed in a dialog and the request
// sent again, so that nobody loses what he has typed.

const PREFIX = "/admin/v1";

// What the API refused (RFC 9457), or status 0: it can't be reached.
export class Problem extends Error {
  constructor(status, body, headers) {
    super(body?.detail ?? "");
    this.name = "Problem";
    this.status = status;
    this.detail = body?.detail ?? "";
    this.errors = body?.errors ?? []; // [{pointer, rule, detail: {en, zh}}]
    this.body = body; // with 412: what there is now
    this.etag = headers?.get("ETag") ?? null;
    this.retryAfterS = Number(headers?.get("Retry-After") ?? 0);
  }
}

const session = { user: null, csrfToken: null, renew: null };

// After signing in. `renew` signs in again and resolves when it is done, or rejects when it was given up.
export function useSession(user, csrfToken, renew) {
  session.user = user;
  session.csrfToken = csrfToken;
  session.renew = renew;
}

async function send(method, path, { body, etag, signal, type, background }) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = session.csrfToken ?? "";
  if (etag) headers["If-Match"] = etag;
  if (background) headers["X-Background"] = "1";
  if (body !== undefined) headers["Content-Type"] = type ?? "application/json";
  try {
    return await fetch(PREFIX + path, {
      method,
      headers,
      signal,
      cache: "no-store",
      credentials: "same-origin",
      body: body === undefined || type ? body : JSON.stringify(body),
    });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Problem(0, null, null);
  }
}

async function read(response) {
  const isJson = /\bjson\b/.test(response.headers.get("Content-Type") ?? "");
  try {
    return isJson ? await response.json() : await response.text();
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Problem(0, null, null);
  }
}

// Another tab may have signed in anew: then the cookie has changed and this page's token is an old one. If it was another
// user, what this page's user began must not be done as the other: the page is loaded anew for him.
async function hasNewToken() {
  const response = await send("GET", "/session", {});
  if (!response.ok) return false;
  const { user, csrfToken } = await response.json();
  if (user !== session.user) {
    location.reload();
    return false;
  }
  const isNew = csrfToken !== session.csrfToken;
  session.csrfToken = csrfToken;
  return isNew;
}

async function sendWithSession(method, path, options) {
  const response = await send(method, path, options);
  if (response.status === 401 && session.renew && path !== "/session") {
    await session.renew();
    return send(method, path, options);
  }
  if (response.status === 403 && method !== "GET" && session.renew && (await hasNewToken()))
    return send(method, path, options);
  return response;
}

// ask("PUT", "/tenants/acme", {body, etag, signal}) gives {status, body, etag, headers} or throws a Problem.
// With `type`, the body is sent as it stands. With `background`, it is the page that asks and not its reader: the session is
// not prolonged.
export async function ask(method, path, options = {}) {
  const response = await sendWithSession(method, path, options);
  const body = await read(response);
  if (!response.ok) throw new Problem(response.status, body, response.headers);
  return { status: response.status, body, etag: response.headers.get("ETag"), headers: response.headers };
}

export const get = (path, options) => ask("GET", path, options);

// path`/tenants/${name}`: each value encoded.
export function path(parts, ...values) {
  return parts.reduce((all, part, i) => all + encodeURIComponent(values[i - 1]) + part);
}

// "?limit=50&from=..." of the values that are there.
export function query(values) {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return entries.length > 0 ? `?${new URLSearchParams(entries)}` : "";
}
