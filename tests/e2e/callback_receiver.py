"""Receivers of callbacks in the test's own hands, and givers of tokens: plain HTTP or TLS on 127.0.0.1. What a receiver
does with a request is a function of the handler, which returns (status, body) or None when it has answered itself."""
import json
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

SUCCESS = {"retCode": "0", "retMsg": "success"}


class Received:
    def __init__(self, handler, body):
        self.method, self.path, self.headers, self.body = handler.command, handler.path, handler.headers, body
        self.at = time.monotonic()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def event(self):
        return self.headers["X-Event-Id"]

    @property
    def serial(self):
        return self.json["callSerialNo"]

    @property
    def is_hangup(self):
        return "caller" in self.json


def takes(_):
    return 200, SUCCESS


def answers(status, body, **headers):
    def do(handler):
        handler.more_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return status, body
    return do


def closes(handler):
    handler.close_connection = True


def streams_for_ever(handler):
    """Until the client leaves."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 1024)


def drips_for_ever(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        time.sleep(0.05)


def hangs(seconds):
    def do(_):
        time.sleep(seconds)
        return 200, SUCCESS
    return do


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        pass  # the gateway left, as some tests want it to


class CallbackReceiver:
    """Takes everything, unless `does` is set to something else, or `script` has something for the next requests."""

    def __init__(self, port=0, certificate=None, address="127.0.0.1"):
        self.does, self.script, self.received = takes, [], []
        self.under_way = self.most_under_way = 0
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            more_headers = {}

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = receiver._take(self, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, content = answer
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **self.more_headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_PUT = do_GET = handle_one

            def setup(self):
                super().setup()
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def log_message(self, *_):
                pass

        self._server = Server((address, port), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, certificate))
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.scheme = "http" if certificate is None else "https"
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _take(self, handler, body):
        with self._lock:
            self.received.append(Received(handler, body))
            does = self.script.pop(0) if self.script else self.does
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return does(handler)
        finally:
            with self._lock:
                self.under_way -= 1

    @property
    def authority(self):
        return f"127.0.0.1:{self.port}"

    def url(self, path="/hangup", host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.port}{path}"

    def of(self, serial):
        """What came of a call, in order."""
        with self._lock:
            return [received for received in self.received if received.serial == str(serial)]

    def count(self):
        with self._lock:
            return len(self.received)

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class TokenGiver(CallbackReceiver):
    """The authentication login URL of OAuth 2.0: each request gets another token, good for so many seconds."""

    def __init__(self, access_key, secret_key, expires_in=3600):
        super().__init__()
        self.access_key, self.secret_key, self.expires_in = access_key, secret_key, expires_in
        self.given = []
        self.does = self._give

    def _give(self, _):
        form = {name: values[0] for name, values in parse_qs(self.received[-1].body.decode()).items()}
        if form != {"grant_type": "client_credentials", "client_id": self.access_key, "client_secret": self.secret_key}:
            return 401, {"error": "invalid_client"}
        self.given.append(f"fake-access-token-{len(self.given) + 1}-0123456789")
        return 200, {"access_token": self.given[-1], "expires_in": self.expires_in, "token_type": "Bearer"}
