#!/usr/bin/env python3
"""The Test button: each thing on the way to the ITA is broken, one at a time, and the test must name that step, say what it
comes from and what to do, and blame nothing else."""
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time
import unittest

import confidential
import contract
import harness
from administrator import Automaton
from cdr import CdrSender, cdr
from harness import SLOWNESS, Mock, Story, free_port, main, make_certificate, openssl, wait_until

TENANTS = "/admin/v1/tenants"
SKIPPED_WITHOUT = {"settings": ["dns", "tcp", "tls", "answer", "clock", "credentials", "x-numbers"],
                   "dns": ["tcp", "tls", "answer", "clock", "credentials"],
                   "tcp": ["tls", "answer", "clock", "credentials"], "tls": ["answer", "clock", "credentials"],
                   "answer": ["clock", "credentials"]}


class Report:
    def __init__(self, answer):
        self.answer, self.json = answer, answer.json
        self.steps = {step["step"]: step for step in answer.json["steps"]}

    def with_result(self, *results):
        return [name for name, step in self.steps.items() if step["result"] in results]

    def __repr__(self):
        return json.dumps(self.json, indent=1, ensure_ascii=False)


class TestStory(Story):
    options = {"ita_timeout": "1500ms", "ita_connect_timeout": "1s"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**cls.options)
        cls.ita = cls.runs_mock(cls.gateway)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("acme", cls.ita))
        cls.acme = cls.automaton("acme-admin", "tenant-admin", "acme")

    @classmethod
    def automaton(cls, name, role="sysadmin", tenant=None):
        automaton = Automaton(cls.gateway, cls.gateway.create_api_key(name, role, tenant))
        cls.addClassCleanup(automaton.close)
        return automaton

    def tearDown(self):
        self.ita.plays_nothing()
        self.gateway.admin("certificate", "install", "CERT_ITA", self.ita.certificate_der)
        self.settings("--domain", self.ita.authority, "--app-key", Mock.app_key, "--access-key", Mock.access_key,
                      secret=Mock.secret_key)

    def settings(self, *words, secret=None):
        self.gateway.set_bidirectional_call("acme", secret, *words)

    def run_test(self, who=None):
        answer = (who or self.acme).ask("POST", f"{TENANTS}/acme/bidirectional-call/test")
        self.assertEqual(answer.status, 200, answer)
        self.assert_bilingual(answer)
        return Report(answer)

    def assert_bilingual(self, answer):
        self.assertEqual(confidential.leaks_in(answer.body.decode()), [])
        for step in answer.json["steps"]:
            for part in ("text", "cause", "remedy"):
                words = step[part]
                if words is not None:
                    self.assertTrue(words["en"].isascii(), words)
                    self.assertFalse(words["zh"].isascii(), words)
                    self.assertNotIn("(null)", words["en"] + words["zh"])
            if step["result"] == "failed":
                self.assertTrue(step["remedy"], f"{step['step']} says what to do")

    def push_step(self):
        step = self.run_test().steps["cdr-push"]
        return step["result"], " ".join(step[part]["en"] for part in ("text", "cause", "remedy") if step[part])

    def assert_fails(self, step, *parts, skipped=None):
        """Exactly that step fails; its words hold the parts."""
        report = self.run_test()
        self.assertEqual(report.json["result"], "failed", report)
        self.assertEqual(report.with_result("failed"), [step], report)
        skipped = SKIPPED_WITHOUT.get(step, []) if skipped is None else skipped
        self.assertEqual([name for name in report.with_result("skipped") if name not in ("x-numbers", "push-url", "callbacks")],
                         [name for name in skipped if name != "x-numbers"], report)
        words = " ".join(report.steps[step][part]["en"] for part in ("text", "cause", "remedy")
                         if report.steps[step][part])
        for part in parts:
            self.assertIn(part, words)
        return report


