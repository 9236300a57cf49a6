#!/usr/bin/env python3
"""The agent-facing contract at its edges: signing in, who is let in, what is a wrong request, what queries answer."""
import base64
import json
import time

import confidential
import contract
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import Story, main, wait_until

DAY_MS = 24 * 3_600_000


class AgentApi(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()
        cls.ita = cls.runs_fake_ita()
        cls.tenant = cls.gateway.create_tenant("contact-centre", cls.ita)
        cls.agent = cls.signs_in(cls.tenant)


class SigningIn(AgentApi):
    def assert_token(self, answer, expires):
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["Content-Type"], contract.JSON_TYPE)
        token = answer.json
        confidential.keep("token", token.get("AccessToken"))
        self.assertEqual(sorted(token), ["AccessToken", "AppKey", "ApplyType", "CreateTime", "Expires", "Scope", "UserID"])
        for name, value in token.items():
            self.assertIs(type(value), str, f"{name}: all values are strings (section 2)")
        self.assertEqual((token["ApplyType"], token["AppKey"], token["UserID"]),
                         ("Bearer", self.tenant.app_key, "Anonymous"))
        self.assertEqual(token["Expires"], expires)
        self.assertLess(abs(int(token["CreateTime"]) - time.time()), 60)

    def test_a_token_lives_as_long_as_asked_at_most_an_hour(self):
        for asked, expires in (("600", "600"), ("3600", "3600"), ("1", "1"), ("3601", "3600"), ("99999999999", "3600"),
                               (None, "600")):
            with self.subTest(asked=asked):
                self.assert_token(self.agent.ask_token(X_Token_Expire=asked), expires)

    def test_an_expiry_that_is_no_number_is_400(self):
        for asked in ("ten", "-1", "1.5", "0x10", "", " "):
            with self.subTest(asked=asked):
                self.assert_http_error(self.agent.ask_token(X_Token_Expire=asked), 400)

    def test_a_sign_in_without_key_or_secret_is_400(self):
        for body in ({}, {"app_key": "ak"}, {"app_secret": "s"}, {"app_key": ["ak"], "app_secret": "s"}, []):
            with self.subTest(body=body):
                self.assert_http_error(self.agent.post(contract.TOKEN, body, Authorization=None), 400)

    def test_a_wrong_key_and_a_wrong_secret_get_the_same_401(self):
        wrong_secret = self.agent.ask_token(app_secret="fake-wrong-secret")
        wrong_key = self.agent.ask_token(app_key="ak_fake_unknown", app_secret="fake-wrong-secret")
        self.assert_http_error(wrong_secret, 401)
        self.assert_http_error(wrong_key, 401)
        self.assertEqual(wrong_secret.json, wrong_key.json)
        self.assertEqual(sorted(name.lower() for name in wrong_secret.headers),
                         sorted(name.lower() for name in wrong_key.headers))

    def test_a_token_expires(self):
        agent = self.gateway.agent(self.tenant.app_key, self.tenant.app_secret)
        self.addCleanup(agent.close)
        agent.token = confidential.keep("token", agent.ask_token(X_Token_Expire="1").json["AccessToken"])
        self.assertEqual(agent.query_history().status, 200)
        refused = wait_until(lambda: next((a for a in [agent.query_history()] if a.status != 200), None),
                             "a token of one second expires", 4)
        self.assert_http_error(refused, 401)

    def test_a_token_outlives_a_restart(self):
        gateway = self.runs_gateway("restarted")
        agent = self.signs_in(gateway.create_tenant("restarted", self.ita))
        gateway.stop()
        gateway.start()
        agent.close()
        self.assertEqual(agent.query_history().status, 200)

    def test_a_token_dies_with_its_app_key(self):
        tenant = self.gateway.create_app_key("contact-centre")
        agent = self.signs_in(tenant)
        self.assertEqual(agent.query_history().status, 200)
        self.gateway.admin("app-key", "disable", "contact-centre", tenant.app_key)
        refused = wait_until(lambda: next((a for a in [agent.query_history()] if a.status != 200), None),
                             "the token of a disabled app key dies", 2)
        self.assert_http_error(refused, 401)
        self.assert_http_error(agent.ask_token(), 401)
        self.assertEqual(self.agent.query_history().status, 200, "the tenant's other key is not concerned")


