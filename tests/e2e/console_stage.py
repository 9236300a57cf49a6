"""The console in a browser: stories of tests/console/stories, played in Chromium by Playwright (tests/console/stage.js)."""
import json
import subprocess
import unittest

import browser
import npm
from harness import ROOT, SLOWNESS, clean_environment

STEP_TIMEOUT_MS = 15000


class Stage:
    """One browser for all stories of a test class; each story has fresh contexts."""

    def __init__(self):
        if browser.PROGRAM is None:
            raise unittest.SkipTest("chromium is not installed")
        modules = npm.install("console") / "node_modules"
        environment = dict(clean_environment(), NODE_PATH=str(modules), CHROMIUM=browser.PROGRAM,
                           STEP_TIMEOUT_MS=str(STEP_TIMEOUT_MS * SLOWNESS), NO_PROXY="*")
        self._node = subprocess.Popen(["node", str(ROOT / "tests/console/stage.js")], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, env=environment)

    def play(self, file, story, does=None, **args):
        """`does`: what the story may ask for, by name; what such a function returns, it is told."""
        answer = self._tell({"file": file, "story": story, "args": args})
        while "ask" in answer:
            answer = self._tell(does[answer["ask"]](*answer["with"]))
        if "error" in answer:
            raise AssertionError(f"{file}.{story}: {answer['error']}")
        return answer["value"]

    def _tell(self, message):
        self._node.stdin.write(json.dumps(message) + "\n")
        self._node.stdin.flush()
        return json.loads(self._node.stdout.readline() or '{"error": "the browser ended"}')

    def close(self):
        self._node.stdin.close()
        self._node.wait(60)
        self._node.stdout.close()