class AllIsWell(TestStory):
    def test_every_step_is_told_and_no_call_is_placed(self):
        self.agent.create_call(confidential.agent_number(), called := confidential.customer_number())
        self.ita.acknowledged(called)
        calls = len(self.ita.calls())
        report = self.run_test()
        self.assertEqual(list(report.steps), ["settings", "dns", "tcp", "tls", "answer", "clock", "credentials", "x-numbers",
                                              "cdr-push", "push-url", "callbacks"])
        self.assertEqual(report.with_result("failed"), [], report)
        self.assertEqual(report.with_result("skipped"), ["x-numbers", "push-url", "callbacks"], report)
        self.assertEqual(report.with_result("warning"), [])
        self.assertIn("trusted by CERT_ITA (CN=", report.steps["tls"]["text"]["en"])
        self.assertEqual(len(self.ita.calls()), calls)
        asked = self.ita.requests()[-1]
        self.assertEqual((asked["action"], asked["check"]), ("recording", "passed"))


class Connection(TestStory):
    def serves(self, play, tls=None):
        """A server that does with each connection what the function does; returns its authority."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                try:
                    with (tls.wrap_socket(sock, server_side=True) if tls else sock) as ready:
                        play(ready)
                except OSError:
                    pass
        threading.Thread(target=serve, daemon=True).start()
        return f"localhost:{listener.getsockname()[1]}"

    def shows(self, pem, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(pem), str(key))
        return self.serves(lambda sock: sock.recv(1), context)

    def test_a_host_that_does_not_resolve(self):
        self.settings("--domain", "no-such-host.invalid")
        self.assert_fails("dns", "no-such-host.invalid does not resolve", "ITA Domain Name", "getent ahosts")

    def test_a_closed_port(self):
        port = free_port()
        self.settings("--domain", f"127.0.0.1:{port}")
        self.assert_fails("tcp", f"port {port}: connection refused", "nothing listens", f"to port {port} allowed")

    def test_a_server_that_speaks_no_tls(self):
        plain = self.runs_mock(None, label="plain", tls=False)
        self.settings("--domain", plain.authority)
        self.assert_fails("tls", "No TLS connection", "speaks no TLS", f"openssl s_client -connect {plain.authority}")

    def test_a_handshake_that_never_ends(self):
        self.ita.spoils_connections("stall")
        began = time.monotonic()
        self.assert_fails("tls", "nothing came in time", "does not answer", "firewall")
        self.assertLess(time.monotonic() - began, 10)

    def test_a_connection_that_is_closed_before_tls(self):
        self.ita.spoils_connections("close")
        self.assert_fails("tls", "closed the connection during the handshake", "proxy")

    def test_a_connection_that_is_closed_once_tls_stands(self):
        self.ita.spoils_connections("close-after-handshake")
        self.assert_fails("answer", "did not answer a request", "ITA's operator")

    def test_another_certificate_than_the_installed_one(self):
        _, _, der = make_certificate(self.folder, "wrong")
        self.gateway.admin("certificate", "install", "CERT_ITA", der)
        shown = json.loads(self.gateway.admin("certificate", "fetch", f"https://{self.ita.authority}/", "--json"))
        self.assert_fails("tls", "is not trusted", shown["subject"], shown["sha256_fingerprint"], "installed CERT_ITA: CN=wrong",
                          f"https://{self.ita.authority}/v1/ngin/axmn", "upload it under Certificate, name CERT_ITA, type DER")

    def test_an_expired_certificate(self):
        """Of an authority that is still good: an expired one can't be installed."""
        authority, authority_key, der = make_certificate(self.folder, "authority")
        pem, key = issue_expired(self.folder, authority, authority_key)
        self.gateway.admin("certificate", "install", "CERT_ITA", der)
        self.settings("--domain", self.shows(pem, key))
        self.assert_fails("tls", "has expired", "2020-01-02", "ITA's operator renew")

    def test_a_certificate_for_another_name(self):
        pem, key, der = self.folder / "other.crt", self.folder / "other.key", self.folder / "other.der"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 90, "-subj",
                "/CN=other", "-addext", "subjectAltName=DNS:ita.example.com", "-keyout", key, "-out", pem)
        openssl("x509", "-in", pem, "-outform", "DER", "-out", der)
        self.gateway.admin("certificate", "install", "CERT_ITA", der)
        self.settings("--domain", self.shows(pem, key))
        self.assert_fails("tls", "is not for localhost, but for: DNS:ita.example.com", "Enter the domain name")

    def test_a_redirect_and_http_errors(self):
        for status, part in ((307, "redirect, HTTP 307"), (500, "HTTP 500"), (502, "HTTP 502"), (503, "HTTP 503"),
                             (404, "no such API")):
            with self.subTest(status):
                self.ita.plays_rules({"match": {"action": "recording"}, "answer": {"status": status}})
                self.assert_fails("answer", part)


