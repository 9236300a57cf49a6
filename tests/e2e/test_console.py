#!/usr/bin/env python3
"""The console: how its files are served and what they hold, and people using it in a browser."""
import http.client
import json
import re
import shutil
import ssl
import subprocess
import unittest

import confidential
from administrator import GOOD_PASSWORD
from console_stage import Stage
from harness import IS_SANITIZED, ROOT, Mock, Story, main, make_certificate

CONSOLE = ROOT / "gateway/admin_api/console"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml"}
FORBIDDEN_IN_SCRIPTS = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser",
                        "setAttribute(\"style\"", "javascript:")
WEIGHT_MAX = 150 * 1000
SHOWN_WITHIN_MS = 300
# How a person may have it: what axe looks at.
LOOKS = [{"locale": locale, "colorScheme": colours, "width": width} for locale, colours, width in (
    ("en-GB", "light", 1280), ("zh-CN", "dark", 1280), ("zh-CN", "light", 360), ("en-GB", "dark", 360))]

COMPARE_TEXTS = """
const [en, zh] = await Promise.all(["en", "zh"].map((name) => import(`${process.argv[1]}/texts_${name}.mjs`)));
const keys = (part, at = "") => Object.entries(part).flatMap(([key, value]) =>
  typeof value === "string" ? [at + key] : keys(value, `${at}${key}.`));
const plain = (found) => [...new Set(found.map((key) => key.replace(/\\.(one|other)$/, "")))].sort();
console.log(JSON.stringify({en: plain(keys(en.default)), zh: plain(keys(zh.default))}));
"""


def get(gateway, path, **headers):
    scheme, _, authority = gateway.admin_url.partition("://")
    connection = (http.client.HTTPSConnection(authority, timeout=30, context=ssl.create_default_context(cafile=gateway.certificate))
                  if scheme == "https" else http.client.HTTPConnection(authority, timeout=30))
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


