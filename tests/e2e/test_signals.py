#!/usr/bin/env python3
"""The daemon's life: it starts only with what makes sense, reloads, drains, and keeps to itself what no log may hold."""
import json
import shutil
import signal
import socket
import ssl
import threading
import time

import confidential
import contract
import fake_ita
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import BUILD, SLOWNESS, Gateway, Program, Story, main, make_certificate, wait_until

EXIT_FAILED, EXIT_USAGE = 1, 2


class Signals(Story):
    def setUp(self):
        self.ita = self.runs_fake_ita()
        self.gateway = self.runs_gateway(self._testMethodName[5:25], drain_timeout="15s")
        self.tenant = self.gateway.create_tenant("steady", self.ita)
        self.agent = self.signs_in(self.tenant)

    def connection_is_refused(self):
        try:
            socket.create_connection(("127.0.0.1", self.gateway.port), timeout=5).close()
            return False
        except OSError:
            return True

    def call_in_flight(self, released):
        """A call that the ITA has and does not answer before the event; returns its thread and where its answer goes."""
        self.ita.script(fake_ita.answers_when(released))
        called, told = customer_number(), []
        thread = threading.Thread(target=lambda: told.append(self.agent.create_call(agent_number(), called)))
        thread.start()
        wait_until(lambda: self.ita.placings(called), "the call is at the ITA")
        return thread, told

    def drain_with(self, number):
        released = threading.Event()
        self.addCleanup(released.set)
        thread, told = self.call_in_flight(released)
        self.gateway.signal(number)
        wait_until(self.connection_is_refused, "new connections are refused")
        self.assertTrue(self.gateway.is_running, "a call is still under way")
        released.set()
        thread.join(30)
        self.assert_placed(told[0])
        self.assertEqual(self.gateway.wait(), 0)

    def test_sigterm_drains(self):
        self.drain_with(signal.SIGTERM)

    def test_sigint_drains(self):
        self.drain_with(signal.SIGINT)

    def test_idle_connections_do_not_hold_up_the_end(self):
        begun = time.monotonic()
        self.gateway.signal(signal.SIGTERM)
        self.assertEqual(self.gateway.wait(), 0)
        self.assertLess(time.monotonic() - begun, 3 * SLOWNESS)

    def test_the_drain_deadline_ends_what_never_ends(self):
        self.gateway.stop()
        self.gateway.set_options(drain_timeout="500ms")
        self.gateway.start()
        self.agent.close()
        released = threading.Event()
        self.addCleanup(released.set)
        self.ita.script(fake_ita.answers_when(released))
        called = customer_number()
        codes = []
        thread = threading.Thread(target=self.call_without_answer, args=(called, codes))
        thread.start()
        wait_until(lambda: self.ita.placings(called), "the call is at the ITA")
        begun = time.monotonic()
        self.gateway.signal(signal.SIGTERM)
        self.assertEqual(self.gateway.wait(), 0)
        self.assertLess(time.monotonic() - begun, 5 * SLOWNESS)
        thread.join(30)
        self.assertEqual(codes, [contract.PROCESS_FAILURE], "the agent is told that it may ring")

        self.gateway.start()
        self.agent.close()
        self.assertEqual([str(call["state"]) for call in self.agent.history()], [contract.CALLING],
                         "the call may have been placed: it waits for its CDR")

    def call_without_answer(self, called, codes):
        codes.append(self.agent.create_call(agent_number(), called).code)

    def shown_certificate(self):
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10) as raw:
            with trust.wrap_socket(raw) as tls:
                return tls.getpeercert(binary_form=True)

    def test_sighup_shows_the_new_certificate_to_new_connections(self):
        old = self.shown_certificate()
        certificate, key, der = make_certificate(self.folder, "renewed")
        shutil.copy(certificate, self.gateway.certificate)
        shutil.copy(key, self.gateway.key)
        self.assertEqual(self.shown_certificate(), old, "nothing changes before the signal")
        self.gateway.signal(signal.SIGHUP)
        wait_until(lambda: self.shown_certificate() == der.read_bytes(), "the new certificate is shown")
        self.assertEqual(self.agent.query_history().status, 200, "the old connection lives on")

    def test_sighup_with_a_bad_certificate_keeps_the_old_one(self):
        old = self.shown_certificate()
        self.gateway.certificate.write_text("not a certificate\n")
        self.gateway.signal(signal.SIGHUP)
        wait_until(lambda: "certificate" in self.log_of_warnings(), "the fault is logged")
        self.assertEqual(self.shown_certificate(), old)
        self.assertEqual(self.agent.query_history().status, 200)

    def log_of_warnings(self):
        lines = [json.loads(line) for line in self.gateway.log().splitlines() if line.startswith("{")]
        return " ".join(json.dumps(line) for line in lines if line.get("level") in ("warn", "error"))


