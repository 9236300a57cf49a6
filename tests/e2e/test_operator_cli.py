#!/usr/bin/env python3
"""What an operator sees from a terminal: calls, CDRs, callbacks, X numbers, the live view, completion."""
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import ssl
import struct
import subprocess
import termios
import time
import unittest
import urllib.request

import confidential
from confidential import agent_number, customer_number
from harness import SLOWNESS, clean_environment, main, wait_until
from test_admin_calls import CallStory
from cdr import cdr


def take_terminal():
    """In a new session: standard input becomes its terminal, so that Ctrl-C is a signal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def open_terminal():
    try:
        return pty.openpty()
    except OSError as fault:  # a container without /dev/pts
        raise unittest.SkipTest(f"no pseudo-terminal: {fault}") from None


class Terminal:
    """A pseudo-terminal with a program on it."""

    def __init__(self, story, *words, width=200, height=30, **environment):
        self.text = b""
        self.master, self.slave = open_terminal()
        self.resize(width, height)
        self.modes = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            [str(story.gateway.binary), *map(str, words), "--config", str(story.gateway.config)], stdin=self.slave,
            stdout=self.slave, stderr=self.slave, start_new_session=True, preexec_fn=take_terminal,
            env={**clean_environment(), "TERM": "xterm", **environment})
        story.addCleanup(self.close)

    def resize(self, width, height):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def read(self):
        """All that has come by now."""
        while select.select([self.master], [], [], 0)[0]:
            try:
                self.text += os.read(self.master, 65536)
            except OSError:
                break
        return self.text.decode()

    def await_text(self, pattern):
        return wait_until(lambda: re.search(pattern, self.read()), f"the terminal shows {pattern}: {self.text!r}", 15)

    def type(self, text):
        os.write(self.master, text.encode())

    def wait(self):
        code = self.process.wait(20 * SLOWNESS)
        self.read()
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for descriptor in (self.master, self.slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)


class OperatorStory(CallStory):
    def show(self, *words):
        return json.loads(self.gateway.admin(*words, "--json"))

    def refused(self, text, *words, code=2):
        """One line on standard error."""
        done = self.gateway.try_admin(*words)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn(text, done.stderr)

    def on_terminal(self, *words, **options):
        terminal = Terminal(self, *words, **options)
        self.assertEqual(terminal.wait(), 0, terminal.text)
        return terminal.text.decode().replace("\r\n", "\n")


class Calls(OperatorStory):
    def listed(self, *words):
        return [call["callSerialNo"] for call in self.show("calls", "list", *words)]

    def test_calls_of_all_tenants_or_of_one_newest_first(self):
        first, _ = self.place()
        second, _ = self.place(self.zetas_agent)
        third, _ = self.place()
        found = self.show("calls", "list")
        self.assertEqual([(call["tenant"], call["callSerialNo"]) for call in found[:3]],
                         [("acme", third), ("zeta", second), ("acme", first)])
        self.assertEqual(self.listed("--tenant", "acme", "--limit", 2), [third, first])
        self.assertEqual(self.listed("--limit", 1), [third])
        self.refused("there is no such tenant", "calls", "list", "--tenant", "nobody", code=1)

    def test_every_filter(self):
        _, record = self.place()
        live = self.listed("--limit", 1)[0]
        ended, ended_record = self.end()
        self.assert_code(self.agent.create_call(agent_number(), customer_number("96003")), "90106003")
        refused = self.listed("--limit", 1)[0]
        for words, there, not_there in (
                (("--state", "calling"), live, ended), (("--state", "ended"), ended, live),
                (("--outcome", "refused"), refused, live), (("--code", "90106003"), refused, ended),
                (("--cause", "16"), ended, refused), (("--number", record["telA"]), live, ended),
                (("--number", ended_record["telB"], "--from", "1h"), ended, live),
                (("--id", self.show("calls", "show", ended)["callId"]), ended, live)):
            with self.subTest(words=words):
                found = self.listed(*words)
                self.assertIn(there, found)
                self.assertNotIn(not_there, found)
        self.assertIn(live, self.listed("--from", "2h", "--to", "now"))
        self.assertEqual(self.listed("--to", "1h"), [])
        self.assertIn(ended, self.listed("--from", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))))

    def test_pages_are_one_list(self):
        for _ in range(3):
            self.end()
        self.assertEqual(len(self.listed("--tenant", "acme", "--limit", 100000)),
                         len(set(self.listed("--tenant", "acme", "--limit", 100000))))

    def test_one_call_with_timeline_cdrs_and_callbacks(self):
        serial, record = self.end()
        call = self.show("calls", "show", serial)
        self.assertEqual((call["tenant"], call["callSerialNo"], call["state"], call["callbacks"]),
                         ("acme", serial, "ended", []))
        self.assertEqual(call["cdrs"][0]["callId"], record["callID"])
        text = self.gateway.admin("calls", "show", serial)
        for line in (f"call +{serial}", "tenant +acme", f"caller \\(A\\) +{record['telA']}", "Timeline",
                     f"callID +{record['callID']}"):
            self.assertRegex(text, line)
        self.assertEqual(text.count("\ntrace "), 1)
        self.refused("there is no call 4711", "calls", "show", "4711", code=1)

    def test_a_call_that_was_refused_shows_the_itas_words(self):
        self.assert_code(self.agent.create_call(agent_number(), customer_number("96003")), "90106003")
        serial = self.listed("--tenant", "acme", "--limit", 1)[0]
        text = self.gateway.admin("calls", "show", serial)
        self.assertRegex(text, "\nnative code +90106003\nwhy +[A-Za-z]")

    def test_a_table_on_a_terminal_and_tabs_in_a_pipe(self):
        serial, record = self.end()
        words = ("calls", "list", "--tenant", "acme", "--limit", 1)
        shown = self.on_terminal(*words, LC_ALL="zh_CN.UTF-8", NO_COLOR="1").splitlines()
        self.assertEqual(shown[0].split()[:3], ["TIME", "TENANT", "CALL"])
        self.assertEqual(shown[0].index("CALL "), shown[1].index(serial))
        self.assertIn("正常", shown[1])
        self.assertNotIn("\x1b", "".join(shown))
        self.assertIn("\x1b[1mTIME", self.on_terminal(*words))
        self.assertNotIn("\x1b", self.on_terminal(*words, TERM="dumb"))
        narrow = self.on_terminal(*words, width=130, NO_COLOR="1").splitlines()[1]
        self.assertLessEqual(len(narrow), 130)
        cells = self.gateway.admin(*words).split("\n")
        self.assertEqual(len(cells), 2)
        self.assertEqual(cells[0].split("\t")[1:5], ["acme", serial, record["telA"], record["telB"]])

    def test_wrong_words(self):
        for text, *words in (("state: must be", "list", "--state", "lost"), ("outcome: must be", "list", "--outcome", "x"),
                             ("cause: must be", "list", "--cause", "900"), ("from: must be how long ago", "list", "--from", "yesterday"),
                             ("to: must be how long ago", "tail", "--to", "-2h"), ("limit: must be", "list", "--limit", "0"),
                             ("digits only", "show", "x1"), ("show takes SERIAL", "show"), ("no such", "lost")):
            with self.subTest(words=words):
                self.refused(text, "calls", *words)


class Tail(OperatorStory):
    def follow(self, *words):
        process = subprocess.Popen([str(self.gateway.binary), "calls", "tail", "-f", *words, "--config",
                                    str(self.gateway.config)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=clean_environment())

        def end():
            process.kill()
            process.communicate()
            wait_until(lambda: self.metric("ita_gateway_event_streams") == 0, "the stream is closed")
        self.addCleanup(end)
        return process

    def await_stream(self, count=1):
        wait_until(lambda: self.metric("ita_gateway_event_streams") >= count, "the stream is open")

    def metric(self, name):
        trust = ssl.create_default_context(cafile=str(self.gateway.certificate))
        with urllib.request.urlopen(f"{self.gateway.admin_url}/metrics", context=trust) as answer:
            return int(re.search(rf"^{name} (\d+)$", answer.read().decode(), re.M)[1])

    def test_1_the_last_ones_oldest_first(self):
        first, _ = self.place()
        second, _ = self.end()
        lines = self.gateway.admin("calls", "tail", "--tenant", "acme", "--json", "--limit", 2).splitlines()
        self.assertEqual([json.loads(line)["callSerialNo"] for line in lines], [first, second])

    def test_2_changes_as_they_happen_as_json_lines(self):
        tail = self.follow("--json", "--limit", "1", "--tenant", "acme")
        self.await_stream()
        serial, _ = self.end()
        self.place(self.zetas_agent)
        states = []
        while "ended" not in states:
            call = json.loads(tail.stdout.readline())
            if call["callSerialNo"] == serial:
                self.assertEqual(list(call)[0], "tenant")
                states.append(call["state"])
        tail.send_signal(signal.SIGINT)
        self.assertEqual(tail.wait(10), -signal.SIGINT)

    def test_3_all_tenants_and_a_filter(self):
        tail = self.follow("--json", "--state", "ended", "--limit", "1")
        self.await_stream(2)
        serial, record = self.place(self.zetas_agent)
        self.sender.push(record)
        wanted, _ = self.end()
        while (call := json.loads(tail.stdout.readline()))["callSerialNo"] != wanted:
            self.assertEqual(call["state"], "ended")

    def test_4_a_reader_that_leaves_ends_it(self):
        tail = self.follow("--tenant", "acme")
        self.await_stream()
        tail.stdout.close()
        self.end()
        self.assertEqual(tail.wait(10 * SLOWNESS), 1)
        self.assertIn("standard output", tail.stderr.read())
        tail.stderr.close()

    def test_5_it_outlives_a_restart_and_says_what_may_be_missing(self):
        tail = self.follow("--tenant", "acme", "--json", "--limit", "1")
        self.await_stream()
        self.gateway.stop()
        self.assertIn("connection lost: ", tail.stderr.readline())
        self.gateway.start()
        self.assertIn("connected again; changes meanwhile are not shown", tail.stderr.readline())
        self.end_after_restart()
        self.assertTrue(json.loads(tail.stdout.readline()))

    def end_after_restart(self):
        agent = self.gateway.create_app_key("acme").agent()
        self.addCleanup(agent.close)
        self.assert_placed(agent.create_call(agent_number(), customer_number()))


class Unmatched(OperatorStory):
    def test_a_cdr_is_given_to_its_call(self):
        serial, record = self.place()
        self.sender.push({**record, "remark": "acme:4711\x1b[2J"})
        lost = self.show("cdrs", "unmatched")[0]
        self.assertEqual(lost["callId"], record["callID"])
        row = self.on_terminal("cdrs", "unmatched", "list", "--limit", 1, NO_COLOR="1").splitlines()[1]
        self.assertIn("acme:4711?[2J", row)
        done = self.show("cdrs", "unmatched", "attach", lost["id"], "--tenant", "acme", "--call", serial)
        self.assertEqual(done, {"tenant": "acme", "callSerialNo": serial, "endedCall": True})
        self.assertNotIn(lost["id"], [cdr["id"] for cdr in self.show("cdrs", "unmatched", "list")])
        self.refused("HTTP 409", "cdrs", "unmatched", "attach", lost["id"], "--tenant", "acme", "--call", serial, code=1)

    def test_the_number_of_them_may_be_limited(self):
        self.assertIsInstance(self.show("cdrs", "unmatched", "--limit", 1), list)

    def test_wrong_words(self):
        for text, *words in (("unmatched",), ("must be followed by unmatched", "matched"), ("tenant: must", "unmatched", "attach", "1"),
                             ("call: must", "unmatched", "attach", "1", "--tenant", "acme"),
                             ("its number", "unmatched", "attach", "x", "--tenant", "acme", "--call", "1"),
                             ("limit: must", "unmatched", "--limit", "0")):
            with self.subTest(words=words):
                self.refused(text, "cdrs", *words)


class Lists(OperatorStory):
    X_NUMBERS = [confidential.keep_number(x) for x in ("057100000301", "057100000302")]

    def test_what_x_numbers_are_doing(self):
        self.gateway.admin("xnumber", "add", "zeta", *self.X_NUMBERS)
        self.gateway.admin("xnumber", "lock", "zeta", self.X_NUMBERS[1])
        wait_until(lambda: [x.get("state") for x in self.show("xnumber", "list", "zeta")] == ["free", "locked"], "they are known")
        self.assertEqual(self.show("xnumbers", "list", "zeta"), [
            {"number": number, "locked": locked, "state": state, "calls": 0}
            for number, locked, state in ((self.X_NUMBERS[0], False, "free"), (self.X_NUMBERS[1], True, "locked"))])
        shown = self.on_terminal("xnumber", "list", "zeta", NO_COLOR="1").splitlines()
        self.assertEqual(shown[0].split(), ["X", "NUMBER", "STATE", "UNTIL", "CALLS", "LAST", "USED"])
        self.assertEqual(shown[-1], "1 of 2 free")
        self.assertEqual(self.gateway.admin("xnumber", "list", "zeta").splitlines()[1].split("\t"), [self.X_NUMBERS[1], "locked", "", "0", ""])
        self.refused("no tenant", "xnumber", "list", "nobody", code=1)

    def test_tenants_and_callbacks(self):
        shown = self.on_terminal("tenant", "list", NO_COLOR="1").splitlines()
        self.assertEqual(shown[0].split(), ["TENANT", "ENABLED", "CONFIGURED", "TRIAL", "X", "NUMBERS"])
        self.assertIn("acme", [line.split("\t")[0] for line in self.gateway.admin("tenant", "list").splitlines()])
        self.assertEqual(self.gateway.admin("callbacks", "list", "--tenant", "acme"), "")


class Top(OperatorStory):
    def sample(self, *words):
        return self.show("top", *words)

    def test_a_look_for_machines(self):
        self.end()
        self.assert_code(self.agent.create_call(agent_number(), customer_number("96003")), "90106003")
        seen = self.sample()
        self.assertIsNone(seen["tenant"])
        self.assertGreater(seen["callsPerSecond"], 0)
        self.assertGreaterEqual(seen["itaLatency"]["p99Ms"], seen["itaLatency"]["p50Ms"])
        self.assertEqual((seen["answerRate"], seen["itaInFlight"], seen["callbacks"]["dead"]), (1, 0, 0))
        self.assertIn("90106003", [failure["code"] for failure in seen["failures"]])
        self.assertGreater(seen["loopTurnP99Ms"], 0)
        self.place()
        wait_until(lambda: self.sample()["callsLive"] >= 1, "the call is seen: metrics are made once a second")

    def test_one_tenant(self):
        self.end()
        self.assertEqual(self.sample("--tenant", "acme")["tenant"], "acme")
        self.refused("there is no such tenant", "top", "--tenant", "nobody", code=1)

    def test_once_is_plain(self):
        shown = self.gateway.admin("top", "--once")
        self.assertNotIn("\x1b", shown)
        self.assertRegex(shown, r"^ita-gateway  all tenants  20\d\d-")
        self.assertRegex(shown, r"(?m)^X numbers  the ITA picks them$")
        self.assertRegex(self.gateway.admin("top"), r"(?m)^callbacks  waiting 0  late 0  dead 0  under way 0$")

    def test_it_is_drawn_in_place_and_the_terminal_comes_back(self):
        for how in ("q", "\x03"):
            terminal = Terminal(self, "top", "--interval", "1s")
            terminal.await_text(r"calls .*/s.*\n(.*\n)+.*\x1b\[H.*ita-gateway")  # a second time
            modes = termios.tcgetattr(terminal.slave)
            self.assertFalse(modes[3] & (termios.ICANON | termios.ECHO))
            terminal.type(how)
            self.assertEqual(terminal.wait(), 0)
            self.assert_restored(terminal)

    def assert_restored(self, terminal):
        self.assertEqual(termios.tcgetattr(terminal.slave), terminal.modes)
        text = terminal.read()
        self.assertEqual((text.count("\x1b[?1049h"), text.count("\x1b[?25l")),
                         (text.count("\x1b[?1049l"), text.count("\x1b[?25h")))
        self.assertTrue(text.endswith("\x1b[?25h\x1b[?1049l"), text[-200:])

    def test_signals_restore_the_terminal_as_well(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            terminal = Terminal(self, "top", "--interval", "1h")
            terminal.await_text("callbacks")
            terminal.process.send_signal(number)
            self.assertEqual(terminal.wait(), -number)
            self.assert_restored(terminal)

    def test_it_is_stopped_and_goes_on(self):
        terminal = Terminal(self, "top", "--interval", "1h")
        terminal.await_text("callbacks")
        terminal.process.send_signal(signal.SIGTSTP)
        wait_until(lambda: "\nState:\tT" in open(f"/proc/{terminal.process.pid}/status").read(), "it is stopped")
        self.assertEqual(termios.tcgetattr(terminal.slave), terminal.modes)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.await_text(r"(?s)1049l.*1049h.*callbacks")
        terminal.type("q")
        self.assertEqual(terminal.wait(), 0)
        self.assert_restored(terminal)

    def test_it_fits_the_window(self):
        terminal = Terminal(self, "top", "--interval", "1h", width=30, height=4, NO_COLOR="1")
        terminal.await_text(r"\x1b\[J")
        lines = [line.strip("\r\n") for line in terminal.read().split("\x1b[H")[-1].split("\x1b[K")[:-1]]
        self.assertEqual(len(lines), 3)
        self.assertLessEqual(max(map(len, lines)), 30)
        terminal.resize(100, 40)
        terminal.process.send_signal(signal.SIGWINCH)
        terminal.await_text("loop")
        terminal.type("q")
        self.assertEqual(terminal.wait(), 0)

    def test_wrong_words(self):
        for text, *words in (("interval: must be", "--interval", "1ms"), ("no such option", "--lost"), ("too many", "x")):
            with self.subTest(words=words):
                self.refused(text, "top", *words)


class Completion(OperatorStory):
    def bash(self, *words):
        """What bash makes of these words, the last one being completed."""
        script = ("source <(\"$0\" completion bash)\nCOMP_WORDS=(\"$0\" \"${@}\")\nCOMP_CWORD=$#\n_ita_gateway\n"
                  "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", script, str(self.gateway.binary), *map(str, words)], text=True, cwd=self.folder,
                              capture_output=True, env=clean_environment(), timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [word for word in done.stdout.split("\n") if word]

    def test_commands_verbs_and_options(self):
        self.assertEqual(self.bash("ca"), ["call", "calls", "callbacks", "callback-trustlist"])
        self.assertNotIn("xnumbers", self.bash(""))
        self.assertEqual(self.bash("calls", ""), ["list", "show", "tail"])
        self.assertEqual(self.bash("calls", "list", "--st"), ["--state"])
        self.assertEqual(self.bash("calls", "list", "--state", "t"), ["talking"])
        self.assertEqual(self.bash("cdrs", ""), ["unmatched"])
        self.assertEqual(self.bash("cdrs", "unmatched", ""), ["list", "attach"])
        self.assertEqual(self.bash("cdrs", "unmatched", "attach", "--ten"), ["--tenant"])
        self.assertEqual(self.bash("tenant", "trial", "acme", "o"), ["on", "off"])
        self.assertEqual(self.bash("serve", "--log-l"), ["--log-level"])
        self.assertEqual(self.bash("serve", "--log-level", "=", "w"), ["warn"])
        self.assertEqual(self.bash("top", "--o"), ["--once"])
        self.assertEqual(self.bash("doctor", "e"), ["explain"])
        self.assertEqual(self.bash("completion", ""), ["bash", "zsh"])
        self.assertEqual(self.bash("lost", ""), [])

    def test_each_command_completes_its_options(self):
        for line in subprocess.run([self.gateway.binary, "completion", "words", ""], text=True, capture_output=True,
                                   check=True).stdout.splitlines():
            command, help_text = line.split("\t")
            self.assertTrue(help_text)
            if command not in ("profile", "completion"):
                with self.subTest(command=command):
                    self.assertIn("--help", self.bash(command, *(["unmatched"] if command == "cdrs" else []), "--"))

    def test_tenants_and_files(self):
        config = ["--config", self.gateway.config]
        self.assertEqual(self.bash("calls", "list", *config, "--tenant", "a"), ["acme"])
        self.assertEqual(self.bash("xnumber", "list", *config, ""), sorted(self.bash("tenant", "show", *config, "")))
        self.assertIn("zeta", self.bash("xnumber", "add", *config, ""))
        self.assertEqual(self.bash("xnumber", "list", "--config", self.folder / "gateway.con"), [str(self.gateway.config)])

    def test_completing_makes_no_database(self):
        before = sorted(path.name for path in self.folder.iterdir())
        self.assertEqual(self.bash("xnumber", "list", ""), [])
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), before)

    def typed(self, shell, *words):
        """What a shell on a terminal makes of a line and a tab."""
        master, slave = open_terminal()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 200, 0, 0))
        process = subprocess.Popen([*shell, "-i"], stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=take_terminal, cwd=self.folder,
                                   env={**clean_environment(), "TERM": "xterm", "HOME": str(self.folder), "ZDOTDIR": str(self.folder),
                                        "PATH": f"{self.gateway.binary.parent}:{os.environ['PATH']}", "PS1": "$ "})
        text = b""

        def read(pattern):
            def look():
                nonlocal text
                while select.select([master], [], [], 0)[0]:
                    text += os.read(master, 65536)
                return re.search(pattern, re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x08", "", text.decode("utf-8", "replace")))
            return wait_until(look, f"{pattern} on the terminal: {text!r}", 20)
        try:
            for line, answer in words:
                os.write(master, line.encode())
                read(answer)
        finally:
            process.kill()
            process.wait()
            os.close(master)
            os.close(slave)

    def test_in_a_real_bash(self):
        self.typed(["bash", "--norc", "--noprofile"],
                   ("source <(ita-gateway completion bash); echo rea'dy'\n", r"(?s)ready\r.*\$ "),
                   ("ita-gateway calls li\t--from 1h --sta\t", r"calls list +--from 1h --state "))

    @unittest.skipUnless(shutil.which("zsh"), "no zsh here")
    def test_in_a_real_zsh(self):
        self.typed(["zsh", "-f"],
                   ("autoload -Uz compinit && compinit -u; source <(ita-gateway completion zsh); echo rea'dy'\n", r"(?s)ready\r.*\$ "),
                   ("ita-gateway calls li\t--from 1h --sta\t", r"calls list +--from 1h --state "))

    @unittest.skipUnless(shutil.which("zsh"), "no zsh here")
    def test_zsh_finds_the_installed_script(self):
        """As a file on its path, which is called and not sourced."""
        path = self.folder / "site-functions"
        path.mkdir()
        (path / "_ita-gateway").write_text(self.gateway_words("completion", "zsh"))
        self.typed(["zsh", "-f"], (f"fpath=({path} $fpath); autoload -Uz compinit && compinit -u; echo rea'dy'\n", r"(?s)ready\r.*\$ "),
                   ("ita-gateway calls sh\t", "calls show "))

    def gateway_words(self, *words):
        return subprocess.run([self.gateway.binary, *words], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
