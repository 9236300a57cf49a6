"use strict";

const assert = require("assert");
const { dialog, errorAt, field, gone, inDialog, open, press, rows, rowsBecome, signIn, toast } = require("../person.js");

async function arrive(people, { user, password }) {
  const page = await people.arrives();
  await signIn(page, user, password);
  return page;
}

exports.xNumbers = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, `#/t/${args.tenant}/x-numbers`, "X numbers");
  await page.getByText("No X numbers yet.").waitFor();
  await press(page, "Import CSV");
  await dialog(page)
    .getByLabel("CSV file")
    .setInputFiles({
      name: "x.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(`number,remark\n${args.numbers[0]},a\nnot a number,b\n${args.numbers[1]},c\n`),
    });
  await inDialog(page, "Import CSV");
  const wrong = dialog(page).locator(".line-errors tbody tr");
  await wrong.waitFor();
  assert.match(await wrong.innerText(), /^3\s+not a number/);
  await dialog(page)
    .getByLabel("CSV file")
    .setInputFiles({ name: "x.csv", mimeType: "text/csv", buffer: Buffer.from(args.numbers.join("\n")) });
  await inDialog(page, "Import CSV");
  await gone(page);
  await rowsBecome(page, (all) =>
    assert.deepStrictEqual(
      all.map((row) => row[0]),
      args.numbers,
    ),
  );
  await press(page, `Lock ${args.numbers[0]}`);
  await toast(page, "is locked");
  await rowsBecome(page, (all) => assert.strictEqual(all[0][1], "Locked"));
  await press(page, `Remove ${args.numbers[1]}`);
  await inDialog(page, "Remove");
  await toast(page, "removed");
  await rowsBecome(page, (all) =>
    assert.deepStrictEqual(
      all.map((row) => row[0]),
      args.numbers.filter((_, i) => i !== 1),
    ),
  );
};

exports.appKeys = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, `#/t/${args.tenant}/app-keys`, "App keys");
  await press(page, "Create app key");
  await dialog(page).waitFor();
  const [key, secret] = await dialog(page).locator("code").allInnerTexts();
  assert.ok(key.length > 8 && secret.length > 16);
  await page.keyboard.press("Escape"); // not by mistake
  await dialog(page).waitFor();
  await inDialog(page, "I have stored it");
  await gone(page);
  assert.ok(!(await page.content()).includes(secret));
  await press(page, `Rotate ${key}`);
  await dialog(page).getByLabel("The old key stays good for").selectOption({ label: "one hour" });
  await inDialog(page, "Rotate");
  await inDialog(page, "I have stored it");
  await gone(page);
  await rowsBecome(page, (all) => assert.match(all.find((row) => row[0] === key)[1], /^Rotated/));
  await press(page, `Disable ${key}`);
  await inDialog(page, "Disable");
  await toast(page, "App key disabled");
  await rowsBecome(page, (all) => assert.strictEqual(all.find((row) => row[0] === key)[1], "Disabled"));
  return (await rows(page)).length;
};

exports.agentNumbers = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, `#/t/${args.tenant}/agent-numbers`, "Agent numbers");
  await press(page, "Add agents' numbers");
  await dialog(page).getByLabel("Numbers", { exact: true }).fill(`${args.numbers[0]}, abc`);
  await inDialog(page, "Add");
  assert.match(await dialog(page).locator(".line-errors tbody tr").innerText(), /^2\s+abc/);
  await dialog(page).getByLabel("Numbers", { exact: true }).fill(args.numbers.join(" "));
  await inDialog(page, "Add");
  await gone(page);
  await rowsBecome(page, (all) =>
    assert.deepStrictEqual(
      all.map((row) => row[0]),
      args.numbers,
    ),
  );
};

