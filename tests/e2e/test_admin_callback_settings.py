#!/usr/bin/env python3
"""The callback address trustlist, and the settings of both types that need it: who may, what is refused and in which words,
what is warned of. No name below resolves, but localhost: what ends in .invalid never does (RFC 6761)."""
import json
from urllib.parse import quote

import confidential
import contract
from harness import main, wait_until
from test_admin_tenants import TENANTS, TenantStory

TRUSTLIST = "/admin/v1/callback-trustlist"


class CallbackStory(TenantStory):
    def trust(self, entry):
        self.assert_ok(self.root.ask("POST", TRUSTLIST, {"entry": entry}), 201)
        self.addCleanup(lambda: self.distrust(entry))

    def distrust(self, entry):
        return self.root.ask("DELETE", f"{TRUSTLIST}/{quote(entry, safe='')}")

    def entries(self):
        return [item["entry"] for item in self.items(self.root, TRUSTLIST)]


class Trustlist(CallbackStory):
    def test_entries_are_added_listed_and_removed(self):
        for entry, kept, kind in (("CRM.Example.invalid.", "crm.example.invalid", "domain"),
                                  ("*.Example.invalid", "*.example.invalid", "wildcard"),
                                  ("192.0.2.1:8443", "192.0.2.1:8443", "address"),
                                  ("[2001:DB8:0::1]:443", "[2001:db8::1]:443", "address")):
            made = self.assert_ok(self.root.ask("POST", TRUSTLIST, {"entry": entry}), 201)
            self.assertEqual((made.json["entry"], made.json["kind"]), (kept, kind))
            self.assertEqual(made.headers["Location"], f"{TRUSTLIST}/{quote(kept, safe='')}")
            self.assert_fields(self.root.ask("POST", TRUSTLIST, {"entry": entry}), {"/entry": "exists"})
            self.assertIn(kept, self.entries())
            self.assertEqual(self.assert_ok(self.root.ask("DELETE", made.headers["Location"])).json,
                             {"affected": 0, "tenants": []})
            self.assert_problem(self.root.ask("DELETE", made.headers["Location"]), 404)
        self.assertEqual([entry["detail"] for entry in self.gateway.database.audit()[-2:]], 2 * ["[2001:db8::1]:443"])
        self.assertEqual(self.gateway.database.audit()[-1]["action"], "callback-trustlist remove")

    def test_what_is_no_entry_is_refused_with_the_rule(self):
        for entry, rule in (("", "required"), ("a b", "host"), ("https://example.invalid", "url"), ("*", "host"),
                            ("*.invalid", "wildcard"), ("example.invalid:443", "port"), ("192.0.2.1", "port"),
                            ("127.1:80", "address"), ("2130706433:80", "address"), ("[::ffff:127.0.0.1]:80", "address"),
                            ("user@example.invalid", "host"), ("例子.invalid", "host"), ("a" * 256, "length"),
                            ("a\tb", "characters"), (5, "type")):
            with self.subTest(entry):
                self.assert_fields(self.root.ask("POST", TRUSTLIST, {"entry": entry}), {"/entry": rule})
        self.assert_fields(self.root.ask("POST", TRUSTLIST, {"x": 1}), {"/entry": "required", "/x": "unknown"})
        self.assertEqual(self.entries(), [])

    def test_tenant_administrators_read_it_only(self):
        self.trust("crm.example.invalid")
        self.assertEqual([item["entry"] for item in self.items(self.acme, TRUSTLIST)], ["crm.example.invalid"])
        self.assert_problem(self.acme.ask("POST", TRUSTLIST, {"entry": "evil.example.invalid"}), 403)
        self.assert_problem(self.acme.ask("DELETE", f"{TRUSTLIST}/crm.example.invalid"), 403)

    def test_pages_follow_each_other(self):
        for name in ("a", "b", "c"):
            self.trust(f"{name}.example.invalid")
        first = self.root.ask("GET", f"{TRUSTLIST}?limit=2").json
        self.assertEqual([item["entry"] for item in first["items"]], ["a.example.invalid", "b.example.invalid"])
        second = self.root.ask("GET", f"{TRUSTLIST}?limit=2&cursor={first['next']}").json
        self.assertEqual(([item["entry"] for item in second["items"]], second["next"]), (["c.example.invalid"], None))

    def test_the_longest_name_can_be_removed_again(self):
        name = ".".join(["a" * 63] * 3 + ["b" * 61])
        self.trust(f"*.{name}")
        self.assert_ok(self.distrust(f"*.{name}"))


