"""CEC calls: the tenant's calls are placed by an AICC. One is a gateway of our own before mock-ita, the other is mock-ita
itself, which fails when told to."""
import http.client
import threading
import time
import unittest

import confidential
import contract
from callback_receiver import CallbackReceiver
from cec_stage import CALLER, FAST, Played, Upstream, create_cec_tenant, set_cec
from harness import Story, wait_until
from mock_aicc import MockAicc, ms, rule
from shared_key import sign

SHARED_KEY = "fake-shared-key-for-tests-0001"
CALLBACK = "/apiaccess/rest/cc-management/v1/cec/callback"


class Chain(Story):
    """Agent's system, gateway, gateway, mock-ita."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.far = cls.runs_gateway("far")
        cls.mock = cls.runs_mock(cls.far, speed=20)
        cls.far_tenant = cls.far.create_tenant("far", cls.mock, recorded=True)
        cls.near = cls.runs_gateway("near", **FAST)
        cls.tenant = create_cec_tenant(cls.near, "near", Upstream(cls.far_tenant, cls.folder))
        cls.far_agent, cls.agent = cls.signs_in(cls.far_tenant), cls.signs_in(cls.tenant)

    def test_a_call_goes_the_whole_way_and_its_end_comes_back(self):
        serial = self.assert_placed(self.agent.create_call("13800009001", "13900000101", callData="order 7"))
        wait_until(lambda: self.agent.state(serial)["state"] == contract.ENDED, "the call ends", 20)
        record = self.agent.record_of(serial)
        far = self.far_agent.history()[0]
        self.assertEqual((record["callData"], record["caller"], record["called"]),
                         ("order 7", "13800009001", "13900000101"))
        self.assertNotEqual(far["callSerialNo"], serial)
        for name in ("startTime", "endTime", "talkingTime", "agentTalkingTime", "talkDuration", "reasonCode"):
            self.assertEqual(record[name], far[name], name)

    def test_types_are_told_apart_in_the_history(self):
        serial = self.assert_placed(self.agent.create_call("13800009002", "13900000102"))
        for task_type, is_there in (("1", True), ("0", True), (None, True), ("4", False)):
            serials = [call["callSerialNo"] for call in self.agent.history(taskType=task_type)]
            self.assertEqual(serial in serials, is_there, task_type)

    def test_a_refusal_of_the_ita_far_away_comes_back_as_it_is(self):
        answer = self.agent.create_call("13800009003", "1390000" + contract.magic_refusal("90106011"))
        self.assert_code(answer, "90106011", contract.ITA_CODES["90106011"])

    def test_an_outcome_that_the_far_gateway_does_not_know_is_unknown_and_not_sent_again(self):
        called = "1390000" + contract.MAGIC_ERROR_AFTER
        before = len(self.mock.placings(called))
        self.assert_code(self.agent.create_call("13800009004", called), contract.PROCESS_FAILURE)
        self.assertEqual(len(self.mock.placings(called)) - before, 1)
        self.assert_code(self.agent.create_call("13800009004", called), "1")

    def test_the_guards_of_this_gateway_are_its_own(self):
        self.assert_code(self.agent.create_call("13800009005", "13800009005"), "5")
        self.assert_placed(self.agent.create_call("13800009005", "13900000105"))
        self.assert_code(self.agent.create_call("13800009005", "13900000105"), "1")

    def test_both_versions_are_passed_on(self):
        serial = self.assert_placed(self.agent.create_call_v3("13800009006", "13900000106"))
        self.await_end(self.agent, serial)

    def test_a_recording_is_heard_through_both(self):
        serial = self.assert_placed(self.agent.create_call("13800009007", "13900000107"))
        self.assertEqual(self.agent.ask_recording(serial).code, 5)
        self.await_end(self.agent, serial)
        far = next(call for call in self.far_agent.history() if call["called"] == "13900000107")
        far_url, url = self.far_agent.recording_url(far["callSerialNo"]), self.agent.recording_url(serial)
        self.assertTrue(url.startswith(self.near.url + "/apiaccess/recording/"), url)
        whole = self.agent.send("GET", url.removeprefix(self.near.url))
        self.assertEqual((whole.status, whole.headers["Content-Type"]), (200, "audio/wav"))
        self.assertIn(f"recording-{serial}.wav", whole.headers["Content-Disposition"])
        self.assertEqual(whole.body, self.far_agent.send("GET", far_url.removeprefix(self.far.url)).body)
        part = self.agent.send("GET", url.removeprefix(self.near.url), headers={"Range": "bytes=44-1043"})
        self.assertEqual((part.status, part.body), (206, whole.body[44:1044]))
        self.assertEqual(part.headers["Content-Range"], f"bytes 44-1043/{len(whole.body)}")

    def test_a_call_is_released_through_both(self):
        serial = self.assert_placed(self.agent.create_call("13800009008", "13900000108"))
        self.assert_code(self.agent.release(serial), "0", "success")
        self.assertEqual(self.await_end(self.agent, serial)["reasonCode"], "31")
        before = sum(request["action"] == "release" for request in self.mock.requests())
        for _ in range(2):
            self.assert_code(self.agent.release(serial), "0", "the call had ended before")
        self.assertEqual(sum(request["action"] == "release" for request in self.mock.requests()), before)
        self.assert_placed(self.agent.create_call("13800009008", "13900000108"))


class Interfaces(Played):
    def test_everything_that_an_aicc_supports_is_passed_on(self):
        self.place("13900000201", agentWorkNo=101, callData="x y", callerPresent="057100000001", agentPresent="057100000002")
        self.assertEqual(self.aicc.last(contract.CREATE_CALL_V1), {
            "caller": CALLER, "called": "13900000201", "agentWorkNo": 101, "callData": "x y",
            "callerPresent": "057100000001", "agentPresent": "057100000002"})
        serial = self.assert_placed(self.agent.create_call_v3("13800009002", "13900000202", caller="13800009003",
                                                              callerPresent="057100000001"))
        self.assertEqual(self.aicc.last(contract.CREATE_CALL_V3), {
            "caller": "13800009003", "softPhone": "13800009002", "called": "13900000202", "callerPresent": "057100000001"})
        self.assertEqual(self.agent.state(serial)["callerPresent"], "057100000001")

    def test_a_call_rings_talks_and_ends(self):
        serial, call = self.place("13900000203")
        self.assertNotEqual(serial, call["cec"]["callSerialNo"])
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)
        self.aicc.talks(call)
        wait_until(lambda: self.agent.state(serial)["state"] == contract.TALKING, "they talk")
        call = self.aicc.hangs_up(call, "a")
        record = self.ended(serial)
        self.assertEqual(record["reasonCode"], "1")
        for name, at in (("endTime", call["endedAt"]), ("agentAlertingTime", call["legA"]["rangAt"]),
                         ("agentTalkingTime", call["legA"]["answeredAt"]), ("alertingTime", call["legB"]["rangAt"]),
                         ("talkingTime", call["legB"]["answeredAt"])):
            self.assertEqual(record[name], ms(at), name)
        self.assertEqual(self.agent.state(serial)["reasonCode"], "1")
        asked = self.aicc.count(contract.QUERY_STATE)
        time.sleep(1)  # nothing is asked about a call that has ended
        self.assertLessEqual(self.aicc.count(contract.QUERY_STATE), asked + 1)

    def test_without_a_record_the_end_is_what_the_state_tells(self):
        self.aicc.plays_rules(rule(lag={"record": "24h"}))
        serial, call = self.place("13900000204")
        call = self.aicc.ends(call, reason=5)
        record = self.ended(serial)
        self.assertEqual((record["reasonCode"], record["endTime"]), ("5", ms(call["endedAt"])))
        self.assertNotIn("agentTalkingTime", record)

    def test_an_end_that_was_told_once_is_not_forgotten_with_the_call(self):
        called = "13900000208"
        ended = {"state": "3", "reasonCode": "5", "endTime": str(ms("2026-11-22T12:00:00Z"))}
        self.aicc.plays_rules(rule(lag={"record": "24h"}),
                              rule("queryCallState", called, nth=1, answer={"jsonBody": {"retCode": "0", "result": ended}}),
                              rule("queryCallState", called, **{"from": 2}, answer={"jsonBody": {"retCode": "3", "retMsg": "?"}}))
        serial, _ = self.place(called)
        self.assertEqual(self.ended(serial)["reasonCode"], "5")

    def test_a_state_that_lags_behind_only_makes_the_news_come_later(self):
        self.aicc.plays_rules(rule(lag={"state": "1h"}))
        serial, call = self.place("13900000207")
        self.aicc.ends(call, reason=0)
        before = self.aicc.count(contract.QUERY_STATE)
        wait_until(lambda: self.aicc.count(contract.QUERY_STATE) > before + 2, "the AICC is asked on")
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)
        self.aicc.advance_clock("59m")  # its tokens are good until the hour
        self.aicc.advance_clock("1m")
        self.assertEqual(self.ended(serial)["reasonCode"], "0")

    def test_codes_of_the_aicc_are_passed_on_with_its_words(self):
        self.aicc.plays_rules(rule(nth=1, answer={"carriedOut": False, "jsonBody": {
            "retCode": "8", "retMsg": "no softphone 13800009001"}}))
        self.assert_code(self.agent.create_call(CALLER, "13900000205"), "8", "no softphone 138********")
        self.place("13900000205")

    def test_history_of_the_tenant_shows_cec_calls_as_its_type(self):
        serial, _ = self.place("13900000206")
        self.assertIn(serial, [call["callSerialNo"] for call in self.agent.history()])
        self.assertNotIn(serial, [call["callSerialNo"] for call in self.agent.history(taskType="4")])


class Failures(Played):
    def test_a_token_is_fetched_once_for_many_and_anew_once_on_401(self):
        self.place("13900000301")
        self.assertEqual(self.aicc.count(contract.TOKEN), 1)
        self.aicc.forgets_tokens()
        threads = [threading.Thread(target=self._place, args=(f"139000003{i}",)) for i in range(51, 59)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(self.aicc.count(contract.TOKEN), 3)
        self.assertEqual([len(self.aicc.calls(f"139000003{i}")) for i in range(51, 59)], [1] * 8)

    def _place(self, called):
        agent = self.gateway.agent(self.tenant.app_key, self.tenant.app_secret).sign_in()
        try:
            self.assert_placed(agent.create_call(CALLER, called))
        finally:
            agent.close()

    def test_two_401_refuse_the_call_as_surely_not_placed(self):
        before = self.aicc.count(contract.CREATE_CALL_V1)
        self.aicc.plays_rules(rule(times=2, answer={"status": 401}))
        self.assert_code(self.agent.create_call(CALLER, "13900000302"), "90100200", "Auth Failed")
        self.assertEqual(self.aicc.count(contract.CREATE_CALL_V1) - before, 2)
        self.place("13900000302")

    def test_no_token_no_call(self):
        self.aicc.forgets_tokens()
        before = self.aicc.placed()
        for answer in ({"status": 500}, {"jsonBody": {}}, {"body": "<html>"}):
            self.aicc.plays_rules(rule("tokenByAkSk", answer=answer))
            self.assert_code(self.agent.create_call(CALLER, "13900000303"), contract.UNAVAILABLE)
        self.assertEqual(self.aicc.placed(), before)

    def test_an_unknown_outcome_is_never_sent_again(self):
        for number, way in enumerate((
                {"fault": "close"}, {"fault": "reset"}, {"fault": "stall"}, {"fault": "garbage"}, {"fault": "cut-body"},
                {"answer": {"status": 500}}, {"answer": {"body": "<html>"}}, {"answer": {"jsonBody": {"retCode": "0"}}})):
            called = f"1390000031{number}"
            with self.subTest(way):
                self.aicc.plays_rules(rule(**way))
                before = self.aicc.count(contract.CREATE_CALL_V1)
                self.assert_code(self.agent.create_call(CALLER, called), contract.PROCESS_FAILURE)
                self.assertEqual(self.aicc.count(contract.CREATE_CALL_V1) - before, 1)
                self.assertEqual(len(self.aicc.calls(called)), 1)
                self.assert_code(self.agent.create_call(CALLER, called), "1")

    def test_who_does_not_answer_questions_is_asked_on_until_he_does(self):
        serial, call = self.place("13900000321")
        answers = ({"jsonBody": []}, {"jsonBody": {"retCode": "0", "result": {"state": "9"}}}, {"status": 503},
                   {"jsonBody": {"retCode": "1", "retMsg": "query failed"}})
        self.aicc.plays_rules(*[rule("queryCallState", "13900000321", nth=n, answer=answer)
                                for n, answer in enumerate(answers, start=1)])
        self.aicc.ends(call, reason=4)
        self.assertEqual(self.ended(serial)["reasonCode"], "4")
        self.assertEqual([rule["chosen"] for rule in self.aicc.scenario_state()["rules"]], [1, 1, 1, 1])

    def test_a_wrong_certificate_is_not_talked_to(self):
        other = MockAicc(self.folder, label="other").start()
        self.addCleanup(other.stop)
        tenant = create_cec_tenant(self.gateway, "stranger", other, certificate=False)
        agent = tenant.agent()
        self.addCleanup(agent.close)
        self.assert_code(agent.create_call(CALLER, "13900000331"), contract.UNAVAILABLE)
        self.assertEqual([request for request in other.requests() if request["method"]], [])


class Callbacks(Played):
    """Those of the AICC, and those that follow from them."""

    @classmethod
    def aicc_words(cls):
        url = cls.gateway.url + CALLBACK + "/space"
        return ("--aicc-connection-url", f"{url}/connection", "--aicc-hang-up-url", f"{url}/release",
                "--aicc-shared-key", SHARED_KEY, "--push-ca", cls.gateway.certificate)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway.stop()
        cls.gateway.set_options(aicc_poll_first="20s", aicc_poll_longest="20s")
        cls.gateway.start()
        confidential.keep("shared key", SHARED_KEY)
        cls.receiver = CallbackReceiver()
        cls.addClassCleanup(cls.receiver.stop)
        key_file = cls.folder / "shared-key"
        key_file.write_text(SHARED_KEY)
        cls.gateway.admin("callback-trustlist", "add", cls.receiver.authority)
        cls.gateway.admin("bidirectional-call", "set", "space", "--callback-authentication", "shared-key", "--shared-key-file", key_file,
                          "--connection-callback-url", cls.receiver.url("/connected"), "--hangup-callback-url", cls.receiver.url("/over"))
        cls.agent = cls.signs_in(cls.tenant)

    def push(self, kind, body, tenant="space"):
        return self.agent.post(f"{CALLBACK}/{tenant}/{kind}", body, Authorization=None)

    def told(self, path, serial):
        def found():
            return next((received.json for received in self.receiver.of(serial) if received.path == path), None)
        return wait_until(found, f"a callback to {path}")

    def statuses(self, called, count):
        """What the gateway answered to the AICC's callbacks about that call, once there were so many."""
        return wait_until(lambda: (pushes := [push["status"] for push in self.aicc.call_of(called)["pushes"]])
                          and len(pushes) >= count and pushes, "the AICC calls back")

    def test_news_are_asked_for_at_once_and_told_on(self):
        serial, call = self.place("13900000401", agentWorkNo=7)
        self.aicc.talks(call)
        wait_until(lambda: self.agent.state(serial)["state"] == contract.TALKING, "they talk", 5)
        told = self.told("/connected", serial)
        self.assertEqual((told["called"], told["serviceNo"]), ("13900000401", "7"))
        self.aicc.hangs_up(call, "a")
        over = self.told("/over", serial)
        self.assertEqual(over["releaseReason"], "1")
        self.assertLessEqual(over["agentAlertingTime"], over["alertingTime"])
        self.assertLessEqual(over["alertingTime"], over["talkingTime"])
        self.assertEqual(self.ended(serial)["reasonCode"], "1")
        self.assertEqual([received.path for received in self.receiver.of(serial)], ["/connected", "/over"])
        self.assertEqual(self.statuses("13900000401", 2), [200, 200])

    def test_callbacks_in_any_order_tell_the_same(self):
        self.aicc.plays_rules(rule(callbacks={"connection": [{"delay": "1m"}], "hangUp": [{}, {"contradictory": True}]}))
        serial, call = self.place("13900000403")
        self.aicc.ends(call, reason=0)
        self.assertEqual(self.ended(serial)["reasonCode"], "0")
        self.aicc.advance_clock("1m")
        self.assertEqual(self.statuses("13900000403", 3), [200, 200, 200])
        self.assertEqual(self.told("/over", serial)["releaseReason"], "0")
        self.assertEqual([received.path for received in self.receiver.of(serial)], ["/connected", "/over"])

    def test_badly_signed_ones_of_the_aicc_are_refused_and_change_nothing(self):
        self.aicc.plays_rules(rule(callbacks={"connection": [], "tries": 1,
                                              "hangUp": [{"signature": "wrong"}, {"signature": "none"}]}))
        serial, call = self.place("13900000404")
        asked = self.aicc.count(contract.QUERY_STATE)
        self.aicc.ends(call, reason=0)
        self.assertEqual(self.statuses("13900000404", 2), [401, 401])
        self.assertEqual(self.aicc.count(contract.QUERY_STATE), asked)
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)
        self.aicc.calls_back(call, "hang-up")
        self.assertEqual(self.ended(serial)["reasonCode"], "0")

    def test_what_is_forged_is_refused_and_what_is_repeated_changes_nothing(self):
        serial, call = self.place("13900000402")
        body = {"callSerialNo": call["cec"]["callSerialNo"], "serviceNo": "", "called": "13900000402"}
        signed = sign(body, SHARED_KEY)
        asked = self.aicc.count(contract.QUERY_STATE)
        for forged in (body, sign(body, "another-key-of-sixteen"), {**signed, "called": "1"}, {**signed, "signature": ""},
                       {**signed, "signature": None}, {**signed, "more": {}}, {**signed, "timestamp": "1"}):
            self.assertEqual(self.push("release", forged).status, 401, forged)
        self.assertEqual(self.push("release", signed, tenant="nobody").status, 401)
        self.assertEqual(self.push("other", signed).status, 404)
        long = sign({**body, "callData": "d" * 16 * 1024}, SHARED_KEY)
        self.assertEqual(self.push("release", long).status, 413, "nothing long is parsed for a stranger")
        self.assertEqual(self.push("release", sign({"called": "1"}, SHARED_KEY)).status, 400)
        self.assertEqual(self.aicc.count(contract.QUERY_STATE), asked)
        for _ in range(5):
            self.assert_code(self.push("release", signed), "0")
        wait_until(lambda: self.aicc.count(contract.QUERY_STATE) > asked, "the AICC is asked", 5)
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)
        self.assertLessEqual(self.aicc.count(contract.QUERY_STATE), asked + 2)


