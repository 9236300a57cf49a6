// The Bidirectional Call form as a table: its parts in the order of the contract (console.md), the fields of each, and
// when they matter. The view, the form, the comparison after a 412 and the request are all made from it.

import { h } from "./dom.js";
import { has, t } from "./i18n.js";
import { areaField, checkField, choiceField, secretField, textField } from "./form.js";

const METHODS = ["POST", "PUT"];
const isIta = (values) => values.type === "ita";
const isCec = (values) => values.type === "cec";
const whenMode = (mode) => (values) => values.callbackAuthentication === mode;

const text = (name, more = {}) => ({ name, kind: "text", ...more });
const secret = (name, more = {}) => ({ name, kind: "secret", ...more });
const choice = (name, values, more = {}) => ({ name, kind: "choice", values, ...more });
const number = (name) => ({ name, kind: "number", optional: true });

export const parts = [
  { name: "type", fields: [choice("type", ["cec", "ita"])] },
  {
    name: "urls",
    fields: [
      text("connectionCallbackUrl", { optional: true, url: true }),
      choice("connectionCallbackMethod", METHODS, { short: true }),
      text("hangupCallbackUrl", { optional: true, url: true }),
      choice("hangupCallbackMethod", METHODS, { short: true }),
    ],
  },
  {
    name: "callbacks",
    fields: [
      choice("callbackAuthentication", ["sharedKey", "oauth2", "none"]),
      secret("sharedKey", { when: whenMode("sharedKey") }),
      text("oauthAccessKey", { when: whenMode("oauth2") }),
      secret("oauthSecretKey", { when: whenMode("oauth2") }),
      text("oauthLoginUrl", { when: whenMode("oauth2"), url: true }),
      {
        name: "consoleUrlsAuthenticated",
        kind: "check",
        when: (values) => values.callbackAuthentication !== "none",
      },
    ],
  },
  {
    name: "ita",
    when: isIta,
    fields: [
      text("accessKey"),
      secret("secretKey"),
      text("appKey"),
      text("domain"),
      choice("xMode", ["automatic", "specified"]),
    ],
  },
  { name: "aicc", when: isCec, fields: [text("aiccDomain"), text("aiccAppKey"), secret("aiccAppSecret")] },
  {
    name: "more",
    when: isIta,
    folded: true,
    fields: [
      text("areaCode", { optional: true }),
      text("zone", { optional: true }),
      text("homeCountry", { optional: true }),
      number("inFlightMax"),
      number("perSecondMax"),
      { name: "recorded", kind: "check" },
      { name: "profile", kind: "json", optional: true },
    ],
  },
];

export const fields = parts.flatMap((part) => part.fields);

const label = (name) => t(`bidirectionalCall.${name}.label`);
const ruleOf = (name) => (has(`bidirectionalCall.${name}.rule`) ? t(`bidirectionalCall.${name}.rule`) : null);
const choiceText = (name, value) => t(`bidirectionalCall.${name}.${value}`);

export const fieldLabel = label;

// Whether the field belongs to what is chosen, in the form or in what is saved.
export const matters = (field, values) => {
  const part = parts.find((each) => each.fields.includes(field));
  return (part.when?.(values) ?? true) && (field.when?.(values) ?? true);
};

// A value as it is shown when nobody edits: text, or null for none.
export function shownValue(field, settings) {
  const value = settings[field.name];
  if (field.kind === "secret") return settings.secrets?.[field.name]?.changedAt ?? null;
  if (field.kind === "check") return t(value ? "common.yes" : "common.no");
  if (value === null || value === undefined || value === "") return null;
  if (field.kind === "choice") return choiceText(field.name, value);
  if (field.kind === "json") return JSON.stringify(value, null, 2);
  return field.kind === "number" && value === 0 ? t("bidirectionalCall.noLimit") : String(value);
}

// The field's part of the form, from form.js. get() gives what the API takes.
export function makeField(field, settings) {
  const options = {
    name: field.name,
    label: label(field.name),
    rule: ruleOf(field.name),
    optional: field.optional,
    value: settings[field.name],
  };
  if (field.kind === "secret") return secretField({ ...options, state: settings.secrets?.[field.name] });
  if (field.kind === "check") return checkField(options);
  if (field.kind === "choice")
    return choiceField({
      ...options,
      value: options.value ?? field.values[0],
      choices: field.values.map((value) => [
        value,
        choiceText(field.name, value),
        field.short ? null : t(`bidirectionalCall.${field.name}.${value}Words`),
      ]),
    });
  if (field.kind === "number")
    return asNumber(textField({ ...options, value: options.value ?? 0, attributes: { inputmode: "numeric" } }));
  if (field.kind === "json")
    return asJson(areaField({ ...options, rows: 6, value: shownValue(field, settings) ?? "" }));
  return orNull(textField({ ...options, attributes: { maxlength: 2048, inputmode: field.url ? "url" : null } }));
}

const orNull = (field) => ({ ...field, get: () => field.get().trim() || null });

// What is no number, or no JSON, is sent as it stands: the API says at the field what is wrong.
const asNumber = (field) => ({
  ...field,
  get: () => (/^\s*-?\d+\s*$/.test(field.get()) ? Number(field.get()) : field.get().trim() || null),
});

function asJson(field) {
  const read = () => {
    const text = field.get().trim();
    try {
      return text ? JSON.parse(text) : null;
    } catch {
      return text;
    }
  };
  return { ...field, get: read, set: (value) => field.set(value ? JSON.stringify(value, null, 2) : "") };
}

// The body of the PUT: every field that matters, as of those what is left out would not be set any more; what belongs to
// another type or mode stays as it is. A secret only when one was typed.
export function requestBody(values) {
  return Object.fromEntries(
    fields
      .filter((field) => matters(field, values) && (field.kind !== "secret" || values[field.name]))
      .map(({ name }) => [name, values[name]]),
  );
}

// Two values of the same field, compared as the API has them.
export const isSame = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

// Fields whose value in `now` differs from `before`; of a secret, the time of its change.
export function changedFields(before, now) {
  return fields.filter((field) =>
    field.kind === "secret"
      ? !isSame(before.secrets?.[field.name]?.changedAt, now.secrets?.[field.name]?.changedAt)
      : !isSame(before[field.name], now[field.name]),
  );
}

export const partTitle = (part) => h("h2", {}, t(`bidirectionalCall.parts.${part.name}`));