class Files(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()

    def test_they_are_compiled_in_as_they_stand(self):
        for path in sorted(CONSOLE.iterdir()):
            with self.subTest(path.name):
                response, body = get(self.gateway, f"/console/{path.name}")
                self.assertEqual((response.status, response.headers["Content-Type"]), (200, TYPES[path.suffix]))
                self.assertEqual(body, path.read_bytes())
        self.assertEqual(get(self.gateway, "/")[1], (CONSOLE / "index.html").read_bytes())

    def test_what_is_known_is_not_sent_again(self):
        response, _ = get(self.gateway, "/console/app.js")
        etag = response.headers["ETag"]
        self.assertEqual(response.headers["Cache-Control"], "no-cache")
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            again, body = get(self.gateway, "/console/app.js", If_None_Match=known)
            self.assertEqual((again.status, body, again.headers["ETag"]), (304, b"", etag), known)
        self.assertEqual(get(self.gateway, "/console/app.js", If_None_Match='"other"')[0].status, 200)
        self.assertNotEqual(get(self.gateway, "/")[0].headers["ETag"], etag)

    def test_a_page_may_load_nothing_from_elsewhere_and_nothing_inline(self):
        for path in ("/", "/console/index.html", "/console/icon.svg"):
            headers = get(self.gateway, path)[0].headers
            rules = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
            self.assertEqual(rules, {"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "connect-src": "'self'",
                                     "img-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'"})
            self.assertEqual((headers["X-Content-Type-Options"], headers["Referrer-Policy"], headers["Cross-Origin-Opener-Policy"]),
                             ("nosniff", "no-referrer", "same-origin"))

    def test_other_names_are_not_found(self):
        for path in ("/console/", "/console/none.js", "/console/../openapi.json", "/console/app.js/", "/console", "/index.html"):
            response, body = get(self.gateway, path)
            self.assertEqual(response.status, 404, path)
            self.assertEqual(json.loads(body)["status"], 404)

    def test_no_script_reads_data_as_markup(self):
        for path in CONSOLE.glob("*.js"):
            for word in FORBIDDEN_IN_SCRIPTS:
                self.assertNotIn(word, path.read_text(), path.name)

    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_both_languages_say_the_same_and_all_that_is_asked_for(self):
        modules = self.folder / "texts"  # node tells modules by their names, and Debian's by nothing else
        modules.mkdir(exist_ok=True)
        for name in ("texts_en", "texts_zh"):
            shutil.copy(CONSOLE / f"{name}.js", modules / f"{name}.mjs")
        done = subprocess.run(["node", "--input-type=module", "-e", COMPARE_TEXTS, str(modules)], text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        keys = json.loads(done.stdout)
        self.assertEqual(keys["en"], keys["zh"])
        for path in CONSOLE.glob("*.js"):
            for key in re.findall(r'\bt\("([\w.-]+)"', path.read_text()):
                self.assertIn(key, keys["en"], path.name)


class ConsoleStory(Story):
    """A gateway with the tenants acme (set up), blank (with the feature) and zeta, root, and an administrator of each."""
    options = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage = Stage()
        cls.addClassCleanup(cls.stage.close)
        cls.gateway = cls.runs_gateway(public_host="gateway.example.com", **cls.options)
        for tenant in ("acme", "blank", "zeta"):
            cls.gateway.admin("tenant", "create", tenant)
        _, _, der = make_certificate(cls.folder, "ita")
        cls.gateway.admin("certificate", "install", "CERT_ITA", der)
        cls.gateway.set_bidirectional_call("acme", Mock.secret_key, "--type", "ita", "--access-key", Mock.access_key, "--app-key",
                                           Mock.app_key, "--domain", "ita.example.com", "--x-mode", "automatic")
        cls.settles_in("root")
        for tenant in ("acme", "blank"):
            cls.settles_in(f"{tenant}-admin", "tenant-admin", tenant)

    @classmethod
    def settles_in(cls, user, *account):
        browser = cls.gateway.browser()
        browser.settle_in(user, cls.gateway.create_user(user, *account))
        browser.close()

    def play(self, file, story, user="root", **args):
        return self.stage.play(file, story, url=f"{self.gateway.admin_url}/", user=user, password=GOOD_PASSWORD, **args)


class SignIn(ConsoleStory):
    def test_a_wrong_password_then_the_right_one(self):
        self.play("session", "wrongThenRight")

    def test_a_one_time_password_is_changed_first(self):
        self.play("session", "oneTimePassword", user="fresh", oneTimePassword=self.gateway.create_user("fresh"))

    def test_guessing_is_slowed_down_and_told_how_long(self):
        self.gateway.create_user("guessed")
        self.assertRegex(self.play("session", "slowedDown", user="guessed", tries=15), r"Try again in (one second|\d+ seconds)")

    def test_a_session_that_ends_under_a_form_loses_nothing(self):
        self.play("session", "endsUnderAForm", tenant="acme")

    def test_nothing_is_done_in_the_name_of_another_user_who_signed_in_elsewhere(self):
        self.play("session", "anotherUserSignsInElsewhere", user="acme-admin", other="root", tenant="acme")
        self.assertNotIn("app-key create", [entry["action"] for entry in self.gateway.database.audit()])

    def test_a_tenants_administrator_sees_his_tenant_only(self):
        self.play("session", "aTenantsAdministratorSeesHisTenantOnly", user="acme-admin", tenant="acme", other="zeta")


class OverPlainHttp(ConsoleStory):
    options = {"tls_certificate": None, "tls_key": None}

    def test_a_browser_on_this_machine_keeps_the_session(self):
        self.play("session", "wrongThenRight")


class Settings(ConsoleStory):
    def test_they_are_entered_for_the_first_time(self):
        self.play("settings", "firstTime", user="blank-admin", tenant="blank", accessKey=Mock.access_key, appKey=Mock.app_key,
                  domain="ita.example.com:8443", secretKey=confidential.keep("secret key", "fake-secret-typed-in-a-form"),
                  xNumbers=[confidential.agent_number(), confidential.agent_number()])

    def test_they_are_tested_step_by_step(self):
        self.assertRegex(self.play("settings", "tested", tenant="acme"), "does not work")

    def test_cec_with_its_callbacks_is_chosen(self):
        self.gateway.admin("tenant", "create", "cec")
        self.play("settings", "cec", tenant="cec")

    def test_saving_keeps_the_callback_urls_of_an_ita_tenant(self):
        self.gateway.admin("tenant", "create", "tells")
        self.gateway.admin("callback-trustlist", "add", "192.0.2.1:8443")
        self.gateway.set_bidirectional_call("tells", Mock.secret_key, "--type", "ita", "--access-key", Mock.access_key, "--app-key",
                                            Mock.app_key, "--domain", "ita.example.com", "--x-mode", "automatic",
                                            "--hangup-callback-url", "https://192.0.2.1:8443/bye")
        self.play("settings", "callbacksStay", tenant="tells", hangupUrl="https://192.0.2.1:8443/bye")

    def test_leaving_asks(self):
        self.play("settings", "leavingAsks", tenant="acme")

    def test_the_second_of_two_sees_what_the_first_has_changed(self):
        self.play("settings", "twoAtOnce", tenant="acme")

    def test_the_second_may_take_what_the_first_has_saved(self):
        self.play("settings", "theOthersAreTaken", tenant="acme")


class Resources(ConsoleStory):
    def numbers(self, count):
        return sorted(confidential.agent_number() for _ in range(count))

    def test_x_numbers_are_imported_locked_and_removed(self):
        self.play("resources", "xNumbers", user="acme-admin", tenant="acme", numbers=self.numbers(3))

    def test_an_app_keys_secret_is_shown_once(self):
        self.assertEqual(self.play("resources", "appKeys", user="acme-admin", tenant="acme"), 2)

    def test_agents_numbers_are_added(self):
        self.play("resources", "agentNumbers", user="acme-admin", tenant="acme", numbers=self.numbers(2))

    def test_a_tenant_is_made_and_switched(self):
        self.play("resources", "tenants")

    def test_a_user_is_made_disabled_and_removed(self):
        confidential.keep("one-time password", self.play("resources", "users", tenant="acme"))

    def test_an_api_key_is_made_and_disabled(self):
        confidential.keep("API key", self.play("resources", "apiKeys"))

    def test_a_certificate_is_uploaded_and_a_key_refused(self):
        _, key, der = make_certificate(self.folder, "another")
        done = subprocess.run(["openssl", "x509", "-in", der, "-inform", "DER", "-noout", "-fingerprint", "-sha256"], check=True,
                              capture_output=True, text=True)
        self.play("resources", "certificates", key=str(key), der=str(der), fingerprint=done.stdout.strip().partition("=")[2])

    def test_the_trustlist_is_kept(self):
        self.play("resources", "trustlist")

    def test_the_audit_log_is_searched(self):
        self.assertIn("Bidirectional Call saved", [row[2] for row in self.play("resources", "audit", tenant="acme")])


class Reach(ConsoleStory):
    SYSTEM = ("tenants", "users", "api-keys", "trustlist", "certificates", "audit")
    OF_A_TENANT = ("bidirectional-call", "x-numbers", "app-keys", "agent-numbers")
    OPENED = {"bidirectional-call": ".page-head .primary", "x-numbers": ".page-head .primary", "tenants": ".page-head .primary",
              "users": ".page-head .primary"}

    def pages(self):
        tested = {"hash": "#/t/acme/bidirectional-call", "press": ".page-head button:not(.primary)", "until": ".steps .failed"}
        return [tested] + [{"hash": f"#/{name}" if name in self.SYSTEM else f"#/t/acme/{name}", "press": self.OPENED.get(name)}
                           for name in self.OF_A_TENANT + self.SYSTEM] + [{"hash": "#/password"}]

    def test_the_language_is_switched_and_remembered(self):
        self.play("reach", "language", tenant="acme")

    def test_the_keyboard_is_enough(self):
        self.play("reach", "keyboardOnly")

    def test_axe_finds_no_barrier(self):
        for look in LOOKS:
            with self.subTest(**look):
                self.assertEqual(self.play("reach", "barriers", pages=self.pages(), **look), [])

    def test_axe_finds_no_barrier_where_a_password_is_chosen(self):
        for i, look in enumerate(LOOKS):
            with self.subTest(**look):
                self.assertEqual(self.play("reach", "barriersOfFirstPassword", user=f"new-{i}",
                                           oneTimePassword=self.gateway.create_user(f"new-{i}"), **look), [])

    def test_it_is_light_and_quick(self):
        """Whatever the page is that one comes to, the sign-in among them."""
        for user, address in (("root", "#/t/acme/dashboard"), ("root", "#/t/acme/bidirectional-call"), ("root", "#/t/acme/calls"),
                              (None, "#/")):
            found = self.play("reach", "weight", user=user, hash=address, limitMs=SHOWN_WITHIN_MS)
            with self.subTest(address, **found):
                self.assertLess(found["bytes"], WEIGHT_MAX)
                if not IS_SANITIZED:
                    self.assertLess(found["loadedMs"], SHOWN_WITHIN_MS)
                    self.assertLess(found["shownMs"], SHOWN_WITHIN_MS)


if __name__ == "__main__":
    main()