class Recordings(Played):
    def test_a_recording_and_a_release_go_the_whole_way(self):
        serial, call = self.place("13900000701")
        self.aicc.talks(call)
        self.assertEqual(self.agent.ask_recording(serial).code, 5)
        self.assert_code(self.agent.release(serial), "0", "success")
        self.assertEqual(self.ended(serial)["reasonCode"], "1")
        url = self.agent.recording_url(serial).removeprefix(self.gateway.url)
        self.assertEqual(self.agent.send("GET", url).body[:4], b"RIFF")
        self.aicc.advance_clock("10m")  # the AICC's own address is over: a new one is asked for
        self.assertEqual(self.agent.send("GET", url).status, 200)


class Switching(Played):
    def test_each_call_ends_under_the_type_it_began_with(self):
        mock = self.runs_mock(self.gateway, speed=1)
        cec, call = self.place("13900000501")
        self.gateway.admin("certificate", "install", "CERT_ITA", mock.certificate_der)
        self.gateway.set_bidirectional_call("space", mock.secret_key, "--type", "ita", "--access-key", mock.access_key,
                                            "--app-key", mock.app_key, "--domain", mock.authority)
        self.sign_in()
        ita = self.assert_placed(self.agent.create_call("13800009002", "13900000502"))
        set_cec(self.gateway, "space", self.aicc)
        self.sign_in()
        self.aicc.ends(call, reason=2)
        self.assertEqual(self.ended(cec)["reasonCode"], "2")
        mock.release(mock.calls("13900000502")[0])
        wait_until(lambda: self.agent.state(ita)["state"] == contract.ENDED, "the ITA's CDR ends its call", 15)
        self.assertEqual([call["callSerialNo"] for call in self.agent.history(taskType="4")], [ita])

    def test_a_new_secret_serves_calls_that_began_with_the_old_one(self):
        serial, call = self.place("13900000503", "13800009003")
        self.aicc.changes_secret("mock-aicc-app-secret-for-tests-0002")
        set_cec(self.gateway, "space", self.aicc)
        self.aicc.ends(call, reason=3)
        self.assertEqual(self.ended(serial)["reasonCode"], "3")


