#!/usr/bin/env python3
"""How much the log says is changed while the gateway runs: by API, subcommand and SIGUSR1."""
import json
import signal

import confidential
from administrator import Automaton
from confidential import agent_number, customer_number
from harness import Story, main, wait_until

LOG_LEVEL = "/admin/v1/log-level"


class LogLevel(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(log_level="info")
        cls.mock = cls.runs_mock(cls.gateway, speed=1000)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("acme", cls.mock))
        cls.root, cls.acme = cls.automaton("root"), cls.automaton("acme-admin", "tenant-admin", "acme")

    @classmethod
    def automaton(cls, name, role="sysadmin", tenant=None):
        automaton = Automaton(cls.gateway, cls.gateway.create_api_key(name, role, tenant))
        cls.addClassCleanup(automaton.close)
        return automaton

    def tearDown(self):
        self.set("info")

    def set(self, level):
        answer = self.root.ask("PUT", LOG_LEVEL, {"level": level})
        self.assertEqual((answer.status, answer.json), (200, {"level": level, "configured": "info"}), answer)

    def level(self):
        return self.root.ask("GET", LOG_LEVEL).json["level"]

    def lines(self):
        return [json.loads(line) for line in self.gateway.log().splitlines() if line.startswith("{")]

    def changes(self):
        return [(line["from"], line["to"], line["who"]) for line in self.lines() if line["event"] == "log level changed"]

    def call(self):
        """A whole call; the levels of the lines about it."""
        called = customer_number()
        serial = self.assert_placed(self.agent.create_call(agent_number(), called))
        self.mock.acknowledged(called)
        self.agent.query_state(serial)  # a turn of the loop behind the CDR's: its lines have left
        return {line["level"] for line in self.lines() if str(line.get("callSerialNo")) == serial}

    def test_debug_lines_come_and_go(self):
        self.assertEqual(self.call(), {"info"})
        self.set("debug")
        self.assertEqual(self.call(), {"debug", "info"})
        self.set("info")
        self.assertEqual(self.call(), {"info"})
        self.set("warn")
        self.assertEqual(self.call(), set())
        self.assertEqual(self.changes()[-3:], [("info", "debug", "api-key:root"), ("debug", "info", "api-key:root"),
                                               ("info", "warn", "api-key:root")])

    def test_debug_lines_tell_no_secret_and_no_number(self):
        self.set("debug")
        for ending in (None, "0017", "96003", "80001"):
            self.agent.create_call(agent_number(), customer_number(ending), callData="private")
        self.agent.create_call("not a number", customer_number())
        self.agent.release(1)
        self.call()
        log = self.gateway.log()
        self.assertIn('"level":"debug"', log)
        self.assertEqual(confidential.leaks_in(log), [])
        self.assertNotIn("private", log)

    def test_signal_switches_debug_on_and_off(self):
        for before, after in (("info", "debug"), ("debug", "info")):
            self.gateway.signal(signal.SIGUSR1)
            wait_until(lambda: self.level() == after, f"{after} by SIGUSR1")
            self.assertEqual(self.changes()[-1], (before, after, "SIGUSR1"))
        self.set("error")
        self.gateway.signal(signal.SIGUSR1)
        wait_until(lambda: self.level() == "debug", "debug by SIGUSR1")
        self.gateway.signal(signal.SIGUSR1)
        wait_until(lambda: self.level() == "info", "back to what is configured")

    def test_the_subcommand_shows_and_changes_it(self):
        self.assertEqual(self.gateway.admin("log-level"), "info (configured: info)\n")
        self.assertEqual(self.gateway.admin("log-level", "debug"), "debug (configured: info)\n")
        self.assertEqual(self.gateway.admin("log-level", "show"), "debug (configured: info)\n")
        self.assertEqual(self.gateway.admin("log-level", "set", "warn"), "warn (configured: info)\n")
        self.assertEqual(json.loads(self.gateway.admin("log-level", "--json")), {"level": "warn", "configured": "info"})
        self.assertRegex(self.changes()[-1][2], "^cli:")

    def test_a_change_is_audited(self):
        self.set("debug")
        entry = self.root.ask("GET", "/admin/v1/audit?limit=1").json["items"][0]
        self.assertEqual((entry["who"], entry["tenant"], entry["action"], entry["detail"]),
                         ("api-key:root", None, "log-level", "debug"))

    def test_what_is_wrong_changes_nothing(self):
        for body, fields in (({"level": "loud"}, {"/level": "choice"}), ({"level": ""}, {"/level": "choice"}),
                             ({"level": 1}, {"/level": "choice"}), ({}, {"/level": "required"}),
                             ({"level": "info", "for": "1h"}, {"/for": "unknown"})):
            answer = self.root.ask("PUT", LOG_LEVEL, body)
            self.assertEqual((answer.status, answer.fields), (422, fields), answer)
        self.assertEqual(self.acme.ask("GET", LOG_LEVEL).status, 403)
        self.assertEqual(self.acme.ask("PUT", LOG_LEVEL, {"level": "debug"}).status, 403)
        for words, code, part in ((("loud",), 2, "loud: must be debug, info, warn or error"),
                                  (("set",), 2, "set takes debug|info|warn|error"), (("debug", "info"), 2, "set takes"),
                                  (("--loud",), 2, "loud: no such option")):
            done = self.gateway.try_admin("log-level", *words)
            self.assertEqual((done.returncode, done.stdout), (code, ""), words)
            self.assertEqual(done.stderr.count("\n"), 1)
            self.assertIn(part, done.stderr)
        self.assertEqual(self.level(), "info")


class Stopped(Story):
    def test_a_gateway_that_does_not_run_is_said_so(self):
        gateway = self.runs_gateway()
        gateway.stop()
        for words in (["log-level"], ["log-level", "debug"]):
            done = gateway.try_admin(*words)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("no gateway runs with", done.stderr)
            self.assertIn("systemctl start ita-gateway", done.stderr)


if __name__ == "__main__":
    main()
