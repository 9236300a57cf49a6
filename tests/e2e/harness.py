"""The stage of the end-to-end tests: starts the real programs on free loopback ports, sets tenants up as an operator
would, and takes everything down again. A test file tells the story; see the modules beside this one for its actors:
agent.py (an agent's system), cdr.py (a CDR push by hand), fake_ita.py (an ITA in the test's own hands), database.py."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest
import uuid
from pathlib import Path

import confidential
import contract
from administrator import Browser
from agent import Agent
from database import Database
from fake_ita import FakeIta

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("BUILD", ROOT / "build/release")).resolve()
SLOWNESS = {"asan": 3, "tsan": 8}.get(BUILD.name, 1)
IS_SANITIZED = BUILD.name in ("asan", "tsan")
SANITIZER_REPORT = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")
_claimed_ports = []  # for as long as this program runs


def wait_until(condition, what, seconds=10):
    """Polls until the condition holds and returns its value; the deadline grows with slow builds."""
    deadline = time.monotonic() + seconds * SLOWNESS
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds * SLOWNESS} s: {what}")
        time.sleep(0.01)


def free_port():
    """Below the ephemeral range, so that no outgoing connection can take it while its server is down for a restart. Claimed
    by an abstract socket, so that tests of another checkout that run meanwhile take another."""
    for port in range(20000 + os.getpid() % 8000, 32000):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0ita-gateway-test-port-{port}")
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claimed_ports.append(claim)
        return port
    raise AssertionError("no free port")


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def make_certificate(folder, name, days=2):
    """A self-signed certificate for localhost: PEM, its key, DER."""
    pem, key, der = folder / f"{name}.crt", folder / f"{name}.key", folder / f"{name}.der"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", days,
            "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", pem)
    openssl("x509", "-in", pem, "-outform", "DER", "-out", der)
    return pem, key, der


def clean_environment():
    """Without what would configure the programs behind the tests' back; sanitizers report by their exit code."""
    kept = {name: value for name, value in os.environ.items()
            if not re.match(r"(ITA_)?GATEWAY_|APP_KEY|APP_SECRET|MOCK_|https?_proxy|HTTPS?_PROXY|SSL_CERT", name)}
    kept["UBSAN_OPTIONS"] = "print_stacktrace=1"
    return kept


