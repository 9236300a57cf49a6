"""Where a mock's CDRs are pushed when no gateway is there to take them: keeps every request as it came."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import wait_until


class PushReceiver:
    """Plain HTTP on 127.0.0.1; answers 200, or the next of `statuses`."""

    def __init__(self, target="/notify"):
        self.requests, self.statuses = [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers.items()), body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.url = self.origin + target
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def first(self):
        """Waits for a push; returns (target, headers, body)."""
        return wait_until(lambda: self.requests and self.requests[0], "a CDR is pushed", 20)

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
