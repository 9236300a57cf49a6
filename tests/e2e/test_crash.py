#!/usr/bin/env python3
"""Whatever the moment of a kill -9: nobody was told anything that is not on disk, nobody was rung twice, no X number
was given to a user who stood on it, and none is lost. Clients place calls all the while; the mock pushes CDRs.

CRASHES=N sets how often (50), SEED=N repeats a run."""
import http.client
import itertools
import json
import os
import random
import threading
import time
from collections import Counter, defaultdict

import contract
import fake_ita
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import IS_SANITIZED, Story, main, wait_until

CRASHES = int(os.environ.get("CRASHES", 15 if IS_SANITIZED else 50))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(2 ** 32)))
CLIENTS = 4
AGENTS_PER_CLIENT = 12
X_NUMBERS = [f"05710000006{i}" for i in range(6)]
REST_MS, LEASE_MS = 300, 5000
OUTCOMES = {0: "none", 1: "accepted", 2: "refused", 3: "unknown"}
REFUSED = 2
TIMER_EXPIRED = 102  # the cause of a call whose CDR never came
CLOCK_SLACK_MS = 50  # an end is stamped before it is stored, a rest begins when it is
# What a client may see of a gateway that dies under it.
GONE = (OSError, http.client.HTTPException)


def call_when_x_is_free(agent, caller, called):
    """An X is free once the end of its last call is on disk and its users have rested."""
    def answer():
        told = agent.create_call(caller, called)
        return told if told.code != contract.NUMBERS_EXHAUSTED else None
    return wait_until(answer, "an X is free")


class Client(threading.Thread):
    """An agent's system that places call after call, each between a pair of its own, each once."""

    def __init__(self, tenant, stopped):
        super().__init__(daemon=True)
        self.agent = tenant.gateway.agent(tenant.app_key, tenant.app_secret)
        self.agents = [agent_number() for _ in range(AGENTS_PER_CLIENT)]
        self.stopped = stopped
        self.told = {}      # (caller, called) -> retCode, or None when the gateway died first
        self.serials = {}   # (caller, called) -> callSerialNo of a call that was accepted
        self.surprises = []

    def run(self):
        for caller in itertools.cycle(self.agents):
            if self.stopped.is_set():
                return
            self.place(caller, customer_number())

    def place(self, caller, called):
        try:
            if self.agent.token is None:
                self.agent.sign_in()
        except (*GONE, AssertionError):
            time.sleep(0.005)  # it is down: not a wait for an outcome, only no busy loop
            return
        self.told[caller, called] = None
        try:
            answer = self.agent.create_call(caller, called)
        except GONE:
            return
        if answer.status != 200:
            if answer.status not in (500, 503):
                self.surprises.append(answer)
            return
        self.told[caller, called] = answer.code
        if answer.code == "0":
            self.serials[caller, called] = str(answer.serial)


