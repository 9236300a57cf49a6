#!/usr/bin/env python3
"""A recording is heard through the gateway: getRecordingAddress gives an address of the gateway's own, good for five
minutes, behind which the recording streams from the ITA's server as fast as it is listened to. Whole, in parts, or not
at all; never a piece taken for the whole."""
import base64
import contextlib
import hashlib
import hmac
import http.client
import io
import json
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest
import wave

import browser
import contract
import fake_ita
from confidential import agent_number, customer_number
from harness import SLOWNESS, Story, free_port, main, wait_until

MEBI = 1024 * 1024
NO_SUCH_ADDRESS = "not an address of a recording, or over its 5 minutes"


class Recordings(Story):
    """What both ITAs' stories need."""

    def connect(self, timeout=60):
        trust = ssl.create_default_context(cafile=str(self.gateway.certificate))
        return http.client.HTTPSConnection(self.gateway.authority, timeout=timeout, context=trust)

    def fetch(self, url, method="GET", **headers):
        """Status, headers, body. `_` in a header's name stands for `-`."""
        self.assertTrue(url.startswith(self.gateway.url + "/"), url)
        connection = self.connect()
        try:
            connection.request(method, url[len(self.gateway.url):],
                               headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def assert_error(self, url, status, method="GET", **headers):
        found, fields, body = self.fetch(url, method, **headers)
        self.assertEqual((found, fields["Content-Type"]), (status, contract.JSON_TYPE), body)
        if method == "GET":
            self.assertEqual(sorted(json.loads(body)), ["errorCode", "exceptionInfo"])
            return json.loads(body)["exceptionInfo"]
        return self.assertEqual(body, b"")

    def assert_no_address(self, agent, serial, code):
        answer = agent.ask_recording(serial)
        self.assertEqual((answer.status, answer.code), (200, code), answer)
        self.assertNotIn("result", answer.json)


class FromTheMock(Recordings):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()
        cls.ita = cls.runs_mock(cls.gateway, speed=1000)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("acme", cls.ita, recorded=True))
        cls.other = cls.signs_in(cls.gateway.create_tenant("other", cls.ita))
        cls.serial, cls.call_id = cls.record(cls.agent)
        cls.url = cls.agent.recording_url(cls.serial)

    @classmethod
    def record(cls, agent):
        called = customer_number()
        answer = agent.create_call(agent_number(), called)
        call = cls.ita.acknowledged(called)
        return str(answer.serial), call["callID"]

    def whole(self):
        status, headers, body = self.fetch(self.url)
        self.assertEqual(status, 200)
        return headers, body

    # --- The address ---

    def test_the_address_is_short_and_the_gateways_own(self):
        self.assertTrue(self.url.startswith(self.gateway.url + "/apiaccess/recording/"), self.url)
        self.assertLessEqual(len(self.url), 200)
        self.assertNotIn(self.call_id, self.url)

    def test_the_answer_has_a_number_for_a_code(self):
        answer = self.agent.post(contract.RECORDING_ADDRESS, {"callSerialNo": int(self.serial)})
        self.assertEqual(answer.status, 200)
        self.assertIs(answer.json["retCode"], 0)
        self.assertEqual(sorted(answer.json), ["result", "retCode", "retMsg"])
        self.assertEqual(list(answer.result), ["url"])

    def test_a_call_that_is_not_the_tenants_has_no_recording(self):
        self.assert_no_address(self.other, self.serial, 5)

    def test_a_call_that_never_was_has_no_recording(self):
        for serial in ("1", "-1", "no number", "", "9" * 50):
            with self.subTest(serial=serial):
                self.assert_no_address(self.agent, serial, 5)

    def test_a_serial_over_50_characters_is_12(self):
        self.assert_no_address(self.agent, "1" * 51, 12)

    def test_a_call_that_was_refused_has_no_recording(self):
        refused = self.agent.create_call(agent_number(), customer_number(contract.magic_refusal("90106012")))
        self.assert_code(refused, "90106012")
        serial = self.agent.history()[0]["callSerialNo"]
        self.assert_no_address(self.agent, serial, 5)

    def test_a_call_that_was_not_answered_has_no_recording(self):
        called = customer_number(contract.MAGIC_NO_ANSWER)
        serial = self.assert_placed(self.agent.create_call(agent_number(), called))
        self.ita.acknowledged(called)
        self.assert_no_address(self.agent, serial, 5)

    def test_a_call_that_was_not_recorded_has_no_recording(self):
        serial, _ = self.record(self.other)
        self.assert_no_address(self.other, serial, 5)

    def test_without_a_token_there_is_no_address(self):
        answer = self.agent.post(contract.RECORDING_ADDRESS, {"callSerialNo": self.serial}, Authorization=None)
        self.assert_http_error(answer, 401)

    # --- The recording ---

    def test_the_recording_is_the_itas_byte_for_byte(self):
        headers, body = self.whole()
        self.assertEqual(headers["Content-Type"], "audio/wav")
        self.assertEqual(headers["Content-Disposition"], f'attachment; filename="recording-{self.serial}.wav"')
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(headers["Cache-Control"], "private, no-store")
        self.assertEqual(headers["Accept-Ranges"], "bytes")
        self.assertEqual(int(headers["Content-Length"]), len(body))
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(self.ita.authority, timeout=60, context=trust)
        connection.request("GET", f"/recordings/{self.call_id}")
        self.assertEqual(connection.getresponse().read(), body)
        connection.close()
        with wave.open(io.BytesIO(body)) as audio:
            self.assertEqual(audio.getnframes(), 30 * 8000)

    def test_nothing_of_the_ita_reaches_the_client(self):
        headers, _ = self.whole()
        shown = str(headers)
        for secret in (self.ita.authority, self.ita.access_key, self.ita.app_key, "Authorization", "Sdk"):
            self.assertNotIn(secret, shown)

    def test_the_ita_sees_no_credential_where_the_recording_is(self):
        self.whole()
        fetched = [r for r in self.ita.requests() if r.get("callID") == self.call_id][-1]
        seen = self.ita._control("GET", f"/requests/{fetched['number']}")
        names = {h["name"].lower() for h in seen["headers"]}
        self.assertEqual(names, {"host", "accept-encoding"}, seen)

    def test_head_tells_what_get_would(self):
        whole, body = self.whole()
        status, headers, nothing = self.fetch(self.url, "HEAD", Range="bytes=0-9")
        self.assertEqual((status, nothing), (200, b""))
        for name in ("Content-Type", "Content-Length", "Content-Disposition", "ETag", "Accept-Ranges"):
            self.assertEqual(headers[name], whole[name], name)

    def test_ranges_are_served(self):
        whole, body = self.whole()
        size = len(body)
        for asked, part in {"bytes=0-": (0, size), "bytes=0-0": (0, 1), "bytes=44-1043": (44, 1044),
                            "bytes=-100": (size - 100, size), f"bytes={size - 1}-": (size - 1, size),
                            "bytes=1000-99999999": (1000, size)}.items():
            with self.subTest(asked=asked):
                status, headers, got = self.fetch(self.url, Range=asked)
                self.assertEqual(status, 206)
                self.assertEqual(headers["Content-Range"], f"bytes {part[0]}-{part[1] - 1}/{size}")
                self.assertEqual(headers["ETag"], whole["ETag"])
                self.assertEqual(got, body[slice(*part)])

    def test_what_is_no_single_range_gets_all(self):
        _, body = self.whole()
        for asked in ("bytes=0-1,5-6", "seconds=0-1", "bytes=9-1", "bytes=x"):
            with self.subTest(asked=asked):
                status, headers, got = self.fetch(self.url, Range=asked)
                self.assertEqual((status, headers["Content-Range"], got), (200, None, body))

    def test_a_range_behind_the_end_is_416(self):
        _, body = self.whole()
        self.assert_error(self.url, 416, Range=f"bytes={len(body)}-")
        status, headers, _ = self.fetch(self.url, Range=f"bytes={len(body)}-")
        self.assertEqual((status, headers["Content-Range"]), (416, f"bytes */{len(body)}"))

    def test_if_range_asks_for_the_part_of_one_version(self):
        whole, body = self.whole()
        status, _, got = self.fetch(self.url, Range="bytes=0-9", If_Range=whole["ETag"])
        self.assertEqual((status, got), (206, body[:10]))
        status, _, got = self.fetch(self.url, Range="bytes=0-9", If_Range='"another"')
        self.assertEqual((status, got), (200, body))

    def test_curl_goes_on_where_it_was_cut_off(self):
        _, body = self.whole()
        target = self.folder / "resumed.wav"
        target.write_bytes(body[:1000])
        done = subprocess.run(["curl", "-sS", "--fail", "--cacert", self.gateway.certificate, "-C", "-", "-o", target,
                               self.url], capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(target.read_bytes(), body)

    def test_a_connection_carries_one_recording_after_another(self):
        _, body = self.whole()
        connection = self.connect()
        for _ in range(3):
            connection.request("GET", self.url[len(self.gateway.url):])
            self.assertEqual(connection.getresponse().read(), body)
        connection.close()

    def test_only_get_and_head_are_allowed(self):
        status, headers, _ = self.fetch(self.url, "POST")
        self.assertEqual(status, 405)
        self.assertIn("GET", headers["Allow"])

    # --- Links that are none ---

    def link(self, subject, expires_s, label=b"ita-gateway recording token 1"):
        """A link as the gateway signs it."""
        master = bytes.fromhex((self.folder / "gateway.master-key").read_text().strip())
        said = f"{expires_s} {subject}".encode()
        key = hmac.new(master, label, hashlib.sha256).digest()
        token = base64.urlsafe_b64encode(said + hmac.new(key, said, hashlib.sha256).digest()).rstrip(b"=")
        return f"{self.gateway.url}/apiaccess/recording/{token.decode()}"

    def test_a_link_is_good_until_it_expires(self):
        now_s = int(time.time())
        token = base64.urlsafe_b64decode(self.url.rpartition("/")[2] + "==")
        said = token[:-32].decode()
        expires_s, tenant, serial = map(int, said.split(" "))
        self.assertEqual(serial, int(self.serial))
        self.assertAlmostEqual(expires_s, now_s + 300, delta=120)
        self.assertEqual(self.fetch(self.link(f"{tenant} {serial}", now_s + 60))[0], 200)
        for url in (self.link(f"{tenant} {serial}", now_s - 1),
                    self.link(f"{tenant} {serial}", now_s + 60, b"ita-gateway access token 1"),
                    self.link(f"{tenant + 100} {serial}", now_s + 60), self.link(str(serial), now_s + 60)):
            self.assertEqual(self.assert_error(url, 404), NO_SUCH_ADDRESS)
        # Signed by this gateway, which would never do so: that tenant has no such call.
        self.assert_error(self.link(f"{tenant + 1} {serial}", now_s + 60), 404)

    def test_no_changed_link_is_one(self):
        at = len(self.url) - 20
        for changed in (self.url[:-1], self.url + "A", self.url + "=", self.url.rpartition("/")[0] + "/x",
                        self.url[:at] + ("A" if self.url[at] != "A" else "B") + self.url[at + 1:]):
            self.assertEqual(self.assert_error(changed, 404), NO_SUCH_ADDRESS)
        self.assert_error(self.url + "/", 404)

    def test_a_disabled_tenants_links_are_dead(self):
        agent = self.gateway.create_tenant("closing", self.ita, recorded=True).agent()
        serial, _ = self.record(agent)
        url = agent.recording_url(serial)
        self.assertEqual(self.fetch(url)[0], 200)
        self.gateway.admin("tenant", "disable", "closing")
        wait_until(lambda: self.fetch(url)[0] == 404, "the link is dead")
        self.assertEqual(self.assert_error(url, 404), NO_SUCH_ADDRESS)
        agent.close()


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed")
class InABrowser(Story):
    """Over HTTP: a certificate of the tests is nothing to a browser."""

    def test_an_audio_element_loads_and_seeks(self):
        gateway = self.runs_gateway(tls_certificate=None, tls_key=None)
        ita = self.runs_mock(gateway, speed=1000)
        agent = self.signs_in(gateway.create_tenant("acme", ita, recorded=True))
        called = customer_number()
        serial = self.assert_placed(agent.create_call(agent_number(), called))
        ita.acknowledged(called)
        page = browser.Browser(gateway.url)  # a page of this machine: others may not ask it
        self.addCleanup(page.close)
        page.run(f"audio = new Audio({json.dumps(agent.recording_url(serial))}); audio.preload = 'auto'; 1")
        page.await_true("audio.error !== null || audio.readyState >= 3", "it could play")
        self.assertIsNone(page.run("audio.error && audio.error.message"))
        self.assertAlmostEqual(page.run("audio.duration"), 30, places=2)
        page.run("audio.currentTime = 25; 1")
        page.await_true("audio.error !== null || (!audio.seeking && audio.readyState >= 3)", "it could play from there")
        self.assertIsNone(page.run("audio.error && audio.error.message"))
        self.assertEqual(page.run("audio.currentTime"), 25)


class FromAFake(Recordings):
    """The ITA tells where recordings are, and has them, in the test's own hands."""
    options = {"ita_timeout": "1500ms", "ita_attempts": 1, "drain_timeout": "1s"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**cls.options)
        cls.ita = cls.runs_fake_ita()
        cls.agent = cls.signs_in(cls.gateway.create_tenant("acme", cls.ita))
        cls.serial = str(cls.agent.create_call(agent_number(), customer_number()).serial)

    def setUp(self):
        self.tells = None
        self.plays = None
        self.fetches = []
        self.ita.default = self.play
        self.addCleanup(setattr, self.ita, "default", fake_ita.accepts)

    def play(self, exchange):
        target = exchange.request.target
        if exchange.request.method == "POST":
            return fake_ita.accepts(exchange)
        if target.startswith("/v1/ngin/axmn/record/"):
            url = self.tells or f"https://{self.ita.authority}/store/1.wav?sign=x"
            return exchange.answer(200, {"code": "0", "data": {"url": url}})
        self.fetches.append(exchange.request)
        return self.plays(exchange)

    @staticmethod
    def says(status, *headers, body=b""):
        """An answer of exactly these headers."""
        lines = [f"HTTP/1.1 {status} Scripted", *headers]

        def play(exchange):
            exchange.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return play

    def url(self):
        return self.agent.recording_url(self.serial)

    def assert_fails(self, status, **headers):
        return self.assert_error(self.url(), status, **headers)

    def start(self, url, **headers):
        """A client that has the head and has not read on."""
        connection = self.connect()
        connection.request("GET", url[len(self.gateway.url):], headers=headers)
        self.addCleanup(connection.close)
        return connection, connection.getresponse()

    # --- Forms of an answer ---

    def test_a_recording_without_a_length_is_passed_on(self):
        self.plays = self.says(200, "Content-Type: audio/mpeg", body=b"ID3" * 1000)
        status, headers, body = self.fetch(self.url(), Range="bytes=3-")
        self.assertEqual((status, headers["Content-Type"], body), (200, "audio/mpeg", b"ID3" * 1000))
        self.assertEqual(headers["Transfer-Encoding"], "chunked")
        self.assertIsNone(headers["Accept-Ranges"])
        self.assertIn(".mp3", headers["Content-Disposition"])

    def test_an_empty_recording_is_one(self):
        self.plays = self.says(200, "Content-Type: audio/wav", "Content-Length: 0")
        status, headers, body = self.fetch(self.url())
        self.assertEqual((status, headers["Content-Length"], body), (200, "0", b""))

    def test_a_range_that_the_ita_ignores_is_cut_out(self):
        content = bytes(range(256)) * 1000
        self.plays = self.says(200, "Content-Type: audio/wav", f"Content-Length: {len(content)}", body=content)
        for asked, part in {"bytes=0-": (0, len(content)), "bytes=70000-70009": (70000, 70010),
                            "bytes=-5": (len(content) - 5, len(content)), "bytes=255999-": (255999, 256000)}.items():
            with self.subTest(asked=asked):
                status, headers, body = self.fetch(self.url(), Range=asked)
                self.assertEqual(status, 206)
                self.assertEqual(headers["Content-Range"], f"bytes {part[0]}-{part[1] - 1}/{len(content)}")
                self.assertEqual(body, content[slice(*part)])
        self.assertEqual(self.fetch(self.url(), Range="bytes=256000-")[0], 416)
        status, _, body = self.fetch(self.url(), Range="bytes=1-2", If_Range='"old"')
        self.assertEqual((status, body), (200, content), "it may be another version")

    def test_what_is_no_audio_is_never_a_page(self):
        self.plays = self.says(200, "Content-Type: text/html", "Content-Length: 8", "Set-Cookie: a=b", "X-Other: 1",
                               body=b"<script>")
        self.tells = f"https://{self.ita.authority}/store/1"
        _, headers, _ = self.fetch(self.url())
        self.assertEqual(headers["Content-Type"], "application/octet-stream")
        self.assertIsNone(headers["Set-Cookie"])
        self.assertIsNone(headers["X-Other"])
        self.tells = None  # the form is told by the end of the path
        self.assertEqual(self.fetch(self.url())[1]["Content-Type"], "audio/wav")

    # --- Failures before the head ---

    def test_what_is_gone_is_404(self):
        for status in (404, 410):
            self.plays = self.says(status, "Content-Length: 0")
            self.assert_fails(404)

    def test_what_is_no_answer_is_502(self):
        self.plays = None
        answers = {
            "redirect": self.says(302, "Location: https://127.0.0.1:1/", "Content-Length: 0"),
            "forbidden": self.says(403, "Content-Length: 0"),
            "not well": self.says(503, "Retry-After: 1", "Content-Length: 0"),
            "encoded": self.says(200, "Content-Encoding: gzip", "Content-Length: 3", body=b"abc"),
            "unasked part": self.says(206, "Content-Range: bytes 0-2/9", "Content-Length: 3", body=b"abc"),
            "no HTTP": lambda exchange: exchange.send(b"garbage\r\n\r\n"),
            "nothing": lambda exchange: None,
            "over 4 GiB": self.says(200, "Content-Length: 4294967296"),
        }
        for name, self.plays in answers.items():
            with self.subTest(name):
                self.assertEqual(self.assert_fails(502), "the recording could not be fetched")
        for name, self.plays in {
            "several parts": self.says(206, "Content-Type: multipart/byteranges; boundary=x", "Content-Length: 0"),
            "malformed": self.says(206, "Content-Range: bytes 9-0/9", "Content-Length: 0"),
            "other length": self.says(206, "Content-Range: bytes 0-2/9", "Content-Length: 2", body=b"ab"),
        }.items():
            with self.subTest(name):
                self.assert_fails(502, Range="bytes=0-2")

    def test_what_does_not_come_in_time_is_504(self):
        released = threading.Event()
        self.addCleanup(released.set)
        self.plays = lambda exchange: released.wait(60) and None
        self.assertEqual(self.assert_fails(504), "the recording did not come in time")

    def test_head_fails_without_a_body(self):
        self.plays = self.says(404, "Content-Length: 0")
        self.assert_error(self.url(), 404, "HEAD")

    def test_when_the_ita_does_not_say_where_nothing_is_fetched(self):
        self.plays = self.says(200, "Content-Length: 0")
        url = self.url()
        for code, status in (("90100400", 404), ("90104029", 503), ("90104003", 502), ("90100600", 502)):
            with self.subTest(code):
                self.ita.script(fake_ita.refuses(code))
                self.assert_error(url, status)
                self.ita.script(fake_ita.refuses(code))
                self.assert_no_address(self.agent, self.serial, 5 if code == "90100400" else int(code))
        released = threading.Event()
        self.addCleanup(released.set)
        self.ita.script(fake_ita.answers_when(released))
        self.assert_error(url, 504)
        self.assertEqual(self.fetches, [])

    # --- Where it may be fetched from ---

    def test_only_the_itas_own_server_is_asked(self):
        self.plays = self.says(200, "Content-Length: 0")
        urls = [f"https://127.0.0.1:{free_port()}/a", f"http://{self.ita.authority}/a", "https://169.254.169.254/latest",
                f"https://localhost:{self.ita.port}/a", f"https://user@{self.ita.authority}/a",
                f"https://{self.ita.authority}@evil.example.com/a", f"https://127.1:{self.ita.port}/a",
                f"https://{self.ita.authority.replace('127', '0x7f')}/a", "https://ita.example.com/a"]
        for self.tells in urls:
            with self.subTest(self.tells):
                self.assert_fails(502)
        self.assertEqual(self.fetches, [])

    # --- A long one ---

    @staticmethod
    def streams(size, cut_at=None, on_sent=None):
        """A recording of that size; with cut_at it breaks off."""
        piece = bytes(range(256)) * 256

        def play(exchange):
            exchange.send(f"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: {size}\r\n\r\n".encode())
            sent = 0
            while sent < (cut_at or size):
                exchange.send(piece)
                sent += len(piece)
                if on_sent:
                    on_sent(sent)
        return play

    def memory_kib(self, name="VmRSS"):
        with open(f"/proc/{self.gateway.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name))

    def test_a_large_recording_is_not_held(self):
        size, got = 200 * MEBI, 0
        self.plays = self.streams(size)
        self.fetch(self.url())  # once, for what is allocated anyway
        before = self.memory_kib("VmHWM")
        _, answer = self.start(self.url())
        digest = hashlib.sha256()
        while piece := answer.read(MEBI):
            got += len(piece)
            digest.update(piece)
        self.assertEqual(got, size)
        self.assertEqual(digest.hexdigest(), hashlib.sha256(bytes(range(256)) * (size // 256)).hexdigest())
        self.assertLess(self.memory_kib("VmHWM") - before, 4 * 1024 * SLOWNESS)

    def test_a_slow_listener_slows_the_ita_down(self):
        sent = [0]
        self.plays = self.streams(200 * MEBI, on_sent=lambda count: sent.__setitem__(0, count))
        url, before = self.url(), self.memory_kib()
        connection, answer = self.start(url)
        answer.read(1)

        def stands_still():
            seen = sent[0]
            time.sleep(0.3)
            return seen > 0 and seen == sent[0]
        wait_until(stands_still, "the ITA's server waits")
        self.assertLess(sent[0], 40 * MEBI)  # what four sockets hold
        self.assertLess(self.memory_kib() - before, 4 * 1024 * SLOWNESS)
        self.assertEqual(len(answer.read(50 * MEBI)), 50 * MEBI)
        self.assertGreater(sent[0], 50 * MEBI)
        connection.close()

    def test_a_break_is_seen_by_the_client(self):
        for url in (self.url(), self.url()):
            self.plays = self.streams(20 * MEBI, cut_at=MEBI)
            _, answer = self.start(url)
            with self.assertRaises((http.client.IncompleteRead, ConnectionResetError, ssl.SSLError)):
                answer.read()

    def test_a_break_within_chunks_is_seen_by_the_client(self):
        def play(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        self.plays = play
        _, answer = self.start(self.url())
        with self.assertRaises((http.client.IncompleteRead, ConnectionResetError, ssl.SSLError)):
            answer.read()

    def test_a_server_that_stalls_is_given_up(self):
        released = threading.Event()
        self.addCleanup(released.set)

        def play(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
            released.wait(60)
        self.plays = play
        _, answer = self.start(self.url())
        with self.assertRaises((http.client.IncompleteRead, ConnectionResetError, ssl.SSLError)):
            answer.read()

    def test_when_the_listener_leaves_the_fetch_ends(self):
        ended = threading.Event()
        endless = self.streams(1 << 31)

        def play(exchange):
            try:
                endless(exchange)
            except OSError:
                ended.set()
                raise
        self.plays = play
        connection, answer = self.start(self.url())
        answer.read(MEBI)
        answer.close()
        connection.close()
        self.assertTrue(ended.wait(20 * SLOWNESS), "the gateway has left the ITA's server")

    def test_head_ends_the_fetch(self):
        ended = threading.Event()
        endless = self.streams(1 << 31)

        def play(exchange):
            try:
                endless(exchange)
            except OSError:
                ended.set()
                raise
        self.plays = play
        status, headers, body = self.fetch(self.url(), "HEAD")
        self.assertEqual((status, headers["Content-Length"], body), (200, str(1 << 31), b""))
        self.assertTrue(ended.wait(20 * SLOWNESS), "the gateway has left the ITA's server")

    def test_slow_listeners_keep_no_call_waiting(self):
        """As many as a tenant may have, then one more; and calls go on."""
        self.plays = self.streams(200 * MEBI)
        url = self.url()
        listening = [self.start(url) for _ in range(64)]
        status, headers, _ = self.fetch(url)
        self.assertEqual((status, headers["Retry-After"]), (503, "5"))
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
        for connection, answer in listening:
            answer.close()
            connection.close()

        def is_served():
            connection, answer = self.start(url)
            answer.close()
            connection.close()
            return answer.status == 200
        wait_until(is_served, "there is room again")


class Elsewhere(Recordings):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(public_url="https://calls.example.com:8443/aicc", recording_host="localhost")
        cls.ita = cls.runs_fake_ita()
        cls.agent = cls.signs_in(cls.gateway.create_tenant("acme", cls.ita))
        cls.serial = str(cls.agent.create_call(agent_number(), customer_number()).serial)

    def tells(self, url):
        self.ita.script(*[fake_ita.answers(200, {"code": "0", "data": {"url": url}})] * 2)

    def test_the_address_begins_as_the_operator_says(self):
        self.tells("https://store.example.com/1.wav")
        url = self.agent.recording_url(self.serial)
        self.assertTrue(url.startswith("https://calls.example.com:8443/aicc/apiaccess/recording/"), url)
        self.assertLessEqual(len(url), 200)

    def test_a_listed_server_is_asked_and_must_be_trusted_by_the_system(self):
        """CERT_ITA speaks for the ITA's own domain only."""
        self.tells(f"https://localhost:{self.ita.port}/1.wav")
        link = self.agent.recording_url(self.serial).rpartition("/")[2]
        self.assert_error(f"{self.gateway.url}/apiaccess/recording/{link}", 502)
        self.assertRegex(self.gateway.log(), r'"recording not fetched".*certificate')
        self.tells("https://elsewhere.example.com/1.wav")
        link = self.agent.recording_url(self.serial).rpartition("/")[2]
        self.assert_error(f"{self.gateway.url}/apiaccess/recording/{link}", 502)
        self.assertRegex(self.gateway.log(), r'nor of recording-host.*"host":"elsewhere.example.com"')


class Listened(Recordings):
    def listens(self, drain_timeout):
        """Somebody listens to a recording without an end."""
        self.gateway = self.runs_gateway(drain_timeout=drain_timeout)
        ita = self.runs_fake_ita()
        agent = self.signs_in(self.gateway.create_tenant("acme", ita))
        serial = agent.create_call(agent_number(), customer_number()).serial

        def play(exchange):
            if "/record/" in exchange.request.target:
                return exchange.answer(200, {"code": "0", "data": {"url": f"https://{ita.authority}/1.wav"}})
            return FromAFake.streams(1 << 31)(exchange)
        ita.default = play
        connection = self.connect()
        self.addCleanup(connection.close)
        connection.request("GET", agent.recording_url(serial)[len(self.gateway.url):])
        answer = connection.getresponse()
        self.assertEqual(len(answer.read(MEBI)), MEBI)
        return answer


class Stopping(Listened):
    def test_a_listener_does_not_keep_the_gateway_from_stopping(self):
        answer = self.listens("300ms")
        self.gateway.stop()
        with self.assertRaises((http.client.IncompleteRead, ConnectionResetError, ssl.SSLError)):
            answer.read()


class Draining(Listened):
    def test_a_change_is_read_while_a_listener_keeps_the_gateway(self):
        """Its administrators' listener and their streams have ended by then."""
        self.listens("3s")
        port = int(self.gateway.admin_url.rpartition(":")[2])

        def is_closed():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
                return False
            return True
        self.gateway.signal(signal.SIGTERM)
        wait_until(is_closed, "the administrators' listener is closed", 2)
        loaded = self.gateway.log().count("tenants loaded")
        self.gateway.admin("tenant", "create", "late")
        wait_until(lambda: self.gateway.log().count("tenants loaded") > loaded, "the change is read", 3)
        self.assertEqual(self.gateway.wait(), 0)


main()
