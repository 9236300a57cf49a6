// Languages, keyboard, screen readers, phones, weight.
"use strict";

const assert = require("assert");
const axe = require("axe-core").source;
const { open, signIn } = require("../person.js");

exports.language = async (people, { user, password, tenant }) => {
  const page = await people.arrives();
  await signIn(page, user, password);
  await open(page, `#/t/${tenant}/x-numbers`, "X numbers");
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("heading", { level: 1, name: "X 号码", exact: true }).waitFor();
  assert.strictEqual(await page.locator("html").getAttribute("lang"), "zh-CN");
  await page.reload(); // remembered, and the address is kept
  await page.getByRole("heading", { level: 1, name: "X 号码", exact: true }).waitFor();
  const browser = await people.arrives({ locale: "zh-CN" });
  await browser.getByRole("heading", { name: "登录" }).waitFor();
};

const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    return {
      text: at.getAttribute("aria-label") ?? at.innerText ?? "",
      tag: at.tagName,
      name: at.getAttribute("name"),
    };
  });

// Presses Tab until that is reached; says where it went when it is not.
async function tabTo(page, text) {
  const seen = [];
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    seen.push(at.text);
    if (at.text.trim() === text) return;
  }
  throw new Error(`Tab does not reach ${text}: ${seen.join(", ")}`);
}

exports.keyboardOnly = async (people, { user, password }) => {
  const page = await people.arrives();
  await page.keyboard.type(user);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav");
  await page.evaluate(() => document.activeElement.blur());
  await tabTo(page, "Skip to content");
  await page.keyboard.press("Enter");
  assert.strictEqual((await focused(page)).tag, "MAIN");
  await page.reload();
  await page.waitForSelector("main h1");
  await tabTo(page, "Users");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
  assert.deepStrictEqual([(await focused(page)).tag, (await focused(page)).text], ["H1", "Users"]);
  await tabTo(page, "Create user");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  assert.strictEqual((await focused(page)).name, "user");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.strictEqual((await focused(page)).text.trim(), "Create user");
};

// What axe finds that is serious or critical, and what does not fit the page's width.
async function barriersOf(page, where) {
  await page.evaluate(axe); // not as a script of the page: its policy forbids that
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const found = result.violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(
      ({ id, nodes }) => `${where}: ${id} at ${nodes.map((node) => `${node.target} (${node.failureSummary})`).join(" | ")}`,
    );
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return overflow > 0 ? [...found, `${where}: the page is ${overflow} px too wide`] : found;
}

const arrival = ({ locale, colorScheme, width }) => ({ locale, colorScheme, viewport: { width, height: 900 } });

// pages: {hash, press, until}: what is pressed when the page is shown, and what then comes.
exports.barriers = async (people, { user, password, pages, ...looks }) => {
  const page = await people.arrives(arrival(looks));
  const found = await barriersOf(page, "sign in");
  await signIn(page, user, password);
  for (const { hash, press, until = "dialog[open], form.settings" } of pages) {
    await page.evaluate((wanted) => {
      location.hash = wanted;
    }, hash);
    await page.locator(`main[data-shown="${hash}"]`).waitFor();
    found.push(...(await barriersOf(page, hash)));
    if (!press) continue;
    await page.locator(press).first().click();
    await page.locator(until).first().waitFor();
    found.push(...(await barriersOf(page, `${hash} ${press}`)));
    await page.keyboard.press("Escape");
  }
  return found;
};

exports.barriersOfFirstPassword = async (people, { user, oneTimePassword, ...looks }) => {
  const page = await people.arrives(arrival(looks));
  await page.getByLabel(/^(User|用户)$/).fill(user);
  await page.getByLabel(/^(Password|密码)$/).fill(oneTimePassword);
  await page.keyboard.press("Enter");
  await page.locator("input[name=newPassword]").waitFor();
  const found = await barriersOf(page, "first password");
  await page.keyboard.press("Enter"); // nothing was entered: errors at the fields
  await page.locator("[aria-invalid=true]").first().waitFor();
  return [...found, ...(await barriersOf(page, "first password, refused"))];
};

// Bytes and times of a first visit, with nothing in the cache: until the document has loaded, and until the page is shown.
// The shortest of some visits, of more while none was within the limit: neighbours make it longer, never shorter.
exports.weight = async (people, { user, password, hash, limitMs }) => {
  const page = await people.arrives();
  if (user) await signIn(page, user, password);
  await page.evaluate((wanted) => {
    location.hash = wanted;
  }, hash);
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.setCacheDisabled", { cacheDisabled: true });
  const shown = [],
    loaded = [];
  let bytes = 0;
  const isLong = (times) => Math.min(...times) >= limitMs;
  for (let i = 0; i < 3 || (i < 20 && (isLong(shown) || isLong(loaded))); i += 1) {
    bytes = 0;
    const count = ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    };
    client.on("Network.loadingFinished", count);
    await page.reload();
    await page.waitForSelector("main h1");
    // The sign-in has no mark: it was shown by now.
    shown.push(
      await page.evaluate(() => performance.getEntriesByName("console-shown")[0]?.startTime ?? performance.now()),
    );
    loaded.push(await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd));
    client.off("Network.loadingFinished", count);
  }
  return { bytes, shownMs: Math.min(...shown), loadedMs: Math.min(...loaded) };
};
