#!/usr/bin/env python3
"""mock-ita with ten thousand calls in progress at once, and what they weigh; make bench says how fast it takes them."""
import json
import socket

import contract
import sdk_signature
from harness import IS_SANITIZED, Mock, Story, main

CALLS = 10_000
BATCH = 100  # orders that are sent before their answers are read
JOURNAL_BYTES = 1024 * 1024
CALL_BYTES = 2 * 1024  # of one in progress; measured: about 1 KiB


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


class MockLoad(Story):
    def starts(self, *words, speed):
        mock = Mock(self.folder, None, speed=speed, tls=False, label=self._testMethodName,
                    words=["--journal-size", JOURNAL_BYTES, *words]).start()
        self.addCleanup(mock.stop)
        return mock

    @staticmethod
    def order(mock, number):
        """A signed order as bytes; nobody is in two calls, and no number is magic."""
        body = json.dumps(Mock.order(requestId=f"load-{number}", telA=f"138{number:08d}",
                                     telB=f"0571{number:07d}77")).encode()
        headers = {"Host": mock.authority, "AppKey": Mock.app_key, "Content-Type": "application/json",
                   "X-Sdk-Date": sdk_signature.sdk_date()}
        headers["Authorization"] = sdk_signature.authorization("POST", contract.PLACE_CALL, headers, body, Mock.access_key,
                                                               Mock.secret_key)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {contract.PLACE_CALL} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def place(self, mock, numbers):
        with socket.create_connection(("127.0.0.1", mock.port), timeout=60) as connection:
            answers = connection.makefile("rb")
            for start in range(numbers.start, numbers.stop, BATCH):
                batch = range(start, min(start + BATCH, numbers.stop))
                connection.sendall(b"".join(self.order(mock, number) for number in batch))
                for number in batch:
                    self.assertEqual(self.read_answer(answers)["code"], "0", number)

    @staticmethod
    def read_answer(stream):
        length = 0
        for line in iter(stream.readline, b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(stream.read(length))

    def assert_grew_less(self, before, mock, kib):
        after = resident_kib(mock.process.pid)
        print(f"{before} KiB, then {after} KiB", flush=True)
        if not IS_SANITIZED:
            self.assertLess(after - before, kib)

    def test_ten_thousand_calls_are_in_progress_and_weigh_little(self):
        mock = self.starts(speed=1)
        before = resident_kib(mock.process.pid)
        self.place(mock, range(CALLS))
        self.assert_grew_less(before, mock, (CALLS * CALL_BYTES + JOURNAL_BYTES) / 1024)
        counters = mock.counters()
        self.assertEqual((counters["accepted"], counters["ended"]), (CALLS, 0))
        calls = mock.calls()
        self.assertEqual(len(calls), CALLS)
        self.assertNotIn("ended", {call["state"] for call in calls})

    def test_calls_that_have_ended_make_room(self):
        mock = self.starts("--calls-max", CALLS // 10, speed=1_000_000)
        self.place(mock, range(CALLS // 5))
        before = resident_kib(mock.process.pid)
        self.place(mock, range(CALLS // 5, CALLS))
        self.assert_grew_less(before, mock, CALLS // 10 * CALL_BYTES / 1024)
        self.assertEqual(mock.counters()["accepted"], CALLS)
        self.assertEqual(len(mock.calls()), CALLS // 10)


if __name__ == "__main__":
    main()
