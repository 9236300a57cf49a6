"""An AICC in the test's own hands, for what mock-ita does not play: a server of recordings that knows no ranges, breaks off
or never ends, an AICC without releaseCall (as AICC itself is), and words in its refusals that a test makes up. It was
written from the contract alone, and so is a second peer beside the mock."""
import http.server
import itertools
import json
import secrets
import ssl
import threading
import time

import contract


class Call:
    def __init__(self, serial, asked):
        self.serial, self.asked = serial, asked
        self.state, self.reason = 1, None
        self.started = int(time.time() * 1000)
        self.ended = None

    def ends(self, reason=0):
        self.state, self.reason, self.ended = 3, reason, int(time.time() * 1000)

    def as_state(self):
        result = {"state": str(self.state), "caller": self.asked["caller"], "called": self.asked["called"],
                  "callData": self.asked.get("callData", ""), "startTime": str(self.started)}
        if self.ended:
            result.update(reasonCode=str(self.reason), endTime=str(self.ended))
        return result

    def as_record(self):
        record = {"callSerialNo": self.serial, "caller": self.asked["caller"], "called": self.asked["called"],
                  "startTime": self.started, "state": str(self.state), "reasonCode": str(self.reason),
                  "callerPresent": self.asked.get("callerPresent", "")}
        if self.ended:
            record.update(endTime=self.ended, releaseTime=self.ended)
        return record


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the gateway left, as some tests want it to


class FakeAicc:
    app_key, app_secret = "ak_fakeaicc0000000000000000001", "fake-aicc-app-secret-for-tests-0001"

    def __init__(self, certificate, key, certificate_der):
        self.certificate_der = certificate_der
        self.calls, self.requests, self.faults = {}, [], {}
        self._serials, self._lock = itertools.count(900001), threading.Lock()
        self.tokens, self.expires = set(), 600
        self.recording, self.fetches = b"RIFF" * 1000, []
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fake.serve(self, self.path, json.loads(body))

            def do_GET(self):
                fake.serve_recording(self)

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(str(certificate), str(key))
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def authority(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def script(self, path, *faults):
        """The next requests to this interface meet these faults: functions of the handler."""
        with self._lock:
            self.faults[path] = list(faults)

    def count(self, path):
        with self._lock:
            return sum(asked == path for asked, _, _ in self.requests)

    def last(self, path):
        with self._lock:
            return [body for asked, body, _ in self.requests if asked == path][-1]

    def call_of(self, called):
        with self._lock:
            return [call for call in self.calls.values() if call.asked["called"] == called][-1]

    def answer(self, handler, status, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in (("Content-Type", contract.JSON_TYPE), ("Content-Length", str(len(data))), *headers):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    def serve(self, handler, path, body):
        with self._lock:
            self.requests.append((path, body, handler.headers.get("Authorization")))
            fault = self.faults.get(path) and self.faults[path].pop(0)
        if fault:
            fault(handler)
        elif path == contract.TOKEN:
            self._token(handler, body)
        elif handler.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            self.answer(handler, 401, {"errorCode": "401", "exceptionInfo": "token"})
        else:
            self._interface(handler, path, body)

    def recording_url(self, serial):
        return f"https://{self.authority}/recordings/{serial}.wav"

    def serve_recording(self, handler):
        """No ranges: whoever asks for one cuts it out."""
        with self._lock:
            self.fetches.append((handler.path, handler.headers))
            fault = self.faults.get("GET") and self.faults["GET"].pop(0)
        if fault:
            fault(handler)
            return
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(self.recording)))
        handler.end_headers()
        handler.wfile.write(self.recording)

    def _token(self, handler, body):
        if (body["app_key"], body["app_secret"]) != (self.app_key, self.app_secret):
            self.answer(handler, 401, {"errorCode": "401", "exceptionInfo": "wrong"})
            return
        token = secrets.token_hex(20)
        self.tokens.add(token)
        self.answer(handler, 200, {"AccessToken": token, "ApplyType": "Bearer", "Expires": str(self.expires)})

    def _interface(self, handler, path, body):
        if path in (contract.CREATE_CALL_V1, contract.CREATE_CALL_V3):
            serial = str(next(self._serials))
            with self._lock:
                self.calls[serial] = Call(serial, body)
            shown = int(serial) if path == contract.CREATE_CALL_V1 else serial
            self.answer(handler, 200, {"retCode": "0", "retMsg": "success", "result": {"callSerialNo": shown}})
        elif path == contract.QUERY_STATE:
            call = self.calls.get(body["callSerialNo"])
            self.answer(handler, 200, {"retCode": "0", "retMsg": "", "result": call.as_state()} if call
                        else {"retCode": "3", "retMsg": "serial number wrong"})
        elif path == contract.QUERY_HISTORY:
            found = [call.as_record() for call in self.calls.values() if call.ended]
            self.answer(handler, 200, {"retCode": "0", "retMsg": "", "result": {"total": len(found), "callInfo": found}}
                        if found else {"retCode": "1", "retMsg": "no data"})
        elif path == contract.RECORDING_ADDRESS:
            call = self.calls.get(body["callSerialNo"])
            self.answer(handler, 200, {"retCode": 0, "retMsg": "", "result": {"url": self.recording_url(call.serial)}}
                        if call and call.ended else {"retCode": 5, "retMsg": "no matching record"})
        else:  # so also releaseCall, which AICC does not have
            self.answer(handler, 404, {"errorCode": "404", "exceptionInfo": "no such path"})
