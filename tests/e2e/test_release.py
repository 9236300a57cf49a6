#!/usr/bin/env python3
"""releaseCall ends a call in progress through the ITA, as often as it is asked for. The call's end itself is told by its
CDR, as always."""
import threading

import contract
import fake_ita
from confidential import agent_number, customer_number
from harness import Story, main, wait_until


class FromTheMock(Story):
    @classmethod
    def setUpClass(cls):
        """At speed 1 no call ends by itself while a story lasts."""
        super().setUpClass()
        cls.gateway = cls.runs_gateway()
        cls.ita = cls.runs_mock(cls.gateway, speed=1)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("acme", cls.ita))

    def place(self, ending=None):
        caller, called = agent_number(), customer_number(ending)
        return self.assert_placed(self.agent.create_call(caller, called)), caller, called

    def releases(self):
        return [r for r in self.ita.requests() if r["action"] == "release"]

    def test_a_call_is_released_and_its_cdr_ends_it(self):
        serial, caller, called = self.place()
        self.assert_code(self.agent.create_call(caller, called), "1")
        answer = self.agent.release(serial)
        self.assert_code(answer, "0", "success")
        self.assertEqual(sorted(answer.json), ["retCode", "retMsg"])
        self.assertEqual(self.await_end(self.agent, serial)["reasonCode"], "31")
        self.assert_placed(self.agent.create_call(caller, called))  # the pair is free again

    def test_a_call_that_has_ended_is_released_without_the_ita(self):
        serial, _, _ = self.place()
        self.assert_code(self.agent.release(serial), "0", "success")
        self.await_end(self.agent, serial)
        before = len(self.releases())
        for _ in range(2):
            self.assert_code(self.agent.release(serial), "0", "the call had ended before")
        self.assertEqual(len(self.releases()), before)

    def test_a_call_whose_cdr_is_lost_is_over_at_the_ita(self):
        serial, _, _ = self.place(contract.MAGIC_NO_CDR)
        self.assert_code(self.agent.release(serial), "0", "success")
        self.assert_code(self.agent.release(serial), "0", "the call had ended before")
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)  # nobody has told more

    def test_a_serial_that_is_none_is_3(self):
        for serial in ("1", "-1", "no number", "", "1" * 51):
            with self.subTest(serial=serial):
                self.assert_code(self.agent.release(serial), "3")
        answer = self.agent.post(contract.RELEASE_CALL, {})
        self.assert_code(answer, "3", "callSerialNo: must be a number as createCall gave it")

    def test_a_serial_may_be_a_number(self):
        serial, _, _ = self.place()
        self.assert_code(self.agent.post(contract.RELEASE_CALL, {"callSerialNo": int(serial)}), "0")

    def test_no_tenant_releases_anothers_call(self):
        other = self.signs_in(self.gateway.create_tenant("other", self.ita))
        serial, _, called = self.place()
        self.assert_code(other.release(serial), "3", "callSerialNo: no such call")
        self.assertNotEqual(self.ita.calls(called)[0]["state"], "ended")
        self.assert_code(self.agent.release(serial), "0", "success")

    def test_without_a_token_nothing_is_released(self):
        serial, _, _ = self.place()
        self.assert_http_error(self.agent.post(contract.RELEASE_CALL, {"callSerialNo": serial}, Authorization=None), 401)
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)

    def test_a_disabled_tenant_releases_nothing(self):
        agent = self.gateway.create_tenant("closing", self.ita).agent()
        serial = self.assert_placed(agent.create_call(agent_number(), customer_number()))
        self.gateway.admin("tenant", "disable", "closing")
        wait_until(lambda: agent.release(serial).code == "6", "the tenant is disabled")
        agent.close()


class FromAFake(Story):
    """Answers that no ITA in order gives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(ita_timeout="2s", ita_attempts=1, circuit_failures=1000)
        cls.ita = cls.runs_fake_ita()
        cls.tenant = cls.gateway.create_tenant("acme", cls.ita)
        cls.agent = cls.signs_in(cls.tenant)

    def place(self):
        return self.assert_placed(self.agent.create_call(agent_number(), customer_number()))

    def releases(self):
        return [r for r in self.ita.requests if r.method == "DELETE"]

    def assert_answers(self, play, code, message):
        serial = self.place()
        self.ita.script(play)
        self.assert_code(self.agent.release(serial), code, message)
        self.assertIsNone(self.releases()[-1].fault)
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)
        return serial

    def test_the_itas_refusal_is_passed_on(self):
        for code in ("90100400", "90104003", "90106006"):
            with self.subTest(code):
                self.assert_answers(fake_ita.refuses(code), code, contract.ITA_CODES[code])

    def test_a_call_that_is_over_at_the_ita_is_released(self):
        self.assert_answers(fake_ita.refuses("90106002"), "0", "the call had ended before")

    def test_no_answer_is_told_as_such(self):
        for play in (fake_ita.answers(500, b""), fake_ita.answers(502, b"<html>"), lambda exchange: None):
            self.assert_answers(play, contract.PROCESS_FAILURE, "Service Process Failure")
        released = threading.Event()
        self.addCleanup(released.set)
        self.assert_answers(fake_ita.answers_when(released), contract.PROCESS_FAILURE, "Service Process Failure")

    def test_a_release_of_unknown_outcome_may_be_asked_for_again(self):
        serial = self.assert_answers(fake_ita.answers(500, b""), contract.PROCESS_FAILURE, "Service Process Failure")
        self.assert_code(self.agent.release(serial), "0", "success")

    def test_a_call_without_a_call_id_is_of_unknown_outcome(self):
        self.ita.script(fake_ita.answers(500, b""))
        caller = agent_number()
        self.assert_code(self.agent.create_call(caller, customer_number()), contract.PROCESS_FAILURE)
        serial = self.agent.history(caller=caller)[0]["callSerialNo"]
        before = len(self.releases())
        self.assert_code(self.agent.release(serial), contract.PROCESS_FAILURE, "Service Process Failure")
        self.assertEqual(len(self.releases()), before, "there is nothing to name the call by")

    def test_many_at_once_are_one_for_the_ita(self):
        serial, released = self.place(), threading.Event()
        self.addCleanup(released.set)
        before = len(self.releases())
        self.ita.script(fake_ita.answers_when(released))
        agents = [self.tenant.agent() for _ in range(8)]
        answers = []
        threads = [threading.Thread(target=lambda a=agent: answers.append(a.release(serial))) for agent in agents]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(self.releases()) > before, "the ITA is asked")
        wait_until(lambda: self.gateway.log().count("call release joined") == len(agents) - 1, "the others wait", 20)
        released.set()
        for thread in threads:
            thread.join()
        for agent in agents:
            agent.close()
        self.assertEqual([answer.code for answer in answers], ["0"] * 8)
        self.assertEqual(len(self.releases()), before + 1)


main()
