// A tenant's events as they happen (server-sent events). The stream comes again by itself when it breaks; after each
// "hello" the page reloads what it shows, since nothing is replayed.

// handlers: {hello(data), call(data), ...} by event; onState("live" | "waiting" | "none") tells how the stream is.
// Ends with the signal.
export function followEvents(tenant, handlers, onState, signal) {
  const source = new EventSource(`/admin/v1/tenants/${encodeURIComponent(tenant)}/events`);
  source.addEventListener("open", () => onState("live"));
  // When the gateway answers with anything but a stream, the browser does not try again.
  source.addEventListener("error", () => onState(source.readyState === EventSource.CLOSED ? "none" : "waiting"));
  for (const [name, handle] of Object.entries(handlers))
    source.addEventListener(name, (event) => handle(event.data ? JSON.parse(event.data) : {}));
  signal.addEventListener("abort", () => source.close());
  return source;
}
