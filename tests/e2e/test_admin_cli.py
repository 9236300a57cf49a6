#!/usr/bin/env python3
"""The administrator's subcommands where the other stories do not use them: an empty store, words that are wrong."""
import json

import confidential
from confidential import agent_number
from harness import Story, main


class AdminCli(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()

    def assert_refused(self, done, text):
        """One line that says what is right."""
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(text, done.stderr)

    def test_a_list_of_no_tenants_is_empty(self):
        self.assertEqual(self.gateway.admin("tenant", "list"), "")
        self.assertEqual(self.gateway.admin("tenant", "list", "--json"), "[]\n")

    def test_a_certificate_is_fetched_over_https_only(self):
        for url in ("http://127.0.0.1", "ftp://127.0.0.1/x", "https://", "", ":"):
            with self.subTest(url=url):
                self.assert_refused(self.gateway.try_admin("certificate", "fetch", url), "must be https://HOST[:PORT]")

    def test_the_port_of_an_ipv6_address_is_443_when_none_is_given(self):
        """Nobody listens there; the address that was tried stands in the refusal."""
        self.assert_refused(self.gateway.try_admin("certificate", "fetch", "https://[::1]/v1/ngin/axmn"), "[::1]:443: ")

    def test_a_trial_tenant_and_its_agents(self):
        self.gateway.admin("tenant", "create", "trial")
        self.assertTrue(self.show("tenant", "trial", "trial", "on")["trial"])
        first, second = agent_number(), agent_number()
        shown = self.show("tenant", "add-agents", "trial", "own", first, second)
        self.assertEqual((shown["agent_numbers"], shown["trial_numbers"]), ([first, second], []))
        self.assertEqual(self.show("tenant", "remove-agent", "trial", "own", first)["agent_numbers"], [second])
        self.assert_refused(self.gateway.try_admin("tenant", "trial", "trial", "perhaps"), "must be on or off")
        self.assert_refused(self.gateway.try_admin("tenant", "add-agents", "trial", "other", first), "trial or own")
        refused = self.gateway.try_admin("tenant", "add-agents", "trial", "own", "x", second)
        self.assertEqual(refused.returncode, 2)
        self.assertEqual(sorted(line.split(": ")[1] for line in refused.stderr.splitlines()), ["number 1", "number 2"])

    def test_x_numbers_are_imported_and_locked(self):
        self.gateway.admin("tenant", "create", "pool")
        file = self.folder / "x.csv"
        file.write_text("number,city\n057100000001,Hangzhou\n057100000002,Hangzhou\n")
        self.assertEqual([x["locked"] for x in self.show("xnumber", "import", "pool", file)], [False, False])
        self.assertTrue(self.show("xnumber", "lock", "pool", "057100000001")[0]["locked"])
        self.assertFalse(self.show("xnumber", "unlock", "pool", "057100000001")[0]["locked"])
        file.write_text("number\n057100000003\nx\n")
        self.assert_refused(self.gateway.try_admin("xnumber", "import", "pool", file), "line 3: ")
        self.assertEqual(len(self.show("xnumber", "list", "pool")), 2)

    def test_an_app_key_is_rotated(self):
        self.gateway.admin("tenant", "create", "keys")
        old = self.gateway.create_app_key("keys")
        made = self.show("app-key", "rotate", "keys", old.app_key, "--overlap", "1h")
        confidential.keep("app secret", made["app_secret"])
        self.assertNotEqual(made["app_key"], old.app_key)
        self.assert_refused(self.gateway.try_admin("app-key", "rotate", "keys", "ak_none"), "no enabled app key")

    def test_every_setting_that_breaks_a_rule_is_told(self):
        self.gateway.admin("tenant", "create", "bad")
        refused = self.gateway.try_admin("bidirectional-call", "set", "bad", "--access-key", "a b", "--domain", "https://x")
        self.assertEqual(refused.returncode, 2)
        self.assertEqual(sorted(line.split(": ")[1] for line in refused.stderr.splitlines()),
                         ["access-key", "app-key", "domain", "secret-key"])

    def show(self, *words):
        return json.loads(self.gateway.admin(*words, "--json"))


if __name__ == "__main__":
    main()
