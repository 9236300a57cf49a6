#!/usr/bin/env python3
"""What administrators set of a tenant: who may, what is refused, and that the next call obeys."""

import confidential
from administrator import Automaton
from harness import Story, main, make_certificate, wait_until

TENANTS = "/admin/v1/tenants"
AGENT, OTHER_AGENT = confidential.agent_number(), confidential.agent_number()


class TenantStory(Story):
    """A gateway with the tenants acme and zeta, a system administrator, and an administrator of each tenant."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()
        cls.root = cls.automaton("root")
        for tenant in ("acme", "zeta"):
            cls.gateway.admin("tenant", "create", tenant)
        cls.acme = cls.automaton("acme-admin", "tenant-admin", "acme")
        cls.zeta = cls.automaton("zeta-admin", "tenant-admin", "zeta")

    @classmethod
    def automaton(cls, name, role="sysadmin", tenant=None):
        automaton = Automaton(cls.gateway, cls.gateway.create_api_key(name, role, tenant))
        cls.addClassCleanup(automaton.close)
        return automaton

    def assert_problem(self, answer, status):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        for error in answer.json.get("errors", []):
            self.assertTrue(error["detail"]["en"].isascii() and not error["detail"]["zh"].isascii(), error)

    def assert_fields(self, answer, fields):
        self.assert_problem(answer, 422)
        self.assertEqual(answer.fields, fields)

    def assert_ok(self, answer, status=200):
        self.assertEqual(answer.status, status, answer)
        return answer

    def items(self, who, path):
        return self.assert_ok(who.ask("GET", path)).json["items"]


class Tenants(TenantStory):
    def test_a_tenant_is_made_and_switched(self):
        made = self.assert_ok(self.root.ask("POST", TENANTS, {"tenant": "made"}), 201)
        self.assertEqual(made.headers["Location"], f"{TENANTS}/made")
        self.assertEqual((made.json["enabled"], made.json["bidirectionalCallEnabled"], made.json["trial"]),
                         (True, False, False))
        flags = {"enabled": True, "bidirectionalCallEnabled": True, "trial": True}
        put = self.assert_ok(self.root.ask("PUT", f"{TENANTS}/made", flags, If_Match=made.headers["ETag"]))
        self.assertEqual({name: put.json[name] for name in flags}, flags)
        self.assertEqual(self.gateway.database.audit()[-1],
                         {"who": "api-key:root", "tenant": "made", "action": "tenant set",
                          "detail": "bidirectional-call=yes,trial=yes"})

    def test_the_second_of_two_sees_what_the_first_has_changed(self):
        etag = self.root.ask("GET", f"{TENANTS}/zeta").headers["ETag"]
        flags = {"enabled": True, "bidirectionalCallEnabled": True, "trial": False}
        self.assert_problem(self.root.ask("PUT", f"{TENANTS}/zeta", flags), 428)
        self.assert_ok(self.root.ask("PUT", f"{TENANTS}/zeta", {**flags, "trial": True}, If_Match=etag))
        stale = self.assert_ok(self.root.ask("PUT", f"{TENANTS}/zeta", flags, If_Match=etag), 412)
        self.assertTrue(stale.json["trial"])
        self.assert_ok(self.root.ask("PUT", f"{TENANTS}/zeta", flags, If_Match=stale.headers["ETag"]))

    def test_every_wrong_member_is_named(self):
        self.assert_fields(self.root.ask("POST", TENANTS, {"tenant": "a b", "trial": 1, "x": 2}),
                           {"/tenant": "name", "/trial": "type", "/x": "unknown"})
        self.assert_fields(self.root.ask("POST", TENANTS, {}), {"/tenant": "required"})
        self.assert_fields(self.root.ask("POST", TENANTS, {"tenant": "acme"}), {"/tenant": "exists"})
        self.assert_fields(self.root.ask("PUT", f"{TENANTS}/acme", {"enabled": None}, If_Match="*"),
                           {"/enabled": "required", "/bidirectionalCallEnabled": "required", "/trial": "required"})

    def test_pages_follow_each_other(self):
        first = self.root.ask("GET", f"{TENANTS}?limit=1").json
        self.assertEqual([tenant["tenant"] for tenant in first["items"]], ["acme"])
        second = self.root.ask("GET", f"{TENANTS}?limit=200&cursor={first['next']}").json
        self.assertIn("zeta", [tenant["tenant"] for tenant in second["items"]])
        self.assertIsNone(second["next"])

    def test_a_tenant_administrator_sees_his_own_only(self):
        self.assert_ok(self.acme.ask("GET", f"{TENANTS}/acme"))
        self.assert_problem(self.acme.ask("GET", TENANTS), 403)
        there = self.acme.ask("GET", f"{TENANTS}/zeta")
        nowhere = self.acme.ask("GET", f"{TENANTS}/nowhere")
        self.assert_problem(there, 404)
        self.assertEqual(there.body, nowhere.body)
        self.assertEqual(self.root.ask("GET", f"{TENANTS}/nowhere").body, nowhere.body)
        self.assert_problem(self.acme.ask("POST", TENANTS, {"tenant": "own"}), 403)
        self.assert_problem(self.acme.ask("PUT", f"{TENANTS}/acme", {}, If_Match="*"), 403)


class Numbers(TenantStory):
    def test_agents_phones_are_kept_and_taken_out(self):
        path = f"{TENANTS}/acme/agent-numbers"
        numbers = [confidential.keep_number(f"138000000{i}") for i in range(20, 25)]
        self.assertEqual(self.assert_ok(self.acme.ask("POST", path, {"numbers": numbers})).json, {"added": 5})
        first = self.acme.ask("GET", f"{path}?limit=3").json
        self.assertEqual(first["items"], numbers[:3])
        self.assertEqual(self.acme.ask("GET", f"{path}?limit=3&cursor={first['next']}").json,
                         {"items": numbers[3:], "next": None})
        for number in numbers:
            self.assert_ok(self.acme.ask("DELETE", f"{path}/{number}"), 204)
        self.assert_problem(self.acme.ask("DELETE", f"{path}/{numbers[0]}"), 404)

    def test_each_number_that_breaks_a_rule_is_named_and_none_is_added(self):
        path = f"{TENANTS}/acme/agent-numbers"
        numbers = [AGENT, "x", f"+86{AGENT}", ""]
        self.assert_fields(self.acme.ask("POST", path, {"numbers": numbers}),
                           {"/numbers/1": "number", "/numbers/2": "exists", "/numbers/3": "number"})
        self.assert_fields(self.acme.ask("POST", path, {"numbers": [1, AGENT]}), {"/numbers/0": "type"})
        for body in ({"numbers": []}, {}, {"numbers": None}):
            self.assert_fields(self.acme.ask("POST", path, body), {"/numbers": "required"})
        self.assert_fields(self.acme.ask("POST", path, {"numbers": "1", "x": 1}), {"/numbers": "type", "/x": "unknown"})
        self.assertEqual(self.items(self.acme, path), [])

    def test_the_trials_list_is_the_system_administrators(self):
        path = f"{TENANTS}/acme/trial-numbers"
        self.assert_problem(self.acme.ask("POST", path, {"numbers": [AGENT]}), 403)
        self.assert_problem(self.acme.ask("DELETE", f"{path}/{AGENT}"), 403)
        self.assert_ok(self.root.ask("POST", path, {"numbers": [AGENT]}))
        self.assertEqual(self.items(self.acme, path), [AGENT])
        self.assert_ok(self.root.ask("DELETE", f"{path}/{AGENT}"), 204)

    def test_another_tenant_is_not_there(self):
        for method, path, body in (("GET", "agent-numbers", None), ("POST", "agent-numbers", {"numbers": [AGENT]}),
                                   ("DELETE", f"agent-numbers/{AGENT}", None), ("GET", "trial-numbers", None),
                                   ("GET", "x-numbers", None), ("POST", "x-numbers", {"numbers": [AGENT]}),
                                   ("POST", "x-numbers/import", b"1"), ("DELETE", f"x-numbers/{AGENT}", None),
                                   ("PUT", f"x-numbers/{AGENT}", {"locked": True})):
            there = self.acme.ask(method, f"{TENANTS}/zeta/{path}", body)
            self.assert_problem(there, 404)
            self.assertEqual(there.body, self.acme.ask(method, f"{TENANTS}/nowhere/{path}", body).body)


class WithoutTheFeature(TenantStory):
    def test_a_tenants_administrator_sees_and_changes_nothing(self):
        self.gateway.admin("tenant", "create", "bare")
        bare = self.automaton("bare-admin", "tenant-admin", "bare")
        flags = {"enabled": True, "bidirectionalCallEnabled": False, "trial": False}
        self.assert_ok(self.root.ask("PUT", f"{TENANTS}/bare", flags, If_Match="*"))
        key = self.assert_ok(self.root.ask("POST", f"{TENANTS}/bare/app-keys"), 201).json["appKey"]
        for method, path, body in (("GET", "app-keys", None), ("POST", "app-keys", None),
                                   ("POST", f"app-keys/{key}/rotation", None), ("DELETE", f"app-keys/{key}", None),
                                   ("GET", "agent-numbers", None), ("POST", "agent-numbers", {"numbers": [AGENT]}),
                                   ("DELETE", f"agent-numbers/{AGENT}", None), ("GET", "trial-numbers", None)):
            self.assert_problem(bare.ask(method, f"{TENANTS}/bare/{path}", body), 403)
        self.assertEqual(len(self.items(self.root, f"{TENANTS}/bare/app-keys")), 1)
        self.assertTrue(self.items(self.root, f"{TENANTS}/bare/app-keys")[0]["usable"])


class XNumbers(TenantStory):
    X = [f"0571000000{i}" for i in range(10, 20)]
    PATH = f"{TENANTS}/acme/x-numbers"

    def states(self):
        return {x["number"]: x["state"] for x in self.items(self.acme, f"{self.PATH}?limit=200")}

    def test_numbers_are_added_locked_and_removed(self):
        self.assertEqual(self.assert_ok(self.acme.ask("POST", self.PATH, {"numbers": self.X[:2]})).json, {"added": 2})
        self.assertEqual(self.states()[self.X[0]], "free")
        self.assert_ok(self.acme.ask("PUT", f"{self.PATH}/{self.X[0]}", {"locked": True}), 204)
        self.assertEqual(self.states()[self.X[0]], "locked")
        self.assert_ok(self.acme.ask("PUT", f"{self.PATH}/{self.X[0]}", {"locked": False}), 204)
        self.assertEqual(self.states()[self.X[0]], "free")
        for x in self.X[:2]:
            self.assert_ok(self.acme.ask("DELETE", f"{self.PATH}/{x}"), 204)
        for bad in (self.X[0], "x", "%2B"):
            self.assert_problem(self.acme.ask("DELETE", f"{self.PATH}/{bad}"), 404)
            self.assert_problem(self.acme.ask("PUT", f"{self.PATH}/{bad}", {"locked": True}), 404)
        self.assert_fields(self.acme.ask("PUT", f"{self.PATH}/1", {"locked": 1}), {"/locked": "type"})

    def test_a_file_is_imported_whole_or_not_at_all(self):
        def ask(csv, content_type="text/csv; charset=utf-8"):
            return self.acme.ask("POST", f"{self.PATH}/import", csv.encode(), Content_Type=content_type)
        self.assert_fields(ask(f"number,city\n{self.X[5]},Hangzhou\n\n{self.X[5]}\n12ab"),
                           {"/lines/3": "number", "/lines/4": "exists", "/lines/5": "number"})
        self.assertNotIn(self.X[5], self.states())
        self.assertEqual(self.assert_ok(ask("\n".join(self.X[5:8]))).json, {"added": 3})
        self.assert_fields(ask(self.X[6]), {"/lines/1": "exists"})
        self.assert_problem(ask(self.X[9], "application/json"), 415)
        self.assert_problem(ask(""), 400)
        self.assert_problem(ask("1" * 66000), 413)
        self.assert_fields(self.zeta.ask("POST", f"{TENANTS}/zeta/x-numbers", {"numbers": [self.X[5]]}),
                           {"/numbers/0": "taken"})

    def test_without_the_feature_there_is_nothing_to_see(self):
        self.root.ask("POST", TENANTS, {"tenant": "plain"})
        plain = self.automaton("plain-admin", "tenant-admin", "plain")
        for method, path, body in (("GET", "", None), ("POST", "", {"numbers": ["1234"]}), ("DELETE", "/1234", None),
                                   ("PUT", "/1234", {"locked": True}), ("POST", "/import", b"1234")):
            self.assert_problem(plain.ask(method, f"{TENANTS}/plain/x-numbers{path}", body, Content_Type=(
                "text/csv" if path == "/import" else "application/json") if body else "text/plain"), 403)
        self.assert_ok(self.root.ask("GET", f"{TENANTS}/plain/x-numbers"))


class BidirectionalCall(TenantStory):
    PATH = f"{TENANTS}/acme/bidirectional-call"
    GOOD = {"type": "ita", "accessKey": "FAKEACCESSKEY0000001", "appKey": "fake_app_key_1", "domain": "ita.example.com",
            "xMode": "automatic"}
    SECRET = confidential.keep("secret key", "fake-secret-key-of-acme")

    def put(self, who=None, etag="*", **changed):
        body = {name: value for name, value in {**self.GOOD, **changed}.items() if value is not ...}
        return (who or self.acme).ask("PUT", self.PATH, body, If_Match=etag)

    def test_the_secret_goes_in_and_never_comes_out(self):
        self.assert_ok(self.put(secretKey=self.SECRET))
        shown = self.assert_ok(self.acme.ask("GET", self.PATH))
        self.assertNotIn(self.SECRET, shown.body.decode())
        self.assertTrue(shown.json["secrets"]["secretKey"]["set"])
        changed_at = shown.json["secrets"]["secretKey"]["changedAt"]
        for kept in ({}, {"secretKey": ""}, {"secretKey": None}):
            again = self.assert_ok(self.put(**kept, inFlightMax=5))
            self.assertEqual(again.json["secrets"]["secretKey"]["changedAt"], changed_at)
        self.assertEqual((again.json["inFlightMax"], again.json["configured"]), (5, True))
        self.assertEqual(self.assert_ok(self.put()).json["inFlightMax"], 0)
        audit = self.gateway.database.audit()
        self.assertNotIn(self.SECRET, str(audit))
        self.assertEqual((audit[-1]["who"], audit[-1]["detail"]), ("api-key:acme-admin", "in-flight-max"))

    def test_every_field_that_breaks_a_rule_is_named(self):
        bad = {"accessKey": "a b", "secretKey": "with space", "appKey": ..., "domain": "https://ita.example.com",
               "areaCode": "05a1", "zone": "Mars/Olympus", "homeCountry": "+86", "profile": {"no": 1}, "xMode": "specified"}
        before = self.acme.ask("GET", self.PATH).body
        self.assert_fields(self.put(**bad), {
            "/accessKey": "key", "/secretKey": "secret", "/appKey": "required", "/domain": "domain", "/areaCode": "digits",
            "/zone": "zone", "/homeCountry": "digits", "/profile": "profile", "/xMode": "numbers"})
        self.assertEqual(self.acme.ask("GET", self.PATH).body, before)

    def test_what_has_the_wrong_shape_is_named_too(self):
        self.assert_fields(self.put(type="sip", accessKey=1, xMode=..., profile="x", recorded=1, inFlightMax=-1,
                                    perSecondMax=1.5, zone="a\nb", secrets={}, domain="d" * 300), self.SHAPES)

    SHAPES = {"/type": "choice", "/accessKey": "type", "/xMode": "required", "/profile": "type", "/recorded": "type",
              "/inFlightMax": "range", "/perSecondMax": "range", "/secrets": "unknown", "/domain": "length",
              "/zone": "characters"}

    def test_the_second_save_is_refused_and_shows_what_changed(self):
        self.assert_ok(self.put(secretKey=self.SECRET))
        etag = self.acme.ask("GET", self.PATH).headers["ETag"]
        self.assert_problem(self.acme.ask("PUT", self.PATH, self.GOOD), 428)
        self.assert_ok(self.put(self.root, etag, areaCode="0571"))
        stale = self.assert_ok(self.put(etag=etag, areaCode="010"), 412)
        self.assertEqual(stale.json["areaCode"], "0571")
        self.assert_ok(self.put(etag=stale.headers["ETag"], areaCode="010"))

    def test_another_tenants_settings_are_not_there(self):
        for method in ("GET", "PUT"):
            there = self.zeta.ask(method, self.PATH, self.GOOD if method == "PUT" else None)
            self.assert_problem(there, 404)

    def test_without_the_feature_there_is_no_form(self):
        self.root.ask("POST", TENANTS, {"tenant": "bare"})
        bare = self.automaton("bare-admin", "tenant-admin", "bare")
        self.assert_problem(bare.ask("GET", f"{TENANTS}/bare/bidirectional-call"), 403)
        self.assert_problem(bare.ask("PUT", f"{TENANTS}/bare/bidirectional-call", self.GOOD, If_Match="*"), 403)


class Certificates(TenantStory):
    PATH = "/admin/v1/certificates"
    EXPIRED = b"""-----BEGIN CERTIFICATE-----
