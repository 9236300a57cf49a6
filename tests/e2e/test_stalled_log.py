#!/usr/bin/env python3
"""Who reads the log stops reading: a journal on a disk that hangs, a pager. Calls go on; the lines that found no room are
counted, and the log says how many when it is read again."""
import json
import os
import select

from administrator import Client
from confidential import agent_number, customer_number
from harness import Gateway, Story, main, wait_until
from metrics import Page

LOST = "log lines lost"


class PipedGateway(Gateway):
    """Its standard error is a pipe that the test reads when it likes."""

    def __init__(self, folder, **options):
        super().__init__(folder, **options)
        os.mkfifo(self.log_path)
        self.pipe = os.open(self.log_path, os.O_RDONLY | os.O_NONBLOCK)
        self.taken = b""

    def log(self):
        """All that can be read now."""
        while select.select([self.pipe], [], [], 0)[0]:
            piece = os.read(self.pipe, 65536)
            if not piece:
                break
            self.taken += piece
        return self.taken.decode("utf-8")

    def lines(self):
        """Every whole line is one event."""
        return [json.loads(line) for line in self.log().splitlines(keepends=True) if line.endswith("\n")]


class StalledLog(Story):
    def setUp(self):
        self.gateway = PipedGateway(self.folder, label=self._testMethodName[5:25]).start()
        self.gateway.log_path.unlink()  # both ends are open; who reads all logs of a run would wait at it
        self.addCleanup(self.gateway.stop)
        self.scraper = Client(self.gateway)
        self.addCleanup(self.scraper.close)
        self.agent = self.gateway.create_tenant("acme", self.runs_fake_ita()).agent()
        self.addCleanup(self.agent.close)

    def lost(self):
        return Page(self.scraper.send("GET", "/metrics").body.decode()).value("ita_gateway_log_lines_lost_total")

    def fill(self):
        """What the pipe and the gateway's own buffer take."""
        def is_full():
            self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
            return self.lost() > 0
        wait_until(is_full, "the log is full", 60)

    def test_calls_go_on_and_what_was_lost_is_said(self):
        self.fill()
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
        said = wait_until(lambda: [line for line in self.gateway.lines() if line["event"] == LOST], "the log says it")
        self.assertEqual([line["level"] for line in said], ["warn"])
        wait_until(lambda: self.lost() == said[0]["lines"], "the page of metrics, made once a second, counts them")

    def test_lines_come_again(self):
        self.fill()
        self.gateway.lines()
        serial = self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
        wait_until(lambda: any(str(line.get("callSerialNo")) == serial for line in self.gateway.lines()), "the call's lines")

    def test_a_gateway_that_nobody_reads_stops(self):
        self.fill()
        self.gateway.stop()


if __name__ == "__main__":
    main()
