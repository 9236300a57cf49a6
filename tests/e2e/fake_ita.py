"""An ITA that misbehaves on purpose: a TLS server on raw sockets that plays one scripted fault per request, and counts
and keeps every request that reached it. mock-ita shows the main job; this shows what a network and a bad day can do.

A fault is a generator-free function of an Exchange. Where it strikes is in its name's decorator: when the connection
is accepted, when TLS stands, or when the request has been read."""
import itertools
import json
import socket
import ssl
import struct
import threading
import time

import contract
import sdk_signature


class Request:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ")
        self.headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        self.body = body
        self.at = time.time()

    def header(self, name):
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)

    @property
    def json(self):
        return json.loads(self.body)


class Exchange:
    """A connection, and the request it carries once that was read."""

    def __init__(self, ita, sock, connection):
        self.ita, self.sock, self.connection = ita, sock, connection
        self.request = None

    def answer(self, status, body, headers=(), keep=False):
        self.send(response(status, body, headers, keep))
        return keep

    def send(self, data):
        self.sock.sendall(data)

    def close(self):
        _shut(self.sock)

    def reset(self):
        """RST instead of FIN: what a crashed peer or a firewall does."""
        dead = socket.socket(fileno=self.sock.detach())
        dead.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        dead.close()


def response(status, body, headers=(), keep=False, length=None):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Scripted", "Content-Type: application/json",
             f"Content-Length: {len(data) if length is None else length}",
             f"Connection: {'keep-alive' if keep else 'close'}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def success(call_id, tel_x="057100000099"):
    return {"code": "0", "message": "Success", "data": {"callID": call_id, "telX": tel_x}}


# --- Faults. Each returns true when the connection stays open for a further request. ---

ACCEPTED, SECURED, READ = "accepted", "secured", "read"


def strikes_when(stage):
    def mark(fault):
        fault.stage = stage
        return fault
    return mark


@strikes_when(ACCEPTED)
def closes_before_tls(exchange):
    exchange.close()


@strikes_when(ACCEPTED)
def resets_before_tls(exchange):
    exchange.reset()


@strikes_when(ACCEPTED)
def speaks_no_tls(exchange):
    exchange.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@strikes_when(ACCEPTED)
def never_shakes_hands(exchange):
    exchange.ita.wait_for_end()


@strikes_when(SECURED)
def closes_before_reading(exchange):
    exchange.close()


@strikes_when(READ)
def closes_without_answer(exchange):
    exchange.close()


@strikes_when(READ)
def resets_without_answer(exchange):
    exchange.reset()


@strikes_when(READ)
def cuts_inside_head(exchange):
    exchange.send(response(200, success(exchange.ita.next_call_id()))[:25])


@strikes_when(READ)
def cuts_inside_body(exchange):
    exchange.send(response(200, success(exchange.ita.next_call_id()))[:-20])


@strikes_when(READ)
def promises_more_than_it_sends(exchange):
    body = json.dumps(success(exchange.ita.next_call_id())).encode()
    exchange.send(response(200, body, length=len(body) + 100))


@strikes_when(READ)
def sends_garbage(exchange):
    exchange.send(bytes(range(256)) * 4)


@strikes_when(READ)
def never_answers(exchange):
    exchange.ita.wait_for_end()


@strikes_when(READ)
def drips_an_answer(exchange):
    """A byte at a time, never done before any sane deadline."""
    for byte in response(200, success(exchange.ita.next_call_id())):
        exchange.send(bytes([byte]))
        if exchange.ita.wait_for_end(0.2):
            return


@strikes_when(READ)
def endless_body(exchange):
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    while not exchange.ita.wait_for_end(0):
        exchange.send(b" " * 65536)


def says_expired(ahead_s):
    """The refusal of an API gateway whose clock is that far ahead (signing.md, section 8)."""
    @strikes_when(READ)
    def play(exchange):
        message = f"Incorrect IAM authentication information: signature expired, signature time:" \
                  f"{exchange.request.header('X-Sdk-Date')},server time:{sdk_signature.sdk_date(time.time() + ahead_s)}"
        return exchange.answer(401, {"error_msg": message, "error_code": "APIGW.0301", "request_id": "fake"})
    return play


