// Bidirectional Call: what is saved, read-only; Edit opens the form, Test tries what is saved.

import { get, path } from "./api.js";
import { h, put } from "./dom.js";
import { both, t } from "./i18n.js";
import { badge, button, card, copyButton, facts, link, time, whileBusy } from "./controls.js";
import { notice } from "./notice.js";
import { href } from "./routes.js";
import { isSystemAdministrator } from "./session.js";
import { fieldLabel, fields, matters, parts, partTitle, shownValue } from "./settings_fields.js";
import { openSettingsForm } from "./settings_form.js";
import { runTest } from "./settings_test.js";

function secretState(state) {
  if (!state?.set) return badge(t("secret.notSet"), "off");
  return h(
    "span",
    {},
    badge(t("secret.set"), "ok"),
    " ",
    h(
      "span",
      { class: "muted" },
      t("bidirectionalCall.changedAt"),
      " ",
      time(state.changedAt),
      state.oldOneUntil &&
        Date.parse(state.oldOneUntil) > Date.now() && [
          " · ",
          t("bidirectionalCall.oldOne"),
          " ",
          time(state.oldOneUntil),
        ],
    ),
  );
}

function shownField(field, settings) {
  if (field.kind === "secret") return secretState(settings.secrets?.[field.name]);
  const text = shownValue(field, settings);
  return text !== null && field.kind === "json" ? h("pre", { tabindex: "0" }, text) : text;
}

function partCard(part, settings, more = []) {
  const rows = part.fields
    .filter((field) => matters(field, settings))
    .map((field) => [fieldLabel(field.name), shownField(field, settings)]);
  if (!(part.when?.(settings) ?? true)) return null;
  const list = facts([...rows, ...more]);
  if (!part.folded) return h("section", { class: "card" }, part.fields.length > 1 && partTitle(part), list);
  return h(
    "section",
    { class: "card" },
    h("details", {}, h("summary", {}, t(`bidirectionalCall.parts.${part.name}`)), list),
  );
}

function pushCard({ cdrPush }) {
  const address =
    cdrPush.url === null
      ? notice("info", t("bidirectionalCall.push.noHost"))
      : h(
          "span",
          { class: "with-copy" },
          h("code", {}, cdrPush.url),
          copyButton(cdrPush.url, t("bidirectionalCall.push.url")),
        );
  return card(
    t("bidirectionalCall.push.title"),
    h("p", { class: "muted" }, t("bidirectionalCall.push.words")),
    facts([
      [t("bidirectionalCall.push.url"), address],
      [
        t("bidirectionalCall.push.last"),
        cdrPush.lastReceivedAt ? time(cdrPush.lastReceivedAt) : badge(t("bidirectionalCall.push.never"), "warning"),
      ],
    ]),
  );
}

function warnings(settings) {
  return (settings.warnings ?? []).map(({ pointer, detail }) => {
    const field = fields.find(({ name }) => pointer === `/${name}`);
    return notice("warning", field ? fieldLabel(field.name) : null, h("p", {}, both(detail)));
  });
}

function xNumbersRow(view, settings) {
  return [
    t("bidirectionalCall.xNumbers"),
    h(
      "span",
      {},
      t("bidirectionalCall.xNumbersCount", { n: settings.xNumbers }),
      " · ",
      link(t("bidirectionalCall.manage"), href("xNumbers", { tenant: view.tenant })),
    ),
  ];
}

function showSaved(view, loaded, tenant) {
  const settings = loaded.body;
  const result = h("div", { class: "late" });
  const test = button(t("bidirectionalCall.test.run"), {
    picture: "play",
    onclick: () => whileBusy(test, () => runTest(view, result)),
  });
  const edit = button(t("common.edit"), {
    picture: "edit",
    class: "primary",
    onclick: () => showForm(view, loaded, tenant),
  });
  view.guard(() => false);
  view.heading(t("nav.bidirectionalCall"), {
    intro: t("bidirectionalCall.intro"),
    actions: [settings.configured && test, edit].filter(Boolean),
  });
  const cards = parts.map((part) => partCard(part, settings, part.name === "ita" ? [xNumbersRow(view, settings)] : []));
  if (settings.type === "ita") cards.splice(1, 0, pushCard(settings));
  put(
    view.content,
    tenant?.bidirectionalCallEnabled === false &&
      notice("warning", t("bidirectionalCall.featureOff"), h("p", {}, link(t("nav.tenants"), href("tenants")))),
    warnings(settings),
    result,
    settings.configured
      ? cards
      : [
          notice("info", t("bidirectionalCall.notConfigured"), h("p", {}, t("bidirectionalCall.notConfiguredWords"))),
          pushCard(settings),
        ],
  );
}

function showForm(view, loaded, tenant) {
  view.heading(t("bidirectionalCall.editTitle"), { intro: t("bidirectionalCall.editIntro") });
  openSettingsForm(view, loaded, {
    onSaved: (saved) => showSaved(view, saved, tenant),
    onCancel: (current) => showSaved(view, current, tenant),
  });
  view.head.querySelector("h1").focus();
}

// The system administrator sees the settings also where the feature is off; the page then says so.
async function findTenant(view) {
  return isSystemAdministrator() ? (await get(path`/tenants/${view.tenant}`, { signal: view.signal })).body : null;
}

export async function show(view) {
  view.heading(t("nav.bidirectionalCall"), { intro: t("bidirectionalCall.intro") });
  view.content = h("div", { class: "stack" });
  view.append(view.content);
  try {
    const [loaded, tenant] = await Promise.all([
      get(path`/tenants/${view.tenant}/bidirectional-call`, { signal: view.signal }),
      findTenant(view),
    ]);
    showSaved(view, loaded, tenant);
  } catch (problem) {
    if (problem.status !== 403) throw problem;
    put(
      view.content,
      notice("info", t("bidirectionalCall.noFeature"), h("p", {}, t("bidirectionalCall.noFeatureWords"))),
    );
  }
}