class Settings(CallbackStory):
    """Each with a tenant of its own, `self.tenant`, and its administrator."""
    ITA = {"type": "ita", "accessKey": "FAKEACCESSKEY0000001", "appKey": "fake_app_key_1", "domain": "ita.example.invalid",
           "xMode": "automatic", "secretKey": confidential.keep("secret key", "fake-secret-key-of-callbacks")}
    CEC = {"type": "cec", "aiccDomain": "aicc.example.invalid", "aiccAppKey": "fake-aicc-app-key",
           "aiccAppSecret": confidential.keep("app secret", "fake-aicc-app-secret")}
    SHARED_KEY = confidential.keep("shared key", "fake-shared-key-of-acme")
    OAUTH = {"callbackAuthentication": "oauth2", "oauthAccessKey": "fake-oauth-key",
             "oauthSecretKey": confidential.keep("secret key", "fake-oauth-secret-key"),
             "oauthLoginUrl": "https://crm.example.invalid/token"}
    URL = "https://crm.example.invalid/call?of=acme"

    def setUp(self):
        self.tenant = "t-" + self._testMethodName[5:20]
        self.PATH = f"{TENANTS}/{self.tenant}/bidirectional-call"
        self.gateway.admin("tenant", "create", self.tenant)
        self.owner = self.automaton(self.tenant.replace("_", "-"), "tenant-admin", self.tenant)

    def put(self, base=None, etag="*", **changed):
        body = {name: value for name, value in {**(base or self.ITA), **changed}.items() if value is not ...}
        return self.owner.ask("PUT", self.PATH, body, If_Match=etag)

    def warnings(self, answer):
        found = self.assert_ok(answer).json["warnings"]
        for warning in found:
            self.assertTrue(warning["detail"]["en"].isascii() and not warning["detail"]["zh"].isascii(), warning)
        return {warning["pointer"]: warning["rule"] for warning in found}

    def test_the_type_decides_which_fields_are_needed_and_keeps_the_others(self):
        def put(body):
            return self.owner.ask("PUT", self.PATH, body, If_Match="*")
        self.assert_fields(put({"type": "cec"}), {"/aiccDomain": "required", "/aiccAppKey": "required",
                                                  "/aiccAppSecret": "required"})
        self.assert_fields(put({"type": "ita", "xMode": "automatic"}), {
            "/accessKey": "required", "/secretKey": "required", "/appKey": "required", "/domain": "required"})
        self.assert_ok(put({**self.ITA, "inFlightMax": 7, "recorded": True, "areaCode": "0571"}))
        saved = self.assert_ok(put(self.CEC)).json
        self.assertEqual((saved["type"], saved["accessKey"], saved["inFlightMax"], saved["recorded"], saved["areaCode"]),
                         ("cec", self.ITA["accessKey"], 7, True, "0571"))
        self.assertTrue(saved["secrets"]["secretKey"]["set"] and saved["secrets"]["aiccAppSecret"]["set"])
        self.assertEqual(self.gateway.database.audit()[-1]["detail"], "type,aicc-domain,aicc-app-key,aicc-app-secret")
        again = self.assert_ok(put({**self.ITA, "secretKey": ""})).json
        self.assertEqual((again["type"], again["aiccDomain"], again["inFlightMax"], again["areaCode"]),
                         ("ita", self.CEC["aiccDomain"], 0, None))
        self.assert_fields(put({**self.CEC, "accessKey": "a b"}), {"/accessKey": "key"})

    def test_the_mode_decides_which_fields_are_needed(self):
        self.assert_fields(self.put(callbackAuthentication="sharedKey"), {"/sharedKey": "required"})
        self.assert_fields(self.put(callbackAuthentication="sharedKey", sharedKey="0123456789abcde"),
                           {"/sharedKey": "secret"})
        saved = self.put(callbackAuthentication="sharedKey", sharedKey=self.SHARED_KEY)
        self.assertEqual(self.warnings(saved), {})
        changed_at = saved.json["secrets"]["sharedKey"]["changedAt"]
        self.assertIsNotNone(changed_at)
        self.assert_fields(self.put(callbackAuthentication="oauth2"), {
            "/oauthAccessKey": "required", "/oauthSecretKey": "required", "/oauthLoginUrl": "required"})
        self.assert_fields(self.put(**self.OAUTH), {"/oauthLoginUrl": "untrusted"})
        self.trust("crm.example.invalid")
        self.assertEqual(self.warnings(self.put(**self.OAUTH)), {"/oauthLoginUrl": "unresolved"})
        # What the mode does not use stays.
        kept = self.assert_ok(self.put(callbackAuthentication="sharedKey")).json
        self.assertEqual((kept["oauthAccessKey"], kept["oauthLoginUrl"], kept["secrets"]["sharedKey"]["changedAt"]),
                         (self.OAUTH["oauthAccessKey"], self.OAUTH["oauthLoginUrl"], changed_at))
        self.assertTrue(kept["secrets"]["oauthSecretKey"]["set"])

    def test_secrets_never_come_out(self):
        self.trust("crm.example.invalid")
        answer = self.assert_ok(self.put({**self.ITA, **self.CEC, **self.OAUTH}, sharedKey=self.SHARED_KEY))
        secrets = (self.SHARED_KEY, self.CEC["aiccAppSecret"], self.OAUTH["oauthSecretKey"], self.ITA["secretKey"])
        seen = [answer.body.decode(), self.owner.ask("GET", self.PATH).body.decode(), str(self.gateway.database.audit()),
                self.gateway.admin("bidirectional-call", "show", self.tenant), self.gateway.log()]
        for secret in secrets:
            self.assertFalse([text for text in seen if secret in text])
        self.assertTrue(all(state["set"] for state in answer.json["secrets"].values()))

    def test_urls_obey_their_rules(self):
        self.trust("crm.example.invalid")
        self.trust("127.0.0.1:9")
        fine = {"https://crm.example.invalid/a", "https://CRM.example.invalid.:8443", "https://127.0.0.1:9/"}
        for url in fine:
            with self.subTest(url):
                saved = self.assert_ok(self.put(connectionCallbackUrl=url, hangupCallbackUrl=url))
                self.assertEqual((saved.json["connectionCallbackUrl"], saved.json["hangupCallbackUrl"]), (url, url))
        for url, rule in (("crm.example.invalid", "scheme"), ("ftp://crm.example.invalid/", "scheme"),
                          ("https://user:word@crm.example.invalid/", "user"), ("https://crm.example.invalid:0/", "port"),
                          ("https://crm.example.invalid/#/x", "fragment"), ("https://crm.example.invalid/ä", "characters"),
                          ("https://crm.example.invalid/%4", "escape"), ("https://crm.example.invalid\\@evil/", "user"),
                          ("https://2130706433/", "address"), ("https://[::ffff:127.0.0.1]/", "address"),
                          ("https://evil.invalid/", "untrusted"), ("https://a.crm.example.invalid/", "untrusted"),
                          ("https://127.0.0.1/", "untrusted"), ("https://127.0.0.1:8/", "untrusted"),
                          ("https://crm.example.invalid/" + "a" * 2048, "length"), (7, "type")):
            with self.subTest(url):
                before = self.owner.ask("GET", self.PATH).body
                self.assert_fields(self.put(connectionCallbackUrl=url, hangupCallbackUrl=url),
                                   {"/connectionCallbackUrl": rule, "/hangupCallbackUrl": rule})
                self.assertEqual(self.owner.ask("GET", self.PATH).body, before)

    def test_a_name_that_leads_to_this_machine_is_refused_unless_the_list_names_the_address(self):
        url = "http://localhost:9/ended"
        self.trust("localhost")
        self.assert_fields(self.put(hangupCallbackUrl=url), {"/hangupCallbackUrl": "forbidden"})
        # Every fault at once: that of the look-up as well as those of the rules.
        self.assert_fields(self.put(hangupCallbackUrl=url, domain="https://x"),
                           {"/hangupCallbackUrl": "forbidden", "/domain": "domain"})
        self.trust("127.0.0.1:9")
        self.trust("[::1]:9")
        self.assertEqual(self.warnings(self.put(hangupCallbackUrl=url)),
                         {"/hangupCallbackUrl": "insecure", "/callbackAuthentication": "unauthenticated"})
        self.assert_fields(self.put(hangupCallbackUrl="http://localhost:10/"), {"/hangupCallbackUrl": "forbidden"})

    def test_what_is_not_safe_is_warned_of_and_saved(self):
        self.trust("*.example.invalid")
        saved = self.put(hangupCallbackUrl="http://crm.example.invalid/", connectionCallbackUrl=self.URL,
                         hangupCallbackMethod="PUT")
        found = [(warning["pointer"], warning["rule"]) for warning in self.assert_ok(saved).json["warnings"]]
        self.assertEqual(sorted(found), [
            ("/callbackAuthentication", "unauthenticated"), ("/connectionCallbackUrl", "unresolved"),
            ("/hangupCallbackUrl", "insecure"), ("/hangupCallbackUrl", "unresolved")])
        self.assertEqual((saved.json["connectionCallbackMethod"], saved.json["hangupCallbackMethod"]), ("POST", "PUT"))
        # Without a look-up when it is only shown.
        self.assertEqual(self.warnings(self.owner.ask("GET", self.PATH)),
                         {"/callbackAuthentication": "unauthenticated", "/hangupCallbackUrl": "insecure"})

    def test_trust_can_be_withdrawn_and_the_answer_tells_whose_urls_need_it(self):
        self.trust("here-only.example.invalid")
        url = "https://here-only.example.invalid/"
        self.assert_ok(self.put(hangupCallbackUrl=url))
        self.assertEqual(self.assert_ok(self.distrust("here-only.example.invalid")).json, {"affected": 1, "tenants": [self.tenant]})
        self.assertEqual(self.owner.ask("GET", self.PATH).json["hangupCallbackUrl"], url)
        self.assert_fields(self.put(hangupCallbackUrl=url), {"/hangupCallbackUrl": "untrusted"})
        self.assertIsNone(self.assert_ok(self.put()).json["hangupCallbackUrl"])

    def test_the_second_save_is_refused_and_shows_what_changed(self):
        self.trust("crm.example.invalid")
        etag = self.assert_ok(self.put()).headers["ETag"]
        self.assert_ok(self.put(etag=etag, hangupCallbackUrl=self.URL))
        stale = self.put(etag=etag, connectionCallbackUrl=self.URL)
        self.assertEqual(stale.status, 412)
        self.assertEqual((stale.json["hangupCallbackUrl"], stale.json["connectionCallbackUrl"]), (self.URL, None))

    def test_what_has_the_wrong_shape_is_named(self):
        self.assert_fields(self.put(type="sip", connectionCallbackMethod="GET", hangupCallbackMethod=1,
                                    callbackAuthentication="basic", consoleUrlsAuthenticated="no", sharedKey=1,
                                    oauthAccessKey="a\tb", aiccDomain=["x"], warnings=[]), {
            "/type": "choice", "/connectionCallbackMethod": "choice", "/hangupCallbackMethod": "choice",
            "/callbackAuthentication": "choice", "/consoleUrlsAuthenticated": "type", "/sharedKey": "type",
            "/oauthAccessKey": "characters", "/aiccDomain": "type", "/warnings": "unknown"})

    def test_the_type_rules_the_next_call(self):
        agent = self.signs_in(self.gateway.create_app_key(self.tenant))
        caller, called = confidential.agent_number(), confidential.agent_number()
        self.assert_ok(self.put(self.CEC))
        wait_until(lambda: agent.create_call(caller, called).code == contract.UNAVAILABLE, "the AICC is asked", 3)


