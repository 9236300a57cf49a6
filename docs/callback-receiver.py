#!/usr/bin/env python3
"""A receiver of callbacks, to start from: checks the Shared Key signature, takes every event once, and prints it.

    SHARED_KEY=... python3 callback-receiver.py [ADDRESS:PORT]      (127.0.0.1:9000 without one)

Put it behind a proxy that speaks TLS. docs/callbacks.md tells what arrives when."""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SHARED_KEY = os.environ["SHARED_KEY"]
CLOCKS_DIFFER_S = 5 * 60  # an older signature may be somebody's who has recorded it
BODY_MAX = 64 * 1024

seen = set()  # X-Event-Id of what was taken; a real receiver keeps them where it keeps the events


def signature_of(members, key):
    """Of all members but the three that the signature adds: name=value sorted by name, without any space."""
    text = ",".join(f"{name}={'null' if value is None else value}" for name, value in
                    sorted(members.items(), key=lambda member: member[0].encode())
                    if name not in ("timestamp", "nonce", "signature"))
    to_sign = f"{key}_{members['timestamp']}_{members['nonce']}_{text.replace(' ', '')}"
    return base64.b64encode(hmac.new(key.encode(), to_sign.encode(), hashlib.sha256).digest()).decode()


def is_genuine(members, key=SHARED_KEY, now=time.time):
    try:
        is_fresh = abs(now() - int(members["timestamp"]) / 1000) < CLOCKS_DIFFER_S
        return is_fresh and hmac.compare_digest(signature_of(members, key), members["signature"])
    except (KeyError, TypeError, ValueError):
        return False


def take(event_id, members):
    """Twice the same event is one: the gateway sends again what it has no answer for."""
    if event_id in seen:
        return
    seen.add(event_id)
    print(json.dumps({"event": event_id, **members}, ensure_ascii=False), flush=True)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > BODY_MAX:
            self.answer(413, "1", "too long")
            return
        try:
            members = json.loads(self.rfile.read(length))
        except ValueError:
            members = None
        if not isinstance(members, dict) or not is_genuine(members):
            self.answer(401, "1", "the signature is wrong")
            return
        take(self.headers["X-Event-Id"], members)
        self.answer(200, "0", "success")  # only now: before this the gateway keeps it

    do_PUT = do_POST

    def answer(self, status, code, message):
        body = json.dumps({"retCode": code, "retMsg": message}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    address, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:9000").rpartition(":")
    server = ThreadingHTTPServer((address, int(port)), Receiver)
    server.daemon_threads = True
    print(f"listening on {address}:{server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