class SlowedSignIn(AgentApi):
    """Each test guesses at an app key of its own, so that none slows another."""

    def slow_down(self, agent, app_key):
        def guess():
            answer = agent.ask_token(app_key=app_key, app_secret="fake-wrong-secret")
            self.assertIn(answer.status, (401, 429))
            return answer if answer.status == 429 else None
        for _ in range(100):
            answer = guess()
            if answer is not None:
                return answer
        self.fail("a hundred failed sign-ins were not slowed")

    def test_guessing_is_slowed_with_429(self):
        key = self.gateway.create_app_key("contact-centre")
        self.signs_in(key)
        slowed = self.slow_down(self.agent, key.app_key)
        self.assert_http_error(slowed, 429)
        self.assertGreaterEqual(int(slowed.headers["Retry-After"]), 1)

    def test_an_unknown_app_key_is_slowed_the_same_way(self):
        self.assert_http_error(self.slow_down(self.agent, "ak_fake_never_made"), 429)

    def test_a_slowed_key_does_not_slow_another(self):
        key = self.gateway.create_app_key("contact-centre")
        self.signs_in(key)
        self.slow_down(self.agent, key.app_key)
        self.assertEqual(self.agent.ask_token().status, 200)

    def test_a_slowed_source_does_not_slow_another(self):
        key = self.gateway.create_app_key("contact-centre")
        owner = key.agent()
        self.addCleanup(owner.close)
        self.slow_down(self.agent, key.app_key)
        owner.close()
        owner.connection().source_address = ("127.0.0.2", 0)
        self.assertEqual(owner.ask_token().status, 200, "failures count per app key and source")


class WhoIsLetIn(AgentApi):
    def test_a_bad_token_is_401_with_a_challenge(self):
        good = self.agent.token
        tampered = good[:-2] + ("AA" if not good.endswith("AA") else "BB")
        for header in (None, "", "Bearer", "Bearer ", "Bearer nonsense", f"Bearer  {good}", f"Basic {good}", good,
                       f"Bearer {tampered}", f"Bearer {good}x", "Bearer " + "a" * 4000):
            with self.subTest(header=header and header[:20]):
                answer = self.agent.post(contract.QUERY_HISTORY, {}, Authorization=header)
                self.assert_http_error(answer, 401)
                self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))
        invalid = self.agent.post(contract.QUERY_HISTORY, {}, Authorization=f"Bearer {tampered}")
        self.assertEqual(invalid.headers["WWW-Authenticate"], 'Bearer error="invalid_token"')

    def test_x_app_key_must_be_the_token_s_own(self):
        self.assertEqual(self.agent.post(contract.QUERY_STATE, {"callSerialNo": "1"},
                                         X_APP_Key=self.tenant.app_key).status, 200)
        other = self.gateway.create_app_key("contact-centre")
        self.assert_http_error(self.agent.post(contract.QUERY_STATE, {"callSerialNo": "1"}, X_APP_Key=other.app_key), 401)

    def test_nobody_is_called_without_a_token(self):
        answer = self.agent.post(contract.CREATE_CALL_V1, {"caller": agent_number(), "called": customer_number()},
                                 Authorization=None)
        self.assert_http_error(answer, 401)
        self.assertEqual(self.ita.placings(), [])


