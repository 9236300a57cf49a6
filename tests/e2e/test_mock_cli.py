#!/usr/bin/env python3
"""mock-ita as a user meets it: started without a word, by a test harness, wrongly; and what it says of itself."""
import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import unittest

from harness import BUILD, ROOT, SLOWNESS, Program, Story, clean_environment, main

PROGRAM = BUILD / "bin/mock-ita"
DONE, FAILED, USAGE = 0, 1, 2
START_CPU_S = 0.1


def run(*words):
    """Runs it to its end."""
    return subprocess.run([str(PROGRAM), *map(str, words)], text=True, capture_output=True, env=clean_environment(),
                          timeout=60)


class Started(Program):
    """Started on free ports; its ports come through --ready-fd."""

    def __init__(self, folder, *words, label="mock"):
        super().__init__("mock-ita", folder, label)
        reader, writer = os.pipe()
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), *([] if "--listen" in words else ["--listen", "127.0.0.1:0"]), "--control", "127.0.0.1:0",
                 "--ready-fd", str(writer), *map(str, words)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[writer], env=clean_environment())
        os.close(writer)
        with open(reader) as pipe:
            self.ready_text = pipe.read()
        if not self.ready_text:
            raise AssertionError(f"it does not start: {self.log()}")
        self.ready = json.loads(self.ready_text)

    def counters(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.ready["controlPort"], timeout=30)
        try:
            connection.request("GET", "/counters")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


class CliStory(Story):
    def starts(self, *words):
        mock = Started(self.folder, *words, label=self._testMethodName)
        self.addCleanup(mock.stop)
        return mock


