#!/usr/bin/env python3
"""Many at once: ten thousand idle connections beside a working one, a thousand calls under way at a time, and what an
idle daemon weighs. TLS is left out where only connections are counted; it is allowed on loopback alone."""
import json
import resource
import selectors
import socket
import threading
import time

import contract
import fake_ita
from confidential import agent_number, customer_number
from harness import IS_SANITIZED, SLOWNESS, Story, main, wait_until

IDLE_CONNECTIONS = 10_000
SPARE_FILES = 1_000
CALLS_AT_ONCE = 1_000
IDLE_DAEMON_KIB = 16 * 1024
IDLE_CONNECTION_KIB = 4


def raise_file_limit():
    """As high as it goes without root; the programs started from here inherit it. Returns what it is now."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def request_of(path, token, body):
    """A keep-alive POST as bytes."""
    data = json.dumps(body).encode()
    return (f"POST {path} HTTP/1.1\r\nHost: gateway.test\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: {len(data)}\r\n\r\n").encode() + data


def read_answer(sock):
    """Status and JSON body of one answer with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(sock)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    while len(body) < length:
        body += receive(sock)
    return int(head.split(b" ")[1]), json.loads(body)


def receive(sock):
    data = sock.recv(65536)
    if not data:
        raise AssertionError("the gateway closed a connection that waits for its answer")
    return data


class Load(Story):
    options = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = raise_file_limit()
        cls.gateway = cls.runs_gateway(tls_certificate=None, tls_key=None, log_level="warn", idle_timeout="10m",
                                       ita_timeout="2m", drain_timeout="30s", **cls.options)
        cls.weight_at_rest_kib = resident_kib(cls.gateway.process.pid)
        cls.ita = cls.runs_fake_ita()
        cls.tenant = cls.gateway.create_tenant("busy", cls.ita)

    def connect(self):
        sock = socket.create_connection(("127.0.0.1", self.gateway.port), timeout=60)
        self.addCleanup(sock.close)
        return sock


class Weight(Load):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls.signs_in(cls.tenant)

    def test_a_the_idle_daemon_is_light(self):
        print(f"\n  idle daemon: {self.weight_at_rest_kib} KiB", flush=True)
        if IS_SANITIZED:
            self.skipTest("a sanitizer's shadow memory is counted too")
        self.assertLess(self.weight_at_rest_kib, IDLE_DAEMON_KIB)

    def test_b_ten_thousand_idle_connections_beside_a_working_one(self):
        if self.files < IDLE_CONNECTIONS + SPARE_FILES:
            self.skipTest(f"only {self.files} files may be open: raise the hard limit to {IDLE_CONNECTIONS + SPARE_FILES}")
        before_kib = resident_kib(self.gateway.process.pid)
        asked = request_of(contract.QUERY_STATE, self.agent.token, {"callSerialNo": "1"})
        idle = [self.connect() for _ in range(IDLE_CONNECTIONS)]
        for sock in idle:
            sock.sendall(asked)
        for sock in idle:
            self.assertEqual(read_answer(sock)[0], 200)
        each_kib = (resident_kib(self.gateway.process.pid) - before_kib) / IDLE_CONNECTIONS
        print(f"\n  {IDLE_CONNECTIONS} idle connections: {each_kib:.2f} KiB each", flush=True)

        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
        for sock in idle[::1000]:
            sock.sendall(asked)
            self.assertEqual(read_answer(sock)[0], 200, "idle ones work again when they like")
        if not IS_SANITIZED:
            self.assertLess(each_kib, IDLE_CONNECTION_KIB)


class CallsAtOnce(Load):
    options = {"ita_connections_max": CALLS_AT_ONCE, "ita_connect_timeout": "1m"}

    def test_a_thousand_calls_under_way_are_all_answered(self):
        if self.files < 3 * CALLS_AT_ONCE:
            self.skipTest(f"only {self.files} files may be open")
        agent = self.signs_in(self.tenant)
        released = threading.Event()
        self.addCleanup(released.set)
        self.ita.default = fake_ita.answers_when(released, keep=True)

        selector = selectors.DefaultSelector()
        self.addCleanup(selector.close)
        for _ in range(CALLS_AT_ONCE):
            sock = self.connect()
            sock.sendall(request_of(contract.CREATE_CALL_V1, agent.token,
                                    {"caller": agent_number(), "called": customer_number()}))
            selector.register(sock, selectors.EVENT_READ)
        wait_until(lambda: len(self.ita.placings()) == CALLS_AT_ONCE, "all calls stand at the ITA", 60)
        self.assertEqual(selector.select(0), [], "nobody is answered before the ITA is")
        self.assertEqual(agent.query_state("1").status, 200, "others are served meanwhile")

        released.set()
        codes = [read_answer(sock) for sock in self.all_readable(selector)]
        self.assertEqual([answer for answer in codes if answer[0] != 200 or answer[1]["retCode"] != "0"], [])
        self.assertEqual(len(self.ita.placings()), CALLS_AT_ONCE)
        self.assertEqual(len({answer[1]["result"]["callSerialNo"] for answer in codes}), CALLS_AT_ONCE)

    @staticmethod
    def all_readable(selector):
        deadline = time.monotonic() + 120 * SLOWNESS
        while selector.get_map():
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(selector.get_map())} calls were not answered")
            for key, _ in selector.select(1):
                selector.unregister(key.fileobj)
                yield key.fileobj


if __name__ == "__main__":
    main()
