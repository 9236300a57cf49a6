#!/usr/bin/env python3
"""mock-ita as an AICC: what a client of it gets, what it is called back with, and how it fails when told to."""
import base64
import http.client
import io
import json
import time
import urllib.error
import urllib.request
import wave

import confidential
import contract
import shared_key
from callback_receiver import CallbackReceiver, answers
from control_api import ControlApi
from harness import Story, main, wait_until
from mock_aicc import MockAicc, rule

CALLER = "13800009001"
SHARED_KEY = "fake-shared-key-for-tests-0002"


class AiccStory(Story):
    speed = 1
    words = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        confidential.keep("shared key", SHARED_KEY)
        cls.mock = MockAicc(cls.folder, tls=False, speed=cls.speed, words=cls.words).start()
        cls.addClassCleanup(cls.mock.stop)
        cls.agent = cls.mock.agent()
        cls.addClassCleanup(cls.agent.close)

    def setUp(self):
        self.mock.plays_nothing()

    def place(self, called, **members):
        return self.assert_placed(self.agent.create_call(CALLER, called, **members))

    def state(self, serial):
        return self.agent.post(contract.QUERY_STATE, {"callSerialNo": serial})

    def records(self, **members):
        now_ms = int(time.time() * 1000)
        return self.agent.post(contract.QUERY_HISTORY, {"startTime": str(now_ms - 3_600_000),
                                                        "endTime": str(now_ms + 3_600_000), **members})

    def record_of(self, serial):
        answer = self.records()
        if answer.code == "1":
            return None
        return next((call for call in answer.result["callInfo"] if call["callSerialNo"] == serial), None)


class NotAsked(Story):
    def test_without_the_option_there_is_no_aicc(self):
        mock = self.runs_mock(None, tls=False)
        with self.assertRaises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"http://{mock.authority}{contract.TOKEN}", b"{}", timeout=30)
        self.assertEqual(json.loads(missing.exception.read())["error_code"], "APIGW.0101")
        api = ControlApi(mock.control_port)
        for answer in (api.call("deleteTokens"), api.call("changeAppKey", {"appKey": "k"})):
            self.assertEqual((answer.status, answer.error), (409, "the mock was started without --aicc"))


