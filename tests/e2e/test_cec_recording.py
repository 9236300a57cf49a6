"""Recordings and release of CEC calls where the AICC is in the test's hands: what it refuses, how it fails, and from where
nothing is fetched. That both work is told by the chain of test_cec.py."""
import threading
import unittest

import contract
from cec_stage import Own, set_cec
from fake_aicc import FakeAicc
from harness import SLOWNESS, free_port, make_certificate, wait_until

CALLER = "13800009001"


class Recordings(Own):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.serial = str(cls.agent.create_call(CALLER, "13900000701").serial)
        cls.aicc.call_of("13900000701").ends()

    def tells(self, *urls):
        def answer(url):
            return lambda handler: self.aicc.answer(handler, 200, {"retCode": 0, "result": {"url": url}})
        self.aicc.script(contract.RECORDING_ADDRESS, *[answer(url) for url in urls])

    def answers(self, status, body, times=1, headers=()):
        self.aicc.script(contract.RECORDING_ADDRESS,
                         *[lambda handler: self.aicc.answer(handler, status, body, headers)] * times)

    def get(self, url, **headers):
        return self.agent.send("GET", url.removeprefix(self.gateway.url), headers=headers)

    def url(self):
        return self.agent.recording_url(self.serial)

    def test_the_aiccs_address_stays_here_and_its_token_too(self):
        url = self.url()
        self.assertTrue(url.startswith(self.gateway.url + "/apiaccess/recording/"), url)
        answer = self.get(url)
        self.assertEqual((answer.status, answer.body), (200, self.aicc.recording))
        self.assertEqual(answer.headers["Content-Type"], "audio/wav")
        path, headers = self.aicc.fetches[-1]
        self.assertTrue(path.startswith("/recordings/"), path)
        self.assertEqual({name.lower() for name in headers}, {"host", "accept-encoding"})

    def test_a_range_that_the_aicc_ignores_is_cut_out(self):
        answer = self.get(self.url(), Range="bytes=2-5")
        self.assertEqual((answer.status, answer.body), (206, self.aicc.recording[2:6]))

    def test_refusals_of_the_aicc_come_as_they_are(self):
        for body, code, message in (
                ({"retCode": 5, "retMsg": "no matching record"}, 5, "no matching record"),
                ({"retCode": 12, "retMsg": "too long 13800009001"}, 12, "too long 138********"),
                ({"retCode": "8", "retMsg": ""}, 8, "refused"),
                ({"retCode": "90104003"}, 90104003, contract.ITA_CODES["90104003"]),
                ({"retCode": "E77", "retMsg": "no"}, 90106006, "no"),
                ({"retCode": "00", "retMsg": "no"}, 90106006, "no")):
            with self.subTest(body=body):
                self.answers(200, body)
                answer = self.agent.ask_recording(self.serial)
                self.assertEqual((answer.status, answer.code, answer.message), (200, code, message))
                self.assertNotIn("result", answer.json)

    def test_an_aicc_that_fails_is_told_by_code(self):
        for status, body, code in ((404, {}, 90100400), (400, {}, 90100300), (500, {}, 90104008), (302, {}, 90104004),
                                   (200, b"<html>", 90104008), (200, {"retCode": 0}, 90104008),
                                   (200, {"retCode": 0, "result": {"url": ""}}, 90104008)):
            with self.subTest(status=status, body=body):
                self.answers(status, body)
                self.assertEqual(self.agent.ask_recording(self.serial).code, code)

    def test_behind_the_address_failures_have_a_status(self):
        url, fetches = self.url(), len(self.aicc.fetches)
        for body, status in (({"retCode": 5}, 404), ({"retCode": "90104029"}, 503), ({"retCode": "90104008"}, 504),
                             ({"retCode": "9"}, 502)):
            with self.subTest(body=body):
                self.answers(200, body)
                self.assert_http_error(self.get(url), status)
        self.assertEqual(len(self.aicc.fetches), fetches)

    def test_a_token_that_is_denied_is_fetched_anew(self):
        self.aicc.tokens.clear()
        self.assertEqual(self.agent.ask_recording(self.serial).code, 0)

    def test_only_the_aiccs_own_server_is_asked(self):
        fetches = len(self.aicc.fetches)
        for told in (f"http://{self.aicc.authority}/a", f"https://127.0.0.1:{free_port()}/a",
                     f"https://localhost:{self.aicc.port}/a", "https://169.254.169.254/latest",
                     f"https://user@{self.aicc.authority}/a", f"https://{self.gateway.authority}/a"):
            with self.subTest(told):
                self.tells(told, told)
                self.assert_http_error(self.get(self.url()), 502)
        self.assertEqual(len(self.aicc.fetches), fetches)

    def test_a_gone_one_is_404(self):
        url = self.url()
        self.aicc.script("GET", lambda handler: self.aicc.answer(handler, 404, {}))
        self.assert_http_error(self.get(url), 404)

    def test_a_call_of_another_tenant_or_none_has_no_recording(self):
        for serial in ("1", "no number"):
            self.assertEqual(self.agent.ask_recording(serial).code, 5)
        self.assertEqual(self.agent.ask_recording("1" * 51).code, 12)

    def test_a_call_of_unknown_outcome_has_no_recording(self):
        self.aicc.script(contract.CREATE_CALL_V1, lambda handler: self.aicc.answer(handler, 500, {}))
        self.assert_code(self.agent.create_call(CALLER, "13900000702"), contract.PROCESS_FAILURE)
        asked = self.aicc.count(contract.RECORDING_ADDRESS)
        serial = next(call["callSerialNo"] for call in self.agent.history() if call["called"] == "13900000702")
        self.assertEqual(self.agent.ask_recording(serial).code, 5)
        self.assertEqual(self.aicc.count(contract.RECORDING_ADDRESS), asked)

    def test_failures_to_find_recordings_keep_no_call_back(self):
        """Asked three times each, as what is lost may be asked again."""
        def breaks(handler):
            handler.close_connection = True
            handler.connection.close()
        before = self.aicc.count(contract.RECORDING_ADDRESS)
        self.aicc.script(contract.RECORDING_ADDRESS, breaks, breaks)
        self.assertEqual(self.agent.ask_recording(self.serial).code, 0)
        self.assertEqual(self.aicc.count(contract.RECORDING_ADDRESS) - before, 3)

    def test_a_slow_listener_slows_the_aicc_down(self):
        sent, piece = [0], b"\0" * 65536

        def streams(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", str(200 * 1024 * 1024))
            handler.end_headers()
            try:
                for _ in range(200 * 16):
                    handler.wfile.write(piece)
                    sent[0] += len(piece)
            except OSError:
                handler.close_connection = True
        self.aicc.script("GET", streams)
        agent = self.tenant.agent()
        self.addCleanup(agent.close)
        connection = agent.connection()
        connection.request("GET", self.url().removeprefix(self.gateway.url))
        answer = connection.getresponse()
        answer.read(1)
        seen = []

        def stands_still():
            seen.append(sent[0])
            return len(seen) > 10 and seen[-10] == sent[0] > 0
        wait_until(stands_still, "the AICC waits", 20 * SLOWNESS)
        self.assertLess(sent[0], 40 * 1024 * 1024)  # what four sockets hold


class Release(Own):
    def place(self, called):
        serial = self.assert_placed(self.agent.create_call(CALLER, called))
        return serial, self.aicc.call_of(called)

    def answers(self, *answers):
        def answer(status, body):
            return lambda handler: self.aicc.answer(handler, status, body)
        self.aicc.script(contract.RELEASE_CALL, *[answer(*one) for one in answers])

    def test_an_aicc_that_does_not_know_it_is_named(self):
        """AICC itself has no releaseCall."""
        serial, call = self.place("13900000801")
        self.assert_code(self.agent.release(serial), "90100400", "the AICC has no releaseCall: the call goes on")
        self.assertEqual(self.aicc.last(contract.RELEASE_CALL), {"callSerialNo": call.serial})
        self.answers((405, {}))
        self.assert_code(self.agent.release(serial), "90100400", "the AICC has no releaseCall: the call goes on")
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)
        self.assert_code(self.agent.create_call(CALLER, "13900000801"), "1")

    def test_a_call_that_is_released_ends_soon(self):
        serial, call = self.place("13900000802")

        def releases(handler):
            call.ends(reason=1)
            self.aicc.answer(handler, 200, {"retCode": "0", "retMsg": "success"})
        self.aicc.script(contract.RELEASE_CALL, releases)
        self.assert_code(self.agent.release(serial), "0", "success")
        self.assertEqual(self.ended(serial)["reasonCode"], "1")
        asked = self.aicc.count(contract.RELEASE_CALL)
        self.assert_code(self.agent.release(serial), "0", "the call had ended before")
        self.assertEqual(self.aicc.count(contract.RELEASE_CALL), asked)

    def test_refusals_and_doubts_are_told_apart(self):
        serial, _ = self.place("13900000803")
        for answers, code, message in (
                ([(200, {"retCode": "3", "retMsg": "callSerialNo: no such call"})], "3", "callSerialNo: no such call"),
                ([(200, {"retCode": "90106006"})], "90106006", "Other Error"),
                ([(400, {})], "90100300", "Bad Request"),
                ([(401, {}), (401, {})], "90100200", "Auth Failed"),
                ([(500, {})], contract.PROCESS_FAILURE, None),
                ([(200, b"<html>")], contract.PROCESS_FAILURE, None),
                ([(200, {"retCode": "90104008"})], contract.PROCESS_FAILURE, None)):
            with self.subTest(answers=answers):
                self.answers(*answers)
                self.assert_code(self.agent.release(serial), code, message)
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)

    def test_what_is_not_answered_is_asked_again(self):
        serial, _ = self.place("13900000804")

        def breaks(handler):
            handler.close_connection = True
            handler.connection.close()
        before = self.aicc.count(contract.RELEASE_CALL)
        self.aicc.script(contract.RELEASE_CALL, breaks,
                         lambda handler: self.aicc.answer(handler, 200, {"retCode": "0", "retMsg": "success"}))
        self.assert_code(self.agent.release(serial), "0", "success")
        self.assertEqual(self.aicc.count(contract.RELEASE_CALL) - before, 2)

    def test_several_at_a_time_ask_once(self):
        serial, _ = self.place("13900000805")
        reached, go_on, answers = threading.Event(), threading.Event(), []

        def holds(handler):
            reached.set()
            go_on.wait(20)
            self.aicc.answer(handler, 200, {"retCode": "0", "retMsg": "success"})
        self.aicc.script(contract.RELEASE_CALL, holds)
        before = self.aicc.count(contract.RELEASE_CALL)

        def release():
            agent = self.tenant.agent()
            answers.append(agent.release(serial).code)
            agent.close()
        threads = [threading.Thread(target=release) for _ in range(4)]
        for thread in threads:
            thread.start()
        self.assertTrue(reached.wait(20))
        wait_until(lambda: self.gateway.log().count('"call release joined"') >= 3, "the others have joined")
        go_on.set()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, ["0"] * 4)
        self.assertEqual(self.aicc.count(contract.RELEASE_CALL) - before, 1)

    def test_a_call_of_unknown_outcome_can_not_be_named(self):
        self.aicc.script(contract.CREATE_CALL_V1, lambda handler: self.aicc.answer(handler, 500, {}))
        self.assert_code(self.agent.create_call(CALLER, "13900000806"), contract.PROCESS_FAILURE)
        serial = next(call["callSerialNo"] for call in self.agent.history() if call["called"] == "13900000806")
        self.assert_code(self.agent.release(serial), contract.PROCESS_FAILURE)
        self.assert_code(self.agent.release("1"), "3")


class Moved(Own):
    def test_a_release_goes_to_the_aicc_that_has_the_call(self):
        serial = self.assert_placed(self.agent.create_call(CALLER, "13900000901"))
        other = FakeAicc(*make_certificate(self.folder, "other"))
        self.addCleanup(other.stop)
        self.gateway.admin("certificate", "install", "CERT_AICC", other.certificate_der)
        set_cec(self.gateway, "space", other)
        self.sign_in()
        self.agent.release(serial)
        self.assertEqual((self.aicc.count(contract.RELEASE_CALL), other.count(contract.RELEASE_CALL)), (1, 0))


if __name__ == "__main__":
    unittest.main()
