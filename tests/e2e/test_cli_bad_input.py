#!/usr/bin/env python3
"""Wrong words for every subcommand: one line that says what is right, exit code 2, and nothing is done. A daemon that does
not run is said so, with how to start it."""
import json
import subprocess

from harness import BUILD, Gateway, Story, clean_environment, main

PROGRAM = BUILD / "bin/ita-gateway"


def run(*words, cwd=None):
    return subprocess.run([str(PROGRAM), *map(str, words)], text=True, stdin=subprocess.DEVNULL, capture_output=True, cwd=cwd,
                          env=clean_environment(), timeout=60)


COMMANDS = [line.split("\t")[0] for line in run("completion", "words", "").stdout.splitlines()]
# Each: what stands in the refusal, and the words behind `ita-gateway`; {t} is a tenant that exists.
WRONG = {
    "serve": [("database: must be given", "--listen", "nowhere"), ("log-level: must be one of", "--log-level", "loud"),
              ("no-such.conf: ", "--config", "no-such.conf")],
    "doctor": [("no such command", "lost"), ("tls takes HOST", "tls"), ("tls takes HOST", "tls", "a b"),
               ("explain takes", "explain"), ("no retCode", "explain", "nothing")],
    "call": [("must be given", "--caller", "13800000001"), ("one argument too many", "x")],
    "calls": [("say what to do",), ("from: must be", "list", "--from", "noon"), ("show takes SERIAL", "show")],
    "cdrs": [("must be followed by unmatched",), ("unmatched", "lost"), ("attach takes CDR", "unmatched", "attach")],
    "tenant": [("say what to do",), ("create takes NAME", "create"), ("trial takes TENANT on|off", "trial", "{t}"),
               ("must be on or off", "trial", "{t}", "maybe"), ("list must be trial or own", "add-agents", "{t}", "all", "1"),
               ("name", "create", "not a name!")],
    "app-key": [("say what to do",), ("takes", "rotate", "{t}"), ("overlap: must be", "rotate", "{t}", "x", "--overlap", "soon")],
    "bidirectional-call": [("set takes TENANT", "set"), ("must", "set", "{t}", "--x-mode", "none")],
    "xnumber": [("add takes TENANT NUMBER", "add", "{t}"), ("number 1: ", "add", "{t}", "12x"), ("lock takes", "lock", "{t}")],
    "top": [("interval: must be", "--interval", "0s"), ("one argument too many", "x")],
    "callbacks": [("tenant: must be given", "list"), ("state: must be", "list", "--tenant", "{t}", "--state", "x"),
                  ("kind: must be", "list", "--tenant", "{t}", "--kind", "x"), ("call: must be", "list", "--tenant", "{t}", "--call", "x"),
                  ("limit: must be", "list", "--tenant", "{t}", "--limit", "0"), ("an id is", "show", "--tenant", "{t}", "x")],
    "callback-trustlist": [("takes", "add"), ("entry", "add", "http://x/")],
    "certificate": [("must be https", "fetch", "ftp://x"), ("takes", "install", "CERT_ITA")],
    "user": [("role: must be", "create", "someone"), ("role: must be", "create", "someone", "--role", "king")],
    "api-key": [("role: must be", "create", "something"), ("role: must be", "create", "something", "--role", "king")],
    "log-level": [("must be debug, info, warn or error", "loud"), ("set takes", "set")],
    "flight-recorder": [("no such command", "lost")],
    "profile": [("must be followed by show",), ("must be followed by show", "check"), ("must be followed by show", "lost")],
    "sign": [("one argument too many", "x")],
    "verify": [("one argument too many", "x"), ("only with --explain", "--theirs", "x")],
    "completion": [("must be followed by bash or zsh",), ("must be followed by bash or zsh", "fish")],
}
ASKS_DAEMON = [("calls", "list"), ("calls", "tail"), ("calls", "show", "1"), ("cdrs", "unmatched"),
               ("cdrs", "unmatched", "attach", "1", "--tenant", "t", "--call", "1"), ("top",), ("top", "--json"),
               ("log-level",), ("log-level", "debug"), ("flight-recorder",)]


