#!/usr/bin/env python3
"""CDRs that no call was found for: told with the reason, and given to their call by hand."""
import json

import contract
from cdr import cdr
from confidential import agent_number, customer_number
from harness import main
from test_admin_calls import CallStory

UNMATCHED = "/admin/v1/cdrs/unmatched"


class UnmatchedStory(CallStory):
    def push(self, record, status=200):
        """Returns it as the list shows it."""
        self.assertEqual(self.sender.push(record).status, status)
        return self.find("?limit=1", who=self.root, path=UNMATCHED)["items"][0]

    def lose(self, **more):
        """A call, and a CDR of it that does not find it."""
        serial, record = self.place(**more)
        return serial, self.push({**record, "remark": "acme:4711"})

    def attach(self, cdr_id, serial, tenant="acme", who=None):
        return (who or self.root).ask("POST", f"{UNMATCHED}/{cdr_id}/attach", {"tenant": tenant, "callSerialNo": serial})


class Listing(UnmatchedStory):
    def test_each_cdr_is_told_with_the_reason(self):
        unknown = cdr("lost-1", "acme:4711", agent_number(), customer_number())
        shown = self.push(unknown)
        self.assertEqual((shown["reason"], shown["telA"], shown["telB"], shown["remark"], shown["callId"]),
                         ("unknownCall", unknown["telA"], unknown["telB"], "acme:4711", "lost-1"))
        self.assertEqual((shown["tenants"], shown["cause"], shown["durationS"], shown["fault"]),
                         (["acme", "zeta"], 16, 30, None))
        self.assertNotIn(self.ita.access_key, json.dumps(shown))
        serial, record = self.place()
        shown = self.push({**record, "telA": agent_number()})
        self.assertEqual(shown["reason"], "otherNumbers")
        self.assertEqual(self.push(cdr("lost-2", "hello", agent_number(), customer_number()))["reason"], "noCall")
        shown = self.push(b"not JSON", status=400)
        self.assertEqual((shown["reason"], shown["callId"], shown["startAt"]), ("noCdr", None, None))
        self.assertIn("JSON", shown["fault"])
        self.assertEqual(self.push({"remark": "x"}, status=400)["fault"], "callID: must be given")

    def test_pages_follow_each_other(self):
        ids = [self.push(cdr(f"page-{i}", "hello", agent_number(), customer_number()))["id"] for i in range(3)]
        first = self.find("?limit=2", who=self.root, path=UNMATCHED)
        self.assertEqual([item["id"] for item in first["items"]], [ids[2], ids[1]])
        second = self.find(f"?limit=1&cursor={first['next']}", who=self.root, path=UNMATCHED)
        self.assertEqual([item["id"] for item in second["items"]], [ids[0]])
        for query in ("cursor=x", "limit=0", "tenant=acme"):
            self.assert_problem(self.root.ask("GET", f"{UNMATCHED}?{query}"), 400)

    def test_they_are_the_system_administrators(self):
        serial, lost = self.lose()
        self.assert_problem(self.acme.ask("GET", UNMATCHED), 403)
        self.assert_problem(self.attach(lost["id"], serial, who=self.acme), 403)
        self.assertEqual(self.detail(serial)["state"], "calling")


