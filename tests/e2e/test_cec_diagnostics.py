"""The Test of a tenant of type CEC: each thing on the way to the AICC is broken, one at a time, and the test must name that
step, say what it comes from and what to do."""
import json
import socket
import unittest

import confidential
import contract
from administrator import Automaton
from cec_stage import Own, set_cec
from harness import free_port, make_certificate
from shared_key import sign

TEST = "/admin/v1/tenants/space/bidirectional-call/test"
CALLBACK = "/apiaccess/rest/cc-management/v1/cec/callback"
SHARED_KEY = "fake-shared-key-for-tests-0001"
STEPS = ["settings", "dns", "tcp", "tls", "token", "aicc-callbacks", "callbacks"]


class Diagnosed(Own):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = Automaton(cls.gateway, cls.gateway.create_api_key("owner", "tenant-admin", "space"))
        cls.addClassCleanup(cls.owner.close)

    def tearDown(self):
        self.gateway.admin("certificate", "install", "CERT_AICC", self.aicc.certificate_der)
        set_cec(self.gateway, "space", self.aicc)

    def domain(self, authority):
        self.gateway.admin("bidirectional-call", "set", "space", "--aicc-domain", authority, "--aicc-app-secret-file", "-",
                           standard_input=self.aicc.app_secret)

    def run_test(self):
        answer = self.owner.ask("POST", TEST)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(confidential.leaks_in(answer.body.decode()), [])
        steps = {step["step"]: step for step in answer.json["steps"]}
        self.assertEqual(list(steps), STEPS)
        for step in steps.values():
            for part in ("text", "cause", "remedy"):
                if step[part] is not None:
                    self.assertTrue(step[part]["en"].isascii(), step)
                    self.assertFalse(step[part]["zh"].isascii(), step)
                    self.assertNotIn("(null)", step[part]["en"] + step[part]["zh"])
            if step["result"] == "failed":
                self.assertTrue(step["remedy"], step)
        return steps

    @staticmethod
    def words(step):
        return " ".join(step[part]["en"] for part in ("text", "cause", "remedy") if step[part])

    def assert_fails(self, name, *parts):
        """Exactly that step fails; its words hold the parts."""
        steps = self.run_test()
        shown = json.dumps(steps, indent=1, ensure_ascii=False)
        self.assertEqual([step for step in steps if steps[step]["result"] == "failed"], [name], shown)
        for part in parts:
            self.assertIn(part, self.words(steps[name]))
        behind = STEPS[STEPS.index(name) + 1:STEPS.index("aicc-callbacks")]
        self.assertEqual({steps[step]["result"] for step in behind} - {"skipped"}, set(), shown)


class OnTheWay(Diagnosed):
    def test_all_is_well(self):
        calls, tokens = len(self.aicc.calls), self.aicc.count(contract.TOKEN)
        steps = self.run_test()
        self.assertEqual({name: step["result"] for name, step in steps.items()},
                         {"settings": "ok", "dns": "ok", "tcp": "ok", "tls": "warning", "token": "ok",
                          "aicc-callbacks": "skipped", "callbacks": "skipped"}, "the certificate is good for two days")
        self.assertIn("trusted by CERT_AICC (CN=aicc)", self.words(steps["tls"]))
        self.assertIn("more days, until", self.words(steps["tls"]))
        self.assertIn("good for 600 s", self.words(steps["token"]))
        self.assertEqual((len(self.aicc.calls), self.aicc.count(contract.TOKEN)), (calls, tokens + 1))

    def test_a_host_that_does_not_resolve(self):
        self.domain("no-such-host.invalid")
        self.assert_fails("dns", "no-such-host.invalid does not resolve", "AICC Domain Name")

    def test_a_closed_port(self):
        port = free_port()
        self.domain(f"127.0.0.1:{port}")
        self.assert_fails("tcp", f"port {port}: connection refused", "the AICC's operator")

    def test_another_certificate_than_the_installed_one(self):
        _, _, der = make_certificate(self.folder, "wrong")
        self.gateway.admin("certificate", "install", "CERT_AICC", der)
        self.assert_fails("tls", "The AICC's certificate is not trusted: CN=aicc", "installed CERT_AICC: CN=wrong",
                          f"certificate fetch https://{self.aicc.authority}/apigovernance/api/oauth/tokenByAkSk -o aicc.der",
                          "name CERT_AICC")

    def test_what_is_advised_to_download_is_what_is_missing(self):
        _, _, wrong = make_certificate(self.folder, "wrong")
        self.gateway.admin("certificate", "install", "CERT_AICC", wrong)
        command = self.words(self.run_test()["tls"]).split("`ita-gateway certificate fetch ")[1].split("`")[0].split()
        target = self.folder / command[2]
        self.gateway.admin("certificate", "fetch", command[0], "-o", target)
        self.gateway.admin("certificate", "install", "CERT_AICC", target)
        self.assertEqual(self.run_test()["token"]["result"], "ok")

    def test_http_answers_that_are_no_token(self):
        for status, body, part in ((302, {}, "sign-in page"), (404, {}, "tokenByAkSk of an AICC"), (500, {}, "HTTP 500"),
                                   (200, b"<html>", "gives no token"), (200, {"AccessToken": ""}, "gives no token")):
            with self.subTest(status=status, body=body):
                self.aicc.script(contract.TOKEN, lambda handler: self.aicc.answer(handler, status, body))
                self.assert_fails("token", part)

    def test_a_server_that_closes_the_connection(self):
        def closes(handler):
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        self.aicc.script(contract.TOKEN, closes)
        self.assert_fails("token", "did not answer the request for a token")

    def test_an_aicc_that_slows_is_a_warning(self):
        self.aicc.script(contract.TOKEN, lambda handler: self.aicc.answer(handler, 429, {"exceptionInfo": "later"}))
        step = self.run_test()["token"]
        self.assertEqual(step["result"], "warning")
        self.assertIn("HTTP 429 later", self.words(step))


