// The console's two languages. Texts are looked up by keys such as "calls.title"; both dictionaries have the same.

const LANGUAGES = { en: "English", zh: "中文" };
const STORED = "ita-console-language";

let language = "en";
let texts = {};

function preferred() {
  const stored = localStorage.getItem(STORED);
  if (stored in LANGUAGES) return stored;
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith("zh")) &&
    !navigator.languages[0].toLowerCase().startsWith("en")
    ? "zh"
    : "en";
}

export async function loadLanguage(wanted = preferred()) {
  const module = wanted === "zh" ? await import("./texts_zh.js") : await import("./texts_en.js");
  language = wanted;
  texts = module.default;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

// Remembers the choice for this browser. Whoever shows texts shows them anew afterwards.
export async function changeLanguage(wanted) {
  localStorage.setItem(STORED, wanted);
  await loadLanguage(wanted);
}

export function currentLanguage() {
  return language;
}

export const languages = LANGUAGES;

export function has(key) {
  return typeof find(key) === "string";
}

function find(key) {
  return key.split(".").reduce((part, name) => part?.[name], texts);
}

// The text of a key, each {name} in it replaced. A text that depends on a count has the forms "one" and "other",
// chosen by the value n.
export function t(key, values = {}) {
  let text = find(key);
  if (text?.other !== undefined) text = text[new Intl.PluralRules(language).select(values.n)] ?? text.other;
  if (typeof text !== "string") return key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// An address or a name at its beginning stays as it is.
export const sentence = (text) => text.replace(/^[a-z]+(?=[\s,:]|$)/, (word) => word[0].toUpperCase() + word.slice(1));

// What the API says in both languages, {en, zh}, as a sentence.
export function both(detail) {
  const text = detail?.[language];
  return text && language === "zh" ? text : sentence(text ?? detail?.en ?? "");
}

// --- Times and numbers, in the reader's own zone ---

const locale = () => (language === "zh" ? "zh-CN" : "en-GB");

export function dateTime(text, options = { dateStyle: "medium", timeStyle: "medium" }) {
  return text ? new Intl.DateTimeFormat(locale(), options).format(new Date(text)) : t("common.never");
}

export const minute = (text) => dateTime(text, { dateStyle: "medium", timeStyle: "short" });

export function date(text) {
  return dateTime(text, { dateStyle: "medium" });
}

export function timeOfDay(text) {
  return dateTime(text, { timeStyle: "medium" });
}

// "UTC+8": shown once beside times, so that nobody has to guess.
export function zone() {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "shortOffset" }).formatToParts(new Date());
  return parts.find((part) => part.type === "timeZoneName").value.replace("GMT", "UTC");
}

const STEPS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

// "3 minutes ago", "in 2 days"
export function relative(text) {
  const seconds = (new Date(text) - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? STEPS[3];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

export function number(value, options = {}) {
  return value === null || value === undefined ? "–" : new Intl.NumberFormat(locale(), options).format(value);
}