exports.tenants = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, "#/tenants", "Tenants");
  await page.locator(".page-head").getByRole("button", { name: "Create tenant" }).click();
  await dialog(page).getByLabel("Name", { exact: true }).fill("a b");
  await inDialog(page, "Create tenant");
  assert.match(await errorAt(page, "Name"), /letters, digits/);
  await dialog(page).getByLabel("Name", { exact: true }).fill("made-here");
  await inDialog(page, "Create tenant");
  await gone(page);
  await page.locator("nav option", { hasText: "made-here" }).waitFor({ state: "attached" });
  await press(page, "Edit made-here");
  await dialog(page)
    .getByLabel(/^Trial/)
    .check();
  await inDialog(page, "Save");
  await gone(page);
  await rowsBecome(page, (all) =>
    assert.deepStrictEqual(all.find((row) => row[0] === "made-here").slice(1, 5), ["On", "On", "Trial", "No"]),
  );
};

exports.users = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, "#/users", "Users");
  await page.locator(".page-head").getByRole("button", { name: "Create user" }).click();
  await dialog(page).getByLabel("User", { exact: true }).fill("no such name!");
  await inDialog(page, "Create user");
  await errorAt(page, "User");
  await dialog(page).getByLabel("User", { exact: true }).fill("made.here");
  await dialog(page).getByLabel("Tenant", { exact: true }).fill(args.tenant);
  await inDialog(page, "Create user");
  await page.getByRole("dialog", { name: "One-time password" }).waitFor();
  const password = await dialog(page).locator("code").last().innerText();
  await inDialog(page, "I have stored it");
  await gone(page);
  await press(page, "Disable made.here");
  await inDialog(page, "Disable");
  await page.getByRole("button", { name: "Enable made.here" }).waitFor();
  await press(page, "Remove made.here");
  await inDialog(page, "Remove");
  await toast(page, "made.here removed");
  return password;
};

exports.apiKeys = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, "#/api-keys", "API keys");
  await page.locator(".page-head").getByRole("button", { name: "Create API key" }).click();
  await dialog(page).getByLabel("Name", { exact: true }).fill("robot");
  await dialog(page)
    .getByLabel(/^System administrator/)
    .check();
  assert.strictEqual(await dialog(page).getByLabel("Tenant", { exact: true }).isVisible(), false);
  await inDialog(page, "Create API key");
  await page.getByRole("dialog", { name: "A new API key" }).waitFor();
  const key = await dialog(page).locator("code").last().innerText();
  await inDialog(page, "I have stored it");
  await gone(page);
  await press(page, "Disable robot");
  await inDialog(page, "Disable");
  await page.getByRole("button", { name: "Enable robot" }).waitFor();
  return key;
};

exports.certificates = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, "#/certificates", "Certificates");
  await field(page, "Certificate file").setInputFiles(args.key);
  await press(page, "Upload");
  assert.match(await errorAt(page, "Certificate file"), /private key/i);
  await field(page, "Certificate file").setInputFiles(args.der);
  await press(page, "Upload");
  await toast(page, "Certificate uploaded");
  await page.locator(".facts", { hasText: args.fingerprint }).waitFor();
  await page.locator(".badge", { hasText: "Expires soon" }).waitFor();
  await page.getByRole("radio", { name: /CERT_AICC/ }).check();
  await field(page, "Certificate file").setInputFiles(args.der);
  await press(page, "Upload");
  await page.getByRole("region", { name: "CERT_AICC" }).getByText(args.fingerprint).waitFor();
  await page.getByRole("region", { name: "CERT_ITA" }).getByText(args.fingerprint).waitFor();
};

exports.audit = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, "#/audit", "Audit log");
  await page
    .locator("main")
    .getByLabel(/^Tenant/)
    .fill(args.tenant);
  await press(page, "Show");
  await page.waitForURL(new RegExp(`tenant=${args.tenant}`));
  await page.reload();
  await page.locator("main tbody tr").first().waitFor();
  return rows(page);
};

exports.trustlist = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, "#/trustlist", "Trustlist");
  await field(page, "Entry").fill("http://wrong/");
  await press(page, "Add");
  await errorAt(page, "Entry");
  await field(page, "Entry").fill("*.example.com");
  await press(page, "Add");
  await toast(page, "*.example.com added");
  await rowsBecome(page, (all) => assert.strictEqual(all[0][0], "*.example.com"));
  await press(page, "Remove *.example.com");
  await inDialog(page, "Remove");
  await toast(page, "*.example.com removed");
};
