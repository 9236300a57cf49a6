#!/usr/bin/env python3
"""What a client of mock-ita gets on the wire when a scenario spoils it: each fault, for every action, over TCP and TLS."""
import errno
import json
import select
import socket
import ssl
import time

import contract
import sdk_signature
from confidential import agent_number
from harness import Mock, Story, main, wait_until

FAULTS = ("close", "reset", "stall", "cut-head", "cut-body", "wrong-length", "garbage", "drip", "endless")
DELAY_S = 0.2
TICK_S = 0.001  # the loop counts time in whole milliseconds
SOON_S = 0.3  # how long a test waits for bytes that must not come


def number_for(fault):
    """The customer's number that meets this fault; none is magic."""
    return f"05710000{FAULTS.index(fault):02d}77"


class RawClient:
    """One connection, bytes as they come."""

    def __init__(self, mock, tls=False):
        self.mock = mock
        self.sock = socket.create_connection(("127.0.0.1", mock.port), timeout=30)
        if tls:
            context = ssl.create_default_context()
            context.load_verify_locations(cadata=mock.certificate_der.read_bytes())
            self.sock = context.wrap_socket(self.sock, server_hostname="127.0.0.1")

    def send(self, method, target, data=None):
        body = b"" if data is None else json.dumps(data).encode()
        headers = {"Host": self.mock.authority, "AppKey": Mock.app_key, "Content-Type": "application/json",
                   "X-Sdk-Date": sdk_signature.sdk_date()}
        headers["Authorization"] = sdk_signature.authorization(method, target, headers, body, Mock.access_key,
                                                               Mock.secret_key)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.sock.sendall(f"{method} {target} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def read_to_end(self):
        """(bytes, how the connection ended)."""
        data = b""
        try:
            while chunk := self.sock.recv(65536):
                data += chunk
        except ConnectionResetError:
            return data, "reset"
        return data, "closed"

    def was_reset(self):
        """Waits for the end and asks the kernel: Python's ssl shows a reset as an end."""
        poll = select.poll()
        poll.register(self.sock, 0)
        poll.poll(30_000)
        return self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET

    def read_some(self, seconds):
        """What comes within that time."""
        self.sock.settimeout(seconds)
        try:
            return self.sock.recv(65536)
        except TimeoutError:
            return None
        finally:
            self.sock.settimeout(30)

    def read_answer(self):
        """One whole answer with a Content-Length: (head, body)."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.sock.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")))
        while len(body) < length:
            body += self.sock.recv(65536)
        return head.decode(), body

    def close(self):
        self.sock.close()


def split(data):
    head, _, body = data.partition(b"\r\n\r\n")
    length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    return head, length[0] if length else None, body


class FaultStory(Story):
    tls = False

    @classmethod
    def starts(cls, scenario, label="mock", speed=1):
        path = cls.folder / f"{label}.json"
        path.write_text(json.dumps(scenario))
        mock = cls.runs_mock(None, tls=cls.tls, speed=speed, label=label, words=["--scenario", path])
        return mock

    def client(self, mock=None):
        client = RawClient(mock or self.mock, self.tls)
        self.addCleanup(client.close)
        return client

    def order(self, tel_b, **changed):
        return Mock.order(telA=agent_number(), telB=tel_b, **changed)

    def ask(self, fault):
        client = self.client()
        client.send("POST", contract.PLACE_CALL, self.order(number_for(fault)))
        return client

    def last_entry(self, **wanted):
        """The youngest entry of the journal of that kind, once its answer has ended."""
        def found():
            fits = [entry for entry in self.mock.requests() if all(entry[name] == value for name, value in wanted.items())]
            return fits[-1] if fits and fits[-1]["status"] is not None else None
        return wait_until(found, f"an entry with {wanted}")


class Answers(FaultStory):
    """Faults of an answer; the call is placed all the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rules = [{"name": f"rule {fault}", "match": {"telB": number_for(fault)},
                  "fault": {"type": "drip", "interval": "2ms"} if fault == "drip" else fault} for fault in FAULTS]
        cls.mock = cls.starts({"rules": rules})

    def assert_noted(self, fault, status):
        entry = self.last_entry(fault=fault)
        self.assertEqual((entry["rule"], entry["status"], entry["telB"]), (f"rule {fault}", status, number_for(fault)))
        self.assertEqual(len(self.mock.calls(number_for(fault))), 1, "the call was placed")

    def test_close(self):
        self.assertEqual(self.ask("close").read_to_end(), (b"", "closed"))
        self.assert_noted("close", 0)

    def test_reset(self):
        self.assertTrue(self.ask("reset").was_reset())
        self.assert_noted("reset", 0)

    def test_stall(self):
        client = self.ask("stall")
        self.assert_noted("stall", 0)
        self.assertIsNone(client.read_some(SOON_S), "no byte, and no end")

    def test_cut_head(self):
        data, end = self.ask("cut-head").read_to_end()
        self.assertTrue(data.startswith(b"HTTP/1.1 200 "), data)
        self.assertNotIn(b"\r\n\r\n", data)
        self.assertEqual(end, "closed")
        self.assert_noted("cut-head", 0)

    def test_cut_body(self):
        data, end = self.ask("cut-body").read_to_end()
        _, length, body = split(data)
        self.assertTrue(0 < len(body) < length, data)
        self.assertEqual(end, "closed")
        self.assert_noted("cut-body", 200)

    def test_wrong_length(self):
        data, end = self.ask("wrong-length").read_to_end()
        _, length, body = split(data)
        self.assertEqual(json.loads(body)["code"], "0", "the whole body")
        self.assertGreater(length, len(body))
        self.assertEqual(end, "closed")
        self.assert_noted("wrong-length", 200)

    def test_garbage(self):
        data, end = self.ask("garbage").read_to_end()
        self.assertGreater(len(data), 0)
        self.assertNotIn(b"HTTP", data)
        self.assertEqual(end, "closed")
        self.assert_noted("garbage", 0)

    def test_drip(self):
        client = self.ask("drip")
        pieces = [client.sock.recv(65536) for _ in range(3)]
        self.assertTrue(all(len(piece) < 20 for piece in pieces), pieces)
        data, end = client.read_to_end()
        self.assertEqual(json.loads(split(b"".join(pieces) + data)[2])["code"], "0")
        self.assertEqual(end, "closed")
        self.assert_noted("drip", 200)

    def test_endless(self):
        client = self.ask("endless")
        data = b""
        while len(data) < 100_000:
            data += client.sock.recv(65536)
        head, length, _ = split(data)
        self.assertIsNone(length)
        self.assertTrue(head.startswith(b"HTTP/1.1 200 "))
        self.assert_noted("endless", 200)

    def test_without_a_rule_all_is_well(self):
        client = self.client()
        client.send("POST", contract.PLACE_CALL, self.order("057100009977"))
        self.assertEqual(json.loads(client.read_answer()[1])["code"], "0")
        client.send("POST", contract.PLACE_CALL, self.order("057100009977"))
        self.assertEqual(json.loads(client.read_answer()[1])["code"], "0", "on the same connection")


class AnswersOverTls(Answers):
    """The same inside TLS; what is closed there is closed without more."""
    tls = True


class Instead(FaultStory):
    """Other answers than the ITA's, before or after the work is done."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = cls.starts({"rules": [
            {"name": "later", "match": {"telB": "*0177"}, "answer": {"delay": f"{int(DELAY_S * 1000)}ms"}},
            {"name": "busy", "match": {"telB": "*0277"}, "answer": {
                "status": 503, "carriedOut": False, "headers": {"Retry-After": "30"}}},
            {"name": "broken", "match": {"telB": "*0377"}, "answer": {"status": 502}},
            {"name": "page", "match": {"telB": "*0477"}, "answer": {
                "status": 200, "body": "<p>{telB} over {telX} is {callID}</p>", "headers": {"Content-Type": "text/html"}}},
            {"name": "throttled", "match": {"telB": "*0577"}, "answer": {"code": "90104029"}},
            {"name": "clock", "match": {"telB": "*0677"}, "answer": {
                "status": 401, "clockAhead": "1h", "body": "signature time:{signatureTime},server time:{serverTime}"}},
        ]})

    def answer(self, tel_b):
        client = self.client()
        client.send("POST", contract.PLACE_CALL, self.order(tel_b))
        return client.read_answer()

    def placed(self, tel_b):
        return len(self.mock.calls(tel_b))

    def test_a_delay_holds_the_answer_back_but_not_the_call(self):
        client = self.client()
        begun = time.monotonic()
        client.send("POST", contract.PLACE_CALL, self.order("057100000177"))
        wait_until(lambda: self.placed("057100000177") == 1, "the call is placed")
        self.assertEqual(json.loads(client.read_answer()[1])["code"], "0")
        self.assertGreaterEqual(time.monotonic() - begun, DELAY_S - TICK_S)
        client.send("POST", contract.PLACE_CALL, self.order("057100009977"))
        self.assertEqual(json.loads(client.read_answer()[1])["code"], "0", "the connection is kept")

    def test_a_client_that_gives_up_waiting_does_no_harm(self):
        client = self.client()
        client.send("POST", contract.PLACE_CALL, self.order("057100110177"))
        wait_until(lambda: self.placed("057100110177") == 1, "the call is placed")
        client.close()
        self.assertEqual(self.last_entry(telB="057100110177")["status"], 200)

    def test_a_status_before_the_work(self):
        head, body = self.answer("057100000277")
        self.assertIn("HTTP/1.1 503 ", head)
        self.assertIn("\r\nRetry-After: 30", head)
        self.assertEqual(sorted(json.loads(body)), ["error_code", "error_msg", "request_id"])
        self.assertEqual(self.placed("057100000277"), 0)

    def test_a_status_after_the_work(self):
        head, body = self.answer("057100000377")
        self.assertIn("HTTP/1.1 502 ", head)
        self.assertEqual(json.loads(body)["error_code"], "APIGW.0201")
        self.assertEqual(self.placed("057100000377"), 1)

    def test_another_body(self):
        head, body = self.answer("057100000477")
        call = self.mock.calls("057100000477")[0]
        self.assertIn("HTTP/1.1 200 ", head)
        self.assertIn("Content-Type: text/html", head)
        self.assertEqual(body.decode(), f"<p>057100000477 over {call['telX']} is {call['callID']}</p>")

    def test_a_refusal(self):
        head, body = self.answer("057100000577")
        self.assertIn("HTTP/1.1 200 ", head)
        self.assertEqual(json.loads(body), {"code": "90104029", "message": "Too Many Requests"})
        self.assertEqual(self.placed("057100000577"), 0)

    def test_a_clock_that_is_ahead(self):
        head, body = self.answer("057100000677")
        self.assertIn("HTTP/1.1 401 ", head)
        signed, server = (text.partition(":")[2] for text in body.decode().split(","))
        ahead_s = time.mktime(time.strptime(server, "%Y%m%dT%H%M%SZ")) - time.mktime(time.strptime(signed, "%Y%m%dT%H%M%SZ"))
        self.assertAlmostEqual(ahead_s, 3600, delta=30)


class EveryAction(FaultStory):
    """A rule for any action meets queries, releases and recordings as it meets orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = cls.starts({"rules": [
            {"name": action, "match": {"action": action, "telB": "*0177"}, "answer": {"status": 504}}
            for action in ("query", "release", "recording")]})

    def place(self, tel_b):
        client = self.client()
        client.send("POST", contract.PLACE_CALL, self.order(tel_b))
        return json.loads(client.read_answer()[1])["data"]["callID"]

    def answer(self, method, target):
        client = self.client()
        client.send(method, target)
        return client.read_answer()[0]

    def test_they_are_found_by_the_numbers_of_their_call(self):
        spoilt, other = self.place("057100000177"), self.place("057100000277")
        for method, prefix, action in (("GET", "/", "query"), ("GET", "/record/", "recording"), ("DELETE", "/", "release")):
            with self.subTest(action):
                self.assertIn("HTTP/1.1 504 ", self.answer(method, contract.PLACE_CALL + prefix + spoilt))
                self.assertEqual(self.last_entry(action=action)["rule"], action)
                self.assertIn("HTTP/1.1 200 ", self.answer(method, contract.PLACE_CALL + prefix + other))

    def test_a_release_that_failed_afterwards_has_released(self):
        call_id = self.place("057100000177")
        self.assertIn("HTTP/1.1 504 ", self.answer("DELETE", f"{contract.PLACE_CALL}/{call_id}"))
        self.assertEqual([call["state"] for call in self.mock.calls() if call["callID"] == call_id], ["ended"])


class Connections(FaultStory):
    """Faults before a byte is read."""

    def starts_with(self, **scenario):
        self.mock = self.starts(scenario, self._testMethodName)
        return self.mock

    def assert_well(self):
        client = self.client()
        client.send("POST", contract.PLACE_CALL, self.order("057100009977"))
        self.assertEqual(json.loads(client.read_answer()[1])["code"], "0")

    def test_the_first_is_closed(self):
        self.starts_with(connections=[{"name": "first", "nth": 1, "fault": "close"}])
        self.assertEqual(self.client().read_to_end(), (b"", "closed"))
        self.assertEqual(self.last_entry(fault="close")["rule"], "first")
        self.assert_well()

    def test_the_second_is_reset(self):
        self.starts_with(connections=[{"nth": 2, "fault": "reset"}])
        self.assert_well()
        try:
            self.assertEqual(self.client().read_to_end(), (b"", "reset"))
        except ConnectionResetError:
            pass  # before connect() had returned
        self.assertEqual(self.last_entry(fault="reset")["rule"], "/connections/0")
        self.assert_well()

    def test_the_first_is_held(self):
        self.starts_with(connections=[{"nth": 1, "fault": "stall"}])
        client = self.client()
        client.send("POST", contract.PLACE_CALL, self.order("057100009977"))
        self.assertIsNone(client.read_some(SOON_S))
        self.assert_well()
        self.assertEqual(len(self.mock.calls()), 1, "what was sent to it was never read")

    def test_nobody_listens(self):
        mock = self.starts_with(listening=False)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", mock.port), timeout=30)
        self.assertEqual(mock.counters()["requests"], 0)


class Bounds(FaultStory):
    """What a scenario holds open costs little and ends with the mock."""

    def test_a_thousand_stalled_answers_end_when_it_stops(self):
        mock = self.mock = self.starts({"rules": [{"fault": "stall"}]}, speed=1_000_000)
        clients = []
        for number in range(1000):
            client = RawClient(mock)
            self.addCleanup(client.close)
            client.send("POST", contract.PLACE_CALL, self.order(f"0572{number:06d}77"))
            clients.append(client)
        wait_until(lambda: mock.counters()["faults"] == 1000, "all are stalled")
        begun = time.monotonic()
        mock.stop()
        self.assertLess(time.monotonic() - begun, 10)
        for client in clients:
            self.assertEqual(client.read_to_end()[0], b"")


if __name__ == "__main__":
    main()
