// Calls watched, looked at and repaired; what the dashboard and the diagnostics make of them.
"use strict";

const assert = require("assert");
const { errorAt, field, open, press, rows, rowsBecome, signIn, toast } = require("../person.js");

async function arrive(people, { user, password }, options) {
  const page = await people.arrives(options);
  await signIn(page, user, password);
  return page;
}

const dialog = (page) => page.getByRole("dialog");
const rowOf = (all, serial) => all.find((row) => row[0] === serial);
const live = (page) => page.locator(".live-line").getByText("Live").waitFor();

exports.watched = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, `#/t/${args.tenant}/calls`, "Calls");
  await live(page);
  const serial = await people.ask("place");
  await rowsBecome(page, (all) => assert.strictEqual(rowOf(all, serial)?.[3], "Calling"));
  assert.strictEqual((await rows(page))[0][0], serial, "the newest stands first");
  await people.ask("end");
  await rowsBecome(page, (all) => {
    assert.strictEqual(rowOf(all, serial)[3], "Ended");
    assert.match(rowOf(all, serial)[5], /16$/);
  });
  await page.getByRole("link", { name: serial }).click();
  await page.getByRole("heading", { level: 1, name: `Call ${serial}` }).waitFor();
};

exports.searched = async (people, { number, serial, others, ...args }) => {
  const page = await arrive(people, args);
  await open(page, `#/t/${args.tenant}/calls`, "Calls");
  await page.getByText("More to search by").click();
  await field(page, "Cause").fill("no number");
  await press(page, "Search");
  await page.locator(".summary").getByText("cause").waitFor();
  await field(page, "Cause").fill("");
  await page.getByLabel("Number").fill(number);
  await page.getByLabel("State").selectOption({ label: "Ended" });
  await press(page, "Search");
  await rowsBecome(page, (all) => assert.deepStrictEqual([all.length, all[0][0]], [1, serial]));
  const exported = await page.getByRole("link", { name: "Export CSV" }).getAttribute("href");
  assert.ok(exported.includes(`number=${number}`) && exported.includes("state=ended"), exported);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export CSV" }).click(),
  ]);
  const text = require("fs").readFileSync(await file.path(), "utf8");
  assert.ok(text.includes(serial));
  for (const other of others) assert.ok(!text.includes(other));
  await page.reload(); // the address holds the search
  await rowsBecome(page, (all) => assert.strictEqual(all.length, 1));
};

// The page of a call that goes on: it changes when the call ends.
exports.detail = async (people, args) => {
  const page = await arrive(people, args);
  const serial = await people.ask("place");
  await open(page, `#/t/${args.tenant}/calls/${serial}`, `Call ${serial}`);
  await live(page);
  await page.getByText("Until the CDR comes, the ITA tells nothing of the two legs.").waitFor();
  assert.strictEqual(await page.locator(".legs .lane-talk").count(), 0);
  const asked = page.locator(".legs > svg .lane-asked");
  assert.strictEqual(await asked.count(), 1, "nobody calls the customer before the agent has answered");
  await people.ask("end");
  await page.locator(".legs svg .lane-talk").first().waitFor();
  const agentOpen = await page.locator(".legs > svg .lane-open").first().getAttribute("x");
  assert.strictEqual(await asked.nth(1).getAttribute("x1"), agentOpen);
  const told = await page.locator(".events li").allInnerTexts();
  assert.ok(
    told.some((text) => /the called answered/i.test(text) && text.includes("Customer leg")),
    told.join("\n"),
  );
  assert.ok(!told.some((text) => /\b(ring|rang)/i.test(text)), "nobody tells of ringing");
  assert.match(await page.locator(".facts", { hasText: "Reason" }).innerText(), /16/);
  assert.match(await page.locator(".legs > svg").getAttribute("aria-label"), /the called answered/i);
  assert.match(await page.locator(".facts", { hasText: "Trace ID" }).innerText(), /Trace ID\s+[0-9a-f]{32}\b/);
  await page.getByText("No callback tells of this call.").waitFor();
};

exports.unknown = async (people, { serial, ...args }) => {
  const page = await arrive(people, args);
  await open(page, `#/t/${args.tenant}/calls/${serial}`, `Call ${serial}`);
  await page.getByText("Unknown: it may have been placed").waitFor();
  assert.ok((await page.locator(".events .unknown").count()) === 1);
  assert.match(await page.locator(".facts", { hasText: "Why not accepted" }).innerText(), /Why not accepted\s+\S/);
};

