#!/usr/bin/env python3
"""The administrator's subcommands where the other stories do not use them: an empty store, words that are wrong."""
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


if __name__ == "__main__":
    main()
