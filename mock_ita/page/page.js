"use strict";
// The live page of mock-ita: calls with their legs, requests with their signatures, and the levers of the control API.
// All text goes in as text, never as HTML. Events are gathered and drawn a few times a second, however many come.

const CALLS_SHOWN = 60;
const REQUESTS_SHOWN = 200;
const DRAW_MS = 100;
const DRAW_CALMLY_MS = 1000; // for those who want less motion
const REFRESH_MS = 1000;     // of clock and counters
const RELOAD_MS = 2000;      // between tries to listen
const SPAN_MIN_MS = 20000;   // of a drawn call: a short one does not fill its line
const LINE_UNITS = 1000;     // the width of a drawn line in its own units

const byId = (id) => document.getElementById(id);
const calls = new Map();    // by number: what the mock tells, and its element once drawn
const requests = new Map(); // the same of requests
const changed = { calls: new Set(), requests: new Set(), counters: null };
const clock = { atMs: 0, seenMs: 0, isFrozen: true, speed: 1 };

// --- The control API ---

async function ask(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error || `${method} ${path}: HTTP ${answer.status}`);
  return told;
}

// What a person asked for; a refusal is shown, not thrown.
async function order(method, path, body) {
  try {
    const told = await ask(method, path, body);
    showFault("");
    return told;
  } catch (error) {
    showFault(error.message);
    return null;
  }
}

function showFault(text) {
  byId("fault").textContent = text;
  byId("fault").hidden = text === "";
}

// --- Time ---

function setClock(told) {
  clock.atMs = Date.parse(told.now);
  clock.seenMs = performance.now();
  clock.isFrozen = told.frozen;
  clock.speed = told.speed;
  byId("freeze").setAttribute("aria-pressed", String(clock.isFrozen));
}

function nowMs() {
  return clock.isFrozen ? clock.atMs : clock.atMs + performance.now() - clock.seenMs;
}

const timeOfDay = (ms) => new Date(ms).toISOString().slice(11, 19);
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

// --- Calls ---

// A call's own clock starts with its acceptance and runs at the mock's speed.
function callNowMs(call) {
  const accepted = Date.parse(call.acceptedAt);
  return accepted + Math.max(0, nowMs() - accepted) * clock.speed;
}

function legParts(leg, nowOfCall) {
  const at = (text, otherwise) => (text ? Date.parse(text) : otherwise);
  const end = at(leg.endedAt, nowOfCall);
  const rang = at(leg.rangAt, NaN);
  const answered = at(leg.answeredAt, NaN);
  return { ringing: [rang, Math.min(isNaN(answered) ? end : answered, end)], answered: [answered, end] };
}

function drawSpan(rect, [from, to], startMs, spanMs) {
  const isThere = !isNaN(from) && to > from;
  rect.setAttribute("x", isThere ? ((from - startMs) / spanMs) * LINE_UNITS : 0);
  rect.setAttribute("width", isThere ? ((to - from) / spanMs) * LINE_UNITS : 0);
}

function drawLegs(call) {
  const startMs = Date.parse(call.acceptedAt);
  const endMs = call.state === "ended" ? Date.parse(call.endedAt) : callNowMs(call);
  const spanMs = Math.max(SPAN_MIN_MS, endMs - startMs);
  for (const [side, leg] of [["a", call.legA], ["b", call.legB]]) {
    const parts = legParts(leg, endMs);
    const group = call.element.querySelector(`.leg.${side}`);
    drawSpan(group.querySelector(".ringing"), parts.ringing, startMs, spanMs);
    drawSpan(group.querySelector(".answered"), parts.answered, startMs, spanMs);
  }
}

const legText = (name, leg) => `${name} ${leg.state}${leg.cause ? ` (cause ${leg.cause})` : ""}`;

function callText(call) {
  const parts = [legText("A", call.legA), legText("B", call.legB)];
  if (call.state === "ended") parts.push(`${seconds(Date.parse(call.endedAt) - Date.parse(call.acceptedAt))} in all`);
  const names = { cdr: "CDR", connection: "connection callback", hangUp: "hang-up callback" };
  for (const push of call.pushes) parts.push(`${names[push.kind]} pushed: ${push.status || "no answer"}`);
  return parts.join(" \u00b7 ");
}

const stateTexts = { ringing_a: "A rings", ringing_b: "B rings", talking: "talking", ended: "ended" };