class ServiceManager(Story):
    """sd_notify(3): when it is told what."""
    WATCHDOG_US = 200000

    def setUp(self):
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.settimeout(20 * SLOWNESS)
        path = self.folder / f"{self._testMethodName[:20]}.notify"
        self.manager.bind(str(path))
        self.gateway = Gateway(self.folder, "watched")
        self.gateway.environment = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": str(self.WATCHDOG_US)}
        self.addCleanup(self.gateway.stop)

    def told(self):
        return self.manager.recv(100).decode()

    def test_it_is_told_that_the_gateway_serves_lives_and_stops(self):
        self.gateway.start()
        told = [self.told() for _ in range(4)]
        self.assertEqual(told.count("READY=1"), 1, told)
        self.assertEqual(told.count("WATCHDOG=1"), 3, told)
        self.gateway.stop()
        wait_until(lambda: self.told() == "STOPPING=1", "it is told of the end", 20)

    def test_a_loop_that_is_stuck_says_nothing(self):
        self.gateway.start()
        wait_until(lambda: self.told() == "READY=1", "it is told that the gateway serves", 20)
        self.gateway.signal(signal.SIGSTOP)
        self.addCleanup(self.gateway.signal, signal.SIGCONT)
        self.manager.settimeout(4 * self.WATCHDOG_US / 1e6)
        with self.assertRaises(socket.timeout):
            for _ in range(1000):
                self.told()


class Starting(Story):
    def try_to_start(self, gateway):
        """What the daemon says when it does not start: exit code and the text."""
        daemon = Program("ita-gateway", self.folder, "refused")
        daemon.log_path.unlink(missing_ok=True)
        daemon.spawn(["serve", "--config", gateway.config])
        try:
            return daemon.wait(), daemon.log()
        finally:
            if daemon.is_running:
                daemon.kill()

    def test_a_second_daemon_on_the_same_database_is_refused(self):
        first = self.runs_gateway("first")
        second = Gateway(self.folder, "second", database=first.database_path,
                         master_key_file=first.options["master-key-file"])
        code, said = self.try_to_start(second)
        self.assertEqual(code, EXIT_FAILED, said)
        self.assertIn(str(first.database_path), said)
        agent = first.agent()
        self.addCleanup(agent.close)
        self.assertEqual(agent.ask_token("ak", "secret").status, 401, "the first is not disturbed")

    def test_a_taken_port_is_refused(self):
        first = self.runs_gateway("on-the-port")
        second = Gateway(self.folder, "same-port", listen=first.authority)
        code, said = self.try_to_start(second)
        self.assertEqual(code, EXIT_FAILED, said)
        self.assertIn(first.authority, said)

    def test_wrong_configuration_stops_the_start_with_place_and_rule(self):
        for line, key in (("unheard-of = 1", "unheard-of"), ("node = 16", "node"), ("node = one", "node"),
                          ("ita-timeout = 10", "ita-timeout"), ("ita-timeout = -5s", "ita-timeout"),
                          ("log-level = loud", "log-level"), ("node = 1\nnode = 2", "node"), ("just words", "name = value")):
            with self.subTest(line=line):
                gateway = Gateway(self.folder, "misconfigured", log_level=None)
                text = gateway.config.read_text() + line + "\n"
                gateway.config.write_text(text)
                code, said = self.try_to_start(gateway)
                self.assertEqual(code, EXIT_USAGE, said)
                self.assertIn(f"{gateway.config}:{len(text.splitlines())}:", said)
                self.assertIn(key, said)
                self.assertEqual(len(said.strip().splitlines()), 1, "one line says it")

    def test_options_that_do_not_go_together_stop_the_start(self):
        for options in ({"tls_key": None}, {"listen": "0.0.0.0:0", "tls_key": None, "tls_certificate": None},
                        {"database": None}, {"master_key_file": None}):
            with self.subTest(options=options):
                code, said = self.try_to_start(Gateway(self.folder, "at-odds", **options))
                self.assertEqual(code, EXIT_USAGE, said)

    def test_files_that_cannot_be_used_stop_the_start(self):
        certificate, key, _ = make_certificate(self.folder, "another")
        broken = self.folder / "broken.db"
        broken.write_bytes(b"this is no database" * 1000)
        for options, named in (({"tls_key": key}, str(key)), ({"tls_certificate": "/nonexistent.crt"}, "/nonexistent.crt"),
                               ({"database": broken}, str(broken)),
                               ({"database": "/nonexistent/gateway.db"}, "/nonexistent")):
            with self.subTest(options=options):
                code, said = self.try_to_start(Gateway(self.folder, "unusable", **options))
                self.assertNotEqual(code, 0, said)
                self.assertIn(named, said)

    def test_the_master_key_is_made_for_its_owner_only(self):
        gateway = self.runs_gateway("fresh")
        mode = gateway.options["master-key-file"].stat().st_mode & 0o777
        self.assertEqual(oct(mode), oct(0o600))

    def test_another_master_key_is_refused(self):
        gateway = self.runs_gateway("rekeyed")
        ita = self.runs_fake_ita()
        gateway.create_tenant("sealed", ita)
        gateway.stop()
        gateway.options["master-key-file"].unlink()
        code, said = self.try_to_start(gateway)
        self.assertNotEqual(code, 0, "secrets sealed with another key cannot be opened")
        self.assertIn("key", said)