class Attaching(UnmatchedStory):
    def test_the_call_ends_as_the_push_would_have_ended_it(self):
        serial, lost = self.lose()
        caller, called = lost["telA"], lost["telB"]
        self.assert_code(self.agent.create_call(caller, called), "1")
        done = self.assert_ok(self.attach(lost["id"], serial))
        self.assertEqual(done.json, {"tenant": "acme", "callSerialNo": serial, "endedCall": True})
        state = self.agent.state(serial)
        self.assertEqual((state["state"], state["reasonCode"]), (contract.ENDED, "16"))
        call = self.detail(serial)
        self.assertEqual((call["durationS"], call["startAt"], call["cdrs"][0]["id"], call["cdrs"][0]["attachedByHand"]),
                         (30, lost["startAt"], lost["id"], True))
        self.assertNotIn(lost["id"], [item["id"] for item in self.find(who=self.root, path=UNMATCHED)["items"]])
        self.assertEqual(self.gateway.database.audit()[-1],
                         {"who": "api-key:root", "tenant": "acme", "action": "cdr attach",
                          "detail": f"cdr={lost['id']},callSerialNo={serial}"})
        # The daemon knows it, too: the pair may be called again.
        self.assert_placed(self.agent.create_call(caller, called))

    def test_it_is_attached_once(self):
        serial, lost = self.lose()
        self.assert_ok(self.attach(lost["id"], serial))
        self.assert_problem(self.attach(lost["id"], serial), 409)
        other, _ = self.place()
        again = self.attach(lost["id"], other)
        self.assert_problem(again, 409)
        self.assertEqual(again.json["detail"], "the CDR belongs to a call already")
        self.assertEqual(len(self.detail(serial)["cdrs"]), 1)

    def test_a_call_that_has_ended_keeps_what_ended_it(self):
        serial, record = self.end()
        lost = self.push({**record, "remark": "acme:4711", "callID": "another", "releaseCause": "17"})
        self.assertEqual(self.assert_ok(self.attach(lost["id"], serial)).json["endedCall"], False)
        call = self.detail(serial)
        self.assertEqual((call["cause"], [kept["cause"] for kept in call["cdrs"]]), (16, [17, 16]))

    def test_what_does_not_belong_together_is_refused(self):
        serial, lost = self.lose()
        other, _ = self.place()
        self.assertIn("numbers", self.attach(lost["id"], other).json["detail"])
        self.assert_problem(self.attach(lost["id"], other), 409)
        self.assert_fields(self.attach(lost["id"], "1"), {"/callSerialNo": "unknown-call"})
        self.assert_fields(self.attach(lost["id"], serial, "zeta"), {"/callSerialNo": "unknown-call"})
        self.assert_fields(self.attach(lost["id"], serial, "nowhere"), {"/tenant": "unknown-tenant"})
        self.assert_fields(self.attach(lost["id"], "12x"), {"/callSerialNo": "digits"})
        self.assert_fields(self.root.ask("POST", f"{UNMATCHED}/{lost['id']}/attach", {"callSerialNo": 1, "x": 2}),
                           {"/tenant": "required", "/callSerialNo": "type", "/x": "unknown"})
        for cdr_id in ("999999", "0", "-1", "x"):
            self.assert_problem(self.attach(cdr_id, serial), 404)
        no_cdr = self.push(b"[1]", status=400)
        self.assert_problem(self.attach(no_cdr["id"], serial), 409)
        self.assertEqual(self.detail(serial)["state"], "calling")
        self.assert_code(self.agent.create_call(lost["telA"], lost["telB"]), "1")

    def test_another_tenants_cdr_is_not_for_this_one(self):
        theirs, _ = self.place(agent=self.zetas_agent)
        _, lost = self.lose()
        self.gateway.set_bidirectional_call("zeta", None, "--access-key", "FAKEZETAKEY")
        try:
            answer = self.attach(lost["id"], theirs, "zeta")
        finally:
            self.gateway.set_bidirectional_call("zeta", None, "--access-key", self.ita.access_key)
        self.assert_problem(answer, 409)
        self.assertEqual(answer.json["detail"], "the CDR was signed with the AccessKey of another tenant")


class AfterCrash(UnmatchedStory):
    def test_an_attached_cdr_outlives_a_crash(self):
        serial, lost = self.lose()
        self.assert_ok(self.attach(lost["id"], serial))
        self.gateway.kill()
        self.gateway.start()
        for client in (self.acme, self.root):
            client.close()
        self.assertEqual(self.detail(serial)["state"], "ended")
        self.assert_placed(self.gateway.agent(self.agent.app_key, self.agent.app_secret).sign_in()
                           .create_call(lost["telA"], lost["telB"]))


if __name__ == "__main__":
    main()