class Program:
    """A running program whose standard error goes to a file; started again it appends."""

    def __init__(self, name, folder, label=None):
        self.name, self.folder = name, folder
        self.binary = BUILD / "bin" / name
        self.log_path = folder / f"{label or name}.stderr"
        self.process = None
        self.environment = {}  # besides what is clean

    def spawn(self, arguments):
        with open(self.log_path, "ab") as log:
            # Signals that Python ignores stay ignored: a write beyond a file size limit then fails instead of killing,
            # which is how test_full_disk.py fills the disk.
            self.process = subprocess.Popen([str(self.binary), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env={**clean_environment(), **self.environment},
                                            restore_signals=False)

    def await_file(self, path):
        """The text of a file that the program writes when it is ready."""
        def content():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.log()[-4000:]}")
            text = path.read_text() if path.exists() else ""
            return text.strip() if text.endswith("\n") else None
        return wait_until(content, f"{self.name} writes {path.name}", 20)

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return self.log_path.read_text("utf-8", "replace") if self.log_path.exists() else ""

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=15):
        return self.process.wait(seconds * SLOWNESS)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; the program must end by itself, with 0, no sanitizer report and a discreet log."""
        if self.process is None:
            return
        if self.is_running:
            self.signal(signal.SIGTERM)
        try:
            code = self.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} does not end on SIGTERM; its log ends with\n{self.log()[-3000:]}") from None
        finally:
            self.process, ended = None, self.process
            self.last_code = ended.returncode
        self.check_log(code)

    def check_log(self, code):
        log = self.log()
        report = SANITIZER_REPORT.search(log)
        if code != 0 or report:
            shown = log[report.start():][:6000] if report else log[-3000:]
            raise AssertionError(f"{self.name} ended with {code}:\n{shown}")
        leaks = confidential.leaks_in(log)
        if leaks:
            raise AssertionError(f"{self.log_path} gives away: {', '.join(leaks)}")


class Gateway(Program):
    """The daemon, its configuration file, and its subcommands. Options are configuration keys, `_` standing for `-`;
    None leaves a key out."""

    def __init__(self, folder, label="gateway", **options):
        super().__init__("ita-gateway", folder, label)
        self.certificate, self.key, _ = make_certificate(folder, label)
        self.database_path = folder / f"{label}.db"
        self.port_file = folder / f"{label}.port"
        self.config = folder / f"{label}.conf"
        self.options = {
            "listen": f"127.0.0.1:{free_port()}", "admin-listen": "127.0.0.1:0",
            "admin-port-file": folder / f"{label}.admin-port", "tls-certificate": self.certificate, "tls-key": self.key,
            "database": self.database_path, "master-key-file": folder / f"{label}.master-key",
            "port-file": self.port_file, "ita-local": "yes", "log-level": "debug", "log-format": "json",
        }
        self.set_options(**options)
        self.database = Database(self.database_path)
        self.port = None

    def set_options(self, **options):
        self.options.update({name.replace("_", "-"): value for name, value in options.items()})
        self.options = {name: value for name, value in self.options.items() if value is not None}
        self.config.write_text("".join(f"{name} = {value}\n" for name, value in self.options.items()))

    def start(self):
        self.port_file.unlink(missing_ok=True)
        self.spawn(["serve", "--config", self.config])
        self.port = int(self.await_file(self.port_file))
        return self

    @property
    def admin_url(self):
        """Read anew: the port is another one after a restart."""
        port = Path(self.options["admin-port-file"]).read_text().strip()
        return f"{'https' if 'tls-key' in self.options else 'http'}://127.0.0.1:{port}"

    @property
    def authority(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"{'https' if 'tls-key' in self.options else 'http'}://{self.authority}"

    @property
    def push_url(self):
        return self.url + contract.STATUS_NOTIFY

    def agent(self, app_key=None, app_secret=None):
        return Agent(self.url, self.certificate, app_key, app_secret)

    def browser(self):
        return Browser(self)

    # --- Subcommands ---

    def try_admin(self, *words, standard_input=""):
        return subprocess.run([str(self.binary), *map(str, words), "--config", str(self.config)], text=True,
                              input=standard_input, capture_output=True, env=clean_environment(), timeout=60)

    def admin(self, *words, standard_input=""):
        """A subcommand that must work; returns what it printed."""
        done = self.try_admin(*words, standard_input=standard_input)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def create_tenant(self, name, ita, x_mode="automatic", x_numbers=(), **settings):
        """Everything an operator does for a tenant, True standing for a switch; the app key comes last, so that who can
        sign in has all of it."""
        self.admin("tenant", "create", name)
        if x_numbers:
            self.admin("xnumber", "add", name, *x_numbers)
        self.admin("certificate", "install", "CERT_ITA", ita.certificate_der)
        self.set_bidirectional_call(name, ita.secret_key, "--type", "ita", "--access-key", ita.access_key,
                                    "--app-key", ita.app_key, "--domain", ita.authority, "--x-mode", x_mode,
                                    *[word for key, value in settings.items()
                                      for word in (f"--{key.replace('_', '-')}", value) if word is not True])
        return self.create_app_key(name)

    def set_bidirectional_call(self, name, secret_key=None, *words):
        if secret_key is None:
            return self.admin("bidirectional-call", "set", name, *words)
        confidential.keep("secret key", secret_key)
        return self.admin("bidirectional-call", "set", name, "--secret-key-file", "-", *words, standard_input=secret_key)

    def create_user(self, name, role="sysadmin", tenant=None):
        """Returns the one-time password."""
        words = ["user", "create", name, "--role", role, *(["--tenant", tenant] if tenant else []), "--json"]
        return confidential.keep("one-time password", json.loads(self.admin(*words))["one_time_password"])

    def create_api_key(self, name, role="sysadmin", tenant=None):
        words = ["api-key", "create", name, "--role", role, *(["--tenant", tenant] if tenant else []), "--json"]
        return confidential.keep("API key", json.loads(self.admin(*words))["key"])

    def create_app_key(self, tenant):
        made = json.loads(self.admin("app-key", "create", tenant, "--json"))
        return Tenant(self, tenant, made["app_key"], confidential.keep("app secret", made["app_secret"]))


class Tenant:
    """A tenant with an app key of its own."""

    def __init__(self, gateway, name, app_key, app_secret):
        self.gateway, self.name, self.app_key, self.app_secret = gateway, name, app_key, app_secret

    def agent(self):
        """An agent's system that has signed in, as soon as the daemon knows the key. SIGHUP spares the second within
        which it would look by itself; stories about that second make no new agent."""
        agent = self.gateway.agent(self.app_key, self.app_secret)
        self.gateway.signal(signal.SIGHUP)
        wait_until(lambda: agent.ask_token(X_Token_Expire="60").status == 200, "the app key is known", 5)
        return agent.sign_in()


class Mock(Program):
    """mock-ita: an ITA on which all goes well, except where the customer's number asks for trouble."""

    access_key, secret_key, app_key = "MOCKITAACCESSKEY01", "mock-ita-secret-key-for-tests-01", "mock-ita-app-key-01"

    def __init__(self, folder, gateway, speed=100, label="mock", x_numbers=(), tls=True, words=()):
        """x_numbers: those that this ITA has sold, for either mode; empty leaves it the hundred it comes with. Without a
        gateway its CDRs go nowhere, or where the words say."""
        super().__init__("mock-ita", folder, label)
        self.certificate_der = folder / f"{label}.der"
        self.port_file, self.control_file = folder / f"{label}.port", folder / f"{label}.control"
        self.arguments = [
            "--listen", f"127.0.0.1:{free_port()}", *(["--tls", "--print-cert", self.certificate_der] if tls else []),
            "--access-key", self.access_key, "--secret-key", self.secret_key, "--app-key", self.app_key,
            *(["--push-url", gateway.push_url, "--push-ca", gateway.certificate] if gateway else []), "--speed", speed,
            "--port-file", self.port_file, "--control", f"127.0.0.1:{free_port()}",
            "--control-port-file", self.control_file, *[word for x in x_numbers for word in ("--x-number", x)], *words]

    def start(self):
        self.port_file.unlink(missing_ok=True)
        self.control_file.unlink(missing_ok=True)
        self.spawn(self.arguments)
        self.control_port = int(self.await_file(self.control_file))
        self.port = int(self.await_file(self.port_file))
        return self

    @property
    def authority(self):
        return f"127.0.0.1:{self.port}"

    @classmethod
    def order(cls, **changed):
        """What the default wire profile asks of an order."""
        return {"appKey": cls.app_key, "requestId": str(uuid.uuid4()), "telA": "13800000001", "telB": "13900000001",
                "telXMode": "0", "remark": "demo:1", "subTime": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
                "extra": {"callRecording": "1"}, **changed}

    def _control(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.control_port, timeout=30)
        try:
            connection.request(method, path, body, {} if body is None else {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = json.loads(answer.read() or b"null")
        finally:
            connection.close()
        if answer.status >= 300:
            raise AssertionError(f"{method} {path}: {answer.status} {content}")
        return content

    def _all(self, what, go_on_with):
        """A list that may come in pieces."""
        found, piece = [], {"next": 0}
        while "next" in piece:
            piece = self._control("GET", f"/{what}?{go_on_with}={piece['next']}")
            found += piece[what]
        return found

    def calls(self, tel_b=None):
        return [call for call in self._all("calls", "first") if tel_b is None or call["telB"] == tel_b]

    def requests(self):
        return self._all("requests", "since")

    def counters(self):
        return self._control("GET", "/counters")

    def plays(self, scenario):
        """One of the scenarios that mock-ita comes with, from its beginning."""
        self._control("PUT", "/scenario", (ROOT / f"mock_ita/scenarios/{scenario}.json").read_bytes())

    def plays_rules(self, *rules):
        """A scenario of the test's own."""
        self._control("PUT", "/scenario", json.dumps({"name": "of a test", "rules": rules}))

    def spoils_connections(self, fault):
        """Every one of them, from now on."""
        self._control("PUT", "/scenario", json.dumps({"name": "of a test", "rules": [], "connections": [{"fault": fault}]}))

    def advance_clock(self, by):
        """Its own clock, as "2h"; never back."""
        self._control("PATCH", "/clock", json.dumps({"advance": by}))

    def plays_nothing(self):
        self._control("DELETE", "/scenario")

    def scenario_state(self):
        return self._control("GET", "/scenario")["state"]

    def placings(self, tel_b):
        """The requests for a call to that customer, oldest first, as the journal has them."""
        return [self._control("GET", f"/requests/{request['number']}") for request in self.requests()
                if request["action"] == "place" and request["telB"] == tel_b]

    def release(self, call):
        """The platform ends the call."""
        self._control("POST", f"/calls/{call['callID']}/release")

    def acknowledged(self, tel_b, times=1):
        """Waits until the CDR of that customer's call was answered with 200 so many times; returns the call."""
        def found():
            for call in self.calls(tel_b):
                if sum(push["status"] == 200 for push in call["pushes"]) >= times:
                    return call
            return None
        return wait_until(found, f"{times} acknowledged push(es) of a CDR", 20)


class Story(unittest.TestCase):
    """A test class with a scratch folder of its own and programs that stop when it ends."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = BUILD / "e2e" / Path(sys.argv[0]).stem / cls.__name__
        shutil.rmtree(cls.folder, ignore_errors=True)
        cls.folder.mkdir(parents=True)

    @classmethod
    def runs_gateway(cls, label="gateway", **options):
        gateway = Gateway(cls.folder, label, **options).start()
        cls.addClassCleanup(gateway.stop)
        return gateway

    @classmethod
    def runs_mock(cls, gateway, **options):
        mock = Mock(cls.folder, gateway, **options).start()
        cls.addClassCleanup(mock.stop)
        return mock

    @classmethod
    def runs_fake_ita(cls):
        fake = FakeIta(*make_certificate(cls.folder, "fake-ita"))
        cls.addClassCleanup(fake.stop)
        return fake

    @classmethod
    def signs_in(cls, tenant):
        agent = tenant.agent()
        cls.addClassCleanup(agent.close)
        return agent

    # --- What stories often claim ---

    def assert_code(self, answer, code, message=None):
        self.assertEqual((answer.status, answer.code), (200, code), answer)
        if message is not None:
            self.assertEqual(answer.message, message)

    def assert_placed(self, answer):
        self.assert_code(answer, "0")
        self.assertEqual(answer.message, "success")
        return str(answer.serial)

    def assert_http_error(self, answer, status):
        """The shape of AICC's API layer (agent-api.md, section 1)."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], contract.JSON_TYPE)
        self.assertEqual(sorted(answer.json), ["errorCode", "exceptionInfo"])
        for text in answer.json.values():
            self.assertIsInstance(text, str)
            self.assertTrue(text)

    def await_end(self, agent, serial, seconds=20):
        """Waits until the call has ended; returns what queryCallState tells then."""
        def ended():
            state = agent.state(serial)
            return state if state["state"] == contract.ENDED else None
        return wait_until(ended, f"call {serial} ends", seconds)


def main():
    # A connection that fails while TLS is set up is left to the collector by http.client: no finding of these tests.
    unittest.main(verbosity=2, warnings="ignore")
