#!/usr/bin/env python3
"""What `make install` puts where, and the manual pages that come with it."""
import os
import re
import shutil
import subprocess
import unittest

from harness import BUILD, Gateway, Story, main

ROOT = BUILD.parent.parent


def run(*words):
    return subprocess.run([str(word) for word in words], cwd=ROOT, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, env={**os.environ, "MAKEFLAGS": ""}).stdout


class Installed(Story):
    """As a Debian package does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tree = cls.folder / "tree"
        cls.words = [f"MODE={BUILD.name}", f"DESTDIR={cls.tree}", "PREFIX=/usr", "SYSCONFDIR=/etc", "UNITDIR=/lib/systemd/system"]
        run("make", "--no-print-directory", *cls.words, "install")

    def read(self, path):
        return (self.tree / path).read_text()

    def test_1_the_programs_run(self):
        for name in ("ita-gateway", "mock-ita"):
            self.assertIn("usage:", run(self.tree / "usr/bin" / name, "--help"))

    def test_1_shells_find_their_completion(self):
        for path, shell in (("usr/share/bash-completion/completions/ita-gateway", "bash"),
                            ("usr/share/zsh/vendor-completions/_ita-gateway", "zsh")):
            self.assertEqual(self.read(path), run(BUILD / "bin/ita-gateway", "completion", shell))

    def test_1_what_prometheus_and_grafana_read_is_there(self):
        for name in ("alerts.yml", "grafana-dashboard.json", "runbook.md"):
            self.assertEqual(self.read(f"usr/share/ita-gateway/{name}"), (ROOT / "docs" / name).read_text())

    def test_2_the_configuration_is_whole_and_stays_when_it_was_edited(self):
        path = self.tree / "etc/ita-gateway/ita-gateway.conf"
        text = path.read_text()
        self.assertIn("\ndatabase = /var/lib/ita-gateway/ita-gateway.db\n", text)
        self.assertIn("\nmaster-key-file = /etc/ita-gateway/master-key\n", text)
        path.write_text(text + "\nlog-level = debug\n")
        run("make", "--no-print-directory", *self.words, "install")
        self.assertIn("log-level = debug", path.read_text())

    def test_3_the_unit_starts_what_was_installed(self):
        unit = self.read("lib/systemd/system/ita-gateway.service")
        command = re.search(r"^ExecStart=(\S+) serve --config (\S+)", unit, re.M)
        for path in command.groups():
            self.assertTrue((self.tree / path.lstrip("/")).exists(), path)
        self.assertIn(f"LoadCredential=master-key:{os.path.dirname(command[2])}/master-key", unit)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_4_the_unit_gives_away_little(self):
        told = run("systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20",
                   self.tree / "lib/systemd/system/ita-gateway.service")
        self.assertRegex(told, r"exposure level .*: 1\.\d OK")

    def test_5_a_gateway_starts_with_the_configuration_as_it_is(self):
        gateway = Gateway(self.folder, "installed")
        config = self.read("etc/ita-gateway/ita-gateway.conf")
        options = gateway.options
        gateway.config.write_text(config + f"port-file = {gateway.port_file}\n")
        self.addCleanup(gateway.stop)
        gateway.spawn(["serve", "--config", gateway.config, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
                       "--database", options["database"], "--master-key-file", options["master-key-file"]])
        gateway.await_file(gateway.port_file)

    def test_9_uninstall_leaves_what_is_the_operators(self):
        run("make", "--no-print-directory", *self.words, "uninstall")
        left = sorted(str(path.relative_to(self.tree)) for path in self.tree.rglob("*") if path.is_file())
        self.assertEqual(left, ["etc/ita-gateway/ita-gateway.conf"])


class ManualPages(Story):
    def test_each_command_is_in_the_manual(self):
        manual = (ROOT / "docs/ita-gateway.1").read_text()
        in_manual = {name for words in re.findall(r"^\.It Cm (.*)$", manual, re.M) for name in re.findall(r"[a-z-]+", words)}
        in_program = set(re.findall(r"^  ([a-z-]+) ", run(BUILD / "bin/ita-gateway", "--help"), re.M))
        self.assertEqual(in_manual, in_program)

    def test_each_option_is_in_the_manual_of_the_configuration(self):
        manual = run(BUILD / "bin/ita-gateway", "serve", "--print-manual")
        in_example = re.findall(r"^#?([a-z-]+) = ", run(BUILD / "bin/ita-gateway", "serve", "--print-example"), re.M)
        self.assertEqual(re.findall(r"^\.It Ic (\S+) No = ", manual, re.M), in_example)

    @unittest.skipUnless(shutil.which("mandoc"), "no mandoc here")
    def test_the_manuals_are_well_formed(self):
        page = self.folder / "ita-gateway.conf.5"
        page.write_text(run(BUILD / "bin/ita-gateway", "serve", "--print-manual"))
        self.assertEqual(run("mandoc", "-Tlint", "-W", "warning", page, ROOT / "docs/ita-gateway.1"), "")


if __name__ == "__main__":
    main()
