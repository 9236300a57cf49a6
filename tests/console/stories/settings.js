"use strict";

const assert = require("assert");
const { errorAt, fact, field, open, press, signIn, toast } = require("../person.js");

const PAGE = "Bidirectional Call";

async function arrive(people, { user, password, tenant }) {
  const page = await people.arrives();
  await signIn(page, user, password);
  await open(page, `#/t/${tenant}/bidirectional-call`, PAGE);
  return page;
}

async function edit(page) {
  await press(page, "Edit");
  await page.getByRole("heading", { level: 1, name: "Edit Bidirectional Call" }).waitFor();
}

async function saved(page) {
  await toast(page, "Saved.");
  await page.getByRole("heading", { level: 1, name: PAGE, exact: true }).waitFor();
}

// The six fields of the ITA, the first time; wrong ones are told at the field, and nothing is lost.
exports.firstTime = async (people, args) => {
  const page = await arrive(people, args);
  await page.locator(".notice", { hasText: "Nothing is set up yet" }).waitFor();
  await edit(page);
  await page.getByLabel("ITA bidirectional call").check();
  await page.getByLabel("None", { exact: false }).first().check();
  await field(page, "AccessKey").fill(args.accessKey);
  await field(page, "AppKey").fill("not a key");
  await field(page, "ITA Domain Name").fill("https://ita.example.com/");
  await page.getByLabel("Specified", { exact: false }).check();
  await press(page, "Save");
  await page.locator(".summary:not([hidden])", { hasText: "things are to be corrected" }).waitFor();
  assert.match(await errorAt(page, "AppKey"), /letters, digits/);
  assert.match(await errorAt(page, "ITA Domain Name"), /HOST/);
  assert.match(await errorAt(page, "SecretKey"), /must be set/i);
  await page
    .locator(".summary")
    .getByRole("button", { name: /AppKey/ })
    .click();
  assert.strictEqual(await page.evaluate(() => document.activeElement.name), "appKey");
  await field(page, "AppKey").fill(args.appKey);
  await field(page, "ITA Domain Name").fill(args.domain);
  await field(page, "SecretKey").fill(args.secretKey);
  await press(page, "Add numbers");
  await page.getByRole("dialog").getByLabel("Numbers", { exact: true }).fill(args.xNumbers.join("\n"));
  await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText(`${args.xNumbers.length} numbers`).first().waitFor();
  await press(page, "Save");
  await saved(page);
  assert.strictEqual(await fact(page, "X Number Allocation Mode"), "Specified");
  assert.match(await fact(page, "SecretKey"), /^Set changed /);
  assert.match(await fact(page, "CDR push URL"), /statusnotify/);
  assert.ok(!(await page.content()).includes(args.secretKey), "the secret is gone");
};

// Without a server at the domain the test fails at a step, which says so; the others are listed too.
exports.tested = async (people, args) => {
  const page = await arrive(people, args);
  await press(page, "Test");
  await page.locator(".step.failed").first().waitFor({ timeout: 60000 });
  assert.ok((await page.locator(".step").count()) > 3);
  return page.locator(".late .notice-title").innerText();
};

// Type CEC: its own fields, warnings for http and for no authentication, a URL outside the trustlist refused at its field.
exports.cec = async (people, args) => {
  const page = await arrive(people, args);
  await edit(page);
  await page.getByLabel("CEC bidirectional call").check();
  assert.strictEqual(await field(page, "AccessKey").isVisible(), false);
  await page.getByLabel(/^None/).check();
  await page.locator("[data-field=callbackAuthentication] .notice", { hasText: "Without authentication" }).waitFor();
  await page.getByLabel(/^Connection Callback URL/).fill("http://callback.example.com/connected");
  await page.locator("[data-field=connectionCallbackUrl] .notice", { hasText: "not secure" }).waitFor();
  await field(page, "AICC Domain Name").fill("aicc.example.com");
  await field(page, "AICC app key").fill("fake-aicc-key");
  await field(page, "AICC app secret").fill("fake-aicc-secret-1");
  await press(page, "Save");
  await page.locator("[data-field=connectionCallbackUrl] .field-error", { hasText: /trustlist/i }).waitFor();
  await page.getByLabel(/^Connection Callback URL/).fill("");
  await press(page, "Save");
  await saved(page);
  await page.locator(".notice.warning", { hasText: "Authentication mode" }).waitFor();
  assert.match(await fact(page, "AICC app secret"), /^Set/);
};