// Which of a call's levers do something in its state.
function isPossible(act, call) {
  if (act === "push") return true;
  if (call.state === "ended") return false;
  const leg = act.endsWith("a") ? call.legA : call.legB;
  return act.startsWith("answer") ? leg.state === "ringing" : leg.state === "ringing" || leg.state === "answered";
}

function fillCall(call) {
  const element = call.element;
  element.classList.toggle("ended", call.state === "ended");
  element.querySelector(".state").textContent =
    (stateTexts[call.state] || call.state) + (call.releaseCause ? ` \u00b7 cause ${call.releaseCause}` : "");
  element.querySelector(".told").textContent = callText(call);
  element.querySelector("svg title").textContent = callText(call);
  for (const button of element.querySelectorAll("[data-do]")) button.hidden = !isPossible(button.dataset.do, call);
  drawLegs(call);
}

function makeCall(call) {
  const element = byId("call-template").content.firstElementChild.cloneNode(true);
  element.querySelector(".a .tel").textContent = call.telA;
  element.querySelector(".x .tel").textContent = call.cec ? call.cec.callerPresent : call.telX;
  element.querySelector(".b .tel").textContent = call.telB;
  element.querySelector(".id").textContent = call.callID;
  for (const button of element.querySelectorAll("[data-do]"))
    button.addEventListener("click", () => pull(button.dataset.do, call));
  if (call.cec) element.querySelector("[data-do=push]").textContent = "Send hang-up callback";
  return element;
}

function pull(act, call) {
  const paths = { "answer-a": "legs/a/answer", "answer-b": "legs/b/answer", "end-a": "legs/a/hang-up", "end-b": "legs/b/hang-up",
    push: call.cec ? "callbacks/hang-up" : "cdr" };
  return order("POST", `calls/${encodeURIComponent(call.callID)}/${paths[act]}`);
}

// --- Requests ---

const isRefused = (request) => request.status !== null &&
  (request.status === 0 || request.status >= 400 || !["", "0"].includes(request.code));

function verdictText(request) {
  if (request.status === null) return "under way";
  if (request.check && request.check !== "passed") return request.check.replaceAll("_", " ");
  return request.status ? String(request.status) : `no answer${request.fault ? `: ${request.fault}` : ""}`;
}

function addFact(list, name, value) {
  if (value === "" || value === undefined || value === null) return;
  const term = document.createElement("dt");
  const definition = document.createElement("dd");
  term.textContent = name;
  definition.textContent = value;
  list.append(term, definition);
}

function addText(parent, title, text) {
  if (!text) return;
  const heading = document.createElement("h3");
  const pre = document.createElement("pre");
  heading.textContent = title;
  pre.textContent = text;
  pre.tabIndex = 0;
  parent.append(heading, pre);
}

// When it is opened: events come without headers and texts to sign, and most entries are never looked at.
async function openDetail(request) {
  const whole = await order("GET", `requests/${request.number}`);
  if (whole) fillDetail(Object.assign(request, whole));
}

function fillDetail(request) {
  const detail = request.element.querySelector(".detail");
  const facts = document.createElement("dl");
  detail.replaceChildren(facts);
  for (const name of ["reason", "rule", "fault", "action", "accessKey", "requestId", "callID", "callSerialNo", "telA", "telX", "telB", "peer"])
    addFact(facts, name, request[name]);
  for (const violation of request.violations) addFact(facts, violation.path, violation.rule);
  if (request.canonicalRequest) detail.append(makeSignature(request));
  addText(detail, "Headers", request.headers.map((header) => `${header.name}: ${header.value}`).join("\n"));
  addText(detail, "Body", request.body);
}

function fillRequest(request) {
  const element = request.element;
  element.classList.toggle("refused", isRefused(request));
  element.querySelector("time").textContent = timeOfDay(Date.parse(request.at));
  element.querySelector(".verdict").textContent = verdictText(request);
  element.querySelector(".method").textContent = request.method;
  element.querySelector(".path").textContent = request.path || "(no request)";
  element.querySelector(".code").textContent = request.code && request.code !== "0" ? request.code : "";
  const tookMs = request.answeredAt ? Date.parse(request.answeredAt) - Date.parse(request.at) : 0;
  element.querySelector(".took").textContent = tookMs > 0 ? `${tookMs} ms` : "";
}