class Circuits(Diagnosed):
    def test_the_gateway_tells_which_aicc_fails(self):
        root = Automaton(self.gateway, self.gateway.create_api_key("root"))
        self.addCleanup(root.close)
        self.assert_placed(self.agent.create_call("13800009001", "13900001001"))
        self.aicc.script(contract.CREATE_CALL_V1, lambda handler: self.aicc.answer(handler, 500, {}))
        # The questions about the first call must not speak for the AICC meanwhile.
        self.aicc.script(contract.QUERY_STATE, *[lambda handler: self.aicc.answer(handler, 503, {})] * 1000)
        self.assert_code(self.agent.create_call("13800009001", "13900001002"), contract.PROCESS_FAILURE)
        step = next(step for step in root.ask("GET", "/admin/v1/diagnostics").json["steps"] if step["step"] == "circuits")
        self.assertEqual(step["result"], "warning")
        self.assertRegex(step["text"]["en"], rf"{self.aicc.authority}: \d+ failures in a row")
        self.aicc.script(contract.QUERY_STATE)


class Credentials(Diagnosed):
    def tearDown(self):
        pass

    def test_refused_ones_are_named_as_far_as_the_aicc_does_and_then_held_back(self):
        for words, part in (("unknown app_key", "refuses the app key: HTTP 401 unknown app_key"),
                            ("app secret wrong", "refuses the secret of the app key"),
                            ("app_key or app_secret is wrong", "refuses the app key or its secret"),
                            (f"not the secret {self.aicc.app_secret}", "does not say which")):
            with self.subTest(words):
                self.aicc.script(contract.TOKEN,
                                 lambda handler: self.aicc.answer(handler, 401, {"exceptionInfo": words}))
                self.assert_fails("token", part)
        asked = self.aicc.count(contract.TOKEN)
        self.assert_fails("token", "holds them back for", "another one the gateway tries at once")
        self.assertEqual(self.aicc.count(contract.TOKEN), asked)


class Callbacks(Diagnosed):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        confidential.keep("shared key", SHARED_KEY)
        key_file = cls.folder / "shared-key"
        key_file.write_text(SHARED_KEY)
        cls.gateway.admin("bidirectional-call", "set", "space", "--callback-authentication", "shared-key", "--shared-key-file",
                          key_file)
        cls.sign_in()

    def push(self, body, tenant="space"):
        return self.agent.post(f"{CALLBACK}/{tenant}/release", body, Authorization=None)

    def assert_step(self, result, *parts):
        step = self.run_test()["aicc-callbacks"]
        self.assertEqual(step["result"], result, step)
        for part in parts:
            self.assertIn(part, self.words(step))

    def test_what_never_came_what_was_refused_and_what_came(self):
        body = {"callSerialNo": "1", "serviceNo": "", "called": "1"}
        self.assert_step("skipped", "None since the start", "optional")
        self.assertEqual(self.push(body, tenant="nobody").status, 401)
        self.assert_step("warning", "their path names no tenant of this gateway")
        self.assertEqual(self.push(body).status, 401)
        self.assert_step("warning", "Refused since the start: 1", "they are not signed", "Shared Key")
        self.assertEqual(self.push(sign(body, "another-key-of-sixteen")).status, 401)
        self.assert_step("warning", "Refused since the start: 2", "signed with another key")
        self.assertEqual(self.push(sign({"called": "1"}, SHARED_KEY)).status, 400)
        self.assert_step("warning", "they have no callSerialNo")
        self.assertEqual(self.push(sign(body, SHARED_KEY)).status, 200)
        self.assert_step("ok", "The last came at 20")


class WithoutTheDaemon(Diagnosed):
    def tearDown(self):
        pass

    def test_doctor_walks_to_the_aicc_by_itself(self):
        self.gateway.stop()
        done = self.gateway.try_admin("doctor", "--tenant", "space", "--json")
        report = json.loads(done.stdout)["tenants"][0]
        steps = {step["step"]: step for step in report["steps"]}
        self.assertEqual(list(steps), STEPS)
        self.assertEqual((steps["token"]["result"], done.returncode), ("ok", 0), steps)
        self.assertIn("Only the running daemon knows", self.words(steps["aicc-callbacks"]))


if __name__ == "__main__":
    unittest.main()
