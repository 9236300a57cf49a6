// What people do in the console, and what they see.
"use strict";

async function signIn(page, user, password) {
  await page.getByLabel(/^(User|用户)$/).fill(user);
  await page.getByLabel(/^(Password|密码)$/).fill(password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav", { state: "attached" });
}

// Opens a page by its address and waits until it is shown.
async function open(page, hash, title) {
  await page.evaluate((wanted) => {
    location.hash = wanted;
  }, hash);
  await page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
}

const field = (page, label) => page.getByLabel(label, { exact: true });

// The error that stands at a field: tied to it, so that it is also read out.
async function errorAt(page, label) {
  const input = field(page, label).and(page.locator("[aria-invalid=true]"));
  await input.waitFor();
  const ids = (await input.getAttribute("aria-describedby")).split(" ");
  return page.locator(`#${ids[0]}`).innerText();
}

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

const dialog = (page) => page.getByRole("dialog");
const inDialog = (page, name) => dialog(page).getByRole("button", { name, exact: true }).click();
// Taken out of the page, with what it has shown: a role is lost as soon as it closes.
const gone = (page) => page.locator("dialog").waitFor({ state: "detached" });

// What a page without a form says of one thing: the text beside its name.
const fact = (page, name) =>
  page
    .locator(".facts > div", { has: page.locator("dt", { hasText: name }) })
    .locator("dd")
    .first()
    .innerText();

// The rows of the page's first table as arrays of texts.
const rows = (page) =>
  page
    .locator("main table")
    .first()
    .locator("tbody tr")
    .evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));

// Waits until the rows hold what is wanted: check(rows) is an assertion.
async function rowsBecome(page, check) {
  const until = Date.now() + 10000;
  for (;;) {
    try {
      return check(await rows(page));
    } catch (fault) {
      if (Date.now() > until) throw fault;
      await page.waitForTimeout(50);
    }
  }
}

const toast = (page, text) => page.locator(".toast", { hasText: text }).first().waitFor();

module.exports = { signIn, open, field, errorAt, press, dialog, inDialog, gone, fact, rows, rowsBecome, toast };
