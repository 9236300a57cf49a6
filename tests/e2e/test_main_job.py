#!/usr/bin/env python3
"""The main job, whole: an agent's system places a call over TLS, the ITA rings both, the CDR comes back, the history
tells it. mock-ita plays the ITA."""
import time

import contract
from confidential import agent_number, customer_number
from harness import Story, main, wait_until

X_NUMBERS = ["057100000091", "057100000092"]
X_NUMBERS_OF_OTHERS = [f"0571000010{i:02d}" for i in range(50)]  # for mode Automatic
CALL_INFO_NUMBERS = {"startTime", "endTime", "alertingTime", "talkingTime", "releaseTime", "talkDuration",
                     "agentAlertingTime", "agentTalkingTime", "agentReleaseTime", "agentTalkDuration"}
CALL_INFO_TEXTS = {"callSerialNo", "caller", "called", "callData", "callerPresent", "agentPresent"}


class MainJob(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()
        cls.mock = cls.runs_mock(cls.gateway, x_numbers=X_NUMBERS + X_NUMBERS_OF_OTHERS)
        cls.automatic = cls.signs_in(cls.gateway.create_tenant("automatic", cls.mock))
        cls.specified = cls.signs_in(cls.gateway.create_tenant("specified", cls.mock, x_mode="specified",
                                                               x_numbers=X_NUMBERS))


class GoodCalls(MainJob):
    def test_a_v1_call_in_automatic_mode_goes_the_whole_way(self):
        caller, called = agent_number(), customer_number()
        begun_ms = int(time.time() * 1000)
        answer = self.automatic.create_call(caller, called, agentWorkNo=20117, callData="order 4711")
        serial = self.assert_placed(answer)
        self.assertIsInstance(answer.serial, int, "callSerialNo is a JSON number in V1 (section 3)")
        self.assertLess(answer.serial, 2 ** 53)

        before = self.automatic.state(serial)
        self.assertIn(before["state"], (contract.CALLING, contract.ENDED))
        after = self.await_end(self.automatic, serial)
        self.assertEqual((after["caller"], after["called"], after["callData"]), (caller, called, "order 4711"))
        self.assertEqual(str(after["reasonCode"]), "16")

        placed = self.mock.acknowledged(called)
        self.assertEqual((placed["telA"], placed["telB"]), (caller, called))
        self.assertEqual(placed["remark"], f"automatic:{serial}")
        self.assert_history_tells(self.automatic, serial, caller, called, begun_ms, placed["telX"])

    def test_a_v3_call_in_specified_mode_goes_the_whole_way(self):
        soft_phone, called = agent_number(), customer_number()
        begun_ms = int(time.time() * 1000)
        answer = self.specified.create_call_v3(soft_phone, called)
        serial = self.assert_placed(answer)
        self.assertIsInstance(answer.serial, str, "callSerialNo is a string in V3 (section 4)")
        self.assertTrue(serial.isdigit())
        self.assertEqual(self.await_end(self.specified, serial)["caller"], soft_phone)

        placed = self.mock.acknowledged(called)
        self.assertIn(placed["telX"], X_NUMBERS, "mode Specified sends one of the tenant's own numbers")
        self.assertEqual((placed["telA"], placed["telB"]), (soft_phone, called))
        self.assert_history_tells(self.specified, serial, soft_phone, called, begun_ms, placed["telX"])

    def test_v3_takes_caller_before_softphone(self):
        caller, soft_phone, called = agent_number(), agent_number(), customer_number()
        self.assert_placed(self.automatic.create_call_v3(soft_phone, called, caller=caller))
        self.assertEqual(self.mock.calls(called)[0]["telA"], caller)

    def assert_history_tells(self, agent, serial, caller, called, begun_ms, tel_x):
        found = [call for call in agent.history() if call["callSerialNo"] == serial]
        self.assertEqual(len(found), 1)
        call = found[0]
        self.assertEqual((call["caller"], call["called"]), (caller, called))
        self.assertEqual((str(call["state"]), str(call["reasonCode"])), (contract.ENDED, "16"))
        for name in CALL_INFO_NUMBERS & set(call):
            self.assertIs(type(call[name]), int, f"{name} is a JSON number (section 6)")
        for name in CALL_INFO_TEXTS & set(call):
            self.assertIs(type(call[name]), str, name)
        for name in ("startTime", "endTime", "talkingTime", "agentTalkingTime", "talkDuration"):
            self.assertIn(name, call)
        self.assertTrue(call.get("callerPresent"), "calledDisplay, or telX (section 6)")
        self.assertNotIn(None, call.values(), "absent values are left out")
        self.assertLessEqual(call["agentTalkingTime"], call["talkingTime"], "the agent answers first")
        self.assertLessEqual(call["talkingTime"], call["endTime"])
        # The CDR's times have whole seconds and come from a mock whose clock runs faster than this one.
        self.assertLess(abs(call["endTime"] - begun_ms), 120_000, "times are epoch milliseconds in the right zone")

    def test_history_is_newest_first_and_filters_by_caller(self):
        caller = agent_number()
        serials = [self.assert_placed(self.automatic.create_call(caller, customer_number())) for _ in range(3)]
        self.assertEqual([call["callSerialNo"] for call in self.automatic.history(caller=caller)], serials[::-1])
        page = self.automatic.query_history(caller=caller, offset="1", limit="1").result
        self.assertEqual((page["total"], [call["callSerialNo"] for call in page["callInfo"]]), (3, [serials[1]]))
        self.assertIs(type(page["total"]), int)

    def test_one_tenant_does_not_see_the_calls_of_another(self):
        serial = self.assert_placed(self.automatic.create_call(agent_number(), customer_number()))
        self.assertNotIn(serial, [call["callSerialNo"] for call in self.specified.history()])
        self.assertNotEqual(self.specified.query_state(serial).code, "0")

    def test_serials_rise_and_never_repeat(self):
        serials = [int(self.assert_placed(self.automatic.create_call(agent_number(), customer_number())))
                   for _ in range(10)]
        self.assertEqual(serials, sorted(set(serials)))

    def test_numbers_may_come_as_json_numbers(self):
        caller, called = agent_number(), customer_number("12345").lstrip("0")
        answer = self.automatic.create_call(int(caller), int(called))
        serial = self.assert_placed(answer)
        state = self.automatic.post(contract.QUERY_STATE, {"callSerialNo": int(serial)})
        self.assertEqual(state.result["caller"], caller)

    def test_a_number_with_country_code_is_sent_as_given(self):
        caller, called = "+86" + agent_number(), customer_number()
        self.assert_placed(self.automatic.create_call(caller, called))
        self.assertEqual(self.mock.calls(called)[0]["telA"], caller)

    def test_call_data_and_numbers_shown_never_reach_the_ita(self):
        called = customer_number()
        serial = self.assert_placed(self.automatic.create_call(
            agent_number(), called, callData="only the gateway keeps this", callerPresent="057100000077",
            agentPresent="057100000078"))
        placed = str(self.mock.calls(called)[0])
        self.assertNotIn("only the gateway keeps this", placed)
        self.assertNotIn("057100000077", placed)
        self.assertEqual(self.automatic.state(serial)["callData"], "only the gateway keeps this")


class Refusals(MainJob):
    def test_the_same_call_in_progress_is_1(self):
        caller, called = agent_number(), customer_number(contract.MAGIC_NO_CDR)
        self.assert_placed(self.automatic.create_call(caller, called))
        self.assert_code(self.automatic.create_call(caller, called), "1")
        self.assert_code(self.automatic.create_call("+86" + caller, called), "1")
        self.assertEqual(len(self.mock.calls(called)), 1)
        # Only the ITA knows that the call has ended; its X, which it chose, is free for the other tenant.
        wait_until(lambda: self.mock.calls(called)[0]["state"] == "ended", "the call ends")
        self.assert_placed(self.specified.create_call(caller, called))  # another tenant's pair is its own

    def test_the_same_call_after_the_end_is_placed_again(self):
        caller, called = agent_number(), customer_number()
        self.await_end(self.automatic, self.assert_placed(self.automatic.create_call(caller, called)))
        self.assert_placed(self.automatic.create_call(caller, called))

    def test_what_cannot_be_dialled_is_5(self):
        good = agent_number()
        for bad in ("", "12", "12345678901234567", "138abc00000", "1380000 0001", "++8613800000001", "１３８00000001"):
            with self.subTest(bad=bad):
                self.assert_code(self.automatic.create_call(good, bad), "5")
                self.assert_code(self.automatic.create_call(bad, good), "5")

    def test_a_caller_who_calls_himself_is_5(self):
        number = agent_number()
        self.assert_code(self.automatic.create_call(number, number), "5")
        self.assert_code(self.automatic.create_call(number, "+86" + number), "5")
        self.assert_code(self.automatic.create_call_v3(number, number), "5")

    def test_call_data_over_1024_is_2(self):
        self.assert_code(self.automatic.create_call(agent_number(), customer_number(), callData="x" * 1025), "2")
        called = customer_number()
        self.assert_placed(self.automatic.create_call(agent_number(), called, callData="电" * 1024))

    def test_an_unusable_tenant_is_6(self):
        tenant = self.gateway.create_tenant("closing", self.mock)
        agent = self.signs_in(tenant)
        self.assert_placed(agent.create_call(agent_number(), customer_number()))
        self.gateway.admin("tenant", "disable", "closing")

        def is_refused():
            answer = agent.create_call(agent_number(), customer_number())
            return answer if answer.code == "6" else None
        self.assert_code(wait_until(is_refused, "the daemon sees the disabled tenant", 3), "6")
        self.assert_code(self.signs_in(tenant).create_call(agent_number(), customer_number()), "6")  # not a wrong secret
        self.gateway.admin("tenant", "enable", "closing")
        wait_until(lambda: agent.create_call(agent_number(), customer_number()).code == "0", "it is enabled again", 3)

    def test_a_tenant_without_settings_is_6(self):
        self.gateway.admin("tenant", "create", "bare")
        agent = self.signs_in(self.gateway.create_app_key("bare"))
        self.assert_code(agent.create_call(agent_number(), customer_number()), "6")

    def test_an_exhausted_pool_is_90106003_at_once(self):
        caller = agent_number()
        used = set()
        for _ in X_NUMBERS:
            called = customer_number(contract.MAGIC_NO_CDR)
            self.assert_placed(self.specified.create_call(caller, called))
            used.add(self.mock.calls(called)[0]["telX"])
        self.assertEqual(used, set(X_NUMBERS), "one user never stands twice on one X")
        refused = self.specified.create_call(caller, customer_number())
        self.assert_code(refused, contract.NUMBERS_EXHAUSTED, "Insufficient Number resources")
        self.assert_placed(self.specified.create_call(agent_number(), customer_number()))  # others still find an X

    def test_a_user_rests_on_an_x_after_the_call(self):
        caller = agent_number()
        used = []
        for _ in X_NUMBERS:
            called = customer_number()
            self.await_end(self.specified, self.assert_placed(self.specified.create_call(caller, called)))
            used.append(self.mock.calls(called)[0]["telX"])
        self.assertEqual(sorted(used), X_NUMBERS)
        self.assert_code(self.specified.create_call(caller, customer_number()), contract.NUMBERS_EXHAUSTED)

    def test_each_code_of_the_ita_is_passed_on_with_its_text(self):
        for code, text in contract.ITA_CODES.items():
            with self.subTest(code=code):
                called = customer_number(contract.magic_refusal(code))
                self.assert_code(self.automatic.create_call(agent_number(), called), code, text)
                self.assertEqual(self.mock.calls(called), [])

    def test_a_refused_call_may_be_tried_again_and_stands_in_the_history(self):
        caller, called = agent_number(), customer_number(contract.magic_refusal("90106011"))
        for _ in range(2):
            self.assert_code(self.automatic.create_call(caller, called), "90106011")
        history = self.automatic.history(caller=caller)
        self.assertEqual([(call["called"], str(call["state"])) for call in history], [(called, contract.ENDED)] * 2)


class Endings(MainJob):
    def test_release_causes_become_the_reason_code(self):
        for ending, cause in ((contract.MAGIC_BUSY, "17"), (contract.MAGIC_NO_ANSWER, "19"),
                              (contract.MAGIC_REJECTED, "21"), (contract.MAGIC_AGENT_SILENT, "18")):
            with self.subTest(cause=cause):
                serial = self.assert_placed(self.automatic.create_call(agent_number(), customer_number(ending)))
                self.assertEqual(str(self.await_end(self.automatic, serial)["reasonCode"]), cause)
                call = self.automatic.record_of(serial)
                self.assertEqual(str(call["reasonCode"]), cause)
                self.assertNotIn("talkingTime", call, "the customer never answered: absent values are left out")

    def test_the_same_cdr_twice_is_acknowledged_twice_and_kept_once(self):
        called = customer_number(contract.MAGIC_CDR_TWICE)
        serial = self.assert_placed(self.automatic.create_call(agent_number(), called))
        call = self.mock.acknowledged(called, times=2)
        self.assertEqual(self.automatic.state(serial)["state"], contract.ENDED)
        self.assertEqual(len(self.gateway.database.cdrs(call["callID"])), 1)

    def test_a_cdr_that_overtakes_the_answer_ends_the_call(self):
        called = customer_number(contract.MAGIC_CDR_FIRST)
        serial = self.assert_placed(self.automatic.create_call(agent_number(), called))
        self.assertEqual(self.automatic.state(serial)["state"], contract.ENDED)
        self.assertEqual(str(self.automatic.record_of(serial)["reasonCode"]), "16")

    def test_without_a_cdr_the_call_stays_open(self):
        serial = self.assert_placed(self.automatic.create_call(agent_number(), customer_number(contract.MAGIC_NO_CDR)))
        self.assertEqual(self.automatic.state(serial)["state"], contract.CALLING)
        self.assertNotIn("endTime", self.automatic.record_of(serial))


class Lease(Story):
    def test_a_call_whose_cdr_never_comes_ends_with_its_lease(self):
        gateway = self.runs_gateway(call_lease="2s", ita_timeout="1s")
        mock = self.runs_mock(gateway)
        agent = self.signs_in(gateway.create_tenant("leased", mock))
        caller, called = agent_number(), customer_number(contract.MAGIC_NO_CDR)
        serial = self.assert_placed(agent.create_call(caller, called))
        self.assertEqual(str(self.await_end(agent, serial)["reasonCode"]), "102")
        self.assert_placed(agent.create_call(caller, called))


class CarrierTrouble(Story):
    """mock-ita accepts the call but does not say so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(ita_timeout="1s")
        cls.mock = cls.runs_mock(cls.gateway)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("trouble", cls.mock))

    def test_an_accepted_call_without_an_answer_is_unknown_until_its_cdr(self):
        for ending in (contract.MAGIC_NO_RESPONSE, contract.MAGIC_ERROR_AFTER, contract.MAGIC_CLOSED_AFTER):
            with self.subTest(ending=ending):
                caller, called = agent_number(), customer_number(ending)
                self.assert_code(self.agent.create_call(caller, called), contract.PROCESS_FAILURE,
                                 "Service Process Failure")
                self.mock.acknowledged(called)
                self.assertEqual(len(self.mock.calls(called)), 1, "never placed twice")
                call = self.agent.history(caller=caller)[0]
                self.assertEqual((str(call["state"]), str(call["reasonCode"])), (contract.ENDED, "16"))


if __name__ == "__main__":
    main()
