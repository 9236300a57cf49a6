#!/usr/bin/env python3
"""Every command of the documents is played: those of docs/quick-start.md on a fresh Debian (test_package.py), the others
here, each document from its beginning with a gateway, a mock ITA and a tenant of its own."""
import functools
import os
import re
import subprocess
import unittest

import confidential
from documents import NOT_PLAYED, PLAYED, SHOWN_ONLY, Shell, blocks, differs, play
from harness import BUILD, ROOT, Mock, Story, clean_environment, main, wait_until

ELSEWHERE = {"docs/quick-start.md": "test_package.py"}
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
# What no test plays, and why: nothing gets in here unseen.
NOT_PLAYED_HERE = {
    "README.md": ["tests/e2e/test_demo.py does it"],
    "docs/data.md": ["tests/e2e/test_data.py does it"],
    "docs/runbook.md": ["it reads systemd's journal"],
}
# Documents that set the tenant up themselves.
WITHOUT_TENANT = {"README.md", "docs/onboarding.md"}
COMMAND = re.compile(r"\s*(?:[$#] )?(?:ita-gateway|mock-ita|systemctl|apt-get|curl|make|systemd-\S+) [a-z./-]")


def text_of(document):
    return (ROOT / document).read_text()


class WhatIsPrinted(unittest.TestCase):
    """The comparison itself."""

    def test_numbers_times_and_columns_may_differ(self):
        for shown, printed in (("took 5 s", "took 70 s\n"), ("a  b", "a b"), ("✓ TCP: 1. (2 ms)", "✓ TCP: 1."), ("key=...", "key=ab1"),
                               ("a\n...\nz", "a\nb\nc\nz\n"), ("a\n...", "a"), ("", "anything")):
            with self.subTest(shown):
                self.assertIsNone(differs(shown.splitlines(), printed))

    def test_anything_else_may_not(self):
        for shown, printed in (("a", "b"), ("a", "a\nb"), ("a\nb", "a"), ("a 1", "a x"), ("a.c", "abc"), ("a\n...\nz", "a\nb"),
                               ("✓ TCP", "✗ TCP")):
            with self.subTest(shown):
                self.assertIsNotNone(differs(shown.splitlines(), printed))

    def test_a_command_goes_on_behind_a_backslash_or_an_angle(self):
        text = "words\n```console\n$ a \\\n  b\nprinted\n# cat <<E\n> c\n> E\n```\n*Not played by the tests: why*\n\n```console\n$ d\n```\n"
        first, second = blocks(text)
        self.assertEqual([(command.text, command.is_root, command.printed) for command in first.commands()],
                         [("a \\\n  b", False, ["printed"]), ("cat <<E\nc\nE", True, [])])
        self.assertEqual((first.reason, second.reason), (None, "why"))

    def test_a_command_that_fails_or_prints_otherwise_is_told(self):
        for text in ("$ false", "$ echo a\nb", "$ (exit 3)"):
            shell = Shell(["/bin/bash"])
            self.addCleanup(shell.close)
            with self.subTest(text), self.assertRaises(AssertionError):
                play(self, f"```console\n{text}\n```\n", lambda command: shell.run(command.text))


    def test_what_runs_in_the_background_ends_with_the_shell(self):
        shell = Shell(["/bin/bash"])
        code, printed = shell.run("sleep 1000 & echo $!")
        shell.close()
        self.assertEqual(code, 0)
        wait_until(lambda: not os.path.exists(f"/proc/{int(printed)}"), "it has ended")