function makeRequest(request) {
  const element = byId("request-template").content.firstElementChild.cloneNode(true);
  element.querySelector("details").addEventListener("toggle", (event) => {
    if (event.target.open) openDetail(request);
  });
  return element;
}

// --- Two canonical requests side by side ---

// As people have it at hand: lines, or one line with the line feeds as '|' (so the platform's error messages show it).
function linesOf(text) {
  const trimmed = text.replace(/\r\n/g, "\n").replace(/\n+$/, "");
  return trimmed.includes("\n") ? trimmed.split("\n") : trimmed.split("|");
}

// The index of the first character in which they differ, or -1.
function firstDifference(a, b) {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return -1;
}

function markedCell(text, at) {
  const cell = document.createElement("td");
  if (text === undefined) {
    cell.textContent = "(no such line)";
  } else if (at < 0) {
    cell.textContent = text;
  } else {
    const mark = document.createElement("mark");
    mark.textContent = text[at] || "\u2190";
    cell.append(text.slice(0, at), mark, text.slice(at + 1));
  }
  return cell;
}

function lineName(index, lines) {
  const names = ["the method", "the path", "the query"];
  if (index < names.length) return names[index];
  if (index === lines.length - 1) return "the hash of the body";
  if (index === lines.length - 2) return "the list of signed headers";
  return lines[index] ? `header ${lines[index].split(":")[0]}` : "the empty line behind the headers";
}

function compare(yours, mocks) {
  const rows = [];
  let first = null;
  for (let i = 0; i < Math.max(yours.length, mocks.length); i++) {
    const at = firstDifference(yours[i] || "", mocks[i] || "");
    const differs = at >= 0 || yours[i] === undefined || mocks[i] === undefined;
    if (differs && first === null) first = { line: i, at: Math.max(at, 0) };
    rows.push({ yours: yours[i], mocks: mocks[i], at, differs });
  }
  return { rows, first };
}

function showDifference(element, text, mocks) {
  const table = element.querySelector(".diff");
  const found = element.querySelector(".found");
  const body = table.querySelector("tbody");
  table.hidden = text.trim() === "";
  found.textContent = "";
  if (table.hidden) return;
  const { rows, first } = compare(linesOf(text), mocks);
  found.textContent = first === null
    ? "The same: if the signature still differs, look at the SecretKey, X-Sdk-Date or the string to sign."
    : `First difference: line ${first.line + 1}, character ${first.at + 1}: ${lineName(first.line, mocks)}.`;
  body.replaceChildren(...rows.map((row, index) => {
    const line = document.createElement("tr");
    const number = document.createElement("td");
    number.textContent = index + 1;
    line.classList.toggle("differs", row.differs);
    line.append(number, markedCell(row.yours, row.at), markedCell(row.mocks, row.at));
    return line;
  }));
}

function makeSignature(request) {
  const element = byId("signature-template").content.firstElementChild.cloneNode(true);
  const mocks = request.canonicalRequest.split("\n");
  element.querySelector(".canonical").textContent = request.canonicalRequest;
  const pasted = element.querySelector("textarea");
  pasted.addEventListener("input", () => showDifference(element, pasted.value, mocks));
  if (request.stringToSign) addText(element, "String to sign", request.stringToSign);
  return element;
}

// --- Drawing ---

// Newest first; what is over the limit goes.
function keepNewest(map, list, limit) {
  const numbers = [...map.keys()].sort((a, b) => b - a);
  for (const number of numbers.slice(limit)) {
    const element = map.get(number).element;
    if (element) element.remove();
    map.delete(number);
  }
}

function place(list, element, number) {
  element.dataset.number = number;
  for (const other of list.children)
    if (Number(other.dataset.number) < number) return list.insertBefore(element, other);
  return list.append(element);
}

function drawChanged(map, numbers, list, make, fill) {
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const item = map.get(number);
    if (!item) continue;
    if (!item.element) {
      item.element = make(item);
      place(list, item.element, number);
    }
    fill(item);
  }
  numbers.clear();
}

function filter() {
  const runningOnly = byId("running-only").checked;
  const refusedOnly = byId("refused-only").checked;
  for (const call of calls.values()) if (call.element) call.element.hidden = runningOnly && call.state === "ended";
  for (const request of requests.values())
    if (request.element) request.element.hidden = refusedOnly && !isRefused(request);
}

