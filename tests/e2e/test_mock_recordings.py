#!/usr/bin/env python3
"""A recording of the mock is a WAV file like any other: Python's own module reads it, it lasts as long as the CDR says,
each party is heard on its own channel and at its time, and it can be fetched whole, in parts, or not at all."""
import http.client
import io
import json
import socket
import time
import wave

from harness import Mock, Story, main, wait_until
from sdk_signature import authorization, sdk_date

PLACE = "/v1/ngin/axmn"
SECONDS = 30  # what the mock talks when nothing else is asked of it


class Recordings(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = cls.runs_mock(None, speed=1000, tls=False)
        cls.path = cls.record()

    @classmethod
    def asks(cls, method, target, body=b""):
        """A signed request; the data of its answer."""
        headers = {"Host": cls.mock.authority, "AppKey": Mock.app_key, "X-Sdk-Date": sdk_date(),
                   "Content-Type": "application/json;charset=utf-8"}
        headers["Authorization"] = authorization(method, target, headers, body, Mock.access_key, Mock.secret_key)
        status, _, answer = cls.fetch(method, target, headers, body)
        assert status == 200, answer
        return json.loads(answer).get("data")

    @classmethod
    def fetch(cls, method, target, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", cls.mock.port, timeout=30)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    @classmethod
    def record(cls):
        """Places a call that is recorded, waits for its end, and returns the path of the recording."""
        call_id = cls.asks("POST", PLACE, json.dumps(Mock.order()).encode())["callID"]
        wait_until(lambda: cls.asks("GET", f"{PLACE}/{call_id}")["state"] == "ended", "the call ends")
        url = cls.asks("GET", f"{PLACE}/record/{call_id}")["url"]
        host, _, path = url.removeprefix("http://").partition("/")
        assert host == cls.mock.authority, url
        return f"/{path}"

    def whole(self):
        status, headers, body = self.fetch("GET", self.path)
        self.assertEqual((status, headers["Content-Type"], headers["Accept-Ranges"]), (200, "audio/wav", "bytes"))
        self.assertEqual(int(headers["Content-Length"]), len(body))
        return body

    def test_lasts_as_long_as_they_talked(self):
        with wave.open(io.BytesIO(self.whole())) as audio:
            self.assertEqual((audio.getnchannels(), audio.getsampwidth(), audio.getframerate()), (2, 2, 8000))
            self.assertEqual(audio.getnframes(), SECONDS * 8000)

    def test_each_party_is_heard_on_its_channel_and_at_its_time(self):
        with wave.open(io.BytesIO(self.whole())) as audio:
            for second in range(SECONDS):
                frames = memoryview(audio.readframes(8000)).cast("h")
                loudness = [max(map(abs, frames[channel::2])) for channel in (0, 1)]
                silent = loudness.pop((second + 1) % 2)
                self.assertEqual(silent, 0)
                self.assertGreater(loudness[0], 7000)

    def test_head_tells_the_size_alone(self):
        status, headers, body = self.fetch("HEAD", self.path)
        self.assertEqual((status, int(headers["Content-Length"]), body), (200, len(self.whole()), b""))
        status, headers, body = self.fetch("HEAD", self.path, {"Range": "bytes=0-9"})
        self.assertEqual((status, int(headers["Content-Length"]), body), (200, len(self.whole()), b""))

    def test_parts_make_the_whole(self):
        whole, parts, at = self.whole(), b"", 0
        while at < len(whole):
            last = min(at + 99_999, len(whole) - 1)
            status, headers, body = self.fetch("GET", self.path, {"Range": f"bytes={at}-{at + 99_999}"})
            self.assertEqual((status, headers["Content-Range"]), (206, f"bytes {at}-{last}/{len(whole)}"))
            parts, at = parts + body, last + 1
        self.assertEqual(parts, whole)

    def test_a_part_behind_the_end(self):
        size = len(self.whole())
        status, headers, body = self.fetch("GET", self.path, {"Range": f"bytes={size}-"})
        self.assertEqual((status, headers["Content-Range"], body), (416, f"bytes */{size}", b""))

    def test_a_part_of_this_version_only(self):
        etag = self.fetch("HEAD", self.path)[1]["ETag"]
        wanted = {"Range": "bytes=0-9"}
        self.assertEqual(self.fetch("GET", self.path, wanted | {"If-Range": etag})[0], 206)
        self.assertEqual(self.fetch("GET", self.path, wanted | {"If-Range": '"another"'})[0], 200)

    def test_ranges_that_are_none_give_the_whole(self):
        for value in ("bytes=9-0", "bytes=0-1,5-6", "seconds=0-1", "bytes=x"):
            self.assertEqual(self.fetch("GET", self.path, {"Range": value})[0], 200, value)

    def test_an_unknown_recording(self):
        self.assertEqual(self.fetch("GET", self.path[:-1] + "x")[0], 404)

    def test_a_listener_who_does_not_listen_holds_up_nobody(self):
        with socket.create_connection(("127.0.0.1", self.mock.port)) as idle:
            idle.sendall(f"GET {self.path} HTTP/1.1\r\nHost: {self.mock.authority}\r\n\r\n".encode())
            began = time.monotonic()
            self.whole()
            self.assertLess(time.monotonic() - began, 10)

    def test_another_call_sounds_otherwise(self):
        mine = self.whole()
        self.assertNotEqual(self.fetch("GET", self.record())[2], mine)


if __name__ == "__main__":
    main()
