"""An ITA in the test's own hands: a TLS server on raw sockets that keeps every request that reached it, and plays what
mock-ita (mock_ita/scenarios) cannot: an answer that comes when the test says so. What is played is a function of an
Exchange whose request has been read."""
import itertools
import json
import socket
import ssl
import threading

import contract
import sdk_signature


class Request:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ")
        self.headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        self.body = body

    def header(self, name):
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)

    @property
    def json(self):
        return json.loads(self.body)


class Exchange:
    """A connection, and the request it carries once that was read."""

    def __init__(self, ita, sock):
        self.ita, self.sock = ita, sock
        self.request = None

    def answer(self, status, body, headers=(), keep=False):
        self.send(response(status, body, headers, keep))
        return keep

    def send(self, data):
        self.sock.sendall(data)

    def close(self):
        _shut(self.sock)


def response(status, body, headers=(), keep=False):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Scripted", "Content-Type: application/json",
             f"Content-Length: {len(data)}", f"Connection: {'keep-alive' if keep else 'close'}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def success(call_id, tel_x="057100000099"):
    return {"code": "0", "message": "Success", "data": {"callID": call_id, "telX": tel_x}}


# --- What is played. Each returns true when the connection stays open for a further request. ---

def says_signature_wrong(exchange):
    message = "Incorrect IAM authentication information: verify aksk signature fail"
    return exchange.answer(401, {"error_msg": message, "error_code": "APIGW.0301", "request_id": "fake"})


def answers(status, body, headers=()):
    def play(exchange):
        return exchange.answer(status, body, headers)
    return play


def refuses(code, message="refused by the fake"):
    return answers(200, {"code": code, "message": message})


def answers_when(released, keep=False):
    """Accepts the call, but says so only after the event is set."""
    def play(exchange):
        released.wait(120)
        return exchange.answer(200, success(exchange.ita.next_call_id()), keep=keep)
    return play


def accepts(exchange):
    return exchange.answer(200, success(exchange.ita.next_call_id()))


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
        self.requests = []
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept_forever, daemon=True).start()

    @property
    def authority(self):
        return f"127.0.0.1:{self.port}"

    def next_call_id(self):
        return f"fake-call-{next(self._ids)}"

    def script(self, *faults):
        """The next requests meet these faults, in this order; then all is well again."""
        with self._lock:
            self._script = list(faults)

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            left = list(self._open)
        for sock in left:
            _shut(sock)

    def placings(self, tel_b=None):
        """Requests for a call that reached this server, of one customer or of all."""
        with self._lock:
            seen = list(self.requests)
        return [r for r in seen if r.method == "POST" and (tel_b is None or r.json["telB"] == tel_b)]

    def _next(self):
        with self._lock:
            return self._script.pop(0) if self._script else self.default

    def _accept_forever(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with self._lock:
            self._open.add(sock)
        exchange = Exchange(self, sock)
        try:
            self._serve_connection(exchange)
        except (OSError, ValueError):
            pass  # the gateway went away, or a fault closed the socket under us: both are the script's business
        finally:
            with self._lock:
                self._open.discard(sock)
            _shut(exchange.sock)

    def _serve_connection(self, exchange):
        exchange.sock = self._tls.wrap_socket(exchange.sock, server_side=True)
        reader = exchange.sock.makefile("rb")
        while True:
            exchange.request = _read_request(reader)
            if exchange.request is None:
                return
            self._keep(exchange.request)
            play = self._next()
            if not play(exchange):
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