MIIBIjCBygIBATAKBggqhkjOPQQDAjAeMRwwGgYDVQQDDBNleHBpcmVkLmV4YW1w
bGUuY29tMB4XDTIwMDEwMTAwMDAwMFoXDTIwMDEwMjAwMDAwMFowHjEcMBoGA1UE
AwwTZXhwaXJlZC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BECgOiQkQuO1erXyuC4r6IGmSaibmBnPd8NRwSrHOjsEEj1ZN0fbQaUB/MECHbbv
rxZAmhT/xp5vxsTM0qyHn08wCgYIKoZIzj0EAwIDRwAwRAIgTAbrohR+3ugh0hLs
wxAEzGzWtiWEHewwKn1m+CQWcXcCIGqjE1U9c60IFh+3v4p84xPsoBw9z5zFYW91
xiJJeBRP
-----END CERTIFICATE-----
"""

    def put(self, content, name="CERT_ITA"):
        return self.root.ask("PUT", f"{self.PATH}/{name}", content, Content_Type="application/octet-stream")

    def test_der_and_pem_are_shown_alike(self):
        pem, _, der = make_certificate(self.folder, "ita")
        shown = [self.assert_ok(self.put(file.read_bytes())).json["items"] for file in (pem, der)]
        self.assertEqual(shown[0][0]["sha256Fingerprint"], shown[1][0]["sha256Fingerprint"])
        certificate = self.items(self.root, self.PATH)[0]
        self.assertEqual((certificate["name"], certificate["subject"], certificate["issuer"]),
                         ("CERT_ITA", "CN=ita", "CN=ita"))
        self.assertEqual(certificate["subjectAlternativeNames"], "DNS:localhost, IP:127.0.0.1")
        self.assertEqual([warning["rule"] for warning in certificate["warnings"]], ["expires"])

    def test_what_is_no_good_certificate_is_refused_with_the_reason(self):
        pem, key, der = make_certificate(self.folder, "other")
        before = self.items(self.root, self.PATH)
        for content, rule in (
                (key.read_bytes(), "privateKey"), (pem.read_bytes() + key.read_bytes(), "privateKey"),
                (der.read_bytes()[:-1], "unreadable"), (b"hello", "unreadable"), (b"", "unreadable"),
                (2 * pem.read_bytes(), "several"), (self.EXPIRED, "expired")):
            answer = self.put(content)
            self.assert_problem(answer, 422)
            self.assertEqual(answer.fields, {"/file": rule})
        self.assert_problem(self.put(b"0" * 66000), 413)
        self.assert_problem(self.put(pem.read_bytes(), "CERT_OTHER"), 404)
        self.assertEqual(self.items(self.root, self.PATH), before)


class Audit(TenantStory):
    def test_changes_are_paged_newest_first_and_told_by_tenant(self):
        for _ in range(3):
            self.assert_ok(self.acme.ask("POST", f"{TENANTS}/acme/app-keys"), 201)
        page = self.assert_ok(self.root.ask("GET", "/admin/v1/audit?tenant=acme&limit=2")).json
        self.assertEqual([entry["who"] for entry in page["items"]], 2 * ["api-key:acme-admin"])
        more = self.root.ask("GET", f"/admin/v1/audit?tenant=acme&cursor={page['next']}").json
        self.assertLess(more["items"][0]["id"], page["items"][1]["id"])
        self.assertEqual({entry["tenant"] for entry in more["items"]}, {"acme"})
        self.assertIsNone(more["next"])
        for query in ("limit=0", "cursor=x", "cursor=-1", "nosuch=1"):
            self.assert_problem(self.root.ask("GET", f"/admin/v1/audit?{query}"), 400)
        self.assert_problem(self.acme.ask("GET", "/admin/v1/audit"), 403)


class AppKeys(TenantStory):
    PATH = f"{TENANTS}/acme/app-keys"

    def make(self, path="", body=None):
        made = self.assert_ok(self.acme.ask("POST", self.PATH + path, body), 201).json
        return made["appKey"], confidential.keep("app secret", made["appSecret"])

    def signs_in_with(self, key):
        agent = self.gateway.agent(*key)
        status = agent.ask_token().status
        agent.close()
        return status == 200

    def test_a_key_is_rotated_with_overlap_and_disabled(self):
        old = self.make()
        wait_until(lambda: self.signs_in_with(old), "the key is known", 1)
        new = self.make(f"/{old[0]}/rotation", {"overlapSeconds": 3600})
        wait_until(lambda: self.signs_in_with(new), "the new key is known", 1)
        self.assertTrue(self.signs_in_with(old))
        newest = self.make(f"/{old[0]}/rotation", {"overlapSeconds": 0})
        wait_until(lambda: not self.signs_in_with(old), "the old key has ended", 1)
        self.assert_ok(self.acme.ask("DELETE", f"{self.PATH}/{new[0]}"), 204)
        wait_until(lambda: not self.signs_in_with(new), "the key is disabled", 1)
        states = {key["appKey"]: (key["usable"], key["enabled"]) for key in self.items(self.acme, self.PATH)}
        self.assertEqual((states[old[0]], states[new[0]], states[newest[0]]),
                         ((False, True), (False, False), (True, True)))

    def test_what_is_not_there_or_wrong_is_refused(self):
        key, _ = self.make()
        self.assert_problem(self.acme.ask("POST", f"{self.PATH}/ak_none/rotation"), 404)
        self.assert_problem(self.acme.ask("DELETE", f"{self.PATH}/ak_none"), 404)
        for seconds, rule in ((-1, "range"), (2592001, "range"), ("x", "range")):
            self.assert_fields(self.acme.ask("POST", f"{self.PATH}/{key}/rotation", {"overlapSeconds": seconds}),
                               {"/overlapSeconds": rule})
        self.assert_fields(self.acme.ask("POST", self.PATH, {"name": "x"}), {"/name": "unknown"})
        self.assert_problem(self.zeta.ask("DELETE", f"{self.PATH}/{key}"), 404)
        self.assert_problem(self.zeta.ask("POST", f"{self.PATH}/{key}/rotation"), 404)


class Effect(TenantStory):
    """The next call obeys, without a restart."""

    SOLD = [f"0571000001{i:02}" for i in range(60)]
    X = SOLD[:2]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = cls.runs_mock(cls.gateway, x_numbers=cls.SOLD)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("caller", cls.mock))
        cls.path = f"{TENANTS}/caller"

    def call(self, caller=AGENT, agent=None):
        return (agent or self.agent).create_call(caller, confidential.customer_number())

    def await_code(self, code, caller=AGENT, agent=None):
        """Within a second (console.md); slow builds have longer."""
        def answers():
            answer = self.call(caller, agent)
            return answer if answer.code == code else None
        return wait_until(answers, f"createCall answers {code}", 1)

    def set(self, name, **flags):
        path = f"{TENANTS}/{name}"
        tenant = self.root.ask("GET", path)
        now = {name: tenant.json[name] for name in ("enabled", "bidirectionalCallEnabled", "trial")}
        self.assert_ok(self.root.ask("PUT", path, {**now, **flags}, If_Match=tenant.headers["ETag"]))

    def test_an_agents_phone_must_be_on_the_tenants_list(self):
        path = f"{self.path}/agent-numbers"
        self.assert_ok(self.root.ask("POST", path, {"numbers": [f"+86{AGENT}"]}))
        self.assertIn("softphone", self.await_code("8", OTHER_AGENT).message)
        self.assert_placed(self.call())
        self.assert_ok(self.root.ask("DELETE", f"{path}/{AGENT}"), 204)
        self.await_code("0", OTHER_AGENT)

    def test_a_trial_tenant_has_a_trustlist_and_ten_calls_a_day_through_a_restart(self):
        agent = self.signs_in(self.gateway.create_tenant("trial", self.mock))
        self.assert_placed(self.call(agent=agent))
        self.set("trial", trial=True)
        self.await_code("16", agent=agent)
        self.assert_ok(self.root.ask("POST", f"{TENANTS}/trial/trial-numbers", {"numbers": [AGENT]}))
        self.await_code("0", agent=agent)
        self.assert_code(self.call(OTHER_AGENT, agent), "16")
        for _ in range(8):
            self.assert_placed(self.call(agent=agent))
        self.assert_code(self.call(agent=agent), "21")
        self.gateway.stop()
        self.gateway.start()
        for client in (agent, self.agent, self.root):
            client.close()
        self.assert_code(self.call(agent=agent), "21", "trial tenant: over 10 one-click calls in a day")
        self.set("trial", trial=False)
        self.await_code("0", agent=agent)

    def test_saved_settings_rule_the_next_call(self):
        self.assert_ok(self.root.ask("POST", TENANTS, {"tenant": "fresh", "bidirectionalCallEnabled": True}), 201)
        admin = self.automaton("fresh-admin", "tenant-admin", "fresh")
        agent = self.signs_in(self.gateway.create_app_key("fresh"))
        self.assert_code(self.call(agent=agent), "6")
        form = {"type": "ita", "accessKey": self.mock.access_key, "appKey": self.mock.app_key,
                "secretKey": confidential.keep("secret key", self.mock.secret_key), "domain": self.mock.authority,
                "xMode": "automatic"}
        path = f"{TENANTS}/fresh/bidirectional-call"
        saved = self.assert_ok(admin.ask("PUT", path, form, If_Match="*"))
        self.assertIsNone(saved.json["cdrPush"]["lastReceivedAt"])
        self.await_code("0", agent=agent)
        wait_until(lambda: admin.ask("GET", path).json["cdrPush"]["lastReceivedAt"], "a push is told", 20)
        self.assert_ok(admin.ask("PUT", path, {**form, "secretKey": "wrong"}, If_Match="*"))
        self.await_code("90100200", agent=agent)

    def test_disabling_the_feature_or_the_tenant_is_retcode_6(self):
        for flag in ("bidirectionalCallEnabled", "enabled"):
            self.set("caller", **{flag: False})
            self.await_code("6")
            self.set("caller", **{flag: True})
            self.await_code("0")

    def test_a_locked_x_number_gets_no_new_call(self):
        agent = self.signs_in(self.gateway.create_tenant("pool", self.mock, "specified", self.X))
        path = f"{TENANTS}/pool/x-numbers"
        for x in self.X:
            self.assert_ok(self.root.ask("PUT", f"{path}/{x}", {"locked": True}), 204)
        self.await_code("90106003", agent=agent)
        self.assert_ok(self.root.ask("PUT", f"{path}/{self.X[0]}", {"locked": False}), 204)
        self.await_code("0", agent=agent)
        self.assertEqual(self.gateway.database.calls()[-1]["tel_x"], self.X[0])
        states = {x["number"]: x["state"] for x in self.items(self.root, path)}
        self.assertEqual(states[self.X[1]], "locked")
        self.assertIn(states[self.X[0]], ("inUse", "resting"))


if __name__ == "__main__":
    main()