def issue_expired(folder, authority, authority_key):
    """A certificate for localhost, good for a day in 2020."""
    config, request = folder / "ca.conf", folder / "expired.csr"
    pem, key = folder / "expired.crt", folder / "expired.key"
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")
    config.write_text(f"[ca]\ndefault_ca=c\n[c]\ndatabase={folder}/index.txt\nserial={folder}/serial\nnew_certs_dir={folder}\n"
                      "default_md=sha256\npolicy=p\ncopy_extensions=copy\n[p]\ncommonName=supplied\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=expired", "-addext",
            "subjectAltName=DNS:localhost", "-keyout", key, "-out", request)
    openssl("ca", "-batch", "-config", config, "-cert", authority, "-keyfile", authority_key, "-in", request, "-out", pem,
            "-notext", "-startdate", "20200101000000Z", "-enddate", "20200102000000Z")
    return pem, key


class OnThisMachine(TestStory):
    """Tenants' administrators enter the domain: unless the operator says so, it leads to nothing that only this machine
    can reach."""
    options = {**TestStory.options, "ita_local": "no"}

    def assert_is_out_of_reach(self, domain):
        self.settings("--domain", domain)
        self.assert_fails("tcp", "No connection to 127.0.0.1", "an address that is not allowed", "leads to this machine",
                          "ita-local = yes")
        self.assert_code(self.agent.create_call(confidential.agent_number(), confidential.customer_number()),
                         contract.UNAVAILABLE)

    def test_neither_a_call_nor_the_test_comes_there(self):
        self.assert_is_out_of_reach(self.ita.authority)
        self.assertEqual(self.ita.requests(), [])

    def test_nor_over_plain_http(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            self.assert_is_out_of_reach(f"http://127.0.0.1:{listener.getsockname()[1]}")
            with self.assertRaises(BlockingIOError):
                listener.accept()


class NothingInstalled(TestStory):
    @classmethod
    def setUpClass(cls):
        super(TestStory, cls).setUpClass()
        cls.gateway = cls.runs_gateway(**cls.options)
        cls.ita = cls.runs_mock(cls.gateway)
        cls.gateway.admin("tenant", "create", "acme")
        cls.acme = cls.automaton("acme-admin", "tenant-admin", "acme")

    def tearDown(self):
        pass

    def test_what_is_missing_is_named_one_after_the_other(self):
        self.assert_fails("settings", "Nothing has been saved yet", "retCode 6", "Edit the settings")
        self.settings("--type", "ita", "--access-key", Mock.access_key, "--app-key", Mock.app_key, "--domain",
                      self.ita.authority, secret=Mock.secret_key)
        self.assert_fails("tls", "is not trusted", "No CERT_ITA is installed", "certificate fetch")
        self.gateway.admin("tenant", "disable", "acme")
        self.assert_fails("settings", "Disabled: the tenant", "retCode 6", "system administrator enables")


class Callbacks(TestStory):
    def test_hosts_are_looked_up_and_held_against_the_trustlist(self):
        root = self.automaton("root")
        for entry in ("127.0.0.1:9443", "no-such-host.invalid"):
            self.assertEqual(root.ask("POST", "/admin/v1/callback-trustlist", {"entry": entry}).status, 201)
        self.settings("--hangup-callback-url", "https://127.0.0.1:9443/hangup?token=fake")
        step = self.run_test().steps["callbacks"]
        self.assertEqual((step["result"], step["text"]["en"]), ("ok", "hangupCallbackUrl: 127.0.0.1 may be called."))
        self.settings("--connection-callback-url", "https://no-such-host.invalid/")
        self.assert_fails("callbacks", "connectionCallbackUrl: no-such-host.invalid does not resolve", "DNS")
        self.settings("--connection-callback-url", "")
        self.assertEqual(root.ask("DELETE", "/admin/v1/callback-trustlist/127.0.0.1:9443").status, 200)
        self.assert_fails("callbacks", "127.0.0.1 is not in the callback address trustlist", "under Trustlist")
        self.settings("--hangup-callback-url", "")


class Numbers(TestStory):
    X = [f"05710000{n:04d}" for n in range(31, 34)]

    def test_all_are_locked(self):
        self.gateway.admin("xnumber", "add", "acme", *self.X)
        self.settings("--x-mode", "specified")
        report = self.run_test()
        self.assertEqual(report.steps["x-numbers"]["result"], "ok", report)
        self.assertIn("X numbers: 3, locked: 0; of the others 3 free", report.steps["x-numbers"]["text"]["en"])
        for x in self.X:
            self.assertEqual(self.acme.ask("PUT", f"{TENANTS}/acme/x-numbers/{x}", {"locked": True}).status, 204)
        self.assert_fails("x-numbers", "X numbers: 3, locked: 3", "refused with 90106003", "Unlock or add")


class Pushes(TestStory):
    def test_what_never_came_what_was_refused_and_what_came(self):
        result, words = self.push_step()
        self.assertEqual(result, "warning")
        self.assertIn("Register https://<this gateway>/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify", words)
        self.ita.plays("cdr-wrong-signature")
        self.agent.create_call(confidential.agent_number(), called := confidential.customer_number())
        self.ita.acknowledged(called)
        result, words = self.push_step()
        self.assertEqual(result, "ok", words)
        self.assertIn("The last CDR came at 20", words)
        wrong = CdrSender(self.gateway, Mock.access_key, confidential.keep("secret key", "another-fake-secret-key-0003"))
        self.assertEqual(wrong.push({}).status, 401)
        result, words = self.push_step()
        self.assertEqual(result, "warning")
        self.assertIn("Refused since the start: 2, the last at 20", words)
        self.assertIn("signature wrong", words)
        self.assertIn("enter the SecretKey of the AccessKey again", words)

    def test_a_self_test_tells_nothing_of_the_ita(self):
        before = self.push_step()
        for secret, status in ((Mock.secret_key, 200), (confidential.keep("secret key", "another-fake-secret-key-0004"), 401)):
            sender = CdrSender(self.gateway, Mock.access_key, secret)
            self.assertEqual(sender.push(b'{"selfTest":"ita-gateway"}').status, status)
        self.assertEqual(self.push_step(), before)


class StrangePushes(TestStory):
    def test_pushes_with_an_access_key_of_nobody(self):
        stranger = CdrSender(self.gateway, "FAKEACCESSKEY0000003", confidential.keep("secret key", "fake-secret-of-nobody-01"))
        self.assertEqual(stranger.push({}).status, 401)
        result, words = self.push_step()
        self.assertEqual(result, "warning")
        self.assertIn("1 of no tenant's AccessKey", words)
        self.assertIn("AccessKey unknown", words)


class AstrayPushes(TestStory):
    def test_a_push_to_a_mistyped_url(self):
        sender = CdrSender(self.gateway, Mock.access_key, Mock.secret_key)
        self.assertEqual(sender.push({}, path="/apiaccess/statusnotify").status, 404)
        result, words = self.push_step()
        self.assertEqual(result, "warning")
        self.assertIn("no path of this gateway: POST /apiaccess/statusnotify: 404.", words)
        self.assertIn("Register https://<this gateway>/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify", words)
        lines = [line for line in self.gateway.log().splitlines() if '"CDR push astray"' in line]
        self.assertEqual(len(lines), 1)
        self.assertNotIn(Mock.access_key, lines[0])


class HeldBack(TestStory):
    def test_a_secret_that_was_refused_too_often_is_held_back_before_the_ita_locks_the_key(self):
        self.settings(secret=confidential.keep("secret key", "another-fake-secret-key-0002"))
        for _ in range(4):
            self.assert_fails("credentials", "refuses the signature")
        asked = len(self.ita.requests())
        self.assert_fails("credentials", "holds it back for", "another one the gateway tries at once",
                          skipped=["answer", "clock"])
        self.assertEqual(len(self.ita.requests()), asked)


class Credentials(TestStory):
    def test_a_wrong_secret(self):
        self.settings(secret=confidential.keep("secret key", "another-fake-secret-key-0001"))
        self.assert_fails("credentials", "refuses the signature", "APIGW.0301", "Enter the SecretKey again")

    def test_an_access_key_that_the_ita_does_not_know(self):
        self.settings("--access-key", "FAKEACCESSKEY0000002")
        self.assert_fails("credentials", "refuses the AccessKey", "does not know this AccessKey", "Enter AccessKey")

    def test_a_wrong_app_key(self):
        self.settings("--app-key", "fake_app_key_0002")
        self.assert_fails("credentials", "refuses the AppKey", "Enter the AppKey")

    def test_a_skewed_clock(self):
        """The gateway goes on with the ITA's time, but the ITA's pushes would be refused."""
        ahead = self.runs_mock(None, label="ahead")
        ahead.advance_clock("1h")
        self.gateway.admin("certificate", "install", "CERT_ITA", ahead.certificate_der)
        self.settings("--domain", ahead.authority)
        report = self.assert_fails("clock", "s ahead of this machine's", "timedatectl")
        self.assertIn("with the ITA's time", report.steps["credentials"]["text"]["en"])

    def test_the_keys_are_right_but_not_allowed(self):
        self.ita.plays_rules({"match": {"action": "recording"}, "answer": {"status": 403}})
        self.assert_fails("credentials", "refuses the permission", "APIGW.0302", "authorise")

    def test_many_at_once(self):
        """One at a time for a tenant."""
        self.ita.spoils_connections("stall")
        answers = []
        other = self.automaton("second", "tenant-admin", "acme")
        first = threading.Thread(target=lambda: answers.append(self.run_test()))
        first.start()
        busy = wait_until(lambda: next((a for a in [other.ask("POST", f"{TENANTS}/acme/bidirectional-call/test")]
                                        if a.status == 429), None), "the second is refused", 5)
        first.join()
        self.assertEqual(busy.headers["Retry-After"], "5")
        self.assertEqual(len(answers), 1)


class Stopping(TestStory):
    options = {"ita_timeout": "10s", "ita_connect_timeout": "10s", "drain_timeout": "15s"}

    def tearDown(self):
        pass

    def test_a_stop_waits_for_no_test(self):
        """The test is answered with what it had looked at."""
        self.ita.spoils_connections("stall")
        answers = []
        test = threading.Thread(target=lambda: answers.append(self.run_test()))
        test.start()
        wait_until(lambda: self.ita.counters()["faults"], "the test waits for the ITA")
        began = time.monotonic()
        self.gateway.stop()
        self.assertLess(time.monotonic() - began, 5 * SLOWNESS)
        test.join()
        self.assertEqual(answers[0].steps["dns"]["result"], "ok")
        self.assertEqual(answers[0].steps["tcp"]["result"], "ok")
        self.assertIn("Not looked at", answers[0].steps["tls"]["text"]["en"])


class PublicUrl(TestStory):
    def test_a_url_that_is_not_reached_from_here_is_a_warning(self):
        port = free_port()
        gateway = self.runs_gateway("public", **{**self.options, "listen": f"127.0.0.1:{port}",
                                                 "public_host": f"127.0.0.1:{port}"})
        self.signs_in(gateway.create_tenant("acme", self.ita))
        key = gateway.create_api_key("root")
        asker = Automaton(gateway, key)
        self.addCleanup(asker.close)
        step = self.run_test(asker).steps["push-url"]
        self.assertEqual(step["result"], "warning")
        self.assertIn(f"https://127.0.0.1:{port}/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify was not "
                      "reached from here", step["text"]["en"])
        report = asker.ask("GET", "/admin/v1/diagnostics").json
        certificate = next(step for step in report["steps"] if step["step"] == "certificate")
        self.assertIsNone(certificate["cause"], "it is for public-host")


class Trusting(harness.Gateway):
    """A gateway for which the system's bundle is this certificate: in a mount namespace of its own."""
    BUNDLE = "/etc/ssl/certs/ca-certificates.crt"  # where Debian's libcurl looks

    def __init__(self, folder, label, bundle, **options):
        super().__init__(folder, label, **options)
        enter = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                 f"mount --bind '{bundle}' {self.BUNDLE} && exec \"$0\" \"$@\""]
        if subprocess.run([*enter, "true"], capture_output=True).returncode != 0:
            raise unittest.SkipTest("this machine lets no namespaces be made")
        self.wrapper = enter

    def spawn(self, arguments):
        program, self.binary = self.binary, "/usr/bin/env"
        try:
            super().spawn([*self.wrapper, program, *arguments])
        finally:
            self.binary = program