@strikes_when(READ)
def says_signature_wrong(exchange):
    message = "Incorrect IAM authentication information: verify aksk signature fail"
    return exchange.answer(401, {"error_msg": message, "error_code": "APIGW.0301", "request_id": "fake"})


def answers(status, body, headers=()):
    @strikes_when(READ)
    def play(exchange):
        return exchange.answer(status, body, headers)
    return play


def refuses(code, message="refused by the fake"):
    return answers(200, {"code": code, "message": message})


def answers_when(released, keep=False):
    """Accepts the call, but says so only after the event is set."""
    @strikes_when(READ)
    def play(exchange):
        released.wait(120)
        return exchange.answer(200, success(exchange.ita.next_call_id()), keep=keep)
    return play


@strikes_when(READ)
def accepts(exchange):
    return exchange.answer(200, success(exchange.ita.next_call_id()))


@strikes_when(READ)
def accepts_and_keeps(exchange):
    return exchange.answer(200, success(exchange.ita.next_call_id()), keep=True)


class FakeIta:
    """Listens on 127.0.0.1. With no fault scripted it accepts every call and closes the connection."""

    access_key, secret_key, app_key = "FAKEITAACCESSKEY01", "fake-ita-secret-key-for-tests-01", "fake-ita-app-key-01"

    def __init__(self, certificate, key, certificate_der):
        self.certificate_der = certificate_der
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(str(certificate), str(key))
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._script, self.default = [], accepts
        self.requests, self.connections = [], 0
        self._open = set()
        self._ended = threading.Event()
        self._listen(0)

    def _listen(self, port):
        self._listener = socket.create_server(("127.0.0.1", port), backlog=2048)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept_forever, args=(self._listener,), daemon=True).start()

    @property
    def authority(self):
        return f"127.0.0.1:{self.port}"

    def next_call_id(self):
        return f"fake-call-{next(self._ids)}"

    def script(self, *faults):
        """The next connections or requests meet these faults, in this order; then all is well again."""
        with self._lock:
            self._script = list(faults)

    def wait_for_end(self, seconds=None):
        return self._ended.wait(seconds)

    def refuse_connections(self):
        """The port is closed until accept_connections()."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def accept_connections(self):
        self._listen(self.port)

    def stop(self):
        self._ended.set()
        self.refuse_connections()
        with self._lock:
            left = list(self._open)
        for sock in left:
            _shut(sock)

    def placings(self, tel_b=None):
        """Requests for a call that reached this server, of one customer or of all."""
        with self._lock:
            seen = list(self.requests)
        return [r for r in seen if r.method == "POST" and (tel_b is None or r.json["telB"] == tel_b)]

    def _take(self, stage):
        """The next scripted fault, if it strikes at this stage."""
        with self._lock:
            if self._script and self._script[0].stage == stage:
                return self._script.pop(0)
        return None

    def _accept_forever(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with self._lock:
            self.connections += 1
            number = self.connections
            self._open.add(sock)
        exchange = Exchange(self, sock, number)
        try:
            self._serve_connection(exchange)
        except (OSError, ValueError):
            pass  # the gateway went away, or a fault closed the socket under us: both are the script's business
        finally:
            with self._lock:
                self._open.discard(sock)
            _shut(exchange.sock)

    def _serve_connection(self, exchange):
        fault = self._take(ACCEPTED)
        if fault is not None:
            fault(exchange)
            return
        exchange.sock = self._tls.wrap_socket(exchange.sock, server_side=True)
        fault = self._take(SECURED)
        if fault is not None:
            fault(exchange)
            return
        reader = exchange.sock.makefile("rb")
        while True:
            exchange.request = _read_request(reader)
            if exchange.request is None:
                return
            exchange.request.connection = exchange.connection
            self._keep(exchange.request)
            fault = self._take(READ) or self.default
            if not fault(exchange):
                return

    def _keep(self, request):
        request.fault = sdk_signature.fault_in(request.method, request.target, request.headers, request.body,
                                               self.access_key, self.secret_key)
        with self._lock:
            self.requests.append(request)


def _read_request(reader):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = reader.readline(65536)
        if not line:
            return None
        head += line
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")),
                  0)
    body = reader.read(length)
    return Request(head[:-4], body) if len(body) == length else None


def _shut(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()