class Discretion(Story):
    """Every story checks the logs of its own programs when they stop; this one provokes what might slip out."""

    def test_no_secret_token_signature_or_whole_number_is_logged(self):
        ita = self.runs_fake_ita()
        gateway = self.runs_gateway(log_level="debug")
        agent = self.signs_in(gateway.create_tenant("discreet", ita))
        caller, called = agent_number(), customer_number()
        serial = self.assert_placed(agent.create_call(caller, called, callData="call data is private"))
        confidential.keep("call data", "call data is private")
        self.assert_code(agent.create_call(caller, called), "1")
        self.assert_code(agent.create_call(caller, "0571abc" + called), "5")
        ita.script(fake_ita.refuses("90106011", f"caller {caller} forbidden for {called}"))
        agent.create_call(caller, customer_number())
        ita.script(fake_ita.says_signature_wrong)
        agent.create_call(caller, customer_number())
        agent.ask_token(app_secret=confidential.keep("wrong secret", "fake-wrong-secret-0123456789"))
        agent.post(contract.QUERY_STATE, {}, Authorization="Bearer " + confidential.keep("token", "fake.token.0123456789"))
        for secret in (ita.secret_key, "fake-wrong-secret"):
            CdrSender(gateway, ita.access_key, secret).push(cdr("a-call", f"discreet:{serial}", caller, called))
        gateway.stop()
        for placing in ita.placings():
            confidential.keep("signature", placing.header("Authorization")[-64:])
        self.assertEqual(confidential.leaks_in(gateway.log()), [])
        self.assertIn(serial, gateway.log(), "what an operator needs is there")

    def test_no_log_of_the_whole_run_holds_a_test_secret(self):
        words = ["fake-ita-secret-key-for-tests", "mock-ita-secret-key-for-tests", "fake-beta-secret-key", "fake-new-secret"]
        for log in (BUILD / "e2e").rglob("*.stderr"):
            text = log.read_text("utf-8", "replace")
            for word in words:
                self.assertNotIn(word, text, log)

    def test_secrets_are_not_plain_in_the_database(self):
        ita = self.runs_fake_ita()
        gateway = self.runs_gateway("sealed")
        tenant = gateway.create_tenant("sealed", ita)
        gateway.stop()
        for file in self.folder.glob("sealed.db*"):
            data = file.read_bytes()
            self.assertNotIn(ita.secret_key.encode(), data, file.name)
            self.assertNotIn(tenant.app_secret.encode(), data, file.name)

    def test_secrets_are_never_shown_again(self):
        ita = self.runs_fake_ita()
        gateway = self.runs_gateway("shown")
        tenant = gateway.create_tenant("shown", ita)
        shown = gateway.admin("bidirectional-call", "show", "shown") + gateway.admin("tenant", "show", "shown")
        self.assertNotIn(ita.secret_key, shown)
        self.assertNotIn(tenant.app_secret, shown)
        self.assertIn(ita.access_key, shown)


if __name__ == "__main__":
    main()