exports.attached = async (people, { callId, serial, other, ...args }) => {
  const page = await arrive(people, args);
  await open(page, "#/unmatched-cdrs", "Unmatched CDRs");
  await press(page, `Attach CDR ${callId}`);
  await dialog(page).waitFor();
  const attach = () => dialog(page).getByRole("button", { name: "Attach", exact: true }).click();
  await attach();
  assert.match(await errorAt(page, "Call"), /./);
  await field(page, "Call").fill("4711");
  await attach();
  await dialog(page).locator("[aria-invalid=true]").waitFor();
  await field(page, "Call").fill(other);
  await attach();
  await dialog(page).getByText("This CDR can't be attached to that call.").first().waitFor();
  assert.match(await errorAt(page, "Call"), /can't be attached/);
  await dialog(page).locator(".offer", { hasText: serial }).click();
  assert.strictEqual(await field(page, "Call").inputValue(), serial);
  await attach();
  await toast(page, `Attached to call ${serial}, which has ended with it`);
  await rowsBecome(page, (all) => assert.ok(!all.some((row) => row[3].includes(callId))));
  await open(page, `#/t/${args.tenant}/calls/${serial}`, `Call ${serial}`);
  await page.getByText("attached by hand").first().waitFor();
};

const figure = (page, name) => page.locator(".figure", { hasText: name }).locator("strong");

// The figures follow what happens, without the session being prolonged.
exports.dashboard = async (people, { placed, refused, ...args }) => {
  const page = await arrive(people, args);
  await open(page, `#/t/${args.tenant}/dashboard`, "Dashboard");
  await live(page);
  assert.strictEqual(await figure(page, "Calls placed").innerText(), String(placed));
  assert.strictEqual(await figure(page, "Without success").innerText(), String(refused));
  await page.locator(".reasons", { hasText: "90106003" }).waitFor();
  await people.ask("place");
  await page.locator(".figure", { hasText: "Calls in progress" }).getByText("1 calling").waitFor();
  await page.waitForRequest(
    (request) => request.url().includes("/stats?") && request.headers()["x-background"] === "1",
  );
  await figure(page, "Calls placed")
    .filter({ hasText: new RegExp(`^${placed + 1}$`) })
    .waitFor();
  await people.ask("end");
  await page.locator(".figure", { hasText: "Calls in progress" }).getByText("1 calling").waitFor({ state: "detached" });
  for (const [button, span] of [
    ["24 h", 24],
    ["7 d", 7 * 24],
  ]) {
    const [response] = await Promise.all([page.waitForResponse(/step=hour/), press(page, button)]);
    assert.strictEqual(response.request().headers()["x-background"], undefined, "it was the reader who asked");
    assert.strictEqual((await response.json()).calls.length, span);
  }
  await page.locator(".chart summary").first().click();
  await page.locator(".chart-table tbody tr").first().waitFor();
  await open(page, "#/overview", "All tenants");
  await page.locator(".chart").first().waitFor();
};

exports.diagnosed = async (people, args) => {
  const page = await arrive(people, args);
  await open(page, "#/diagnostics", "Diagnostics");
  const steps = page.locator(".step");
  await steps.first().waitFor();
  const [response] = await Promise.all([page.waitForResponse(/\/diagnostics$/), press(page, "Run again")]);
  const { steps: told } = await response.json();
  assert.strictEqual(await steps.count(), told.length);
  for (const text of await steps.allInnerTexts()) assert.match(text, /^(passed|warning|failed|skipped):\s/);
};

exports.sentAgain = async (people, { serial, ...args }) => {
  const page = await arrive(people, args);
  await open(page, `#/t/${args.tenant}/callbacks?state=dead`, "Callbacks");
  await rowsBecome(page, (all) => assert.ok(all.some((row) => row[1] === serial && row[2] === "Given up")));
  await page.locator("tbody tr", { hasText: serial }).getByRole("link").first().click();
  await page.getByRole("heading", { level: 1, name: "Hang-up callback" }).waitFor();
  await page.locator("tbody tr", { hasText: "503" }).first().waitFor();
  assert.ok(!(await page.locator("main").innerText()).includes(args.secret));
  await people.ask("take");
  await press(page, "Send again");
  await dialog(page).getByRole("button", { name: "Send again", exact: true }).click();
  await toast(page, "being sent again");
  await page.locator(".facts", { hasText: "State" }).getByText("Delivered").first().waitFor();
  await open(page, `#/t/${args.tenant}/callbacks`, "Callbacks");
  await press(page, "Send all given up again");
  await dialog(page).getByRole("button", { name: "Send all given up again", exact: true }).click();
  await toast(page, "callback");
};
