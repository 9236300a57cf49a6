#!/usr/bin/env python3
"""What the gateway makes of CDRs that come late, twice, out of order, badly signed or not at all, and of a bad day as a
whole: mock-ita plays one scenario per story (mock_ita/scenarios)."""
import contract
from confidential import agent_number, customer_number
from harness import Story, main, wait_until


class CdrScenarios(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(call_lease="11s")
        cls.ita = cls.runs_mock(cls.gateway, speed=100)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("late", cls.ita))

    def place(self):
        called = customer_number()
        return self.assert_placed(self.agent.create_call(agent_number(), called)), called

    def place_into(self, scenario):
        self.ita.plays(scenario)
        return self.place()

    def pushed(self, called, count):
        """The statuses of so many pushes of a call's CDR, once it has ended."""
        def statuses():
            found = [push["status"] for push in self.ita.calls(called)[0]["pushes"]]
            return found if len(found) >= count else None
        return wait_until(statuses, f"{count} pushes", 20)

    def assert_ended(self, serial, cause="16"):
        state = self.agent.state(serial)
        self.assertEqual((state["state"], str(state["reasonCode"])), (contract.ENDED, cause))

    def stored(self, called):
        return len(self.gateway.database.cdrs(self.ita.calls(called)[0]["callID"]))


class Pushes(CdrScenarios):
    def test_a_late_one_ends_its_call(self):
        serial, called = self.place_into("cdr-late")
        wait_until(lambda: self.ita.calls(called)[0]["state"] == "ended", "the call ends")
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)
        self.await_end(self.agent, serial)
        self.assert_ended(serial)

    def test_one_that_comes_twice_is_stored_once(self):
        serial, called = self.place_into("cdr-twice")
        self.assertEqual(self.pushed(called, 2), [200, 200])
        self.assert_ended(serial)
        self.assertEqual(self.stored(called), 1)

    def test_one_that_comes_before_the_answer_ends_its_call(self):
        serial, called = self.place_into("cdr-before-answer")
        self.assertEqual(self.pushed(called, 1), [200])
        self.assert_ended(serial)

    def test_out_of_order_each_ends_its_own_call(self):
        first, first_called = self.place_into("cdr-out-of-order")
        wait_until(lambda: self.ita.calls(first_called)[0]["state"] == "ended", "the first call ends")
        second, _ = self.place()
        self.assertEqual(self.agent.state(first)["state"], contract.CALLING)
        self.await_end(self.agent, first)
        self.assert_ended(first)
        self.assert_ended(second)

    def test_one_that_contradicts_the_first_changes_nothing(self):
        serial, called = self.place_into("cdr-contradicted")
        self.await_end(self.agent, serial)
        before = self.agent.record_of(serial)
        self.assertEqual(self.pushed(called, 2), [200, 200])
        self.assertEqual(self.agent.record_of(serial), before)
        self.assertEqual(self.stored(called), 2)

    def test_a_badly_signed_one_is_refused_and_the_good_one_taken(self):
        for scenario in ("cdr-wrong-signature", "cdr-expired-date", "cdr-unsigned"):
            with self.subTest(scenario):
                serial, called = self.place_into(scenario)
                self.assertEqual(self.pushed(called, 2), [401, 200])
                self.assert_ended(serial)
                self.assertEqual(self.stored(called), 1)

    def test_unknown_members_do_not_matter(self):
        serial, called = self.place_into("cdr-unknown-members")
        self.assertEqual(self.pushed(called, 1), [200])
        self.assert_ended(serial)


class NoPush(CdrScenarios):
    def test_a_call_without_a_cdr_ends_with_its_lease(self):
        serial, called = self.place_into("cdr-lost")
        wait_until(lambda: self.ita.calls(called)[0]["state"] == "ended", "the call ends")
        self.await_end(self.agent, serial, 30)
        self.assertEqual(self.ita.calls(called)[0]["pushes"], [])

    def test_one_that_nobody_takes_is_given_up_after_four_tries(self):
        _, called = self.place_into("cdr-tried-again")
        self.gateway.stop()
        try:
            self.assertEqual(self.pushed(called, 4), [0] * 4)
            wait_until(lambda: self.ita.counters()["pushesGivenUp"] == 1, "it is given up")
            self.assertEqual(len(self.ita.calls(called)[0]["pushes"]), 4)
        finally:
            self.gateway.start()
            self.agent.close()


class BadDay(CdrScenarios):
    CALLS = 60

    def day(self):
        self.ita.plays("bad-day")
        return [self.agent.create_call(agent_number(), customer_number()).code for _ in range(self.CALLS)]

    def test_the_same_seed_gives_the_same_day(self):
        codes = self.day()
        self.assertEqual(set(codes), {"0", "90106003", contract.PROCESS_FAILURE})
        self.assertGreater(codes.count("0"), self.CALLS * 3 / 4)
        self.assertEqual(self.day(), codes)


if __name__ == "__main__":
    main()
