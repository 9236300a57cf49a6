#!/usr/bin/env python3
"""What a newcomer runs first: `make demo` and `make run` do what they say and leave nothing running."""
import os
import signal
import subprocess

import contract
from agent import Agent
from confidential import agent_number, customer_number
from harness import BUILD, ROOT, SLOWNESS, Story, clean_environment, main, wait_until


def programs_of(folder):
    """Process ids whose command line names the folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as command:
                words = command.read()
        except OSError:
            continue
        if str(folder).encode() in words and b"bin/" in words:
            found.append(int(pid))
    return found


def hear_ctrl_c():
    """Who runs the tests in the background may ignore SIGINT, and a shell cannot trap what it was told to ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Demo(Story):
    def test_the_demo_shows_two_calls_and_leaves_nothing_running(self):
        done = subprocess.run([str(ROOT / "tools/demo.sh"), str(BUILD)], capture_output=True, text=True,
                              env=clean_environment(), timeout=120 * SLOWNESS)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout.count("the gateway answers 200"), 2, done.stdout)
        self.assertEqual(done.stdout.count('"reasonCode": "16"'), 2, done.stdout)
        self.assertEqual(programs_of(ROOT / "build/demo"), [])


class Run(Story):
    def start(self):
        log = open(self.folder / "run.out", "w+", encoding="utf-8")
        self.addCleanup(log.close)
        process = subprocess.Popen([str(ROOT / "tools/run.sh"), str(BUILD)], stdout=log, stderr=subprocess.STDOUT,
                                   env=clean_environment(), preexec_fn=hear_ctrl_c)
        self.addCleanup(self.end_kindly, process)
        wait_until(lambda: "Up, until" in self.said() or process.poll() is not None, "it is up", 60)
        self.assertIsNone(process.poll(), self.said())
        return process

    @staticmethod
    def end_kindly(process):
        """Killed outright, it would leave its programs behind, and whoever tests next in this folder would find them."""
        process.terminate()
        process.wait(30 * SLOWNESS)

    def said(self):
        return (self.folder / "run.out").read_text("utf-8")

    def environment(self):
        """build/run/env as a shell reads it."""
        printed = subprocess.run(["bash", "-c", "set -a; . build/run/env; env"], cwd=ROOT, capture_output=True, text=True,
                                 check=True).stdout
        return dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)

    def test_what_it_leaves_in_env_is_enough_to_place_a_call(self):
        process = self.start()
        given = self.environment()
        agent = Agent(given["GATEWAY_URL"], given["GATEWAY_CA"], given["APP_KEY"], given["APP_SECRET"]).sign_in()
        self.addCleanup(agent.close)
        serial = self.assert_placed(agent.create_call(agent_number(), customer_number()))
        self.assertEqual(agent.state(serial)["state"], contract.CALLING)
        self.end(process, signal.SIGTERM)

    def test_ctrl_c_ends_it(self):
        self.end(self.start(), signal.SIGINT)

    def end(self, process, number):
        process.send_signal(number)
        self.assertEqual(process.wait(30 * SLOWNESS), 0, self.said())
        self.assertEqual(programs_of(ROOT / "build/run"), [])


if __name__ == "__main__":
    main()
