#!/usr/bin/env python3
"""Every command of the documents is played: those of docs/quick-start.md on a fresh Debian (test_package.py), the others
here, each document from its beginning with a gateway, a mock ITA and a tenant of its own."""
import os
import re
import subprocess
import sys
import unittest

import confidential
from documents import NOT_PLAYED, PLAYED, SHOWN_ONLY, Shell, blocks, play
from harness import BUILD, ROOT, Mock, Story, clean_environment, main

ELSEWHERE = {"docs/quick-start.md": "test_package.py"}
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))
# What no test plays, and why: nothing gets in here unseen.
NOT_PLAYED_HERE = {}
# Documents that set the tenant up themselves.
WITHOUT_TENANT = {"docs/onboarding.md"}
COMMAND = re.compile(r"\s*(?:[$#] )?(?:ita-gateway|mock-ita|systemctl|apt-get|curl|make|systemd-\S+) [a-z./-]")


def text_of(document):
    return (ROOT / document).read_text()


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

    def test_every_link_leads_somewhere(self):
        for document in [*DOCUMENTS, "README.md", "docs/api/agent.md", "docs/api/admin.md", "docs/api/mock-ita.md"]:
            for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(document)):
                if "://" not in link:
                    with self.subTest(f"{document}: {link}"):
                        self.assertTrue(((ROOT / document).parent / link).exists())

    def test_the_index_has_every_document(self):
        index = text_of("docs/README.md")
        self.assertEqual([document for document in DOCUMENTS
                          if document != "docs/README.md" and f"({document.removeprefix('docs/')})" not in index], [])


class TheCarriersMock(Mock):
    """With the keys that the documents show."""
    access_key, secret_key, app_key = "FAKEITAACCESSKEY0001", "fake-ita-secret-key-0001", "fake-ita-app-key-0001"


class TheirCommands(Story):
    def world(self, document):
        """A gateway and its mock; returns the shell and what the documents call all this."""
        folder = self.folder / document.replace("/", "-")
        folder.mkdir()
        (folder / "docs").symlink_to(ROOT / "docs")
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