function drawCounters() {
  const shown = [["accepted", "calls"], ["refused", "refused"], ["badSignatures", "bad signatures"], ["pushes", "pushes"],
    ["pushesAcknowledged", "acknowledged"]];
  byId("counters").replaceChildren(...shown.map(([name, label]) => {
    const group = document.createElement("div");
    addFact(group, label, String(changed.counters[name]));
    return group;
  }));
  changed.counters = null;
}

function draw() {
  keepNewest(calls, byId("calls"), CALLS_SHOWN);
  keepNewest(requests, byId("requests"), REQUESTS_SHOWN);
  drawChanged(calls, changed.calls, byId("calls"), makeCall, fillCall);
  drawChanged(requests, changed.requests, byId("requests"), makeRequest, fillRequest);
  for (const call of calls.values()) if (call.element && call.state !== "ended") drawLegs(call);
  if (changed.counters) drawCounters();
  filter();
  byId("no-calls").hidden = calls.size > 0;
  byId("no-requests").hidden = requests.size > 0;
  byId("clock").textContent = timeOfDay(nowMs());
}

// --- What comes in ---

function take(map, numbers, told) {
  const known = map.get(told.number);
  if (known) Object.assign(known, told);
  else map.set(told.number, told);
  numbers.add(told.number);
}

function forget() {
  for (const map of [calls, requests]) {
    for (const item of map.values()) if (item.element) item.element.remove();
    map.clear();
  }
  changed.calls.clear();
  changed.requests.clear();
}

// The youngest of everything, when the page begins to listen.
async function load() {
  const health = await ask("GET", "health");
  const firstCall = Math.max(1, health.lastCall - CALLS_SHOWN + 1);
  const [toldCalls, toldRequests] = await Promise.all([
    ask("GET", `calls?first=${firstCall}&limit=${CALLS_SHOWN}`),
    ask("GET", `requests?since=${Math.max(0, health.lastRequest - REQUESTS_SHOWN)}&limit=${REQUESTS_SHOWN}`)]);
  forget();
  for (const call of toldCalls.calls) take(calls, changed.calls, call);
  for (const request of toldRequests.requests) take(requests, changed.requests, request);
}

// What no event tells.
async function refresh() {
  if (document.hidden) return;
  try {
    const [toldClock, toldCounters] = await Promise.all([ask("GET", "clock"), ask("GET", "counters")]);
    setClock(toldClock);
    changed.counters = toldCounters;
  } catch {
    showLink(false);
  }
}

function showLink(isLive) {
  byId("link").classList.toggle("live", isLive);
  byId("link").textContent = isLive ? "live" : "mock-ita does not answer";
}

// Events that come while the page loads wait, so that none is lost and none is overwritten by what is older.
function listen() {
  const source = new EventSource("events");
  let waiting = [];
  const on = (name, act) => source.addEventListener(name, (event) => {
    const told = JSON.parse(event.data);
    if (waiting) waiting.push(() => act(told));
    else act(told);
  });
  on("call", (call) => take(calls, changed.calls, call));
  on("request", (request) => take(requests, changed.requests, request));
  on("reset", forget);
  source.addEventListener("open", async () => {
    try {
      waiting = [];
      await load();
      for (const act of waiting) act();
      waiting = null;
      showLink(true);
    } catch (error) {
      showFault(error.message);
    }
  });
  source.addEventListener("error", () => {
    showLink(false);
    if (source.readyState !== EventSource.CLOSED) return;
    source.close(); // refused: there are too many listeners
    setTimeout(listen, RELOAD_MS);
  });
}

function start() {
  const wantsCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  byId("freeze").addEventListener("click", async () => {
    const told = await order("PATCH", "clock", { frozen: !clock.isFrozen });
    if (told) setClock(told);
  });
  for (const button of document.querySelectorAll("[data-advance]"))
    button.addEventListener("click", async () => {
      const told = await order("PATCH", "clock", { advance: button.dataset.advance });
      if (told) setClock(told);
    });
  byId("reset").addEventListener("click", () => {
    if (window.confirm("Forget all calls, requests and changes?")) order("POST", "reset");
  });
  listen();
  refresh();
  setInterval(refresh, REFRESH_MS);
  setInterval(() => document.hidden || draw(), wantsCalm ? DRAW_CALMLY_MS : DRAW_MS);
}

start();
