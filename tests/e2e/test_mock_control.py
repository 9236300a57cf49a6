#!/usr/bin/env python3
"""mock-ita's control API against its OpenAPI file: every operation is called, every answer held to its schema."""
import http.client
import json
import socket
import time
import uuid

import confidential
import contract
import sdk_signature
from agent import Agent
from control_api import ControlApi
from harness import Mock, Story, main, wait_until
from push_receiver import PushReceiver

JSON_TYPE = "application/json;charset=utf-8"
SIGNED = ["appkey", "content-type", "host", "x-sdk-date"]


# The second order is refused.
BUSY = {"name": "busy", "rules": [{"name": "second is refused", "match": {"action": "place", "nth": 2},
                                   "answer": {"code": "90104029"}}]}


class ControlStory(Story):
    """A mock that plays calls as slowly as life, so that nothing happens by itself, and a receiver of its CDRs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = PushReceiver()
        cls.addClassCleanup(cls.receiver.stop)
        cls.mock = cls.runs_mock(None, tls=False, speed=1, words=["--push-url", cls.receiver.url, "--aicc", "--aicc-hang-up-url", cls.receiver.url])
        cls.api = ControlApi(cls.mock.control_port)

    def setUp(self):
        self.api.call("reset")

    # --- The ITA's API, as a customer calls it ---

    def send(self, method, target, data=None, access_key=Mock.access_key, secret_key=Mock.secret_key,
             app_key=Mock.app_key, signed=SIGNED, **headers):
        body = b"" if data is None else json.dumps(data).encode()
        headers = {"Host": self.mock.authority, "AppKey": app_key, "Content-Type": JSON_TYPE,
                   "X-Sdk-Date": sdk_signature.sdk_date(), **{n.replace("_", "-"): v for n, v in headers.items()}}
        headers["Authorization"] = sdk_signature.authorization(method, target, headers, body, access_key, secret_key, signed)
        confidential.keep("signature", headers["Authorization"][-64:])
        connection = http.client.HTTPConnection(self.mock.authority, timeout=30)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    @staticmethod
    def order(app_key=Mock.app_key, **changed):
        return {"appKey": app_key, "requestId": str(uuid.uuid4()), "telA": confidential.agent_number(),
                "telB": confidential.customer_number(), "telXMode": "0", "remark": "acme:1",
                "subTime": sdk_signature.sdk_date(), "extra": {"callRecording": "0"}, **changed}

    def place(self, **changed):
        order = self.order(**changed)
        status, answer = self.send("POST", contract.PLACE_CALL, order)
        self.assertEqual((status, answer.get("code")), (200, "0"), answer)
        return answer["data"]["callID"], order

    # --- Claims ---

    def assert_answer(self, status, operation_id, **words):
        answer = self.api.call(operation_id, **words)
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def assert_refused(self, status, error, operation_id, **words):
        answer = self.api.call(operation_id, is_wrong=True, **words)
        self.assertEqual(answer.status, status, answer)
        self.assertIn(error, answer.error)


class Tour(ControlStory):
    def test_every_operation_answers_as_the_file_says(self):
        self.tour_of_calls()
        self.tour_of_the_aicc()
        self.tour_of_the_journal()
        self.tour_of_the_platform()
        self.tour_of_the_rest()
        called = {name for name, status in self.api.seen if 200 <= status < 300}
        self.assertEqual(called | {"getEvents"}, set(self.api.operations), "getEvents has tests of its own")

    def tour_of_calls(self):
        call_id, order = self.place()
        self.assertEqual(self.assert_answer(200, "getCalls", query={"state": "running"})["calls"][0]["telA"], order["telA"])
        self.assertEqual(self.assert_answer(200, "getCall", callID=call_id)["state"], "ringing_a")
        self.assertEqual(self.assert_answer(200, "answerLeg", callID=call_id, leg="a")["state"], "ringing_b")
        ended = self.assert_answer(200, "hangUpLeg", callID=call_id, leg="b", body={"cause": 17})
        self.assertEqual((ended["state"], ended["releaseCause"], ended["endedBy"]), ("ended", 17, "b"))
        self.assert_answer(202, "pushCdr", callID=call_id)
        self.assertEqual(self.assert_answer(200, "releaseCall", callID=self.place()[0])["endedBy"], "platform")
        sub_id = self.bind()
        self.assertEqual(self.assert_answer(200, "getBindings", query={"state": "bound"})["bindings"][0]["subId"], sub_id)
        self.assertEqual(self.assert_answer(200, "getBinding", subId=sub_id)["state"], "bound")
        self.assertEqual(self.assert_answer(201, "dialBinding", subId=sub_id, body={"from": "b"})["subId"], sub_id)

    def place_cec(self):
        """As a client of the AICC does; returns the callID."""
        key = {"appKey": "fake-aicc-key", "appSecret": "fake-aicc-secret"}
        self.assert_answer(204, "changeAppKey", body=key)
        agent = Agent(f"http://{self.mock.authority}", None, *key.values())
        agent.check = lambda *_: None
        try:
            serial = str(agent.sign_in().create_call(confidential.agent_number(), confidential.customer_number()).serial)
        finally:
            agent.close()
        call = self.assert_answer(200, "getCalls", query={"state": "running"})["calls"][-1]
        self.assertEqual(call["cec"]["callSerialNo"], serial)
        return call["callID"]

    def tour_of_the_aicc(self):
        call_id = self.place_cec()
        self.assert_answer(202, "pushCallback", callID=call_id, kind="hang-up", body={"signature": "none"})
        wait_until(lambda: self.assert_answer(200, "getCall", callID=call_id)["pushes"], "it is sent")
        self.assertEqual(self.assert_answer(200, "getCall", callID=call_id)["pushes"][0]["kind"], "hangUp")
        self.assert_refused(409, "without --aicc-connection-url", "pushCallback", callID=call_id, kind="connection")
        self.assert_refused(409, "it has callbacks", "pushCdr", callID=call_id)
        self.assert_refused(404, "connection and hang-up", "pushCallback", callID=call_id, kind="other")
        self.assert_refused(409, "it has a CDR", "pushCallback", callID=self.place()[0], kind="hang-up")
        self.assert_refused(400, "/appSecret: must be 1 to 256", "changeAppKey", body={"appSecret": "a b"})
        self.assert_refused(400, "/secret: unknown member", "changeAppKey", body={"secret": "x"})
        self.assert_answer(204, "deleteTokens")

    def test_running_calls_come_in_pieces_past_those_that_have_ended(self):
        first, ended, last = (self.place()[0] for _ in range(3))
        self.api.call("releaseCall", callID=ended)
        piece = self.assert_answer(200, "getCalls", query={"state": "running", "limit": 1})
        self.assertEqual([call["callID"] for call in piece["calls"]], [first])
        piece = self.assert_answer(200, "getCalls", query={"state": "running", "first": piece["next"]})
        self.assertEqual([call["callID"] for call in piece["calls"]], [last])
        self.assertNotIn("next", piece)

    def bind(self):
        status, answer = self.send("POST", "/v1/ngin/axb/binding", self.order())
        self.assertEqual((status, answer.get("code")), (200, "0"), answer)
        return answer["data"]["subId"]

    def tour_of_the_journal(self):
        self.place()
        entries = self.assert_answer(200, "getRequests", query={"action": "place"})["requests"]
        self.assertEqual(self.assert_answer(200, "getRequest", number=entries[0]["number"]), entries[0])
        self.assert_answer(200, "verifyRequests", body={"match": {"action": "place"}})
        self.assert_answer(204, "deleteRequests")
        self.assertEqual(self.assert_answer(200, "getRequests")["requests"], [])

    def tour_of_the_platform(self):
        x = "057100009999"
        self.assert_answer(201, "addXNumber", body={"number": x})
        self.assertIs(self.assert_answer(200, "changeXNumber", number=x, body={"blocked": True})["blocked"], True)
        self.assertIn(x, [n["number"] for n in self.assert_answer(200, "getXNumbers")["xNumbers"]])
        self.assert_answer(204, "deleteXNumber", number=x)
        key = {"accessKey": "FAKEKEY/2", "secretKey": "fake-secret-2", "appKey": "fake-app-2"}
        self.assert_answer(201, "addKey", body=key)
        self.assertIs(self.assert_answer(200, "changeKey", accessKey="FAKEKEY/2", body={"locked": True})["locked"], True)
        self.assertNotIn("fake-secret-2", str(self.assert_answer(200, "getKeys")))
        self.assert_answer(204, "deleteKey", accessKey="FAKEKEY/2")
        policy = {"callers": ["1380*"], "callees": [], "anyone": [], "perSecond": 5, "balance": -1, "running": -1}
        self.assertEqual(self.assert_answer(200, "putPolicy", body=policy), policy)
        self.assertEqual(self.assert_answer(200, "getPolicy"), policy)

    def tour_of_the_rest(self):
        self.assertEqual(self.assert_answer(200, "getOpenapi"), self.api.document)
        self.assertIsNone(self.assert_answer(200, "getScenario")["document"])
        self.assertEqual(self.assert_answer(200, "putScenario", body=BUSY)["document"], BUSY)
        self.assert_answer(200, "restartScenario")
        self.assertIsNone(self.assert_answer(200, "deleteScenario")["state"])
        self.assert_answer(200, "getHealth")
        self.assert_answer(200, "getCounters")
        self.assert_answer(200, "changeClock", body={"frozen": True})
        self.assertIs(self.assert_answer(200, "getClock")["frozen"], True)
        self.assert_answer(200, "reset")
        self.assertIs(self.assert_answer(200, "getClock")["frozen"], False)


class Verifying(ControlStory):
    def test_exactly_two_calls_from_a_to_b_signed_by_a_key(self):
        a, b = confidential.agent_number(), confidential.customer_number()
        wanted = {"match": {"action": "place", "telA": a, "telB": b, "accessKey": Mock.access_key, "code": "0"},
                  "count": {"exactly": 2}}
        call_id, _ = self.place(telA=a, telB=b)
        answer = self.assert_answer(409, "verifyRequests", body=wanted)
        self.assertEqual(answer["count"], 1)
        self.api.call("releaseCall", callID=call_id)
        self.place(telA=a, telB=b)
        self.assertEqual(self.assert_answer(200, "verifyRequests", body=wanted)["count"], 2)
        self.assert_answer(409, "verifyRequests", body={**wanted, "count": {"atMost": 1}})
        self.assert_answer(200, "verifyRequests", body={**wanted, "count": {"atLeast": 1, "atMost": 2}})

    def test_the_nearest_entries_say_what_differs(self):
        _, order = self.place()
        self.place()
        self.send("GET", f"{contract.PLACE_CALL}/nobody")
        answer = self.assert_answer(409, "verifyRequests", body={
            "match": {"action": "place", "telA": order["telA"], "telB": "13900000009", "status": 200}})
        self.assertEqual(len(answer["nearest"]), 3)
        self.assertEqual(answer["nearest"][0]["differences"],
                         [{"member": "telB", "wanted": "13900000009", "got": order["telB"]}])
        self.assertEqual([len(near["differences"]) for near in answer["nearest"]], [1, 2, 3])

    def test_only_later_ones_when_asked_so(self):
        self.place()
        since = self.api.call("getRequests").json["requests"][-1]["number"]
        self.assert_answer(200, "verifyRequests", body={"match": {"since": since}, "count": {"exactly": 0}})
        self.place()
        self.assert_answer(200, "verifyRequests", body={"match": {"since": since}, "count": {"exactly": 1}})


class Journal(ControlStory):
    def only_entry(self):
        [entry] = self.assert_answer(200, "getRequests")["requests"]
        return entry

    def test_an_entry_has_all_that_is_known(self):
        call_id, order = self.place()
        entry = self.only_entry()
        self.assertEqual((entry["status"], entry["code"], entry["check"]), (200, "0", "passed"))
        self.assertEqual((entry["method"], entry["path"], entry["peer"]), ("POST", contract.PLACE_CALL, "127.0.0.1"))
        self.assertEqual((entry["callID"], entry["requestId"], entry["action"]), (call_id, order["requestId"], "place"))
        self.assertEqual((entry["telA"], entry["telB"]), (order["telA"], order["telB"]))
        self.assertEqual(json.loads(entry["body"]), order)
        self.assertIn({"name": "AppKey", "value": Mock.app_key}, entry["headers"])

    def test_a_wrong_signature_shows_what_should_have_been_signed(self):
        order = self.order()
        status, answer = self.send("POST", contract.PLACE_CALL, order, secret_key="another-fake-secret")
        self.assertEqual((status, answer["error_code"]), (401, "APIGW.0301"))
        entry = self.only_entry()
        self.assertEqual(entry["check"], "signature_wrong")
        headers = {header["name"]: header["value"] for header in entry["headers"]}
        canonical = sdk_signature.canonical_request("POST", contract.PLACE_CALL, headers, SIGNED, json.dumps(order).encode())
        self.assertEqual(entry["canonicalRequest"], canonical)
        self.assertEqual(answer["mock"], {"check": "signature_wrong", "canonicalRequest": canonical,
                                          "stringToSign": entry["stringToSign"]})

    def test_a_wrong_signature_over_bytes_that_are_no_text_is_shown_as_well(self):
        status, answer = self.send("POST", contract.PLACE_CALL, self.order(), secret_key="another-fake-secret",
                                   signed=sorted([*SIGNED, "x-long"]), X_Long="\x80" * 14000)
        self.assertEqual((status, answer["mock"]["check"]), (401, "signature_wrong"))
        self.assertGreater(len(answer["mock"]["canonicalRequest"]), 14000)

    def assert_check(self, check, **words):
        status, answer = self.send("POST", contract.PLACE_CALL, self.order(), **words)
        self.assertEqual((status, answer["mock"]["check"]), (401, check), answer)

    def test_each_check_is_a_reason_of_its_own(self):
        self.assert_check("key_unknown", access_key="FAKENOBODY")
        self.assert_check("app_key_wrong", app_key="another-fake-app-key")
        self.assert_check("header_unsigned", signed=["host", "x-sdk-date"])
        self.assert_check("date_too_old", X_Sdk_Date=sdk_signature.sdk_date(time.time() - 1000))
        self.assert_check("date_too_new", X_Sdk_Date=sdk_signature.sdk_date(time.time() + 1000))
        self.assert_check("date_malformed", X_Sdk_Date="yesterday")

    def test_what_is_no_http_has_an_entry(self):
        with socket.create_connection(("127.0.0.1", self.mock.port), timeout=30) as client:
            client.sendall(b"GET / / HTTP/1.1\r\n\r\n")
            self.assertTrue(client.recv(4096).startswith(b"HTTP/1.1 400 "))
        entry = self.only_entry()
        self.assertEqual((entry["method"], entry["status"]), ("", 400))
        self.assertEqual(self.api.call("getCounters").json["malformed"], 1)

    def test_a_method_that_nobody_serves_has_an_entry(self):
        connection = http.client.HTTPConnection(self.mock.authority, timeout=30)
        connection.request("PATCH", "/v1/ngin/axmn?x=1", "{}")
        self.assertIn(connection.getresponse().status, (404, 405))
        connection.close()
        entry = self.only_entry()
        self.assertEqual((entry["method"], entry["target"]), ("PATCH", "/v1/ngin/axmn?x=1"))

    def test_it_comes_in_pieces(self):
        for _ in range(3):
            self.send("GET", f"{contract.PLACE_CALL}/nobody")
        first = self.assert_answer(200, "getRequests", query={"limit": 2})
        self.assertEqual(len(first["requests"]), 2)
        second = self.assert_answer(200, "getRequests", query={"since": first["next"]})
        self.assertEqual(len(second["requests"]), 1)
        self.assertNotIn("next", second)


class ByHand(ControlStory):
    def test_a_call_is_answered_talks_and_is_hung_up(self):
        call_id, _ = self.place()
        self.assert_answer(200, "answerLeg", callID=call_id, leg="a")
        self.assertEqual(self.assert_answer(200, "answerLeg", callID=call_id, leg="b")["state"], "talking")
        ended = self.assert_answer(200, "hangUpLeg", callID=call_id, leg="a")
        self.assertEqual((ended["state"], ended["endedBy"], ended["releaseCause"]), ("ended", "a", 16))
        wait_until(lambda: self.api.call("getCall", callID=call_id).json["pushes"], "its CDR is pushed")

    def test_what_cannot_be_is_refused_and_changes_nothing(self):
        call_id, _ = self.place()
        before = self.api.call("getCall", callID=call_id).json
        self.assert_refused(409, "ringing_a", "answerLeg", callID=call_id, leg="b")
        self.assert_refused(404, "legs a and b", "answerLeg", callID=call_id, leg="c")
        self.assert_refused(404, "no such call", "answerLeg", callID="mock-00000000-0000000001", leg="a")
        self.assert_refused(400, "/cause: must be a whole number from 1 to 127", "hangUpLeg", callID=call_id, leg="a",
                            body={"cause": 0})
        self.assertEqual(self.api.call("getCall", callID=call_id).json, before)

    def test_a_cdr_is_pushed_with_a_wrong_signature(self):
        call_id, _ = self.place()
        self.api.call("releaseCall", callID=call_id)
        wait_until(lambda: self.api.call("getCall", callID=call_id).json["pushes"], "its CDR is pushed")
        count = len(self.receiver.requests)
        self.assert_answer(202, "pushCdr", callID=call_id, body={"signature": "wrong", "unknownMembers": True})
        wait_until(lambda: len(self.receiver.requests) > count, "it is pushed again")
        target, headers, body = self.receiver.requests[-1]
        self.assertIsNotNone(sdk_signature.fault_in("POST", target, headers, body, Mock.access_key, Mock.secret_key))


class Clock(ControlStory):
    def test_a_frozen_clock_stands_and_is_moved(self):
        self.assert_answer(200, "changeClock", body={"frozen": True, "now": "2031-01-02T03:04:05Z"})
        self.assertEqual(self.api.call("getClock").json, {"now": "2031-01-02T03:04:05.000Z", "frozen": True, "speed": 1})
        self.assert_answer(200, "changeClock", body={"advance": "90s"})
        self.assertEqual(self.api.call("getClock").json["now"], "2031-01-02T03:05:35.000Z")
        self.assert_refused(400, "/now", "changeClock", body={"now": "2031-01-02T03:04:05Z"})
        self.assert_refused(400, "/advance", "changeClock", body={"advance": "99999999999h"})
        self.assertEqual(self.api.call("getClock").json["now"], "2031-01-02T03:05:35.000Z")

    def test_a_call_is_played_to_its_end_by_moving_the_clock(self):
        self.assert_answer(200, "changeClock", body={"frozen": True})
        call_id, _ = self.place()
        self.assertEqual(self.api.call("getCall", callID=call_id).json["state"], "ringing_a")
        self.assert_answer(200, "changeClock", body={"advance": "5m"})
        self.assertEqual(self.api.call("getCall", callID=call_id).json["state"], "ended")

    def test_dates_are_judged_by_it(self):
        self.assert_answer(200, "changeClock", body={"advance": "16m"})
        status, answer = self.send("POST", contract.PLACE_CALL, self.order())
        self.assertEqual((status, answer["mock"]["check"]), (401, "date_too_old"))


class Scenarios(ControlStory):
    def codes(self, count):
        return [self.send("POST", contract.PLACE_CALL, self.order())[1]["code"] for _ in range(count)]

    def chosen(self):
        return self.assert_answer(200, "getScenario")["state"]["rules"][0]["chosen"]

    def test_it_is_played_from_its_beginning(self):
        self.assert_answer(200, "putScenario", body=BUSY)
        self.assertEqual(self.codes(3), ["0", "90104029", "0"])
        self.assertEqual(self.chosen(), 1)
        entry = self.assert_answer(200, "getRequests", query={"rule": "second is refused"})["requests"][0]
        self.assertEqual(entry["code"], "90104029")
        self.assert_answer(200, "restartScenario")
        self.assertEqual(self.chosen(), 0)
        self.assertEqual(self.codes(2), ["0", "90104029"])

    def test_a_bad_one_changes_nothing(self):
        self.assert_answer(200, "putScenario", body=BUSY)
        self.codes(2)
        self.assert_refused(400, "/rules/0", "putScenario", body={"name": "bad", "rules": [{"name": "x", "whan": {}}]})
        self.assertEqual(self.chosen(), 1)

    def test_reset_brings_back_that_of_the_start(self):
        self.assert_answer(200, "putScenario", body=BUSY)
        self.api.call("reset")
        self.assertIsNone(self.assert_answer(200, "getScenario")["document"])


class Keys(ControlStory):
    KEY = {"accessKey": "FAKEKEY2", "secretKey": "fake-secret-key-2", "appKey": "fake-app-key-2"}

    def place_as(self, access_key, secret_key, app_key):
        return self.send("POST", contract.PLACE_CALL, self.order(app_key), access_key=access_key, secret_key=secret_key,
                         app_key=app_key)

    def test_a_second_customer_places_calls_and_its_cdrs_are_signed_with_its_key(self):
        self.assert_answer(201, "addKey", body=self.KEY)
        status, answer = self.place_as(*self.KEY.values())
        self.assertEqual((status, answer.get("code")), (200, "0"), answer)
        call_id = answer["data"]["callID"]
        self.api.call("releaseCall", callID=call_id)
        wait_until(lambda: self.api.call("getCall", callID=call_id).json["pushes"], "its CDR is pushed")
        target, headers, body = self.receiver.requests[-1]
        self.assertIsNone(sdk_signature.fault_in("POST", target, headers, body, "FAKEKEY2", "fake-secret-key-2"))

    def test_one_customers_app_key_is_not_the_others(self):
        self.assert_answer(201, "addKey", body=self.KEY)
        status, answer = self.send("POST", contract.PLACE_CALL, self.order("fake-app-key-2"))
        self.assertEqual((status, answer["code"]), (200, "90100100"), answer)
        self.assertEqual([violation["path"] for violation in answer["violations"]], ["/appKey"])

    def test_a_new_secret_counts_at_once(self):
        self.assert_answer(201, "addKey", body=self.KEY)
        self.assert_answer(200, "changeKey", accessKey="FAKEKEY2", body={"secretKey": "fake-secret-key-3"})
        self.assertEqual(self.place_as(*self.KEY.values())[1]["mock"]["check"], "signature_wrong")
        self.assertEqual(self.place_as("FAKEKEY2", "fake-secret-key-3", "fake-app-key-2")[0], 200)

    def test_five_failures_in_a_row_lock_a_key_and_a_hand_unlocks_it(self):
        for _ in range(5):
            self.assertEqual(self.place_as(Mock.access_key, "wrong-fake-key", Mock.app_key)[1]["mock"]["check"],
                             "signature_wrong")
        right = (Mock.access_key, Mock.secret_key, Mock.app_key)
        self.assertEqual(self.place_as(*right)[1]["mock"]["check"], "key_locked")
        [key] = self.api.call("getKeys").json["keys"]
        self.assertTrue(key["locked"] and key["lockedUntil"])
        self.assert_answer(200, "changeKey", accessKey=Mock.access_key, body={"locked": False})
        self.assertEqual(self.place_as(*right)[0], 200)

    def test_bad_keys_are_refused_and_change_nothing(self):
        for body, error in (({**self.KEY, "appKey": "a b"}, "/appKey: must be 1 to 256"),
                            ({**self.KEY, "secretKey": 5}, "/secretKey: must be a string"),
                            ({"accessKey": "A", "secretKey": "B"}, "/appKey: must be there"),
                            ({**self.KEY, "more": 1}, "unknown member"),
                            ([], "/: must be an object")):
            self.assert_refused(400, error, "addKey", body=body)
        self.assert_refused(409, "there is a key with it", "addKey", body={**self.KEY, "accessKey": Mock.access_key})
        self.assert_refused(404, "no such key", "changeKey", accessKey="NOBODY", body={})
        self.assert_refused(404, "no such key", "deleteKey", accessKey="NOBODY")
        self.assertEqual([key["accessKey"] for key in self.api.call("getKeys").json["keys"]], [Mock.access_key])

    def test_reset_brings_back_the_keys_of_the_start(self):
        self.assert_answer(201, "addKey", body=self.KEY)
        self.assert_answer(204, "deleteKey", accessKey=Mock.access_key)
        self.api.call("reset")
        self.assertEqual([key["accessKey"] for key in self.api.call("getKeys").json["keys"]], [Mock.access_key])
        self.place()


class Refusals(ControlStory):
    def test_pages_of_other_sites_are_refused(self):
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"},
                        {"Host": "127.0.0.1.evil.example"}, {"Origin": f"http://127.0.0.1:{self.mock.port}"}):
            answer = self.api.ask("POST", "/reset", headers=headers)
            self.assertEqual(answer.status, 403, headers)
        for headers in ({"Origin": f"http://{self.api.authority}"}, {"Host": "localhost"}, {"Host": "[::1]:80"}):
            self.assertEqual(self.api.ask("POST", "/reset", headers=headers).status, 200, headers)

    def test_a_form_cannot_send_a_body(self):
        answer = self.api.ask("POST", "/keys", json.dumps(Keys.KEY), content_type="text/plain")
        self.assertEqual((answer.status, answer.error), (400, "Content-Type: must be application/json"))

    def test_a_body_that_is_no_json_says_so(self):
        for body in (b"", b"{", b"\xff", b'{"frozen":true}x', b'{"frozen":true,"frozen":false}', b"[" * 100):
            answer = self.api.ask("PATCH", "/clock", body)
            self.assertEqual(answer.status, 400, body)
        self.assertIs(self.api.call("getClock").json["frozen"], False)

    def test_a_body_where_none_is_wanted_is_refused(self):
        self.assertEqual(self.api.ask("POST", "/reset", "{}").status, 400)

    def test_a_body_may_be_large_but_not_endless(self):
        self.assertEqual(self.api.ask("PATCH", "/clock", " " * 1024 * 1024 + "{}").status, 413)

    def test_queries_are_checked(self):
        for target in ("/calls?frist=1", "/calls?first=x", "/requests?limit=-1", "/requests?telA=1&telA=2", "/clock?now=1",
                       "/requests?telA=%zz"):
            self.assertEqual(self.api.ask("GET", target).status, 400, target)

    def test_states_that_do_not_exist_are_refused(self):
        self.assert_refused(400, "state: must be one of running, ", "getCalls", query={"state": "live"})
        self.assert_refused(400, "state: must be one of bound, ", "getBindings", query={"state": "running"})

    def test_paths_and_methods_that_are_not_there(self):
        self.assertEqual(self.api.ask("GET", "/nothing").status, 404)
        self.assertEqual(self.api.ask("GET", "/calls/").status, 404)
        answer = self.api.ask("DELETE", "/clock")
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "GET, PATCH"))
        self.assertEqual(self.api.ask("BREW", "/clock").status, 405)

    def test_policies_are_replaced_as_a_whole_or_not_at_all(self):
        self.assert_answer(200, "putPolicy", body={"callers": ["138*"]})
        self.assert_refused(400, "/callees", "putPolicy", body={"callees": ["139*", 5]})
        self.assert_refused(400, "/callees/1: ", "putPolicy", body={"callees": ["139*", "not a number!"]})
        self.assertEqual(self.api.call("getPolicy").json["callers"], ["138*"])
        status, answer = self.send("POST", contract.PLACE_CALL, self.order())
        self.assertEqual((status, answer["code"]), (200, "90106011"))

    def test_x_numbers_are_checked(self):
        self.assert_refused(400, "/number", "addXNumber", body={"number": "12x"})
        [first, *_] = self.api.call("getXNumbers").json["xNumbers"]
        self.assert_refused(409, "/number", "addXNumber", body={"number": first["number"]})
        self.assert_refused(404, "", "deleteXNumber", number="99")


class Events(ControlStory):
    def listen(self):
        connection = http.client.HTTPConnection(self.api.authority, timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", "/events")
        response = connection.getresponse()
        self.addCleanup(response.close)
        self.assertEqual(response.status, 200)
        self.assertEqual(response.headers["Content-Type"], "text/event-stream")
        self.assertEqual([response.readline(), response.readline()], [b": listening\n", b"\n"])
        return response

    @staticmethod
    def next_event(response):
        name, data, end = (response.readline().decode().rstrip("\n") for _ in range(3))
        if not name.startswith("event: ") or not data.startswith("data: ") or end:
            raise AssertionError(f"no event: {name!r} {data!r} {end!r}")
        return name[len("event: "):], json.loads(data[len("data: "):])

    def test_who_listens_is_told_of_requests_calls_and_resets(self):
        response = self.listen()
        call_id, order = self.place()
        told = [self.next_event(response) for _ in range(2)]
        self.assertEqual(sorted(name for name, _ in told), ["call", "request"])
        events = dict(told)
        self.assertEqual((events["call"]["callID"], events["call"]["state"]), (call_id, "ringing_a"))
        self.assertEqual((events["request"]["telA"], events["request"]["status"]), (order["telA"], 200))
        self.api.call("answerLeg", callID=call_id, leg="a")
        self.assertEqual(self.next_event(response)[1]["state"], "ringing_b")
        self.api.call("reset")
        self.assertEqual(self.next_event(response), ("reset", {}))

    def test_there_are_so_many_listeners_and_no_more(self):
        listeners = [self.listen() for _ in range(16)]
        answer = self.api.ask("GET", "/events")
        self.assertEqual(answer.status, 503)
        listeners[0].close()
        listeners[0].fp = None

        def has_room():
            connection = http.client.HTTPConnection(self.api.authority, timeout=30)
            self.addCleanup(connection.close)
            connection.request("GET", "/events")
            return connection.getresponse().status == 200
        del listeners
        self.doCleanups()
        wait_until(has_room, "there is room again")


class Terse(ControlStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = cls.runs_mock(None, tls=False, speed=1, label="terse", words=["--terse", "--allow-replay"])
        cls.api = ControlApi(cls.mock.control_port)

    def test_a_refusal_says_no_more_than_the_platform_does(self):
        status, answer = self.send("POST", contract.PLACE_CALL, self.order(), secret_key="another-fake-secret")
        self.assertEqual(status, 401)
        self.assertEqual(answer["error_msg"], "Incorrect IAM authentication information: verify aksk signature fail")
        self.assertNotIn("mock", answer)
        [entry] = self.api.call("getRequests").json["requests"]
        self.assertTrue(entry["canonicalRequest"] and entry["stringToSign"])

    def test_a_cdr_without_a_push_url_cannot_be_pushed(self):
        self.assert_refused(409, "--push-url", "pushCdr", callID=self.place()[0])


main()
