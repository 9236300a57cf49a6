#!/usr/bin/env python3
"""A deployment that is spoken to in its own way: the gateway and the mock are given the same wire profile, and a call
goes the whole way; the mock says what is wrong with requests of another."""
import json

from confidential import agent_number, customer_number
from harness import Story, main

X_NUMBERS = ["057100000091", "057100000092"]
PROFILE = {
    "place": {"method": "PUT", "path": "/open/v9/calls/{requestId}?space={tenant}", "request": {
        "v": 2, "test": False, "kind": "two-party", "app": "{appKey}",
        "who": {"from": "tel:{telA}", "to": "tel:{telB}", "via": "{telX}", "how": "{telXMode}"},
        "when": "{subTime}", "note": "{remark}", "rec": "{callRecording}"}},
    "release": {"method": "POST", "path": "/open/v9/calls/end", "request": {"id": "{callID}"}},
    "recording": {"path": "/open/v9/audio?call={callID}"},
    "query": {"path": "/open/v9/calls/{callID}"},
    "values": {"automatic": None, "specified": "fixed", "recorded": "Y", "notRecorded": "N"},
    "remark": "gw/{callSerialNo}/{tenant}",
    "time": {"format": "YYYYMMDDHHmmss", "zone": "Asia/Shanghai"},
    "headers": {"appKey": "X-App-Id", "contentType": "application/json", "signed": ["host", "x-sdk-date"]},
    "bodyHash": "empty",
    "answer": {"code": "/result/status", "message": "/result/text", "callID": "/result/call/id",
               "telX": "/result/call/middle", "success": ["OK"]},
    "codes": {"E-NO-NUMBER": "90106003"},
}


class WireProfile(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.folder / "profile.json"
        cls.profile.write_text(json.dumps(PROFILE))
        cls.gateway = cls.runs_gateway()
        cls.mock = cls.runs_mock(cls.gateway, x_numbers=X_NUMBERS, words=["--profile", cls.profile])

    def test_a_call_goes_the_whole_way(self):
        tenant = self.gateway.create_tenant("own.way", self.mock, profile=self.profile)
        agent = self.signs_in(tenant)
        caller, called = agent_number(), customer_number()
        serial = self.assert_placed(agent.create_call(caller, called))
        self.assertEqual(str(self.await_end(agent, serial)["reasonCode"]), "16")
        placed = self.mock.acknowledged(called)
        self.assertEqual((placed["telA"], placed["telB"]), (caller, called))
        self.assertEqual(placed["remark"], f"gw/{serial}/own.way")
        self.assertIn(placed["telX"], X_NUMBERS)
        request = [r for r in self.mock.requests() if r["path"].startswith("/open/v9/calls/")][-1]
        self.assertEqual((request["method"], request["status"]), ("PUT", 200), request)
        self.assertTrue(request["target"].endswith("?space=own.way"), request)

    def test_a_number_of_ours_and_a_refusal_in_its_own_words(self):
        tenant = self.gateway.create_tenant("specified", self.mock, x_mode="specified", x_numbers=X_NUMBERS[:1],
                                            profile=self.profile)
        agent = self.signs_in(tenant)
        called = customer_number()
        self.assert_placed(agent.create_call(agent_number(), called))
        self.assertEqual(self.mock.acknowledged(called)["telX"], X_NUMBERS[0])
        self.assert_code(agent.create_call(agent_number(), called[:-5] + "96003"), "90106003",
                         "Insufficient Number resources")

    def test_another_deployments_requests_are_none_of_its_actions(self):
        tenant = self.gateway.create_tenant("default-way", self.mock)
        agent = self.signs_in(tenant)
        called = customer_number()
        self.assert_code(agent.create_call(agent_number(), called), "90100400")
        self.assertEqual(self.mock.calls(called), [])

    def test_a_member_too_many_is_named(self):
        other = self.folder / "other.json"
        request = dict(PROFILE["place"]["request"], colour="red", kind="three-party")
        other.write_text(json.dumps(dict(PROFILE, place=dict(PROFILE["place"], request=request))))
        agent = self.signs_in(self.gateway.create_tenant("colourful", self.mock, profile=other))
        self.assert_code(agent.create_call(agent_number(), customer_number()), "90100100", "Invalid Input Parameter")
        reasons = [r["reason"] for r in self.mock.requests() if "colour" in json.dumps(r)]
        self.assertTrue(any("/colour: is unknown" in r and "/kind: must read two-party" in r for r in reasons), reasons)


if __name__ == "__main__":
    main()
