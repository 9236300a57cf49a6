// A tenant's events as they happen (server-sent events). The stream comes again by itself when it breaks; after each
// "hello" the page reloads what it shows, since nothing is replayed.

const RETRY_MS = 15000; // where the gateway refuses the stream: the session has ended, or too many are open

// handlers: {hello(data), call(data), ...} by event. onState("live" | "waiting" | "none") tells how the stream is; with
// "none" the page asks for what it shows, which also renews a session that has ended, and when that is done the stream is
// tried again. Ends with the signal.
export function followEvents(tenant, handlers, onState, signal) {
  let source = null;
  let retry = null;

  function connect() {
    source = new EventSource(`/admin/v1/tenants/${encodeURIComponent(tenant)}/events`);
    source.addEventListener("open", () => onState("live"));
    source.addEventListener("error", onError);
    for (const [name, handle] of Object.entries(handlers))
      source.addEventListener(name, (event) => handle(event.data ? JSON.parse(event.data) : {}));
  }

  // The browser tries again by itself, but for an answer that is no stream.
  async function onError() {
    if (source.readyState !== EventSource.CLOSED) {
      onState("waiting");
      return;
    }
    await onState("none");
    if (!signal.aborted) retry = setTimeout(connect, RETRY_MS);
  }

  signal.addEventListener("abort", () => {
    clearTimeout(retry);
    source.close();
  });
  connect();
}