class Interfaces(AiccStory):
    def test_a_token_says_what_the_reference_says(self):
        for asked, given in ((None, "600"), ("60", "60"), ("100000", "3600")):
            answer = self.agent.ask_token(X_Token_Expire=asked)
            self.assertEqual((answer.json["Expires"], answer.json["ApplyType"], answer.json["AppKey"]),
                             (given, "Bearer", self.mock.app_key))
            self.assertTrue(all(isinstance(value, str) for value in answer.json.values()), answer)
            self.assertEqual(answer.headers["Content-Type"], contract.JSON_TYPE)
        self.assert_http_error(self.agent.ask_token(X_Token_Expire="soon"), 400)
        self.assert_http_error(self.agent.ask_token(app_secret="fake-wrong"), 401)
        self.assert_http_error(self.agent.post(contract.QUERY_STATE, {}, Authorization="Bearer abc"), 401)

    def test_what_create_call_said_is_kept(self):
        serial = self.place("13900000101", agentWorkNo=7, callData="order 7", callerPresent="057100000001",
                            agentPresent="057100000002")
        self.assertEqual(self.mock.call_of("13900000101")["cec"], {
            "callSerialNo": serial, "agentWorkNo": "7", "callData": "order 7", "callerPresent": "057100000001",
            "agentPresent": "057100000002", "callBackUrl": ""})
        state = self.state(serial).result
        self.assertEqual((state["state"], state["callData"], state["callerPresent"], state["agentPresent"]),
                         (contract.CALLING, "order 7", "057100000001", "057100000002"))

    def test_serials_are_numbers_in_v1_and_text_in_v3(self):
        answer = self.agent.create_call(CALLER, "13900000102")
        self.assertIsInstance(answer.serial, int)
        answer = self.agent.create_call_v3("8001", "13900000102")
        self.assertIsInstance(answer.serial, str)
        self.assertEqual(self.mock.call_of("13900000102")["telA"], "8001")

    def test_a_call_rings_talks_and_ends_by_hand(self):
        serial = self.place("13900000103")
        call = self.mock.talks(self.mock.call_of("13900000103"))
        self.assertEqual(self.state(serial).result["state"], contract.TALKING)
        self.assertIsNone(self.record_of(serial))
        self.mock.hangs_up(call, "a")
        state, record = self.state(serial).result, self.record_of(serial)
        self.assertEqual((state["state"], state["reasonCode"]), (contract.ENDED, "1"))
        self.assertEqual((record["reasonCode"], record["endTime"]), ("1", int(state["endTime"])))
        self.assertNotIn("callData", record)

    def test_why_a_call_failed_is_told(self):
        for called, leg, cause, reason in (("13900000104", "a", 18, "4"), ("13900000105", "a", 17, "2")):
            serial = self.place(called)
            self.mock.hangs_up(self.mock.call_of(called), leg, cause)
            self.assertEqual(self.state(serial).result["reasonCode"], reason)

    def test_records_are_told_in_pieces_newest_first(self):
        serials = []
        for number in range(3):
            serials.append(self.place(f"1390000011{number}"))
            self.mock.hangs_up(self.mock.call_of(f"1390000011{number}"), "a")
        whole = self.records().result
        self.assertEqual([call["callSerialNo"] for call in whole["callInfo"][:3]], serials[::-1])
        piece = self.records(offset=1, limit="1", caller=CALLER, taskType="1").result
        self.assertEqual((piece["total"], piece["callInfo"]), (whole["total"], whole["callInfo"][1:2]))
        self.assert_code(self.records(taskType="4"), "1")
        self.assert_code(self.records(caller="13800009999"), "1")

    def test_a_released_call_has_ended(self):
        serial = self.place("13900000120")
        self.assert_code(self.agent.post(contract.RELEASE_CALL, {"callSerialNo": serial}), "0", "success")
        self.assertEqual(self.state(serial).result["state"], contract.ENDED)
        self.assert_code(self.agent.post(contract.RELEASE_CALL, {"callSerialNo": serial}), "0", "the call had ended before")
        self.assert_code(self.agent.post(contract.RELEASE_CALL, {"callSerialNo": "1"}), "3")

    def test_the_same_pair_is_not_called_twice_at_a_time(self):
        self.place("13900000121")
        self.assert_code(self.agent.create_call(CALLER, "13900000121"), "1")

    def test_both_faces_are_there_side_by_side(self):
        self.place("13900000122")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(self.mock.url + contract.PLACE_CALL, b"{}", timeout=30)
        self.assertEqual(refused.exception.code, 401)
        self.assertEqual(json.loads(refused.exception.read())["error_code"], "APIGW.0301")

    def test_requests_are_in_the_journal(self):
        serial = self.place("13900000123")
        entry = self.mock.asked(contract.CREATE_CALL_V1)[-1]
        self.assertEqual((entry["action"], entry["check"], entry["telA"], entry["telB"], entry["callSerialNo"], entry["code"]),
                         ("createCall", "passed", CALLER, "13900000123", serial, "0"))


class Recordings(AiccStory):
    speed = 100

    def test_a_recording_can_be_heard_for_five_minutes(self):
        serial = self.place("13900000201")
        self.assertEqual(self.agent.post(contract.RECORDING_ADDRESS, {"callSerialNo": serial}).code, 5)
        wait_until(lambda: self.state(serial).result["state"] == contract.ENDED, "the call ends", 10)
        answer = self.agent.post(contract.RECORDING_ADDRESS, {"callSerialNo": serial})
        self.assertEqual(answer.code, 0)
        url = answer.result["url"]
        with urllib.request.urlopen(url, timeout=30) as recording:
            heard = wave.open(io.BytesIO(recording.read()))
            self.assertEqual(heard.getnframes() / heard.getframerate(), 30)
        self.mock.advance_clock("5m")
        with self.assertRaises(urllib.error.HTTPError) as gone:
            urllib.request.urlopen(url, timeout=30)
        self.assertEqual(gone.exception.code, 404)
        gone.exception.close()


