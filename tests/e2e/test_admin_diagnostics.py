#!/usr/bin/env python3
"""The Test button: each thing on the way to the ITA is broken, one at a time, and the test must name that step, say what it
comes from and what to do, and blame nothing else."""
import json
import socket
import threading
import time

import confidential
import contract
from administrator import Automaton
from harness import Mock, Story, free_port, main, make_certificate, openssl, wait_until

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
        text = answer.body.decode()
        self.assertEqual(confidential.leaks_in(text), [])
        for step in answer.json["steps"]:
            for part in ("text", "cause", "remedy"):
                words = step[part]
                if words is not None:
                    self.assertTrue(words["en"].isascii(), words)
                    self.assertFalse(words["zh"].isascii(), words)
                    self.assertNotIn("(null)", words["en"] + words["zh"])
            if step["result"] == "failed":
                self.assertTrue(step["remedy"], f"{step['step']} says what to do")
        return Report(answer)

    def assert_fails(self, step, *parts, skipped=None):
        """Exactly that step fails; its words hold the parts."""
        report = self.run_test()
        self.assertEqual(report.json["result"], "failed", report)
        self.assertEqual(report.with_result("failed"), [step], report)
        skipped = SKIPPED_WITHOUT.get(step, []) if skipped is None else skipped
        self.assertEqual([name for name in report.with_result("skipped") if name not in ("x-numbers", "push-url")],
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
                                              "cdr-push", "push-url"])
        self.assertEqual(report.with_result("failed"), [], report)
        self.assertEqual(report.with_result("skipped"), ["x-numbers", "push-url"], report)
        self.assertEqual(report.with_result("warning"), ["tls"], "the certificate of the tests is good for two days")
        self.assertIn("trusted by CERT_ITA (CN=", report.steps["tls"]["text"]["en"])
        self.assertEqual(len(self.ita.calls()), calls)
        asked = self.ita.requests()[-1]
        self.assertEqual((asked["action"], asked["check"]), ("recording", "passed"))


if __name__ == "__main__":
    main()
