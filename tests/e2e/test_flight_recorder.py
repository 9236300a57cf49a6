#!/usr/bin/env python3
"""The last lines of the log, debug ones too, are there when something has gone wrong: in a file, and for who asks."""
import json
import os
import signal
import stat
import time
from pathlib import Path

import confidential
from administrator import Automaton
from confidential import agent_number, customer_number
from harness import IS_SANITIZED, Story, main, wait_until

FLIGHT_RECORDER = "/admin/v1/flight-recorder"


class FlightStory(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(log_level="info")
        cls.mock = cls.runs_mock(cls.gateway, speed=1000)
        cls.tenant = cls.gateway.create_tenant("acme", cls.mock)
        cls.dump = Path(f"{cls.gateway.database_path}.flight-recorder")

    def call(self):
        """A whole call; returns its serial."""
        agent = self.tenant.agent()
        called = customer_number()
        serial = self.assert_placed(agent.create_call(agent_number(), called, callData="private"))
        self.mock.acknowledged(called)
        agent.query_state(serial)  # a turn of the loop behind the CDR's
        agent.close()
        return serial

    def assert_tells(self, lines, serial):
        """All of that call, and nothing that no log may hold."""
        mine = [line for line in lines if f"callSerialNo={serial}" in line]
        for part in (" debug ITA answered ", " info  call accepted ", " info  CDR stored "):
            self.assertTrue(any(part in line for line in mine), (part, mine))
        text = "\n".join(lines)
        self.assertEqual(confidential.leaks_in(text), [])
        self.assertNotIn("private", text)

    def read_dump(self, why):
        first, *lines = self.dump.read_text().splitlines()
        self.assertIn(f" error flight recorder written why={why} version=", first)
        self.assertEqual(stat.S_IMODE(self.dump.stat().st_mode), 0o600)
        return lines


class Asked(FlightStory):
    def test_it_tells_debug_lines_that_the_log_does_not_have(self):
        serial = self.call()
        self.assertNotIn('"level":"debug"', self.gateway.log())
        root = Automaton(self.gateway, self.gateway.create_api_key("root"))
        self.addCleanup(root.close)
        answer = root.ask("GET", FLIGHT_RECORDER)
        self.assertEqual(answer.status, 200)
        self.assert_tells(answer.json["lines"], serial)
        self.assertLessEqual(len(answer.json["lines"]), answer.json["most"])
        lines = self.gateway.admin("flight-recorder").splitlines()
        self.assert_tells(lines, serial)
        self.assertEqual(json.loads(self.gateway.admin("flight-recorder", "show", "--json"))[:len(lines) - 5],
                         lines[:len(lines) - 5])

    def test_only_system_administrators_may_read_it(self):
        acme = Automaton(self.gateway, self.gateway.create_api_key("acme-admin", "tenant-admin", "acme"))
        self.addCleanup(acme.close)
        self.assertEqual(acme.ask("GET", FLIGHT_RECORDER).status, 403)

    def test_wrong_words_are_refused(self):
        for words in (("dump",), ("show", "all"), ("--tail",)):
            done = self.gateway.try_admin("flight-recorder", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertEqual(done.stderr.count("\n"), 1)


class Crash(FlightStory):
    def dies_of(self, number):
        self.gateway.signal(number)
        code = self.gateway.wait()
        self.gateway.process = None
        if not IS_SANITIZED:  # whose own handler comes next
            self.assertEqual(code, -number)
        return self.gateway.log()

    def test_a_fatal_signal_leaves_the_last_lines(self):
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS):
            serial = self.call()
            log = self.dies_of(number)
            self.assert_tells(self.read_dump(number.name), serial)
            self.assertIn(f"flight recorder written why={number.name}", log)
            self.assertIn(f"file={self.dump}", log)
            self.gateway.log_path.unlink()  # its sanitizer's report is none of the next run
            self.gateway.start()
            self.assertTrue(self.read_dump(number.name), "a start leaves it")


class Stall(FlightStory):
    def test_a_loop_that_stood_still_writes_it(self):
        serial = self.call()
        self.gateway.signal(signal.SIGSTOP)
        stopped = time.monotonic()
        wait_until(lambda: time.monotonic() - stopped > 7, "it stood still for long", 10)
        self.gateway.signal(signal.SIGCONT)
        why = '"the event loop stood still"'
        wait_until(lambda: self.dump.stat().st_size > 0 and "flight recorder written" in self.gateway.log(), "it is written")
        self.assert_tells(self.read_dump(why), serial)
        self.assertIn('"event":"the event loop stood still","late_ms":', self.gateway.log())


class StoreFailure(FlightStory):
    def test_a_database_that_cannot_be_written_writes_it_once(self):
        serial, agent = self.call(), self.tenant.agent()
        self.addCleanup(agent.close)
        elsewhere = self.folder / "elsewhere.db"
        os.rename(self.gateway.database_path, elsewhere)
        self.assertEqual(agent.create_call(agent_number(), customer_number()).status, 500)
        wait_until(lambda: "flight recorder written" in self.gateway.log(), "it is written")
        self.assert_tells(self.read_dump('"the database can\'t be written"'), serial)
        written = self.dump.stat().st_mtime_ns
        for _ in range(3):
            self.assertEqual(agent.create_call(agent_number(), customer_number()).status, 500)
        os.rename(elsewhere, self.gateway.database_path)
        wait_until(lambda: agent.create_call(agent_number(), customer_number()).status == 200, "it works again")
        self.assertEqual(self.dump.stat().st_mtime_ns, written, "its beginning stays")


if __name__ == "__main__":
    main()