class Callbacks(AiccStory):
    @classmethod
    def setUpClass(cls):
        cls.receiver = CallbackReceiver()
        cls.addClassCleanup(cls.receiver.stop)
        cls.words = ("--aicc-connection-url", cls.receiver.url("/connected"), "--aicc-hang-up-url", cls.receiver.url("/over"),
                     "--aicc-shared-key", SHARED_KEY, "--aicc-callback-host", cls.receiver.authority)
        super().setUpClass()

    def told(self, serial, count):
        """Those about the call, once there are so many."""
        wait_until(lambda: len(self.receiver.of(serial)) >= count, f"{count} callbacks")
        received = self.receiver.of(serial)
        self.assertEqual(len(received), count)
        return received

    def play(self, called, **members):
        serial = self.place(called, **members)
        self.mock.hangs_up(self.mock.talks(self.mock.call_of(called)))
        return serial

    def test_both_are_sent_and_signed(self):
        serial = self.place("13900000301", agentWorkNo="101", callData="a b")
        call = self.mock.talks(self.mock.call_of("13900000301"))
        connected = self.told(serial, 1)[0]
        self.assertEqual(connected.path, "/connected")
        self.assertEqual({name: connected.json[name] for name in ("callSerialNo", "serviceNo", "called", "callData")},
                         {"callSerialNo": serial, "serviceNo": "101", "called": "13900000301", "callData": "a b"})
        self.mock.hangs_up(call, "a")
        over = self.told(serial, 2)[1]
        self.assertEqual((over.path, over.json["releaseReason"], over.json["caller"]), ("/over", "1", CALLER))
        self.assertRegex(over.json["talkingTime"], r"^\d{4}/\d\d/\d\d,\d\d:\d\d:\d\d:\d{3}$")
        for received in (connected, over):
            self.assertTrue(all(isinstance(value, str) for value in received.json.values()), received.json)
            self.assertTrue(shared_key.is_signed(received.json, SHARED_KEY), received.json)
        wait_until(lambda: self.mock.call_of("13900000301")["pushes"] == [
            {"kind": "connection", "status": 200}, {"kind": "hangUp", "status": 200}], "both were taken")

    def test_nobody_talked_no_connection(self):
        serial = self.place("13900000302")
        self.mock.hangs_up(self.mock.call_of("13900000302"), "a", 17)
        self.assertEqual(self.told(serial, 1)[0].json["releaseReason"], "2")

    def test_the_url_of_create_call_wins_if_it_is_trusted(self):
        url = base64.b64encode(self.receiver.url("/own").encode()).decode()
        serial = self.play("13900000303", callBackUrl=url)
        self.assertEqual(sorted(received.path for received in self.told(serial, 2)), ["/connected", "/own"])
        stranger = base64.b64encode(b"http://stranger.example/own").decode()
        self.assert_code(self.agent.create_call(CALLER, "13900000304", callBackUrl=stranger), "5")

    def test_they_are_tried_again_until_they_are_taken(self):
        self.receiver.script = [answers(503, {}), answers(503, {})]
        serial = self.play("13900000305")
        wait_until(lambda: len(self.mock.call_of("13900000305")["pushes"]) == 2, "both were refused")
        self.mock.advance_clock("1s")
        self.assertEqual(sorted(received.path for received in self.told(serial, 4)), ["/connected"] * 2 + ["/over"] * 2)

    def test_a_scenario_has_them_twice_late_and_out_of_order(self):
        self.mock.plays_rules(rule(callbacks={"connection": [{"delay": "1m"}], "hangUp": [{}, {"contradictory": True}]}))
        serial = self.play("13900000306")
        first = self.told(serial, 2)
        self.assertEqual([received.path for received in first], ["/over", "/over"])
        self.assertEqual({received.json["releaseReason"] for received in first}, {"0", "1"})
        self.mock.advance_clock("1m")
        self.assertEqual(self.told(serial, 3)[2].path, "/connected")

    def test_a_scenario_has_them_badly_signed(self):
        for called, how in (("13900000311", "wrong"), ("13900000312", "expired"), ("13900000313", "none")):
            self.mock.plays_rules(rule(callbacks={"connection": [], "hangUp": [{"signature": how}]}))
            body = self.told(self.play(called), 1)[0].json
            self.assertEqual(shared_key.is_signed(body, SHARED_KEY), how == "expired", body)
            self.assertEqual("signature" in body, how != "none")
            if how == "expired":
                self.assertLess(int(body["timestamp"]), (time.time() - 3500) * 1000)

    def test_a_scenario_loses_them_and_a_hand_sends_them(self):
        self.mock.plays_rules(rule(callbacks={"connection": [], "hangUp": []}))
        serial = self.play("13900000314")
        self.mock.calls_back(self.mock.call_of("13900000314"), "hang-up")
        self.assertEqual(self.told(serial, 1)[0].path, "/over")
        self.mock.calls_back(self.mock.call_of("13900000314"), "connection", '{"signature":"none"}')
        self.assertNotIn("signature", self.told(serial, 2)[1].json)

    def test_a_scenario_has_the_end_told_before_the_answer(self):
        self.mock.plays_rules(rule(callbacks={"beforeAnswer": True}))
        serial = self.place("13900000315")
        self.assertIn("/over", [received.path for received in self.receiver.of(serial)])