class WrongRequests(AgentApi):
    def test_unknown_paths_are_404(self):
        for path in ("/", "/nothing", contract.CREATE_CALL_V1 + "/", contract.CREATE_CALL_V1.upper(),
                     contract.CREATE_CALL_V1.replace("v1", "v2"), "/apiaccess/CC-Management/v1/mobileAgent/queryPhone"):
            with self.subTest(path=path):
                self.assert_http_error(self.agent.post(path, {}), 404)

    def test_other_methods_are_405_with_allow(self):
        for path in (contract.TOKEN, contract.CREATE_CALL_V1, contract.QUERY_STATE, contract.STATUS_NOTIFY):
            for method in ("GET", "PUT", "DELETE", "PATCH"):
                with self.subTest(path=path, method=method):
                    answer = self.agent.send(method, path)
                    self.assert_http_error(answer, 405)
                    self.assertEqual(answer.headers["Allow"], "POST")

    def test_other_content_types_are_415(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/xml"):
            with self.subTest(kind=kind):
                self.assert_http_error(self.agent.post(contract.QUERY_STATE, b"{}", Content_Type=kind), 415)

    def test_json_content_types_are_taken_however_written(self):
        for kind in ("application/json", "Application/JSON", "application/json;charset=utf-8",
                     'application/json; charset="UTF-8"'):
            with self.subTest(kind=kind):
                answer = self.agent.post(contract.QUERY_STATE, {"callSerialNo": "1"}, Content_Type=kind)
                self.assertEqual(answer.status, 200, answer)

    def test_a_body_over_64_kib_is_413(self):
        body = json.dumps({"callSerialNo": "1", "unknown": "x" * (64 * 1024)}).encode()
        answer = self.agent.post(contract.QUERY_STATE, body)
        self.agent.close()
        self.assert_http_error(answer, 413)
        just_fits = body[:-2 - (len(body) - 64 * 1024)] + b'"}'
        self.assertEqual(len(just_fits), 64 * 1024)
        self.assertEqual(self.agent.post(contract.QUERY_STATE, just_fits).status, 200)

    def test_what_is_not_one_json_object_is_400(self):
        nested = b'{"callSerialNo":"1","a":' + b"[" * 40 + b"]" * 40 + b"}"
        for body in (b"", b"{", b"[]", b'"text"', b"null", b"{}{}", b'{"callSerialNo":"1"} x', b"{'callSerialNo':'1'}",
                     b'{"callSerialNo":"1","callSerialNo":"2"}', b'{"callSerialNo":"1","callSerial\\u004eo":"2"}',
                     b'{"callSerialNo":"\xff"}', b'{"callSerialNo":"\xed\xa0\x80"}', b'{"callSerialNo":"1\x00"}',
                     b'{"callSerialNo":"1\\u0000"}', b'{"callSerialNo":"\\ud800"}', b'{"callSerialNo":01}',
                     b'{"callSerialNo":NaN}', b'\xef\xbb\xbf{"callSerialNo":"1"}', nested):
            with self.subTest(body=body[:60]):
                self.assert_http_error(self.agent.post(contract.QUERY_STATE, body), 400)

    def test_nesting_up_to_32_and_unknown_members_are_ignored(self):
        body = b'{"callSerialNo":"1","unknown":' + b"[" * 31 + b"]" * 31 + b"}"
        self.assertEqual(self.agent.post(contract.QUERY_STATE, body).status, 200)

    def test_a_callback_url_says_why_it_is_refused(self):
        """V1 alone takes one, and nobody is on the trustlist here; test_callbacks.py has those that are."""
        for url, why in ((b"https://agent.example/bye?a&b", "trustlist"), (b"http://agent.example:8080/", "trustlist"),
                         (b"ftp://agent.example/", "must start with http"), (b"https://agent.example/a b", "may hold"),
                         (b"https://agent.example/\0", "may hold"), (None, "must be BASE64")):
            with self.subTest(url=url):
                text = "https://agent.example/" if url is None else base64.b64encode(url).decode()
                answer = self.agent.create_call(agent_number(), customer_number(), callBackUrl=text)
                self.assert_code(answer, "5")
                self.assertIn(why, answer.message)
                self.assertTrue(answer.message.startswith("callBackUrl: "))

    def test_members_of_the_wrong_type_never_place_a_call(self):
        caller, called = agent_number(), customer_number()
        for body in ({}, {"caller": caller}, {"called": called}, {"caller": [caller], "called": called},
                     {"caller": None, "called": called}, {"caller": True, "called": called},
                     {"caller": {"n": caller}, "called": called}, {"caller": 1.5, "called": called},
                     {"caller": caller, "called": called, "callData": {"a": 1}},
                     {"caller": caller, "called": called, "agentWorkNo": "123456"}):
            with self.subTest(body=str(body)[:60]):
                answer = self.agent.post(contract.CREATE_CALL_V1, body)
                self.assertTrue(answer.status == 400 or answer.code in ("2", "5"), answer)
        self.assertEqual(self.ita.placings(called), [])

    def test_the_connection_survives_refused_requests(self):
        self.agent.close()
        self.agent.query_state("1")
        first = self.agent.connection().sock
        self.agent.post(contract.QUERY_STATE, b"{")
        self.agent.post(contract.QUERY_STATE, b"{}", Content_Type="text/plain")
        self.agent.create_call("12", "12")
        self.assertIs(self.agent.connection().sock, first)


class Queries(AgentApi):
    def test_an_unknown_or_malformed_serial_number_is_told(self):
        self.assertIn(self.agent.query_state("1").code, ("1", "3"))
        for serial in ("", "abc", "-1", "1.5", "9" * 51, "9" * 50):
            with self.subTest(serial=serial):
                answer = self.agent.query_state(serial)
                self.assertTrue(answer.status == 400 or answer.code == "3", answer)

    def test_state_of_a_call_before_and_after_its_cdr(self):
        caller, called = agent_number(), customer_number()
        answer = self.agent.create_call(caller, called)
        serial = self.assert_placed(answer)
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)
        placed = self.ita.placings(called)[0].json
        push = CdrSender(self.gateway, self.ita.access_key, self.ita.secret_key).push(
            cdr("fake-call-of-queries", placed["remark"], caller, called, cause="17"))
        self.assertEqual(push.status, 200, push)
        state = self.agent.state(serial)
        self.assertEqual((state["state"], str(state["reasonCode"])), (contract.ENDED, "17"))
        self.assertEqual(self.agent.query_state(serial).message, self.agent.query_state(serial).message)

    def test_history_without_data_is_1(self):
        long_ago = int(time.time() * 1000) - 3000 * DAY_MS
        answer = self.agent.query_history(startTime=str(long_ago), endTime=str(long_ago + DAY_MS))
        self.assert_code(answer, "1")

    def test_history_names_its_success(self):
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
        self.assert_code(self.agent.query_history(), "0", "Query call detail record successfully")

    def test_history_takes_times_as_text_or_number(self):
        now_ms = int(time.time() * 1000)
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
        as_numbers = self.agent.query_history(startTime=now_ms - 1000, endTime=now_ms + DAY_MS)
        self.assert_code(as_numbers, "0")

    def test_a_wrong_time_span_is_2(self):
        now_ms = int(time.time() * 1000)
        for start, end in ((None, str(now_ms)), (str(now_ms), None), ("yesterday", str(now_ms)),
                           (str(now_ms), str(now_ms - 1)), (str(now_ms - 7 * DAY_MS - 1), str(now_ms)),
                           ("2026-11-22 00:00:00", str(now_ms)), ("-1", "1")):
            with self.subTest(start=start, end=end):
                answer = self.agent.query_history(startTime=start, endTime=end)
                self.assertTrue(answer.status == 400 or answer.code == "2", answer)
        self.assertIn(self.agent.query_history(startTime=str(now_ms - 7 * DAY_MS), endTime=str(now_ms)).code, ("0", "1"))

    def test_a_wrong_page_is_4(self):
        for page in ({"offset": "-1"}, {"limit": "0"}, {"limit": "-5"}, {"limit": "ten"}, {"offset": "x"}):
            with self.subTest(page=page):
                self.assert_code(self.agent.query_history(**page), "4")

    def test_a_limit_over_100_is_cut(self):
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
        self.assert_code(self.agent.query_history(limit="5000"), "0")

    def test_history_of_other_call_types_holds_no_ita_calls(self):
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
        self.assert_code(self.agent.query_history(taskType="0"), "1")
        self.assert_code(self.agent.query_history(taskType="4"), "0")
        self.assert_code(self.agent.query_history(taskType=4), "0")


if __name__ == "__main__":
    main()
