// Tables of what the API lists. On a narrow screen each row becomes a card whose cells carry their column's name.

import { ask, query } from "./api.js";
import { h, put } from "./dom.js";
import { t } from "./i18n.js";
import { busyButton } from "./controls.js";
import { announce, problemNotice } from "./notice.js";

// columns: [{title, cell(item), kind: "number" | "actions" | undefined, main: bool}]. The main column names the row.
// sortKey(item): a text by which the rows stand, the greatest first; without it, a new row stands first.
export function makeTable({ caption, columns, empty, rowKey = null, rowAttributes = null, sortKey = null }) {
  const body = h("tbody");
  const nothing = h("div", { class: "empty", hidden: true }, [empty].flat());
  const table = h(
    "table",
    {},
    h("caption", { class: "unseen" }, caption),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        columns.map(({ title, kind }) =>
          h("th", { scope: "col", class: kind }, kind === "actions" ? h("span", { class: "unseen" }, title) : title),
        ),
      ),
    ),
    body,
  );
  const box = h("div", { class: "table-box" }, table, nothing);

  const items = new Map(); // by key: what each row shows
  const makeRow = (item) => {
    if (rowKey) items.set(String(rowKey(item)), item);
    return makeCells(item);
  };
  const makeCells = (item) =>
    h(
      "tr",
      { "data-key": rowKey && rowKey(item), ...rowAttributes?.(item) },
      columns.map(({ title, cell, kind, main }) =>
        h(
          main ? "th" : "td",
          { scope: main ? "row" : null, class: kind, "data-title": kind === "actions" ? null : title },
          cell(item),
        ),
      ),
    );

  const findRow = (key) => [...body.rows].find((row) => row.dataset.key === String(key));

  function rowBehind(item) {
    const key = sortKey(item);
    return [...body.rows].find((row) => sortKey(items.get(row.dataset.key)) < key) ?? null;
  }

  function settle() {
    table.hidden = body.rows.length === 0;
    nothing.hidden = body.rows.length > 0;
  }

  return {
    element: box,
    body,
    set(list) {
      items.clear();
      put(body, list.map(makeRow));
      settle();
    },
    append(list) {
      body.append(...list.map(makeRow));
      settle();
    },
    find: (key) => items.get(String(key)),
    // Replaces the row of that key, or puts it where it belongs. Focus stays where it was in the row.
    update(item) {
      const key = rowKey(item),
        old = findRow(key),
        row = makeRow(item);
      const focused = old?.contains(document.activeElement)
        ? [...old.querySelectorAll("a, button")].indexOf(document.activeElement)
        : -1;
      if (old) old.replaceWith(row);
      else body.insertBefore(row, sortKey ? rowBehind(item) : body.firstChild);
      if (focused >= 0) row.querySelectorAll("a, button")[focused]?.focus();
      settle();
      return row;
    },
    remove(key) {
      items.delete(String(key));
      findRow(key)?.remove();
      settle();
    },
    get count() {
      return body.rows.length;
    },
  };
}

// A table of a list of the API with a button that fetches the next page. `path` may be a function of nothing; `filters()`
// gives more of the query. load() begins anew; the first load's Problem is thrown, later ones are shown below.
export function makeList({ path, filters = () => ({}), signal, limit = 50, onLoaded = null, ...table }) {
  const rows = makeTable(table);
  const foot = h("div", { class: "list-foot" });
  let asked = 0;

  async function fetchPage(cursor, background = false) {
    const turn = ++asked;
    const where = typeof path === "function" ? path() : path;
    const { body } = await ask("GET", where + query({ ...filters(), limit, cursor }), {
      signal,
      background,
    });
    if (turn !== asked) return;
    if (cursor) rows.append(body.items);
    else rows.set(body.items);
    const more = busyButton(t("common.more"), () =>
      fetchPage(body.next).catch((problem) => put(foot, problemNotice(problem), more)),
    );
    put(
      foot,
      rows.count > 0 &&
        h("span", { class: "muted" }, t(body.next ? "common.shown" : "common.count", { n: rows.count })),
      body.next && more,
    );
    onLoaded?.(body, Boolean(cursor));
  }

  return {
    ...rows,
    element: h("div", { class: "list" }, rows.element, foot),
    rows,
    load: () => fetchPage(null),
    // As load(), when nobody has asked for it.
    reload: () => fetchPage(null, true),
    // After something has changed: shows what there is now, and says so to screen readers.
    async refresh(words) {
      await fetchPage(null);
      if (words) announce(words);
    },
  };
}