// Callback URLs belong to both types: saving something else keeps them.
exports.callbacksStay = async (people, args) => {
  const page = await arrive(people, args);
  assert.strictEqual(await fact(page, "Hang-up Callback URL"), args.hangupUrl);
  await edit(page);
  await field(page, "AppKey").fill("another-app-key");
  await press(page, "Save");
  await saved(page);
  assert.strictEqual(await fact(page, "AppKey"), "another-app-key");
  assert.strictEqual(await fact(page, "Hang-up Callback URL"), args.hangupUrl);
};

exports.leavingAsks = async (people, args) => {
  const page = await arrive(people, args);
  await edit(page);
  await field(page, "AppKey").fill("changed-and-not-saved");
  await page.getByRole("link", { name: "X numbers" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
  await dialog.getByRole("button", { name: "Stay" }).click();
  assert.strictEqual(await field(page, "AppKey").inputValue(), "changed-and-not-saved");
  await page.goBack();
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  assert.strictEqual(await field(page, "AppKey").inputValue(), "changed-and-not-saved");
  await press(page, "Cancel");
  await dialog.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("heading", { level: 1, name: PAGE, exact: true }).waitFor();
  assert.ok(!(await page.content()).includes("changed-and-not-saved"));
};

// Two at once: the second sees what the first has changed and puts his own on top.
exports.twoAtOnce = async (people, args) => {
  const first = await arrive(people, args),
    second = await arrive(people, args);
  await edit(first);
  await edit(second);
  await field(first, "AppKey").fill("of-the-first");
  await press(first, "Save");
  await saved(first);
  await field(second, "ITA Domain Name").fill("second.example.com");
  await press(second, "Save");
  const dialog = second.getByRole("dialog", { name: "Somebody else has saved in the meantime" });
  await dialog.waitFor();
  const shown = await dialog
    .locator("tbody tr")
    .evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText)));
  assert.deepStrictEqual(
    shown.map((row) => row[0]),
    ["AppKey", "ITA Domain Name"],
  );
  assert.strictEqual(shown[0][2], "of-the-first");
  assert.strictEqual(shown[0][3], "not changed by you");
  assert.strictEqual(shown[1][3], "second.example.com");
  await dialog.getByRole("button", { name: "Apply mine on top" }).click();
  await second.locator(".summary", { hasText: "Check them, then save" }).waitFor();
  assert.strictEqual(await field(second, "AppKey").inputValue(), "of-the-first");
  await press(second, "Save");
  await saved(second);
  assert.strictEqual(await fact(second, "ITA Domain Name"), "second.example.com");
  assert.strictEqual(await fact(second, "AppKey"), "of-the-first");
};

exports.theOthersAreTaken = async (people, args) => {
  const first = await arrive(people, args),
    second = await arrive(people, args);
  await edit(first);
  await edit(second);
  await field(first, "AppKey").fill("of-the-first-again");
  await press(first, "Save");
  await saved(first);
  await field(second, "AppKey").fill("of-the-second");
  await press(second, "Save");
  await second.getByRole("dialog").getByRole("button", { name: "Discard mine" }).click();
  await second.getByRole("heading", { level: 1, name: PAGE, exact: true }).waitFor();
  assert.strictEqual(await fact(second, "AppKey"), "of-the-first-again");
};
