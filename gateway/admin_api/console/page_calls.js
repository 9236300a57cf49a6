// Calls, newest first: rows change as the calls move. Searched by time, number, state, outcome, code, cause, callID or trace.

import { path, query } from "./api.js";
import { h } from "./dom.js";
import { dateTime, t } from "./i18n.js";
import { time } from "./controls.js";
import { callLink, callReason, callState, dash, duration, legNumbers } from "./call_words.js";
import { makeForm, selectField, textField } from "./form.js";
import { icon } from "./icons.js";
import { gather, keepLive } from "./live.js";
import { makeList } from "./table.js";

const STATES = ["waiting", "calling", "talking", "ended"];
const OUTCOMES = ["accepted", "refused", "unknown"];
const NAMES = ["from", "to", "number", "state", "outcome", "code", "cause", "id"];
const ROWS_MAX = 500; // a busy day's calls come in at the top: then the list begins anew
const RELOAD_MS = 2000; // where a search decides what belongs here, the gateway is asked, this often at most

const choices = (names, group) => [["", t("common.all")], ...names.map((name) => [name, t(`${group}.${name}`)])];

// The reader's own zone in the form, UTC in the address and for the API.
const local = (text) => {
  if (!text || Number.isNaN(Date.parse(text))) return "";
  const at = new Date(text);
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};
const universal = (text) => (text ? new Date(text).toISOString() : "");

function filterFields(values) {
  const word = (name, label, attributes) =>
    textField({
      name,
      label,
      value: values[name],
      attributes: { required: false, autocapitalize: "none", ...attributes },
    });
  const at = (name) =>
    textField({
      name,
      label: t(`calls.${name}`),
      type: "datetime-local",
      value: local(values[name]),
      attributes: { required: false },
    });
  return [
    word("number", t("numbers.number"), { inputmode: "tel", placeholder: t("calls.numberHint") }),
    selectField({
      name: "state",
      label: t("common.state"),
      value: values.state,
      choices: choices(STATES, "calls.state"),
    }),
    at("from"),
    at("to"),
    selectField({
      name: "outcome",
      label: t("calls.outcome"),
      value: values.outcome,
      choices: choices(OUTCOMES, "calls.outcomes"),
    }),
    word("code", t("calls.code"), { maxlength: 32 }),
    word("cause", t("calls.cause"), { inputmode: "numeric", maxlength: 3 }),
    word("id", t("calls.id"), { maxlength: 128, spellcheck: "false" }),
  ];
}

const trimmed = (values) =>
  Object.fromEntries(
    NAMES.map((name) => [name, name === "from" || name === "to" ? universal(values[name]) : values[name].trim()]),
  );

function columns(tenant) {
  return [
    { title: t("calls.serial"), main: true, cell: (call) => callLink(tenant, call.callSerialNo) },
    { title: t("calls.created"), cell: (call) => time(call.createdAt, dateTime) },
    {
      title: t("calls.numbers"),
      cell: (call) => legNumbers(call.caller, call.called, call.xNumber),
    },
    { title: t("common.state"), cell: callState },
    {
      title: t("calls.talked"),
      kind: "number",
      cell: (call) => (call.state === "ended" && call.outcome !== "refused" ? duration(call.durationS) : dash()),
    },
    { title: t("calls.reason"), cell: (call) => callReason(call) ?? dash() },
  ];
}

// The list, and how it follows the tenant's events.
function liveList(view, wanted, onLoaded) {
  const where = path`/tenants/${view.tenant}/calls`;
  let isPaged = false,
    hasNext = false,
    due = null;
  const list = makeList({
    path: where,
    filters: wanted,
    signal: view.signal,
    caption: t("nav.calls"),
    rowKey: (call) => call.callSerialNo,
    sortKey: (call) => `${call.createdAt} ${call.callSerialNo.padStart(20, "0")}`,
    empty: [h("p", {}, t("calls.none")), h("p", {}, t("calls.noneWords"))],
    columns: columns(view.tenant),
    onLoaded: (body, more) => {
      isPaged = more;
      hasNext = body.next !== null;
      onLoaded(body);
    },
  });
  const isSearched = () => Object.values(wanted()).some(Boolean);
  const reload = () => list.reload();

  function askSoon() {
    if (isPaged) return; // the reader looks at older ones
    due ??= setTimeout(() => {
      due = null;
      reload().catch(() => {}); // the stream tells when the gateway is gone
    }, RELOAD_MS);
  }

  function moved(calls) {
    for (const call of calls) {
      const isShown = list.rows.find(call.callSerialNo) !== undefined;
      if (!isShown && isSearched()) askSoon();
      else if (isShown || !hasNext || call.createdAt >= oldest()) list.rows.update(call).classList.add("moved");
    }
    if (list.rows.count > ROWS_MAX && !isPaged) askSoon();
  }

  const oldest = () => list.rows.find(list.rows.body.rows[list.rows.count - 1]?.dataset.key)?.createdAt ?? "";
  const together = gather(moved, view.signal);
  view.signal.addEventListener("abort", () => clearTimeout(due));
  return {
    list,
    begin: () => keepLive(view, reload, { call: (call) => together.add(call.callSerialNo, call) }),
  };
}

export async function show(view) {
  let values = Object.fromEntries(NAMES.map((name) => [name, view.query.get(name) ?? ""]));
  const searched = h("p", { class: "muted" });
  const exported = h("a", { class: "button", download: true }, icon("download"), h("span", {}, t("calls.export")));
  const pointExport = () => {
    exported.href = `/admin/v1${path`/tenants/${view.tenant}/calls/export`}${query(values)}`;
  };
  const { list, begin } = liveList(
    view,
    () => values,
    ({ searchedBackTo }) => {
      searched.hidden = searchedBackTo === null;
      searched.textContent = t("calls.searchedBackTo", { time: dateTime(searchedBackTo) });
    },
  );
  const fields = filterFields(values),
    [first, second, ...others] = fields;
  const isOpen = others.some((field) => field.get() !== "");
  const form = makeForm({
    fields,
    content: [
      first.element,
      second.element,
      h(
        "details",
        { class: "more-filters", open: isOpen },
        h("summary", {}, t("calls.moreFilters")),
        h(
          "div",
          { class: "filters" },
          others.map((field) => field.element),
        ),
      ),
    ],
    submit: t("common.search"),
    className: "filters",
    save: async (given) => {
      values = trimmed(given);
      view.setQuery(values);
      pointExport();
      await list.refresh(t("calls.found"));
    },
  });
  form.element.setAttribute("role", "search");
  view.heading(t("nav.calls"), { intro: t("calls.intro"), actions: [exported] });
  pointExport();
  await list.load();
  view.append(form.element, begin(), list.element, searched);
}
