"""The programs of a measurement: the gateway as shipped, nginx as what it is compared with or as an ITA that accepts
every call, and mock-ita."""
import contextlib
import json
import os
import re
import signal
import sqlite3
import ssl
import subprocess
import urllib.request

import machine

ACCESS_KEY, SECRET_KEY, APP_KEY = "FAKEAKBENCH0001", "fake-secret-key-for-bench-only-0001", "fake-app-key-bench"
TENANT = "bench"
PUSH_PATH = "/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify"
CALL_PATH = "/apiaccess/CC-Management/v1/mobileAgent/createCall"
ORDER_PATH = "/v1/ngin/axmn"
TOKEN_PATH = "/apigovernance/api/oauth/tokenByAkSk"

NGINX = """
daemon off; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/error.log error;
events {{ worker_connections 4096; }}
http {{
    access_log off; client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/f;
    uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s; client_body_in_single_buffer on;
    keepalive_requests 10000000; keepalive_timeout 600s; {tls}
    upstream ita {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 10000000; }}
    server {{
        listen 127.0.0.1:{port} {ssl};
        location = {order} {{ default_type application/json;
            return 200 '{{"code":"0","message":"Success","data":{{"callID":"$request_id","telX":"700000000000001"}}}}'; }}
        location = {call} {{ proxy_pass {scheme}://ita{order}; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_ssl_verify {verify}; proxy_ssl_name localhost; proxy_ssl_session_reuse on; }}
        location = {push} {{ default_type application/json; return 200 '{{"retCode":"0"}}'; }}
    }}
    server {{ listen 127.0.0.1:{count_port}; location / {{ stub_status; }} }}
}}
"""

SLOW_ITA = {"name": "20 ms", "rules": [{"match": {}, "answer": {"delay": "20ms"}}]}
ITA_DELAY_MS = 20


class Certificate:
    """A self-signed one for localhost, shown by the gateway as well as by the ITA, and verified by both."""

    def __init__(self, folder):
        self.pem, self.key, self.der = folder / "certificate.pem", folder / "certificate.key", folder / "certificate.der"
        machine.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                     "-keyout", self.key, "-out", self.pem])
        machine.run(["openssl", "x509", "-in", self.pem, "-outform", "DER", "-out", self.der])


