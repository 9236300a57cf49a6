// Plays stories in Chromium. Reads one line of JSON for each: {"file", "story", "args"}; answers {"value"} or {"error"}.
// While it plays, {"ask", "with"} asks for something to be done outside the browser; the next line holds what came of it.
// A story is a function of (people, args) that stories/<file>.js exports. After each, nothing may have been refused by the
// Content-Security-Policy, thrown, or logged as an error; answers of 400 and above are the browser's to log.
"use strict";

const path = require("path");
const readline = require("readline");
const { chromium } = require("playwright-core");

const STEP_TIMEOUT_MS = Number(process.env.STEP_TIMEOUT_MS ?? 15000);

class People {
  constructor(browser, url, lines) {
    this.browser = browser;
    this.lines = lines;
    this.url = url;
    this.complaints = [];
    this.contexts = [];
  }

  // Another person's browser: options are Playwright's. Gives a page at the console's beginning.
  async arrives(options = {}) {
    const context = await this.browser.newContext({
      ignoreHTTPSErrors: true,
      locale: "en-GB",
      timezoneId: "Asia/Shanghai",
      viewport: { width: 1280, height: 860 },
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(STEP_TIMEOUT_MS);
    this.contexts.push(context);
    await context.addInitScript(() =>
      addEventListener("securitypolicyviolation", (event) =>
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
      ),
    );
    const page = await context.newPage();
    page.on("pageerror", (error) => this.complaints.push(String(error.stack)));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        this.complaints.push(message.text());
    });
    await page.goto(this.url);
    await page.waitForSelector("h1");
    return page;
  }

  // Has something done by whoever started the story, and gives what came of it.
  async ask(what, ...words) {
    console.log(JSON.stringify({ ask: what, with: words }));
    const { value } = await this.lines.next();
    return JSON.parse(value);
  }

  async leave() {
    for (const context of this.contexts.splice(0)) await context.close();
    if (this.complaints.length > 0) throw new Error(`the page complains: ${this.complaints.join("\n")}`);
  }
}

async function play(browser, lines, { file, story, args }) {
  const people = new People(browser, args.url, lines);
  const value = await require(path.join(__dirname, "stories", `${file}.js`))[story](people, args);
  await people.leave();
  return value ?? null;
}

async function main() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    try {
      console.log(JSON.stringify({ value: await play(browser, lines, JSON.parse(line.value)) }));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error.stack ?? error) }));
    }
  }
  await browser.close();
}

main();