class TheirForm(unittest.TestCase):
    def test_a_command_stands_in_a_block_that_is_played(self):
        for document in DOCUMENTS:
            for block in blocks(text_of(document)):
                with self.subTest(f"{document}:{block.line}"):
                    self.assertIn(block.language, {PLAYED, *SHOWN_ONLY})
                    if block.language == PLAYED:
                        self.assertTrue(block.commands())
                    else:
                        self.assertEqual([line for line in block.lines if COMMAND.match(line)], [])

    def test_no_command_stands_in_an_indented_block(self):
        for document in DOCUMENTS:
            outside = re.sub(r"^```.*?^```$", "", text_of(document), flags=re.M | re.S)
            self.assertEqual([line for line in outside.splitlines() if line.startswith("    ") and COMMAND.match(line)], [],
                             document)

    def test_what_is_not_played_is_known(self):
        found = {document: [block.reason for block in blocks(text_of(document)) if block.reason] for document in DOCUMENTS
                 if document not in ELSEWHERE}
        self.assertEqual({document: reasons for document, reasons in found.items() if reasons}, NOT_PLAYED_HERE)
        for document in DOCUMENTS:  # the words alone, without a block below them, would do nothing
            said = [line for line in text_of(document).splitlines() if NOT_PLAYED.match(line)]
            self.assertEqual(len(said), sum(block.reason is not None for block in blocks(text_of(document))), document)

    def test_commands_in_running_text_exist_with_their_options(self):
        for document in DOCUMENTS:
            text = re.sub(r"^```.*?^```$", "", text_of(document), flags=re.M | re.S)
            for words in re.findall(r"`(?:ita-gateway|mock-ita) ([^`]*)`", text):
                with self.subTest(f"{document}: {' '.join(words.split())}"):
                    self.assert_exists(words.split())

    def assert_exists(self, words):
        """Subcommand, verb and options, as --help has them."""
        command = words[0] if re.fullmatch(r"[a-z-]+", words[0]) else None
        program = "ita-gateway" if command in self.commands() else "mock-ita"
        told = self.help_of(program, *([command] if program == "ita-gateway" else []))
        for word in words[1:2]:
            if re.fullmatch(r"[a-z-]+", word) and not word.startswith("-"):
                self.assertRegex(told, rf"(?<![\w-]){word}(?![\w-])")
        for option in (word for word in words if word.startswith("--") and word != "--help"):
            self.assertRegex(told, rf"(?<![\w-]){option}\b")

    @functools.cache
    def commands(self):
        return re.findall(r"^  ([a-z-]+) ", self.help_of("ita-gateway"), re.M)

    @staticmethod
    @functools.cache
    def help_of(program, *words):
        return subprocess.run([BUILD / "bin" / program, *words, "--help"], capture_output=True, text=True, check=True,
                              env=clean_environment()).stdout

    def test_every_link_leads_somewhere(self):
        for document in [*DOCUMENTS, "docs/api/agent.md", "docs/api/admin.md", "docs/api/mock-ita.md"]:
            for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(document)):
                if "://" not in link:
                    with self.subTest(f"{document}: {link}"):
                        self.assertTrue(((ROOT / document).parent / link).exists())

    def test_the_index_has_every_document(self):
        index = text_of("docs/README.md")
        self.assertEqual([document for document in DOCUMENTS
                          if document.startswith("docs/") and document != "docs/README.md"
                          and f"({document.removeprefix('docs/')})" not in index], [])


class TheCarriersMock(Mock):
    """With the keys that the documents show."""
    access_key, secret_key, app_key = "FAKEITAACCESSKEY0001", "fake-ita-secret-key-0001", "fake-ita-app-key-0001"


class TheirCommands(Story):
    def world(self, document):
        """A gateway and its mock; returns the shell and what the documents call all this."""
        folder = self.folder / document.replace("/", "-")
        folder.mkdir()
        for name in ("docs", "tests"):
            (folder / name).symlink_to(ROOT / name)
        gateway = self.runs_gateway(document.replace("/", "-"), public_host=None)
        mock = TheCarriersMock(folder, gateway, speed=10, x_numbers=("057100000091", "057100000092"), words=["--terse"]).start()
        self.addClassCleanup(mock.stop)
        confidential.keep("secret key", mock.secret_key)
        environment = {**clean_environment(), "PATH": f"{BUILD / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
                       "CURL_CA_BUNDLE": str(gateway.certificate), "GATEWAY_CA": str(gateway.certificate)}
        if document not in WITHOUT_TENANT:
            tenant = gateway.create_tenant("acme", mock)
            self.signs_in(tenant)
            environment.update(APP_KEY=tenant.app_key, APP_SECRET=tenant.app_secret, GATEWAY_URL=gateway.url)
        names = [("/etc/ita-gateway/ita-gateway.conf", str(gateway.config)),
                 ("/etc/ita-gateway/master-key", str(gateway.options["master-key-file"])),
                 ("/var/lib/ita-gateway/ita-gateway.db", str(gateway.database_path)),
                 ("http://127.0.0.1:8081", gateway.admin_url), ("gateway.example.com", gateway.authority),
                 ("ita.example.com", mock.authority), ("http://127.0.0.1:8444", f"http://127.0.0.1:{mock.control_port}")]
        return Shell(["/bin/bash"], cwd=folder, env=environment), names

    def play_document(self, document):
        shell, names = self.world(document)
        try:
            return play(self, text_of(document), lambda command: shell.run(command.text), names)
        finally:
            shell.close()


def add_tests():
    """One for each document with commands."""
    for document in DOCUMENTS:
        if document in ELSEWHERE or not any(block.language == PLAYED for block in blocks(text_of(document))):
            continue
        name = re.sub(r"\W", "_", document.removeprefix("docs/").removesuffix(".md")).lower()
        setattr(TheirCommands, f"test_{name}", lambda self, document=document: self.assertGreater(self.play_document(document), 0))


add_tests()

if __name__ == "__main__":
    main()