class Failures(AiccStory):
    """What a scenario spoils: how each looks on the wire is the matter of test_mock_faults.py."""

    def assert_lost(self, called, was_carried_out=True, **members):
        self.mock.plays_rules(rule(**members))
        agent = self.mock.agent()
        agent.timeout = 1
        agent.close()
        try:
            answer = agent.create_call(CALLER, called)
        except (OSError, http.client.HTTPException):
            answer = None
        finally:
            agent.close()
        self.assertEqual(len(self.mock.calls(called)), 1 if was_carried_out else 0)
        return answer

    def test_the_answer_is_lost_once_the_call_was_placed(self):
        for number, fault in enumerate(("close", "reset", "stall", "garbage", "cut-body")):
            self.assertIsNone(self.assert_lost(f"1390000041{number}", fault=fault), fault)
        self.assertIsNone(self.assert_lost("13900000419", answer={"delay": "5s"}))

    def test_an_http_status_stands_for_what_was_done_or_not(self):
        for called, status, was_done in (("13900000421", 500, True), ("13900000422", 503, True), ("13900000423", 401, False),
                                         ("13900000424", 403, False), ("13900000425", 429, False)):
            self.assert_http_error(self.assert_lost(called, was_done, answer={"status": status}), status)

    def test_an_answer_says_what_the_scenario_wants(self):
        answer = self.assert_lost("13900000431", answer={"jsonBody": {"retCode": "0", "result": {"x": "{callSerialNo}"}}})
        self.assertEqual(answer.result["x"], self.mock.call_of("13900000431")["cec"]["callSerialNo"])
        answer = self.assert_lost("13900000432", False, answer={"carriedOut": False,
                                                                "jsonBody": {"retCode": "8", "retMsg": "no softphone"}})
        self.assert_code(answer, "8", "no softphone")
        self.assert_code(self.assert_lost("13900000433", False, answer={"code": "90104029"}), "90104029",
                         contract.ITA_CODES["90104029"])

    def test_magic_numbers_mean_what_they_mean_at_the_ita(self):
        called = "1390000" + contract.magic_refusal("90106003")
        self.assert_code(self.agent.create_call(CALLER, called), "90106003", contract.ITA_CODES["90106003"])
        self.assert_http_error(self.agent.create_call(CALLER, "1390000" + contract.MAGIC_ERROR_AFTER), 500)

    def test_tokens_are_refused_or_end_early(self):
        self.mock.plays_rules(rule("tokenByAkSk", nth=1, answer={"status": 401}),
                              rule("tokenByAkSk", nth=2, answer={"status": 500}),
                              rule("tokenByAkSk", nth=3, answer={"jsonBody": {}}))
        for status in (401, 500):
            self.assert_http_error(self.agent.ask_token(), status)
        self.assertEqual(self.agent.ask_token().json, {})
        agent = self.mock.agent()
        self.addCleanup(agent.close)
        self.mock.forgets_tokens()
        self.addCleanup(self.agent.sign_in)
        self.assert_http_error(agent.post(contract.QUERY_STATE, {"callSerialNo": "1"}), 401)
        self.assertEqual(self.mock.asked(contract.QUERY_STATE)[-1]["check"], "token_unknown")

    def test_another_secret_ends_the_old_one(self):
        old = self.mock.app_secret
        self.mock.changes_secret("mock-aicc-app-secret-for-tests-0002")
        self.addCleanup(self.agent.sign_in)
        self.addCleanup(self.mock.changes_secret, old)
        self.assert_http_error(self.agent.ask_token(), 401)
        self.assertEqual(self.agent.ask_token(app_secret=self.mock.app_secret).status, 200)

    def test_state_and_record_lag_behind(self):
        self.mock.plays_rules(rule(lag={"state": "10s", "record": "1m"}))
        serial = self.place("13900000441")
        self.mock.hangs_up(self.mock.talks(self.mock.call_of("13900000441")))
        self.assertEqual(self.state(serial).result["state"], contract.CALLING)
        self.mock.advance_clock("10s")
        self.assertEqual(self.state(serial).result["state"], contract.ENDED)
        self.assertIsNone(self.record_of(serial))
        self.mock.advance_clock("50s")
        self.assertEqual(self.record_of(serial)["reasonCode"], "0")

    def test_a_query_fails_for_one_call_only(self):
        self.mock.plays_rules(rule("queryCallState", "13900000451", answer={"jsonBody": {"retCode": "1"}}))
        bad, good = self.place("13900000451"), self.place("13900000452")
        self.assert_code(self.state(bad), "1")
        self.assert_code(self.state(good), "0")


if __name__ == "__main__":
    main()
