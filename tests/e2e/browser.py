"""A headless Chromium, driven through its DevTools pipe (messages of JSON, each ended by a NUL)."""
import json
import os
import shutil
import subprocess
import tempfile

from harness import wait_until

PROGRAM = shutil.which("chromium")


class Browser:
    """One page. Waits for what it is to show; nothing here sleeps."""

    def __init__(self, url):
        # Its helpers may outlive it for a moment and still write there.
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        read_orders, self._orders = os.pipe()
        self._answers, write_answers = os.pipe()
        # The browser reads from descriptor 3 and writes to 4.
        command = ["bash", "-c", f'exec "$@" 3<&{read_orders} 4>&{write_answers}', "bash", PROGRAM, "--headless=new",
                   "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe",
                   f"--user-data-dir={self._profile.name}", "about:blank"]
        self._process = subprocess.Popen(command, pass_fds=[read_orders, write_answers], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_orders)
        os.close(write_answers)
        self._rest, self._number, self._session = b"", 0, None
        self.messages = []  # of the page's console, and exceptions
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Runtime.enable")
        self._ask("Log.enable")
        self._ask("Page.navigate", url=url)

    def _receive(self):
        while b"\0" not in self._rest:
            piece = os.read(self._answers, 65536)
            if not piece:
                raise AssertionError("the browser ended")
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def _ask(self, method, **params):
        self._number += 1
        order = {"id": self._number, "method": method, "params": params}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._orders, json.dumps(order).encode() + b"\0")
        while True:
            message = self._receive()
            if message.get("id") == self._number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]
            if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
                self.messages.append(message["params"])

    def run(self, script):
        """The value of an expression in the page."""
        result = self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def await_true(self, script, what):
        return wait_until(lambda: self.run(script), what, 30)

    def text(self, selector):
        return self.run(f"(document.querySelector({json.dumps(selector)}) || {{}}).innerText")

    def press(self, selector):
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def close(self):
        self._session = None
        self._ask("Browser.close")
        self._process.wait(30)
        os.close(self._orders)
        os.close(self._answers)
        self._profile.cleanup()
