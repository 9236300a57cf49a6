#!/usr/bin/env python3
"""When nothing can be written any more, or only late, nobody is rung and nothing is acknowledged; reading goes on; and when
there is room again, so does the work. The disk is filled for the gateway alone, by the size its files may have."""
import resource
import sqlite3
import threading
import time

import contract
import fake_ita
from administrator import Automaton
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import Story, main, wait_until

NO_ROOM = 1  # byte: no write reaches beyond it


class FullDisk(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()
        cls.ita = cls.runs_fake_ita()
        cls.agent = cls.signs_in(cls.gateway.create_tenant("cramped", cls.ita))
        cls.sender = CdrSender(cls.gateway, cls.ita.access_key, cls.ita.secret_key)

    def setUp(self):
        self.caller, self.called = agent_number(), customer_number()
        self.serial = self.assert_placed(self.agent.create_call(self.caller, self.called))
        self.record = cdr(f"call-{self.serial}", self.ita.placings(self.called)[0].json["remark"], self.caller,
                          self.called)
        self.addCleanup(self.make_room)
        self.limit_files(NO_ROOM)

    def make_room(self):
        self.limit_files(resource.RLIM_INFINITY)

    def limit_files(self, size):
        resource.prlimit(self.gateway.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def test_nobody_is_rung(self):
        caller, called = agent_number(), customer_number()
        self.assert_http_error(self.agent.create_call(caller, called), 500)
        self.assertEqual(self.ita.placings(called), [], "what is not on disk does not leave")
        self.make_room()
        self.assert_placed(self.agent.create_call(caller, called))

    def test_an_outcome_that_cannot_be_kept_is_not_told(self):
        """The ITA accepted, but a promise that a crash would break is none: the outcome counts as unknown."""
        self.make_room()
        released, told = threading.Event(), []
        self.addCleanup(released.set)
        self.ita.script(fake_ita.answers_when(released))
        caller, called = agent_number(), customer_number()
        client = threading.Thread(target=lambda: told.append(self.agent.create_call(caller, called)))
        client.start()
        placed = wait_until(lambda: self.ita.placings(called), "the call is at the ITA")[0].json
        self.limit_files(NO_ROOM)
        released.set()
        client.join(60)
        self.assert_code(told[0], contract.PROCESS_FAILURE)
        self.make_room()
        self.assert_code(self.agent.create_call(caller, called), "1")
        self.assertEqual(self.sender.push(cdr("its-end", placed["remark"], caller, called)).status, 200)
        self.assertEqual(self.agent.state(placed["remark"].rpartition(":")[2])["state"], contract.ENDED)

    def test_no_cdr_is_acknowledged(self):
        self.assert_http_error(self.sender.push(self.record), 500)
        self.assertEqual(self.agent.state(self.serial)["state"], contract.CALLING)
        self.make_room()
        self.assertEqual(self.sender.push(self.record).status, 200)
        self.assertEqual(self.agent.state(self.serial)["state"], contract.ENDED)
        self.assertEqual(len(self.gateway.database.cdrs(self.record["callID"])), 1)

    def test_reading_goes_on(self):
        self.assertEqual(self.agent.state(self.serial)["caller"], self.caller)
        self.assertEqual(self.agent.record_of(self.serial)["called"], self.called)
        self.assertEqual(self.agent.ask_token().status, 200)


    def test_administrators_are_told_and_can_still_look(self):
        self.make_room()
        root = Automaton(self.gateway, self.gateway.create_api_key(f"root-{self.serial}", "sysadmin"))
        self.addCleanup(root.close)
        person = self.gateway.browser()
        self.addCleanup(person.close)
        person.settle_in(f"user-{self.serial}", self.gateway.create_user(f"user-{self.serial}"))
        self.limit_files(NO_ROOM)
        refused = root.ask("POST", "/admin/v1/tenants", {"tenant": "late"})
        self.assertEqual((refused.status, refused.json["detail"]), (503, "this gateway can't use its disk; its log tells more"))
        set_level = root.ask("PUT", "/admin/v1/log-level", {"level": "debug"})
        self.assertEqual((set_level.status, set_level.json["level"]), (200, "debug"))
        left = person.ask("DELETE", "/admin/v1/session")
        self.assertEqual(left.status, 503)
        self.assertIn("Max-Age=0", left.headers["Set-Cookie"])
        self.assertEqual(root.ask("GET", "/admin/v1/tenants").status, 200)


class SlowDisk(Story):
    """Somebody else has the database for a while."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(ita_timeout="500ms", ita_connect_timeout="400ms")
        cls.ita = cls.runs_fake_ita()
        cls.agent = cls.signs_in(cls.gateway.create_tenant("patient", cls.ita))

    def holds_the_database(self):
        connection = sqlite3.connect(self.gateway.database_path, timeout=60, isolation_level=None, check_same_thread=False)
        self.addCleanup(connection.close)
        connection.execute("BEGIN IMMEDIATE")
        return connection

    def calls(self, caller, called):
        """A thread that calls, and the list of what it is answered."""
        told = []
        client = threading.Thread(target=lambda: told.append(self.agent.create_call(caller, called)))
        client.start()
        return client, told

    def test_nobody_is_rung_long_after_it_was_asked_for(self):
        caller, called = agent_number(), customer_number()
        held = self.holds_the_database()
        client, told = self.calls(caller, called)
        time.sleep(1)  # twice ita-timeout, half of the time for which the store waits
        held.execute("ROLLBACK")
        client.join(60)
        self.assert_code(told[0], contract.UNAVAILABLE)
        self.assertEqual(self.ita.placings(called), [])
        self.assert_placed(self.agent.create_call(caller, called))

    def test_what_the_ita_said_is_not_lost_for_a_lock(self):
        released = threading.Event()
        self.addCleanup(released.set)
        caller, called = agent_number(), customer_number()
        self.ita.script(fake_ita.answers_when(released))
        client, told = self.calls(caller, called)
        wait_until(lambda: self.ita.placings(called), "the call is at the ITA")
        held = self.holds_the_database()
        released.set()
        time.sleep(3)  # longer than the store waits once
        held.execute("ROLLBACK")
        client.join(60)
        self.assert_placed(told[0])


class LostDatabase(Story):
    """A file that was moved or deleted can still be written to, but nobody would find it at the next start."""

    def test_nothing_is_promised_until_the_file_is_back(self):
        gateway, ita = self.runs_gateway(), self.runs_fake_ita()
        agent = self.signs_in(gateway.create_tenant("bereft", ita))
        away = gateway.database_path.with_suffix(".away")
        gateway.database_path.rename(away)
        caller, called = agent_number(), customer_number()
        self.assert_http_error(agent.create_call(caller, called), 500)
        self.assertEqual(ita.placings(called), [])
        away.rename(gateway.database_path)
        self.assert_placed(agent.create_call(caller, called))


if __name__ == "__main__":
    main()
