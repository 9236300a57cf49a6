"use strict";

const assert = require("assert");
const { errorAt, field, open, press, signIn, toast } = require("../person.js");

exports.wrongThenRight = async (people, { user, password }) => {
  const page = await people.arrives();
  await field(page, "User").fill(user);
  await field(page, "Password").fill("a wrong password");
  await press(page, "Sign in");
  await page.locator(".summary", { hasText: "User or password is wrong." }).waitFor();
  assert.match(await errorAt(page, "Password"), /wrong/);
  assert.strictEqual(await field(page, "Password").inputValue(), "");
  await signIn(page, user, password);
  await page.reload(); // the cookie stays, also over plain HTTP on loopback
  await page.waitForSelector("nav");
  await page.evaluate(() => {
    location.hash = "#/nowhere";
  });
  await toast(page, "There is no such page");
  await press(page, "Sign out");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
};

exports.slowedDown = async (people, { user, tries }) => {
  const page = await people.arrives();
  for (let i = 0; i < tries; i += 1) {
    await field(page, "User").fill(user);
    await field(page, "Password").fill(`a wrong password ${i}`);
    await Promise.all([
      page.waitForResponse((response) => response.request().method() === "POST"),
      press(page, "Sign in"),
    ]);
    await page.locator(".summary:not([hidden])").waitFor();
    const text = await page.locator(".summary").innerText();
    if (text.includes("Too many wrong passwords")) return text;
  }
  throw new Error("nobody was slowed down");
};

exports.oneTimePassword = async (people, { user, oneTimePassword, password }) => {
  const page = await people.arrives();
  await field(page, "User").fill(user);
  await field(page, "Password").fill(oneTimePassword);
  await press(page, "Sign in");
  await page.getByRole("heading", { name: "Choose your password" }).waitFor();
  await field(page, "New password").fill("short");
  await field(page, "New password, once more").fill("other");
  await press(page, "Change password");
  assert.match(await errorAt(page, "New password, once more"), /not the same/);
  await field(page, "New password, once more").fill("short");
  await press(page, "Change password");
  await page.locator(".field-error:visible", { hasText: "12 to 128" }).waitFor();
  await field(page, "New password").fill(password);
  await field(page, "New password, once more").fill(password);
  await press(page, "Change password");
  await page.waitForSelector("nav");
};

// The session ends under a form: a dialog signs in again, and what was typed is still there and is saved.
exports.endsUnderAForm = async (people, { user, password, tenant }) => {
  const page = await people.arrives();
  await signIn(page, user, password);
  await open(page, `#/t/${tenant}/bidirectional-call`, "Bidirectional Call");
  await press(page, "Edit");
  await field(page, "AppKey").fill("typed-before-the-end");
  await page.context().clearCookies();
  await press(page, "Save");
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.waitFor();
  assert.strictEqual(await dialog.getByLabel("User", { exact: true }).inputValue(), user);
  await dialog.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Bidirectional Call", exact: true }).waitFor();
  await page.locator(".facts", { hasText: "typed-before-the-end" }).waitFor();
};

exports.aTenantsAdministratorSeesHisTenantOnly = async (people, { user, password, tenant, other }) => {
  const page = await people.arrives();
  await signIn(page, user, password);
  assert.strictEqual(await page.locator("nav select").count(), 0);
  assert.match(await page.locator("nav .tenant").innerText(), new RegExp(tenant));
  const links = await page.locator("nav .groups a").evaluateAll((all) => all.map((each) => each.getAttribute("href")));
  for (const link of links) assert.match(link, new RegExp(`^#/t/${tenant}/`));
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/t/${other}/app-keys`);
  await page.locator(".notice.failed", { hasText: "There is no such tenant" }).waitFor();
  await page.evaluate(() => {
    location.hash = "#/users";
  });
  await page.locator(".notice.failed", { hasText: "Only a system administrator may" }).waitFor();
};

// In another tab somebody else signs in. What is pressed here is not done in his name: the page is loaded anew for him.
exports.anotherUserSignsInElsewhere = async (people, { user, other, password, tenant }) => {
  const page = await people.arrives();
  const start = page.url();
  await signIn(page, user, password);
  await open(page, `#/t/${tenant}/app-keys`, "App keys");
  const elsewhere = await page.context().newPage();
  await elsewhere.goto(start);
  await elsewhere.waitForSelector("nav");
  await press(elsewhere, "Sign out");
  await signIn(elsewhere, other, password);
  const done = page.waitForEvent("load");
  await press(page, "Create app key");
  await done;
  await page.locator("nav .groups a", { hasText: "Users" }).waitFor();
  assert.strictEqual(await page.getByRole("dialog").count(), 0);
};
