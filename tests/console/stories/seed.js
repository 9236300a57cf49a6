// What the two administrators do so that a tenant's agents can place calls at an ITA, from the first sign-in on.
"use strict";

const assert = require("assert");
const { dialog, fact, field, gone, inDialog, open, press, rowsBecome, signIn, toast } = require("../person.js");

const SETTINGS = "Bidirectional Call";

async function arriveForTheFirstTime(people, { user, oneTimePassword, password }) {
  const page = await people.arrives();
  await field(page, "User").fill(user);
  await field(page, "Password").fill(oneTimePassword);
  await press(page, "Sign in");
  await page.getByRole("heading", { name: "Choose your password" }).waitFor();
  await field(page, "New password").fill(password);
  await field(page, "New password, once more").fill(password);
  await press(page, "Change password");
  await page.waitForSelector("nav");
  return page;
}

const pressInHead = (page, name) => page.locator(".page-head").getByRole("button", { name, exact: true }).click();

// --- The system administrator ---

async function createTenant(page, tenant) {
  await open(page, "#/tenants", "Tenants");
  await pressInHead(page, "Create tenant");
  await dialog(page).getByLabel("Name", { exact: true }).fill(tenant);
  await dialog(page).getByLabel(/^One-click/).uncheck();
  await inDialog(page, "Create tenant");
  await gone(page);
  await rowsBecome(page, (all) => assert.strictEqual(all.find((row) => row[0] === tenant)[2], "Off"));
}

async function enableFeature(page, tenant) {
  await press(page, `Edit ${tenant}`);
  await dialog(page).getByLabel(/^One-click/).check();
  await inDialog(page, "Save");
  await gone(page);
  await rowsBecome(page, (all) => assert.strictEqual(all.find((row) => row[0] === tenant)[2], "On"));
}

async function trust(page, entry) {
  await open(page, "#/trustlist", "Trustlist");
  await field(page, "Entry").fill(entry);
  await press(page, "Add");
  await rowsBecome(page, (all) => assert.strictEqual(all[0][0], entry));
}

async function uploadCertificate(page, { file, fingerprint }) {
  await open(page, "#/certificates", "Certificates");
  await field(page, "Certificate file").setInputFiles(file);
  await press(page, "Upload");
  await page.locator(".facts", { hasText: fingerprint }).waitFor();
}

async function createAdministrator(page, user, tenant) {
  await open(page, "#/users", "Users");
  await pressInHead(page, "Create user");
  await dialog(page).getByLabel("User", { exact: true }).fill(user);
  await dialog(page).getByLabel("Tenant", { exact: true }).fill(tenant);
  await inDialog(page, "Create user");
  await page.getByRole("dialog", { name: "One-time password" }).waitFor();
  const password = await dialog(page).locator("code").last().innerText();
  await inDialog(page, "I have stored it");
  await gone(page);
  return password;
}

// --- The tenant administrator ---

async function editSettings(page, tenant) {
  await open(page, `#/t/${tenant}/bidirectional-call`, SETTINGS);
  await press(page, "Edit");
  await page.getByRole("heading", { level: 1, name: `Edit ${SETTINGS}` }).waitFor();
}

async function saveSettings(page) {
  await press(page, "Save");
  await toast(page, "Saved.");
  await page.getByRole("heading", { level: 1, name: SETTINGS, exact: true }).waitFor();
}

async function fillSixFields(page, { tenant, accessKey, secretKey, appKey, domain, pushUrl }) {
  await editSettings(page, tenant);
  await page.getByLabel("ITA bidirectional call").check();
  await page.getByLabel(/^None/).first().check();
  await field(page, "AccessKey").fill(accessKey);
  await field(page, "SecretKey").fill(secretKey);
  await field(page, "AppKey").fill(appKey);
  await field(page, "ITA Domain Name").fill(domain);
  await page.getByLabel(/^Automatic/).check();
  await saveSettings(page);
  assert.strictEqual(await fact(page, "ITA Domain Name"), domain);
  assert.match(await fact(page, "SecretKey"), /^Set /);
  assert.ok((await fact(page, "CDR push URL")).startsWith(pushUrl));
  assert.ok(!(await page.content()).includes(secretKey), "the secret is not shown again");
}

async function createAppKey(page, tenant) {
  await open(page, `#/t/${tenant}/app-keys`, "App keys");
  await press(page, "Create app key");
  await dialog(page).waitFor();
  const made = await dialog(page).locator("code").allInnerTexts();
  await inDialog(page, "I have stored it");
  await gone(page);
  assert.ok(!(await page.content()).includes(made[1]), "the app secret is shown once");
  return made;
}

// A row of the Calls page appears, and changes, while nobody touches the page.
async function watchCall(people, page, { tenant, called }) {
  await open(page, `#/t/${tenant}/calls`, "Calls");
  const row = page.locator("main tbody tr", { hasText: called });
  assert.strictEqual(await row.count(), 0);
  const xNumber = await people.ask("call", called);
  await row.filter({ hasText: "Calling" }).waitFor();
  await row.filter({ hasText: xNumber }).waitFor();
  await people.ask("end", called);
  await row.filter({ hasText: "Ended" }).waitFor();
  await row.getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: /^Call \d+$/ }).waitFor();
  return xNumber;
}

async function chooseSpecified(page, { tenant, xNumbers }) {
  await editSettings(page, tenant);
  await page.getByLabel(/^Specified/).check();
  await press(page, "Add numbers");
  await dialog(page).getByLabel("Numbers", { exact: true }).fill(xNumbers.join("\n"));
  await inDialog(page, "Add");
  await gone(page);
  await saveSettings(page);
  assert.strictEqual(await fact(page, "X Number Allocation Mode"), "Specified");
}

// What Test says in the end, and the steps that did not pass.
async function test(page, tenant) {
  await open(page, `#/t/${tenant}/bidirectional-call`, SETTINGS);
  await press(page, "Test");
  const shown = page.locator("section", { has: page.locator("ol.steps") });
  await shown.waitFor();
  return {
    result: await shown.locator(".notice-title").innerText(),
    failed: await shown.locator(".step.failed").allInnerTexts(),
    warnings: await shown.locator(".step.warning").allInnerTexts(),
    skipped: await shown.locator(".step.skipped").allInnerTexts(),
  };
}

exports.procedure = async (people, args) => {
  const { tenant } = args;
  const system = await arriveForTheFirstTime(people, args);
  await createTenant(system, tenant);
  await enableFeature(system, tenant);
  await trust(system, args.trusted);
  await uploadCertificate(system, args.certificate);
  const oneTimePassword = await createAdministrator(system, args.administrator, tenant);

  const page = await arriveForTheFirstTime(people, { ...args, user: args.administrator, oneTimePassword });
  await fillSixFields(page, args);
  await people.ask("signIn", ...(await createAppKey(page, tenant)));
  await watchCall(people, page, { tenant, called: args.called[0] });

  await chooseSpecified(page, args);
  const used = await watchCall(people, page, { tenant, called: args.called[1] });
  assert.ok(args.xNumbers.includes(used), used);

  const before = await test(page, tenant);
  await uploadCertificate(system, args.wrongCertificate);
  const wrong = await test(page, tenant);
  await uploadCertificate(system, args.certificate);
  const after = await test(page, tenant);
  return { oneTimePassword, before, wrong, after };
};