class Front:
    """What stands before the gateway at its public URL: takes TLS, hands each request to a function, which answers with a
    status and a body."""

    def __init__(self, certificate, key, port):
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = front.answers(self.path, dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(certificate, key)
        self.server.socket = trust.wrap_socket(self.server.socket, server_side=True)
        self.authority = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class SelfTest(TestStory):
    """A proxy of the tests at the public URL, trusted by the system's bundle, into whose place that of the tests is put for
    this gateway alone."""
    BODY = b'{"selfTest":"ita-gateway"}'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificate, key, _ = make_certificate(cls.folder, "front")
        cls.front = Front(certificate, key, free_port())
        cls.addClassCleanup(cls.front.close)
        cls.public = Trusting(cls.folder, "public", certificate, **cls.options, public_host=cls.front.authority)
        cls.public.start()
        cls.addClassCleanup(cls.public.stop)
        cls.signs_in(cls.public.create_tenant("acme", cls.ita))
        cls.root = Automaton(cls.public, cls.public.create_api_key("root"))
        cls.addClassCleanup(cls.root.close)

    def pass_on(self, path, headers, body):
        """As a good proxy: Host, path, body and the signed headers as they came."""
        kept = {name: headers[name] for name in ("Host", "Content-Type", "X-Sdk-Date", "Authorization") if name in headers}
        answer = CdrSender(self.public, "", "").deliver(body, kept, path)
        return answer.status, answer.body

    def step(self, answers):
        """What the test says when the front does that."""
        self.front.answers = answers
        report = self.run_test(self.root)
        self.assertEqual(report.json["result"] == "failed", report.steps["push-url"]["result"] == "failed", report)
        step = report.steps["push-url"]
        return step["result"], " ".join(step[part]["en"] for part in ("text", "cause", "remedy") if step[part])

    def refused(self, **changed):
        """The front changes something of each request."""
        result, words = self.step(lambda path, headers, body: self.pass_on(
            changed.get("path", path), {**headers, **changed.get("headers", {})}, changed.get("body", body)))
        self.assertEqual(result, "failed", words)
        self.assertIn("refuses a push that is well signed", words)
        return words

    def test_a_push_that_gets_through_is_proven_and_kept_nowhere(self):
        seen = []

        def answers(path, headers, body):
            seen.append((path, headers, body))
            return self.pass_on(path, headers, body)

        for _ in range(2):
            result, words = self.step(answers)
            self.assertEqual(result, "ok", words)
            self.assertIn(f"A signed self-test got through https://{self.front.authority}/apiaccess/rest/", words)
        path, headers, body = seen[0]
        self.assertEqual((path, body), (contract.STATUS_NOTIFY, self.BODY))
        confidential.keep("signature", headers["Authorization"][-64:])
        self.assertEqual(confidential.leaks_in(self.public.log()), [])
        self.assertEqual(self.public.database.raw_cdrs(), [])
        self.assertIsNone(self.root.ask("GET", f"{TENANTS}/acme/bidirectional-call").json["cdrPush"]["lastReceivedAt"])

    def test_what_is_changed_on_the_way_is_named(self):
        self.assertIn("signed for another host. A proxy puts another Host",
                      self.refused(headers={"Host": self.public.authority}))
        self.assertIn("A proxy removes or changes the Authorization header", self.refused(headers={"Authorization": "Basic eA=="}))
        self.assertIn("signature wrong. The signature was right when the push was sent",
                      self.refused(headers={"Content-Type": "application/json"}))
        self.assertIn("somebody changes the path", self.refused(path=contract.STATUS_NOTIFY + "?via=proxy"))
        self.assertIn("Look for `CDR push refused` in the gateway's log", self.refused(body=self.BODY + b"\n"))
        report = self.run_test(self.root)
        self.assertIn("No CDR has come", report.steps["cdr-push"]["text"]["en"])

    def test_an_answer_that_the_gateway_did_not_give_is_no_success(self):
        for status, answer, part in ((200, b'{"retCode":"0","retMsg":"success"}', "counts as delivered, and is lost"),
                                     (200, self.BODY, "counts as delivered, and is lost"),
                                     (200, b"", "counts as delivered, and is lost"), (302, b"", "follow no redirect"),
                                     (404, b"<html>", "does not know the path"), (502, b"<html>", "Look into the proxy's log"),
                                     (401, b"<html>", "nothing proves")):
            with self.subTest(status=status, answer=answer):
                result, words = self.step(lambda path, headers, body, given=(status, answer): given)
                self.assertEqual(result, "warning", words)
                self.assertIn(f"HTTP {status}, and nothing proves that the gateway verified it", words)
                self.assertIn(part, words)

    def test_an_answer_that_was_kept_proves_nothing(self):
        kept = []

        def answers(path, headers, body):
            kept.append(self.pass_on(path, headers, body))
            return kept[0]

        self.assertEqual(self.step(answers)[0], "ok")
        second = time.time() // 1
        wait_until(lambda: time.time() // 1 > second, "the next second, and with it another signature")
        self.assertEqual(self.step(answers)[0], "warning")

    def test_without_keys_it_is_skipped(self):
        self.public.admin("tenant", "create", "bare")
        answer = self.root.ask("POST", f"{TENANTS}/bare/bidirectional-call/test")
        self.assert_bilingual(answer)
        step = Report(answer).steps["push-url"]
        self.assertEqual(step["result"], "skipped", step)
        self.assertIn("AccessKey and SecretKey are not saved", step["text"]["en"])


class Gateway(TestStory):
    def look(self):
        answer = self.root.ask("GET", "/admin/v1/diagnostics")
        self.assertEqual(answer.status, 200, answer)
        self.assert_bilingual(answer)
        return Report(answer)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.automaton("root")

    def test_all_is_well_but_what_this_machine_lacks(self):
        report = self.look()
        self.assertEqual(list(report.steps), ["daemon", "files", "database", "token-issue", "ntp", "certificate", "open-files", "loop",
                                              "circuits", "strange-pushes", "unmatched-cdrs", "tenants"])
        self.assertEqual(report.with_result("failed"), [], report)
        self.assertLessEqual(set(report.with_result("warning", "skipped")), {"ntp", "certificate", "open-files", "database", "loop"})
        self.assertIn("Sound;", report.steps["database"]["text"]["en"])
        self.assertRegex(report.steps["database"]["text"]["en"], r"Oldest write that is not on disk yet: \d+ ms\.$")
        self.assertEqual(report.steps["token-issue"]["text"]["en"], "One was issued and verified, good for 600 s.")
        self.assertIn("1 in all, 1 enabled, of these without settings to place calls with: 0.", report.steps["tenants"]["text"]["en"])

    def test_only_a_system_administrator_may(self):
        self.assertEqual(self.acme.ask("GET", "/admin/v1/diagnostics").status, 403)

    def test_keys_that_others_can_read(self):
        key = self.gateway.key
        key.chmod(0o644)
        self.addCleanup(key.chmod, 0o600)
        step = self.look().steps["files"]
        self.assertEqual((step["result"], step["remedy"]["en"]), ("failed", f"Run: chmod 640 {key}"))
        self.assertIn(f"tls-key {key} is open to others", step["text"]["en"])

    def test_a_tls_key_may_be_for_a_group_to_read(self):
        """As Debian's ssl-cert."""
        self.addCleanup(self.gateway.key.chmod, 0o600)
        for mode, result in ((0o640, "ok"), (0o660, "failed")):
            self.gateway.key.chmod(mode)
            self.assertEqual(self.look().steps["files"]["result"], result)

    def test_each_file_has_its_own_mode(self):
        files = {self.gateway.key: "640", self.gateway.options["master-key-file"]: "600"}
        for file in files:
            file.chmod(0o666)
        remedy = self.look().steps["files"]["remedy"]["en"]
        for file in files:
            file.chmod(0o600)
        self.assertEqual(sorted(remedy.removeprefix("Run: ").split("; ")),
                         sorted(f"chmod {mode} {file}" for file, mode in files.items()))

    def test_a_key_that_is_not_the_certificates(self):
        _, other, _ = make_certificate(self.folder, "other")
        kept = self.gateway.key.read_bytes()
        self.addCleanup(self.gateway.key.write_bytes, kept)
        self.gateway.key.write_bytes(other.read_bytes())
        step = self.look().steps["certificate"]
        self.assertEqual(step["result"], "failed")
        self.assertIn("the key is not that of the certificate", step["text"]["en"])

    def test_an_ita_that_fails_call_after_call(self):
        self.ita.spoils_connections("close")
        for _ in range(10):
            self.agent.create_call(confidential.agent_number(), confidential.customer_number())
        step = self.look().steps["circuits"]
        self.assertEqual(step["result"], "failed")
        self.assertIn(f"{self.ita.authority}: open", step["text"]["en"])
        self.assertIn("doctor --tenant", step["remedy"]["en"])

    def test_cdrs_that_nobody_knows_and_tenants_that_cannot_call(self):
        sender = CdrSender(self.gateway, Mock.access_key, Mock.secret_key)
        self.assertEqual(sender.push(cdr("fake-call-1", "acme:1", "13800000001", "057100000002")).status, 200)
        self.gateway.admin("tenant", "create", "new")
        self.addCleanup(self.gateway.admin, "tenant", "disable", "new")
        report = self.look()
        self.assertEqual(report.steps["unmatched-cdrs"]["result"], "warning")
        self.assertIn("1 wait", report.steps["unmatched-cdrs"]["text"]["en"])
        self.assertIn("of these without settings to place calls with: 1, new (nothing saved)", report.steps["tenants"]["text"]["en"])


if __name__ == "__main__":
    main()