class Nginx:
    """As the ITA: accepts every order. As the floor: forwards calls to the ITA, answers pushes by itself."""

    def __init__(self, folder, certificate, is_measured, upstream_port=1):
        folder.mkdir(parents=True)
        self.port, self.count_port = machine.free_port(), machine.free_port()
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.domain = f"localhost:{self.port}" if certificate else self.url
        tls = certificate and (f"ssl_certificate {certificate.pem}; ssl_certificate_key {certificate.key}; "
                               f"proxy_ssl_trusted_certificate {certificate.pem};")
        (folder / "nginx.conf").write_text(NGINX.format(
            dir=folder, port=self.port, count_port=self.count_port, upstream=upstream_port, scheme=scheme, tls=tls or "",
            ssl="ssl" if tls else "", verify="on" if tls else "off", order=ORDER_PATH, call=CALL_PATH, push=PUSH_PATH))
        self.process = machine.start(is_measured, ["nginx", "-p", folder, "-c", folder / "nginx.conf"],
                                     stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        machine.wait_for(lambda: (folder / "nginx.pid").exists() and len(machine.process_tree(self.pid)) > 1, "nginx")
        self.asked = 0

    def requests(self):
        """How many it was sent so far; the questions for it not among them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.count_port}/") as answer:
            total = int(re.search(r"\n +\d+ +\d+ +(\d+)", answer.read().decode()).group(1))
        self.asked += 1
        return total - self.asked

    def stop(self):
        self.process.terminate()
        self.process.wait()


class MockIta:
    """mock-ita at the pace of life: within a run no call ends. Pushes no CDRs: those come from the load."""

    def __init__(self, build, folder, certificate=None, is_measured=False, scenario=None):
        folder.mkdir(parents=True)
        reader, writer = os.pipe()
        words = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--quiet", "--access-key", ACCESS_KEY,
                 "--secret-key", SECRET_KEY, "--app-key", APP_KEY, "--ready-fd", writer]
        if certificate:
            words += ["--tls", "--tls-certificate", certificate.pem, "--tls-key", certificate.key]
        if scenario:
            (folder / "scenario.json").write_text(json.dumps(scenario))
            words += ["--scenario", folder / "scenario.json"]
        with open(folder / "log", "w") as log:
            self.process = machine.start(is_measured, [build / "bin/mock-ita", *words], pass_fds=[writer], stderr=log)
        self.pid = self.process.pid
        os.close(writer)
        with open(reader) as ready:
            line = ready.read()
        if not line:
            machine.fail("mock-ita: " + (folder / "log").read_text())
        told = json.loads(line)
        self.control_url = told["controlUrl"]
        self.url = told["url"]
        self.domain = self.url.replace("https://127.0.0.1", "localhost")

    def requests(self):
        """The calls that it has placed."""
        with urllib.request.urlopen(f"{self.control_url}/counters") as answer:
            return json.load(answer)["accepted"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait() != 0:
            machine.fail(f"mock-ita ended with {self.process.returncode}")


class Gateway:
    """The daemon, with one tenant unless its database has some already. Beyond the configuration as shipped it is told only what a
    loopback ITA needs, and not to cut an ITA off that answers slowly because the load has its core."""

    def __init__(self, build, folder, certificate, ita, under=(), **settings):
        folder.mkdir(parents=True, exist_ok=True)
        self.binary, self.folder, self.certificate = build / "bin/ita-gateway", folder, certificate
        self.database, self.port_file, self.config = folder / "gateway.db", folder / "port", folder / "gateway.conf"
        options = {"listen": "127.0.0.1:0", "admin-listen": "", "database": self.database, "port-file": self.port_file,
                   "master-key-file": folder / "master.key", "log-format": "json", "ita-local": "yes",
                   "circuit-failures": 10000}
        if certificate:
            options.update({"tls-certificate": certificate.pem, "tls-key": certificate.key})
        options.update({name.replace("_", "-"): value for name, value in settings.items()})
        self.config.write_text("".join(f"{name} = {value}\n" for name, value in options.items()))
        self.under, self.process = under, None
        if ita:
            self.set_up(TENANT, ita)

    def set_up(self, tenant, ita):
        (self.folder / "secret").write_text(SECRET_KEY)
        self.admin("tenant", "create", tenant)
        if self.certificate:
            self.admin("certificate", "install", "CERT_ITA", self.certificate.der)
        self.admin("bidirectional-call", "set", tenant, "--type", "ita", "--access-key", ACCESS_KEY, "--secret-key-file",
                   self.folder / "secret", "--app-key", APP_KEY, "--domain", ita.domain, "--x-mode", "automatic")
        (self.folder / "app-key.json").write_text(self.admin("app-key", "create", tenant, "--json"))

    def admin(self, *words):
        return machine.run([self.binary, *words, "--config", self.config])

    def start(self, is_awaited=True):
        self.port_file.unlink(missing_ok=True)
        with open(self.folder / "log", "a") as log:
            self.process = machine.start(True, [*self.under, self.binary, "serve", "--config", self.config], stderr=log)
        self.pid = self.process.pid
        if is_awaited:
            machine.wait_for(self.is_serving, "gateway", 120)
        return self

    def is_serving(self):
        text = self.port_file.read_text() if self.port_file.exists() else ""
        if self.process.poll() is not None:
            machine.fail(f"the gateway ended with {self.process.returncode}; see {self.folder}/log")
        if not text.endswith("\n"):
            return False
        self.port = int(text)
        self.url = f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"
        return True

    def post(self, path, body, **headers):
        context = ssl.create_default_context(cafile=self.certificate.pem) if self.certificate else None
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {
            "Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}})
        with urllib.request.urlopen(request, context=context, timeout=60) as answer:
            return json.load(answer)

    def token(self, key=None):
        key = key or json.loads((self.folder / "app-key.json").read_text())
        return self.post(TOKEN_PATH, {"app_key": key["app_key"], "app_secret": key["app_secret"]},
                         X_Token_Expire="3600")["AccessToken"]

    def rows(self, sql, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def stop(self):
        os.kill(machine.process_tree(self.process.pid)[-1], signal.SIGTERM)  # not whoever watches it
        if self.process.wait() != 0:
            machine.fail(f"the gateway ended with {self.process.returncode}; see {self.folder}/log")