class BadInput(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = Gateway(cls.folder)
        cls.gateway.admin("tenant", "create", "acme")

    def assert_wrong(self, done, text, words):
        self.assertEqual((done.returncode, done.stdout), (2, ""), (words, done.stderr))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("ita-gateway"), done.stderr)
        self.assertIn(text, done.stderr, words)

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_every_command_is_in_the_table(self):
        """A new one needs its row; those of others at work are looked at by the rules for all."""
        self.assertEqual(sorted(set(WRONG) - set(COMMANDS)), [])

    def test_wrong_arguments(self):
        before = self.gateway.admin("tenant", "show", "acme", "--json")
        for command, cases in WRONG.items():
            for text, *words in cases:
                words = [command, *(word.replace("{t}", "acme") for word in words)]
                with self.subTest(words=words):
                    own = "--config" in words or command in ("completion", "profile", "sign", "verify", "call", "serve")
                    done = run(*words, cwd=self.folder) if own else self.gateway.try_admin(*words)
                    self.assert_wrong(done, text, words)
        self.assertEqual(self.gateway.admin("tenant", "show", "acme", "--json"), before)

    def test_an_option_that_there_is_not(self):
        for command in COMMANDS:
            for words in ([command, "--no-such-option"], [command, "list", "--no-such-option"]):
                with self.subTest(words=words):
                    self.assert_wrong(run(*words, cwd=self.folder), "", words)

    def test_an_option_without_its_value(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assert_wrong(run(command, "--config", cwd=self.folder), "", command)

    def test_help_is_there_and_on_standard_output(self):
        for command in COMMANDS:
            for word in ("--help", "-h"):
                done = run(command, word)
                self.assertEqual((done.returncode, done.stderr), (0, ""), command)
                self.assertIn("usage:", done.stdout, command)

    def test_no_command_and_one_that_there_is_not(self):
        self.assertEqual(run().returncode, 2)
        self.assertIn("usage:", run().stderr)
        self.assert_wrong(run("lost"), "no such command: lost", "lost")
        told = run("--version")
        self.assertRegex(told.stdout, r"^ita-gateway \d+\.\d+\.\d+\n$")
        self.assertEqual(run("--help").returncode, 0)

    def test_without_a_configuration_nothing_is_made(self):
        before = self.files()
        for words in (("tenant", "list"), ("calls", "list"), ("top",), ("log-level",), ("xnumber", "list", "acme")):
            with self.subTest(words=words):
                self.assert_wrong(run(*words, cwd=self.folder), "database: must be given", words)
                self.assert_wrong(run(*words, "--config", "no-such.conf", cwd=self.folder), "no-such.conf", words)
        self.assertEqual(self.files(), before)

    def test_a_daemon_that_does_not_run_is_said_so_with_how_to_start_it(self):
        for words in ASKS_DAEMON:
            with self.subTest(words=words):
                done = self.gateway.try_admin(*words)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertRegex(done.stderr, r"no gateway runs with .*: start it \(systemctl start ita-gateway, or "
                                              r"ita-gateway serve --config FILE\)")

    def test_standard_output_that_is_full(self):
        for words in (("tenant", "list"), ("completion", "bash"), ("profile", "show")):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([str(PROGRAM), *words, *(["--config", str(self.gateway.config)] if words[0] == "tenant" else [])],
                                      stdout=full, stderr=subprocess.PIPE, text=True, env=clean_environment(), timeout=60)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), words)

    def test_json_is_one_document(self):
        for words in (("tenant", "list"), ("tenant", "show", "acme"), ("xnumber", "list", "acme"), ("user", "list"),
                      ("api-key", "list"), ("certificate", "list"), ("callback-trustlist", "list"),
                      ("callbacks", "list", "--tenant", "acme"), ("bidirectional-call", "show", "acme"),
                      ("doctor", "explain", "0", "--json")):
            with self.subTest(words=words):
                json.loads(self.gateway.admin(*[word for word in words if word != "--json"], "--json"))


if __name__ == "__main__":
    main()