class CommandLine(CallbackStory):
    def show(self, *words, **options):
        return json.loads(self.gateway.admin(*words, "--json", **options))

    def test_the_trustlist_is_kept_by_subcommands_too(self):
        self.assertEqual(self.show("callback-trustlist", "list"), [])
        self.gateway.admin("callback-trustlist", "add", "*.Example.invalid")
        listed = self.show("callback-trustlist", "add", "192.0.2.1:8443")
        self.assertEqual([(item["entry"], item["kind"]) for item in listed],
                         [("*.example.invalid", "wildcard"), ("192.0.2.1:8443", "address")])
        refused = self.gateway.try_admin("callback-trustlist", "add", "example.invalid:443")
        self.assertEqual((refused.returncode, "entry: a domain is entered without a port" in refused.stderr), (2, True))
        self.gateway.admin("bidirectional-call", "set", "acme", "--type", "cec", "--aicc-domain", "aicc.example.invalid",
                           "--aicc-app-key", "fake-aicc-app-key", "--aicc-app-secret-file", "-",
                           "--hangup-callback-url", "http://crm.example.invalid/", standard_input="fake-aicc-app-secret\n")
        removed = self.gateway.try_admin("callback-trustlist", "remove", "*.example.invalid")
        self.assertEqual((removed.returncode, removed.stdout), (0, "192.0.2.1:8443\n"))
        self.assertIn("tenant acme", removed.stderr)
        self.assertEqual(self.gateway.try_admin("callback-trustlist", "remove", "*.example.invalid").returncode, 1)
        self.gateway.admin("callback-trustlist", "remove", "192.0.2.1:8443")

    def test_settings_are_made_step_by_step(self):
        self.gateway.admin("tenant", "create", "steps")
        key = self.folder / "shared-key"
        key.write_text("fake-shared-key-of-steps\n")
        words = ("bidirectional-call", "set", "steps")
        done = self.gateway.try_admin(*words, "--type", "cec", "--aicc-domain", "aicc.example.invalid", "--aicc-app-key",
                                      "fake-aicc-app-key", "--aicc-app-secret-file", "-",
                                      standard_input=confidential.keep("app secret", "fake-aicc-app-secret-2"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = self.gateway.try_admin(*words, "--callback-authentication", "none")
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning: callback-authentication: ", done.stderr)
        shown = self.show(*words, "--callback-authentication", "shared-key", "--shared-key-file", key,
                          "--console-urls-authenticated", "--hangup-callback-method", "PUT")
        self.assertEqual((shown["type"], shown["callback-authentication"], shown["console-urls-authenticated"],
                          shown["hangup-callback-method"], shown["shared-key"], shown["aicc-app-secret"]),
                         ("cec", "shared-key", True, "PUT", "set", "set"))
        self.assertFalse(self.show(*words, "--no-console-urls-authenticated")["console-urls-authenticated"])
        for extra, text in ((("--hangup-callback-url", "https://evil.invalid/"), "hangup-callback-url: "),
                            (("--type", "ita"), "access-key: must be set"),
                            (("--shared-key-file", "-", "--secret-key-file", "-"), "standard input holds one secret only"),
                            (("--shared-key-file", self.folder / "nowhere"), "nowhere")):
            refused = self.gateway.try_admin(*words, *extra, standard_input="fake-secret-of-input")
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(text, refused.stderr)
        self.assertEqual(self.show("bidirectional-call", "show", "steps")["type"], "cec")


del TenantStory, CallbackStory

if __name__ == "__main__":
    main()