class Restart(Played):
    def test_questions_go_on_after_a_kill(self):
        ringing, call = self.place("13900000601")
        talking, other = self.place("13900000602", "13800009002")
        self.aicc.talks(other)
        wait_until(lambda: self.agent.state(talking)["state"] == contract.TALKING, "they talk")
        self.agent.close()
        self.gateway.kill()
        self.gateway.start()
        self.sign_in()
        self.assertEqual(self.agent.state(talking)["state"], contract.TALKING)
        self.assert_code(self.agent.create_call(CALLER, "13900000601"), "1")
        self.aicc.ends(call, reason=5)
        self.aicc.hangs_up(other)
        self.assertEqual(self.ended(ringing)["reasonCode"], "5")
        self.assertEqual(self.ended(talking)["reasonCode"], "0")

    def test_an_intent_without_outcome_is_unknown_after_a_kill(self):
        self.aicc.plays_rules(rule(answer={"delay": "1h"}))
        thread = threading.Thread(target=self._place_into_the_void)
        thread.start()
        wait_until(lambda: self.aicc.calls("13900000609"), "the AICC has the call", 20)
        self.gateway.kill()
        thread.join()
        self.gateway.start()
        self.sign_in()
        self.assertEqual(self.agent.history()[0]["state"], contract.CALLING)
        self.assert_code(self.agent.create_call("13800009009", "13900000609"), "1")

    def _place_into_the_void(self):
        agent = self.gateway.agent(self.tenant.app_key, self.tenant.app_secret).sign_in()
        try:
            agent.create_call("13800009009", "13900000609")
        except (OSError, http.client.HTTPException):
            pass  # the gateway was killed
        finally:
            agent.close()


if __name__ == "__main__":
    unittest.main()