class Start(CliStory):
    def curl_command(self, mock):
        return re.search(r"^curl .*?[^\\]$", mock.log(), re.M | re.S).group(0)

    def assert_the_example_works(self, *words):
        mock = self.starts(*words)
        done = subprocess.run(["sh", "-c", self.curl_command(mock)], text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual((answer["code"], sorted(answer["data"])), ("0", ["callID", "telX"]), answer)
        self.assertEqual(mock.counters()["accepted"], 1)
        return mock

    def test_the_example_can_be_pasted(self):
        mock = self.assert_the_example_works()
        for name in ("AccessKey  FAKE-AK-", "SecretKey  FAKE-SK-", "AppKey     FAKE-APPKEY-", mock.ready["url"],
                     mock.ready["controlUrl"], "nowhere"):
            self.assertIn(name, mock.log())

    def test_the_example_works_over_tls(self):
        self.assert_the_example_works("--tls")

    def test_the_example_trusts_the_certificate_that_was_written(self):
        mock = self.assert_the_example_works("--tls", "--cert-pem", self.folder / "it's.pem")
        self.assertNotIn("--insecure", mock.log())

    def test_the_example_quotes_what_a_shell_would_take_apart(self):
        self.assert_the_example_works("--app-key", "it's\"$HOME\"\\", "--access-key", "a'b$(id)")

    def test_the_example_signs_an_empty_body_where_that_is_the_rule(self):
        profile = self.folder / "empty-hash.json"
        profile.write_text('{"bodyHash": "empty", "headers": {"appKey": "X-App", "signed": ["host", "x-sdk-date"]}}')
        self.assert_the_example_works("--profile", profile)

    def test_a_wildcard_address_is_told_as_one_that_can_be_called(self):
        mock = self.assert_the_example_works("--listen", "0.0.0.0:0")
        self.assertTrue(mock.ready["url"].startswith("http://127.0.0.1:"))

    def test_a_secret_that_was_given_is_not_told(self):
        mock = self.starts("--secret-key", "a-fake-secret-that-was-given")
        self.assertIn("SecretKey  (as given)", mock.log())
        self.assertNotIn("a-fake-secret-that-was-given", mock.log())

    def test_quiet_is_one_line_without_keys(self):
        mock = self.starts("--quiet")
        self.assertEqual(mock.log(), f"mock-ita: ITA {mock.ready['url']} control {mock.ready['controlUrl']}\n")

    def test_it_starts_within_a_tenth_of_a_second_of_cpu_time(self):
        for words in ([], ["--tls"]):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            mock = Started(self.folder, *words, label=f"cpu{len(words)}")
            mock.stop()
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            self.assertLess(spent, START_CPU_S * SLOWNESS, words)


class Harness(CliStory):
    """What a test harness starts it with."""

    def test_ready_fd_gets_one_line_and_is_closed(self):
        mock = self.starts()
        self.assertTrue(mock.ready_text.endswith("}\n"))
        self.assertEqual(mock.ready_text.count("\n"), 1)
        self.assertEqual(mock.ready["url"], f"http://127.0.0.1:{mock.ready['port']}")
        self.assertEqual(mock.ready["controlUrl"], f"http://127.0.0.1:{mock.ready['controlPort']}")
        socket.create_connection(("127.0.0.1", mock.ready["port"])).close()

    def test_ready_fd_ends_without_a_line_when_it_can_not_start(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            reader, writer = os.pipe()
            with subprocess.Popen([str(PROGRAM), "--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--ready-fd", str(writer)],
                                  pass_fds=[writer], stderr=subprocess.DEVNULL, env=clean_environment()) as process:
                os.close(writer)
                with open(reader) as pipe:
                    self.assertEqual(pipe.read(), "")
                self.assertEqual(process.wait(30), FAILED)

    def test_ready_fd_that_nobody_reads_stops_the_start(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([str(PROGRAM), "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--ready-fd", str(writer)],
                              pass_fds=[writer], text=True, capture_output=True, env=clean_environment(), timeout=60)
        os.close(writer)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("ready-fd", done.stderr)

    def test_port_files_hold_the_ports(self):
        mock = self.starts("--port-file", self.folder / "port", "--control-port-file", self.folder / "control-port")
        self.assertEqual((self.folder / "port").read_text(), f"{mock.ready['port']}\n")
        self.assertEqual((self.folder / "control-port").read_text(), f"{mock.ready['controlPort']}\n")

    def test_both_signals_stop_it_with_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            mock = Started(self.folder, label=f"signal{number}")
            mock.signal(number)
            self.assertEqual(mock.wait(), DONE)


class Words(unittest.TestCase):
    """Words that it refuses, and those that print."""

    def assert_refused(self, code, words, *parts):
        done = run(*words)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done)
        for part in ("mock-ita: ", *parts):
            self.assertIn(part, done.stderr)

    def test_wrong_words_end_with_2(self):
        for words, part in ((["--no-such"], "--no-such: no such option"), (["chek"], "chek: no such command"), (["--speed", "9", "word"], "word: one argument too many"), (["--speed"], "needs a value"),
                            (["--speed", "0"], "must be from 1"), (["--ready-fd", "2"], "ready-fd"),
                            (["--ready-fd", "77"], "descriptor 77 is not open"), (["--tls-key", "x"], "both or none"),
                            (["--control", "0.0.0.0:0"], "loopback"), (["--tls", "--tls"], "given twice")):
            with self.subTest(words):
                self.assert_refused(USAGE, words, part)

    def test_what_can_not_be_started_ends_with_1(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            taken_address = f"127.0.0.1:{taken.getsockname()[1]}"
            for words, part in ((["--listen", taken_address], f"cannot listen on {taken_address}: address already in use"),
                                (["--listen", "127.0.0.1:0", "--control", taken_address], taken_address),
                                (["--listen", "127.0.0.1:0", "--tls", "--tls-certificate", "/none", "--tls-key", "/none"],
                                 "/none"),
                                (["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--port-file", "/none/port"],
                                 "/none/port")):
                with self.subTest(words):
                    self.assert_refused(FAILED, words, part)

    def test_help_and_version_go_to_standard_output(self):
        for words in (["-h"], ["--help"], ["check", "-h"]):
            done = run(*words)
            self.assertEqual((done.returncode, done.stderr), (DONE, ""))
            self.assertIn("usage: mock-ita", done.stdout)
        done = run("--version")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertRegex(done.stdout, r"^mock-ita \d+\.\d+\.\d+\n$")


class Check(Story):
    """mock-ita check FILE..."""

    def test_good_scenarios_end_with_0(self):
        paths = sorted((ROOT / "tests/corpus/scenario").glob("answer.json"))
        done = run("check", *paths)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (DONE, f"{paths[0]}: ok\n", ""))

    def test_a_bad_one_ends_with_1_and_says_where(self):
        good, bad = ROOT / "tests/corpus/scenario/answer.json", self.folder / "bad.json"
        bad.write_text('{"rules":[{"name":"x","answer":{"delay":"soon"}}]}')
        done = run("check", bad, good)
        self.assertEqual((done.returncode, done.stdout), (FAILED, f"{good}: ok\n"))
        self.assertIn(f"{bad}: /rules/0/answer/delay: ", done.stderr)

    def test_a_file_that_is_not_there_ends_with_1(self):
        done = run("check", "/none.json")
        self.assertEqual((done.returncode, done.stdout), (FAILED, ""))
        self.assertIn("/none.json", done.stderr)

    def test_without_a_file_it_ends_with_2(self):
        self.assertEqual(run("check").returncode, USAGE)


class Install(Story):
    def make(self, target):
        env = {name: value for name, value in clean_environment().items() if not name.startswith("MAKE")}
        done = subprocess.run(["make", "-s", f"MODE={BUILD.name}", f"DESTDIR={self.folder}", "PREFIX=/usr", target], cwd=ROOT,
                              text=True, capture_output=True, env=env, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)

    def files(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def test_it_is_installed_without_the_gateway_and_leaves_nothing(self):
        self.make("install-mock-ita")
        scenarios = [f"usr/share/mock-ita/scenarios/{path.name}" for path in (ROOT / "mock_ita/scenarios").iterdir()]
        self.assertEqual(self.files(), sorted(["usr/bin/mock-ita", "usr/share/man/man1/mock-ita.1",
                                               "usr/share/mock-ita/README.md", *scenarios]))
        done = subprocess.run([self.folder / "usr/bin/mock-ita", "check", *self.folder.glob("usr/share/mock-ita/scenarios/*.json")],
                              text=True, capture_output=True, env=clean_environment(), timeout=60)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.make("uninstall-mock-ita")
        self.assertEqual(self.files(), [])


class Man(unittest.TestCase):
    """docs/mock-ita.1 tells what --help tells."""

    page = (ROOT / "docs/mock-ita.1").read_text()

    def test_it_has_every_option_and_no_other(self):
        told = set(re.findall(r"^  --([a-z-]+)", run("--help").stdout, re.M))
        described = set(re.findall(r"^\.It Fl Fl ([a-z-]+)", self.page, re.M))
        self.assertEqual(described, told)

    def test_it_has_the_defaults(self):
        entries = re.split(r"^  --", run("--help").stdout, flags=re.M)[1:]
        defaults = [(entry.split()[0], found.group(1)) for entry in entries if (found := re.search(r" \(default ([^;)]+)\)$", entry, re.M))]
        self.assertGreater(len(defaults), 5)
        for name, value in defaults:
            with self.subTest(name):
                section = re.search(rf"^\.It Fl Fl {name}\b.*?(?=^\.It |^\.El)", self.page, re.M | re.S).group(0)
                self.assertIn(value, section.replace("\\&", ""))


if __name__ == "__main__":
    main()
