// Pictures for docs/console/. Each is [name, hash, options of the browser, steps on the page].
"use strict";

const path = require("path");
const { field, press, signIn } = require("../person.js");

const EN = { locale: "en-GB", colorScheme: "light" };
const DARK = { locale: "en-GB", colorScheme: "dark" };
const ZH = { locale: "zh-CN", colorScheme: "light" };
const PHONE = { viewport: { width: 390, height: 844 } };

async function errors(page) {
  await press(page, "Edit");
  await field(page, "AppKey").fill("not a key");
  await field(page, "ITA Domain Name").fill("https://ita.example.com/");
  await press(page, "Save");
  await page.locator(".summary > h2").waitFor();
}

async function tested(page) {
  await press(page, "Test");
  await page.locator(".steps").waitFor({ timeout: 60000 });
}

const lastWeek = async (page) => {
  const week = page.getByRole("button", { name: "7 d" });
  await Promise.all([page.waitForResponse(/step=hour/), week.click()]);
  await page.locator(".chart").waitFor();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
};

async function conflict(page, second) {
  for (const each of [page, second]) await press(each, "Edit");
  await field(page, "AppKey").fill("the-new-app-key");
  await press(page, "Save");
  await page.locator(".toast").waitFor();
  await field(second, "ITA Domain Name").fill("ita2.example.com");
  await press(second, "Save");
  await second.getByRole("dialog").waitFor();
  return second;
}

// Two calls that go on, and what the pages make of them.
async function calling(page, _, people) {
  await people.ask("calls", 2);
  await page.locator("tbody tr").nth(7).waitFor();
}

async function firstCallback(page) {
  await page.locator("tbody tr", { hasText: "Given up" }).first().locator("a").first().click();
  await page.getByRole("heading", { level: 1, name: "Hang-up callback" }).waitFor();
}

const attach = async (page) => {
  await page.getByRole("button", { name: /^(Attach CDR|关联话单) lost-1/ }).click();
  await page.locator(".offer").first().waitFor();
};

const SHOTS = [
  ["dashboard", "#/t/acme/dashboard?span=week", EN],
  ["dashboard-dark-zh", "#/t/acme/dashboard?span=day", { ...ZH, colorScheme: "dark" }],
  ["dashboard-phone", "#/t/acme/dashboard?span=day", { ...EN, ...PHONE }],
  ["overview", "#/overview?span=week", DARK],
  ["calls", "#/t/acme/calls", EN, calling],
  ["calls-phone-zh", "#/t/acme/calls", { ...ZH, ...PHONE }],
  ["call", "#/t/acme/calls/SERIAL", EN],
  ["call-dark-zh", "#/t/acme/calls/SERIAL", { ...ZH, colorScheme: "dark" }],
  ["call-phone", "#/t/acme/calls/SERIAL", { ...EN, ...PHONE }],
  ["callbacks", "#/t/acme/callbacks", EN],
  ["callback", "#/t/acme/callbacks?state=dead", DARK, firstCallback],
  ["callbacks-phone-zh", "#/t/acme/callbacks", { ...ZH, ...PHONE }],
  ["unmatched", "#/unmatched-cdrs", EN],
  ["unmatched-attach-zh", "#/unmatched-cdrs", ZH, attach],
  ["diagnostics", "#/diagnostics", EN],
  ["diagnostics-dark-zh", "#/diagnostics", { ...ZH, colorScheme: "dark" }],
  ["audit", "#/audit", EN],
  ["sign-in", null, EN],
  ["bidirectional-call", "#/t/acme/bidirectional-call", EN],
  ["bidirectional-call-zh", "#/t/acme/bidirectional-call", ZH],
  ["bidirectional-call-errors", "#/t/acme/bidirectional-call", EN, errors],
  ["bidirectional-call-test", "#/t/acme/bidirectional-call", EN, tested],
  ["x-numbers", "#/t/acme/x-numbers", DARK],
  ["x-numbers-week", "#/t/acme/x-numbers", EN, lastWeek],
  ["x-numbers-phone-zh", "#/t/acme/x-numbers", { ...ZH, ...PHONE }],
  ["app-keys", "#/t/acme/app-keys", EN],
  ["tenants", "#/tenants", EN],
  ["users-dark-zh", "#/users", { ...ZH, colorScheme: "dark" }],
  ["certificates", "#/certificates", DARK],
  ["bidirectional-call-conflict", "#/t/acme/bidirectional-call", EN, conflict],
];

async function arrive(people, { user, password }, hash, options) {
  const page = await people.arrives(options);
  if (hash === null) return page;
  await signIn(page, user, password);
  await page.evaluate((wanted) => {
    location.hash = wanted;
  }, hash);
  await page.locator(`main[data-shown="${hash}"]`).waitFor();
  return page;
}

exports.take = async (people, args) => {
  const wanted = SHOTS.filter(([name]) => args.names.length === 0 || args.names.includes(name));
  for (const [name, address, options, steps] of wanted) {
    const hash = address?.replace("SERIAL", args.serial) ?? null;
    let page = await arrive(people, args, hash, options);
    const second = steps === conflict ? await arrive(people, args, hash, options) : null;
    if (steps) page = (await steps(page, second, people)) ?? page;
    await page.waitForLoadState("networkidle", { timeout: 2000 }).catch(() => {}); // the events' stream never rests
    await page.screenshot({ path: path.join(args.folder, `${name}.png`) });
    await people.leave();
  }
};