class Crashes(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        print(f"\nSEED={SEED} CRASHES={CRASHES}", flush=True)
        cls.gateway = cls.runs_gateway(x_rest=f"{REST_MS}ms", call_lease=f"{LEASE_MS}ms", unknown_guard="1s", ita_timeout="3s",
                                       log_level="info")
        cls.mock = cls.runs_mock(cls.gateway, x_numbers=X_NUMBERS, words=["--push-retries", "200"])
        cls.tenant = cls.gateway.create_tenant("crashing", cls.mock, x_mode="specified", x_numbers=X_NUMBERS)
        cls.signs_in(cls.tenant)
        cls.clients = cls.crash_under_load()
        cls.settle()

    @classmethod
    def crash_under_load(cls):
        dice, stopped = random.Random(SEED), threading.Event()
        clients = [Client(cls.tenant, stopped) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for _ in range(CRASHES):
            cls.let_it_live(dice.uniform(0.0, 0.4))
            cls.gateway.kill()
            cls.gateway.start()
        accepted = len(cls.mock.calls())
        wait_until(lambda: len(cls.mock.calls()) > accepted, "after the last restart calls are placed", 20)
        stopped.set()
        for client in clients:
            client.join()
            client.agent.close()
        return clients

    @staticmethod
    def let_it_live(seconds):
        """The random moment of the crash is itself what this test is about; nothing is waited for."""
        time.sleep(seconds)

    @classmethod
    def settle(cls):
        """Until every call has ended: by its CDR, or, where the crash swallowed the placing, by its lease."""
        cls.lasting = wait_until(cls.all_ended, "all calls have ended", 60)
        cls.placed = cls.mock.calls()

    @classmethod
    def all_ended(cls):
        calls = cls.gateway.database.calls()
        return calls if all(call["state"] == int(contract.ENDED) for call in calls) else None

    def told(self):
        return {pair: code for client in self.clients for pair, code in client.told.items()}

    def test_a_there_was_enough_to_lose(self):
        """Calls were accepted, and crashes did strike between placing and telling."""
        told = Counter(self.told().values())
        outcomes = Counter(OUTCOMES[call["outcome"]] for call in self.lasting)
        print(f"\n  {len(self.placed)} calls rang; clients were told {dict(told)}; recorded: {dict(outcomes)}", flush=True)
        self.assertGreater(told["0"], CRASHES)
        self.assertGreater(told[None], 0)
        self.assertEqual([client.surprises for client in self.clients], [[]] * CLIENTS)

    def test_every_call_that_rang_has_a_record(self):
        recorded = {str(call["serial"]) for call in self.lasting}
        rang = {call["remark"].rpartition(":")[2] for call in self.placed}
        self.assertEqual(rang - recorded, set())

    def test_every_call_that_a_client_was_told_of_has_a_record(self):
        recorded = {str(call["serial"]) for call in self.lasting}
        told = {serial for client in self.clients for serial in client.serials.values()}
        self.assertEqual(told - recorded, set())

    def test_nobody_was_rung_twice(self):
        for name in ("requestId", "remark", "callID"):
            self.assertEqual(max(Counter(call[name] for call in self.placed).values()), 1, name)
        pairs = Counter((call["telA"], call["telB"]) for call in self.placed)
        self.assertEqual(max(pairs.values()), 1, "each pair asked for one call")

    def test_what_was_told_is_what_happened(self):
        rang = {(call["telA"], call["telB"]) for call in self.placed}
        for pair, code in self.told().items():
            if code == "0":
                self.assertIn(pair, rang)
            elif code in (contract.NUMBERS_EXHAUSTED, contract.UNAVAILABLE, "1"):
                self.assertNotIn(pair, rang, f"told {code}, yet it rang")

    def test_no_serial_number_was_given_twice(self):
        serials = [serial for client in self.clients for serial in client.serials.values()]
        self.assertEqual(len(serials), len(set(serials)))

    def test_every_acknowledged_cdr_is_stored_exactly_once(self):
        stored = Counter(cdr["call_id"] for cdr in self.gateway.database.cdrs())
        acknowledged = [call["callID"] for call in self.placed if any(p["status"] == 200 for p in call["pushes"])]
        self.assertGreater(len(acknowledged), 0)
        self.assertEqual({call_id: stored[call_id] for call_id in acknowledged}, dict.fromkeys(acknowledged, 1))

    def test_a_cdr_ended_its_own_call(self):
        by_serial = {str(call["serial"]): call for call in self.lasting}
        for placed in self.placed:
            call = by_serial[placed["remark"].rpartition(":")[2]]
            if any(push["status"] == 200 for push in placed["pushes"]):
                self.assertEqual((call["caller"], call["called"], call["call_id"]),
                                 (placed["telA"], placed["telB"], placed["callID"]))

    def test_no_user_stood_twice_on_an_x(self):
        for earlier, later in self.neighbours_on_an_x():
            self.assertGreaterEqual(later["created_ms"], self.left_ms(earlier),
                                    f"{later['tel_x']} carried one user in {earlier['serial']} and {later['serial']}")

    def test_the_ita_never_had_to_refuse_a_binding(self):
        """The mock would: it keeps book of its own of who stands on which X."""
        self.assertLessEqual(set(self.told().values()), {"0", None, contract.NUMBERS_EXHAUSTED, contract.UNAVAILABLE})

    def test_every_user_rested_before_an_x_came_again(self):
        for earlier, later in self.neighbours_on_an_x():
            if earlier["ended_ms"] < self.lease_ends_ms(earlier):
                self.assertGreaterEqual(later["created_ms"], self.left_ms(earlier) + REST_MS - CLOCK_SLACK_MS,
                                        f"{later['tel_x']} came again at once in {earlier['serial']}, {later['serial']}")

    def neighbours_on_an_x(self):
        """Each two calls that followed one another on one X with one user."""
        stands = defaultdict(list)
        for call in self.lasting:
            if call["tel_x"] and call["outcome"] != REFUSED:  # a refused call never stood there
                for user in (call["caller"], call["called"]):
                    stands[call["tel_x"], user].append(call)
        return [pair for calls in stands.values() for pair in zip(calls, calls[1:])]

    @staticmethod
    def lease_ends_ms(call):
        return call["created_ms"] + LEASE_MS

    def left_ms(self, call):
        """When its users may have left the X: a lease ends by itself, and a CDR that comes later than that, which the
        mock repeats after crashes, still tells how the call ended."""
        return min(call["ended_ms"], self.lease_ends_ms(call))

    def test_z_no_x_is_lost(self):
        """In the end each agent can stand on every X again, and on no more."""
        agent = self.tenant.agent()
        self.addCleanup(agent.close)
        for client in self.clients:
            for caller in client.agents:
                self.assert_every_x_is_free_for(agent, caller)

    def assert_every_x_is_free_for(self, agent, caller):
        called = [customer_number(contract.MAGIC_NO_CDR) for _ in X_NUMBERS]
        for number in called:
            self.assert_placed(call_when_x_is_free(agent, caller, number))
        self.assertEqual({call["telX"] for call in self.mock.calls() if call["telB"] in called}, set(X_NUMBERS))
        self.assert_code(agent.create_call(caller, customer_number()), contract.NUMBERS_EXHAUSTED)


class OneCrash(Story):
    """What a restart finds, moment by moment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(x_rest="1h", drain_timeout="1s")
        cls.ita = cls.runs_fake_ita()
        cls.agent = cls.signs_in(cls.gateway.create_tenant("fallen", cls.ita, x_mode="specified",
                                                           x_numbers=X_NUMBERS[:2]))
        cls.sender = CdrSender(cls.gateway, cls.ita.access_key, cls.ita.secret_key)

    def crash(self):
        self.gateway.kill()
        self.gateway.start()
        self.agent.close()

    def crash_while_the_ita_thinks(self):
        """A call that is at the ITA when the gateway dies: nobody was told how it went."""
        released, caller, called = threading.Event(), agent_number(), customer_number()
        self.addCleanup(released.set)
        self.ita.script(fake_ita.answers_when(released))
        client = self.calls_in_a_thread(caller, called)
        placed = wait_until(lambda: self.ita.placings(called), "the call is at the ITA")[0].json
        self.crash()
        client.join()
        return caller, called, placed

    def calls_in_a_thread(self, caller, called):
        agent = self.gateway.agent()
        agent.token = self.agent.token

        def call():
            try:
                agent.create_call(caller, called)
            except GONE:
                pass
            finally:
                agent.close()
        thread = threading.Thread(target=call)
        thread.start()
        return thread

    def end(self, placed):
        record = cdr(f"end-of-{placed['requestId']}", placed["remark"], placed["telA"], placed["telB"], placed["telX"])
        self.assertEqual(self.sender.push(record).status, 200)

    def place(self, caller):
        called = customer_number()
        serial = self.assert_placed(self.agent.create_call(caller, called))
        return serial, called, self.ita.placings(called)[0].json

    def test_a_call_at_the_ita_is_kept_guarded_and_settled_by_its_cdr(self):
        caller, called, placed = self.crash_while_the_ita_thinks()
        serial = placed["remark"].rpartition(":")[2]
        self.assertNotEqual(self.agent.state(serial)["state"], contract.ENDED)
        self.assert_code(self.agent.create_call(caller, called), "1")
        self.assertEqual(len(self.ita.placings(called)), 1)
        self.end(placed)
        self.assertEqual(self.agent.state(serial)["state"], contract.ENDED)
        self.assert_placed(self.agent.create_call(caller, called))

    def test_an_accepted_call_keeps_its_x_and_its_pair(self):
        caller = agent_number()
        first_serial, first_called, first = self.place(caller)
        self.crash()
        self.assert_code(self.agent.create_call(caller, first_called), "1")
        _, _, second = self.place(caller)
        self.assertNotEqual(second["telX"], first["telX"])
        self.assert_code(self.agent.create_call(caller, customer_number()), contract.NUMBERS_EXHAUSTED)
        self.end(first)
        self.assertEqual(self.agent.state(first_serial)["state"], contract.ENDED)

    def test_a_user_who_rests_on_an_x_rests_on(self):
        caller = agent_number()
        for _ in range(2):
            self.end(self.place(caller)[2])
        self.assert_code(self.agent.create_call(caller, customer_number()), contract.NUMBERS_EXHAUSTED)
        self.crash()
        self.assert_code(self.agent.create_call(caller, customer_number()), contract.NUMBERS_EXHAUSTED)


class LeaseAndCrash(Story):
    """A lease that ended while the gateway was down, and whose end is not on disk when it goes down again."""

    def test_a_call_on_an_x_whose_last_call_lapsed_keeps_it(self):
        gateway = self.runs_gateway(call_lease="2s", ita_timeout="1s", x_rest="0s")
        ita = self.runs_fake_ita()
        agent = self.signs_in(gateway.create_tenant("lapsed", ita, x_mode="specified", x_numbers=X_NUMBERS[:2]))
        caller = agent_number()
        for _ in range(2):  # whose CDRs never come
            self.assert_placed(agent.create_call(caller, customer_number()))
        gateway.kill()
        over_ms = gateway.database.calls()[-1]["created_ms"] + 2000
        wait_until(lambda: time.time() * 1000 > over_ms, "the leases are over")
        gateway.start()
        agent.close()
        self.assert_placed(call_when_x_is_free(agent, caller, customer_number()))
        gateway.kill()
        gateway.start()
        agent.close()
        self.assert_placed(call_when_x_is_free(agent, caller, customer_number()))
        last_two = gateway.database.calls()[-2:]
        self.assertEqual(sorted(call["tel_x"] for call in last_two), X_NUMBERS[:2], "one X each")
        self.assert_code(agent.create_call(caller, customer_number()), contract.NUMBERS_EXHAUSTED)

    def test_a_clock_that_was_ahead_does_not_prolong_the_lease(self):
        year_ms = 365 * 24 * 3600 * 1000
        gateway = self.runs_gateway("ahead", call_lease="2s", ita_timeout="1s")
        ita = self.runs_fake_ita()
        agent = self.signs_in(gateway.create_tenant("ahead", ita, x_mode="specified", x_numbers=X_NUMBERS[:2]))
        serial = self.assert_placed(agent.create_call(agent_number(), customer_number()))
        gateway.kill()
        gateway.database.place_later(int(serial), year_ms)
        gateway.start()
        agent.close()
        wait_until(lambda: agent.state(serial)["state"] == contract.ENDED, "the lease is over")

    def test_a_clock_that_is_behind_does_not_make_all_cdrs_new(self):
        """Of years with millions of CDRs, a start would read every one."""
        gateway = self.runs_gateway("behind")
        ita = self.runs_fake_ita()
        gateway.create_tenant("behind", ita)
        sender = CdrSender(gateway, ita.access_key, ita.secret_key)
        wait_until(lambda: sender.push(cdr("late-0", "demo:0", "13800000001", "13900000001")).status == 200, "it is known")
        for number in range(1, 4):
            self.assertEqual(sender.push(cdr(f"late-{number}", "demo:0", "13800000001", "13900000001")).status, 200)
        gateway.kill()
        gateway.database.receive_later(365 * 24 * 3600 * 1000, days_apart=1)
        gateway.start()

        def restored():
            return [json.loads(line) for line in gateway.log().splitlines() if '"calls restored"' in line]
        wait_until(lambda: len(restored()) == 2, "the restart is logged")
        self.assertEqual(restored()[-1]["signatures"], 1, "the last one's")


if __name__ == "__main__":
    main()
