#!/usr/bin/env python3
"""mock-ita's live page: what it may load, that its script is one, and a call that appears in a browser."""
import http.client
import json
import re
import shutil
import subprocess
import unittest
from html.parser import HTMLParser

import browser
import contract
import sdk_signature
from confidential import agent_number, customer_number
from harness import ROOT, Mock, Story, main, wait_until

PAGE = ROOT / "mock_ita/page"
FILES = {"/": ("index.html", "text/html; charset=utf-8"), "/page.css": ("page.css", "text/css; charset=utf-8"),
         "/page.js": ("page.js", "text/javascript; charset=utf-8"), "/icon.svg": ("icon.svg", "image/svg+xml")}
SIGNED = ["appkey", "content-type", "host", "x-sdk-date"]


class Tags(HTMLParser):
    """The tags of a page with their attributes, and the text within script and style."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.inline = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] in ("script", "style") and data.strip():
            self.inline.append(data)


class Page(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = cls.runs_mock(None, tls=False, speed=1)

    def get(self, path, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.mock.control_port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def test_its_files_are_compiled_in_as_they_stand(self):
        for path, (name, content_type) in FILES.items():
            with self.subTest(path):
                response, body = self.get(path)
                self.assertEqual((response.status, response.headers["Content-Type"]), (200, content_type))
                self.assertEqual(body, (PAGE / name).read_bytes())
        self.assertEqual({name for name, _ in FILES.values()}, {path.name for path in PAGE.iterdir()})

    def test_it_may_load_nothing_from_elsewhere_and_nothing_inline(self):
        for path in FILES:
            response, _ = self.get(path)
            rules = dict(rule.strip().split(" ", 1) for rule in response.headers["Content-Security-Policy"].split(";"))
            self.assertEqual(rules.pop("default-src"), "'none'")
            self.assertEqual({rules.pop(name) for name in ("base-uri", "form-action", "frame-ancestors")}, {"'none'"})
            self.assertEqual(set(rules.values()), {"'self'"}, rules)
            self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    def test_it_has_nothing_that_these_rules_forbid(self):
        page = Tags((PAGE / "index.html").read_text())
        self.assertEqual(page.inline, [])
        for tag, attributes in page.tags:
            for name, value in attributes.items():
                self.assertNotIn(name, ("style", "srcdoc"), tag)
                self.assertFalse(name.startswith("on"), (tag, name))
                if name in ("src", "href"):
                    self.assertIn("/" + value, FILES)
        script = (PAGE / "page.js").read_text()
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "https:"):
            self.assertNotIn(word, script)

    def test_everything_that_can_be_pressed_has_a_name(self):
        text = (PAGE / "index.html").read_text()
        for button in re.findall(r"<button[^>]*>(.*?)</button>", text, re.S):
            self.assertTrue(button.strip(), text)
        for field in re.findall(r"<(?:input|textarea)[^>]*>", text):
            self.assertRegex(text, rf"<label>[^<]*{re.escape(field)}|<label>{re.escape(field)}", field)

    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_its_script_parses(self):
        done = subprocess.run(["node", "--check", PAGE / "page.js"], text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed")
class InABrowser(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = cls.runs_mock(None, tls=False, speed=1)
        cls.page = browser.Browser(f"http://127.0.0.1:{cls.mock.control_port}/")
        cls.addClassCleanup(cls.page.close)
        cls.page.await_true("document.querySelector('#link.live') !== null", "the page is live")

    def setUp(self):
        self.addCleanup(lambda: self.assertEqual(self.page.messages, []))

    def send(self, order, secret_key=Mock.secret_key):
        body = json.dumps(order).encode()
        headers = {"Host": self.mock.authority, "AppKey": Mock.app_key, "Content-Type": "application/json",
                   "X-Sdk-Date": sdk_signature.sdk_date()}
        headers["Authorization"] = sdk_signature.authorization("POST", contract.PLACE_CALL, headers, body, Mock.access_key,
                                                               secret_key)
        connection = http.client.HTTPConnection(self.mock.authority, timeout=30)
        connection.request("POST", contract.PLACE_CALL, body, headers)
        connection.getresponse().read()
        connection.close()
        return sdk_signature.canonical_request("POST", contract.PLACE_CALL, headers, SIGNED, body)

    def place(self):
        order = Mock.order(telA=agent_number(), telB=customer_number())
        self.send(order)
        self.await_text("#calls li:first-child .b .tel", order["telB"])

    def await_text(self, selector, wanted):
        return wait_until(lambda: wanted in (self.page.text(selector) or ""), f"{selector} shows {wanted}", 30)

    def test_a_call_appears_and_moves(self):
        self.place()
        width = "Number(document.querySelector('#calls li:first-child .leg.a .ringing').getAttribute('width'))"
        first = self.page.await_true(width, "A rings")
        self.page.await_true(f"{width} > {first}", "the line grows")
        self.await_text("#calls li:first-child .state", "B rings")
        self.page.press("#calls li:first-child [data-do=answer-b]")
        self.await_text("#calls li:first-child .state", "talking")
        self.page.press("#calls li:first-child [data-do=end-a]")
        self.await_text("#calls li:first-child .state", "ended")
        self.assertEqual(self.mock.calls()[-1]["endedBy"], "a")

    def test_a_wrong_signature_is_explained(self):
        canonical = self.send(Mock.order(telA=agent_number(), telB=customer_number()), "another-fake-secret")
        self.await_text("#requests li.refused .verdict", "signature wrong")
        self.page.press("#requests li.refused summary")
        self.page.await_true("document.querySelector('.signature textarea') !== null", "the detail is open")
        self.assertEqual(self.page.run("document.querySelector('.canonical').textContent"), canonical)
        for pasted, found in ((canonical, "The same"), (canonical.replace("\n", "|"), "The same"),
                              (canonical.replace("/v1/", "/v2/"), "line 2, character 3: the path"),
                              (canonical[:-1] + "x", f"character {len(canonical.split(chr(10))[-1])}: the hash of the body"),
                              (canonical.replace(SIGNED[-1], "x-date", 1), "header x-sdk-date")):
            with self.subTest(found):
                self.page.run(f"document.querySelector('.signature textarea').value = {json.dumps(pasted)};"
                              "document.querySelector('.signature textarea').dispatchEvent(new Event('input'))")
                self.assertIn(found, self.page.text(".signature .found"))

    def test_the_clock_is_stopped_and_moved(self):
        self.place()
        self.page.press("#freeze")
        self.page.await_true("document.querySelector('#freeze').getAttribute('aria-pressed') === 'true'", "it is frozen")
        self.page.press("[data-advance='1m']")
        self.await_text("#calls li:first-child .state", "ended")
        self.page.press("#freeze")
        self.page.await_true("document.querySelector('#freeze').getAttribute('aria-pressed') === 'false'", "it runs on")

    def test_a_lever_that_can_not_be_pulled_says_why(self):
        self.place()
        self.page.press("#calls li:first-child [data-do=push]")
        self.await_text("#fault", "push")
        self.page.messages.clear()  # the browser logs every answer of 400 and above


if __name__ == "__main__":
    main()
