#!/usr/bin/env python3
"""What happens to calls, told to administrators as it happens (server-sent events): to whom, what, and when it ends."""
import signal
import time

import confidential
import contract
from administrator import SESSION, Automaton
from event_stream import EventStream
from harness import SLOWNESS, Story, main, wait_until

X_NUMBERS = ["057100000201", "057100000202"]


class EventStory(Story):
    """A gateway, an ITA, and the tenants acme (Specified) and zeta (Automatic)."""
    options = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**cls.options)
        cls.mock = cls.runs_mock(cls.gateway, x_numbers=[confidential.keep_number(x) for x in X_NUMBERS])
        tenants = {"acme": cls.gateway.create_tenant("acme", cls.mock, "specified", X_NUMBERS),
                   "zeta": cls.gateway.create_tenant("zeta", cls.mock)}
        cls.agents = {name: cls.signs_in(tenant) for name, tenant in tenants.items()}
        cls.root = cls.automaton("root")
        cls.acme = cls.automaton("acme-admin", "tenant-admin", "acme")

    @classmethod
    def automaton(cls, name, role="sysadmin", tenant=None):
        automaton = Automaton(cls.gateway, cls.gateway.create_api_key(name, role, tenant))
        cls.addClassCleanup(automaton.close)
        return automaton

    def reads(self, client, tenant, **options):
        """A stream that has said hello."""
        stream = EventStream(client, tenant, **options)
        self.addCleanup(stream.close)
        self.assertEqual(stream.status, 200)
        if not options.get("is_slow"):
            self.assertEqual((stream.next().name, stream.response.headers["X-Accel-Buffering"]), ("hello", "no"))
        return stream

    def refused(self, client, tenant):
        stream = EventStream(client, tenant)
        self.addCleanup(stream.close)
        return stream.status

    def call(self, tenant, ending=""):
        """Places a call; the number of the customer ends so."""
        customer = confidential.customer_number() if not ending else confidential.keep_number("1390000" + ending)
        return self.agents[tenant].create_call(confidential.agent_number(), customer), customer

    def placed(self, tenant):
        return self.assert_placed(self.call(tenant)[0])

    def assert_ends(self, stream, seconds=10):
        wait_until(stream.has_ended.is_set, "the stream ends", seconds)


class Telling(EventStory):
    def test_a_call_is_seen_moving(self):
        stream = self.reads(self.acme, "acme")
        answer, customer = self.call("acme")
        serial = self.assert_placed(answer)
        calling = stream.await_call(serial, state="calling", outcome="accepted")
        self.assertEqual((calling["called"], calling["code"], calling["endedAt"]), (customer, "0", None))
        self.assertIn(calling["xNumber"], X_NUMBERS)
        ended = stream.await_call(serial, state="ended")
        self.assertEqual((ended["cause"], ended["durationS"] > 0), (16, True))
        self.assertIsNotNone(ended["calledAnsweredAt"])
        self.assertEqual(self.agents["acme"].state(serial)["state"], contract.ENDED)

    def test_the_x_number_of_a_call_is_in_use_and_then_rests(self):
        stream = self.reads(self.root, "acme")
        self.placed("acme")
        in_use = stream.next("x-number", lambda x: x["state"] == "inUse").data
        self.assertEqual((in_use["calls"], in_use["restingUntil"]), (1, None))
        resting = stream.next("x-number", lambda x: x["number"] == in_use["number"] and x["state"] == "resting").data
        self.assertEqual(resting["calls"], 0)
        self.assertIsNotNone(resting["restingUntil"])
        listed = {x["number"]: x for x in self.root.ask("GET", "/admin/v1/tenants/acme/x-numbers").json["items"]}[in_use["number"]]
        self.assertEqual(listed["restingUntil"][:16], resting["restingUntil"][:16])
        self.assertIsNone(listed["blockedUntil"])

    def test_a_refused_call_ends_with_its_code(self):
        stream = self.reads(self.root, "zeta")
        self.assert_code(self.call("zeta", contract.magic_refusal(contract.UNAVAILABLE))[0], contract.UNAVAILABLE)
        ended = stream.next("call", lambda call: call["state"] == "ended").data
        self.assertEqual((ended["outcome"], ended["code"]), ("refused", contract.UNAVAILABLE))

    def test_no_tenant_is_told_of_another(self):
        acme, zeta = self.reads(self.acme, "acme"), self.reads(self.root, "zeta")
        ours, theirs = self.placed("acme"), self.placed("zeta")
        acme.await_call(ours, state="ended")
        zeta.await_call(theirs, state="ended")
        self.placed("zeta")
        serial = self.placed("acme")
        seen = []
        while not seen or seen[-1]["callSerialNo"] != serial or seen[-1]["state"] != "ended":
            seen.append(acme.next("call").data)
        self.assertEqual({call["callSerialNo"] for call in seen}, {serial})

    def test_a_change_of_the_settings_is_told(self):
        stream = self.reads(self.acme, "acme")
        self.assertEqual(self.acme.ask("PUT", f"/admin/v1/tenants/acme/x-numbers/{X_NUMBERS[0]}",
                                       {"locked": True}).status, 204)
        stream.next("settings")
        self.gateway.admin("xnumber", "unlock", "acme", X_NUMBERS[0])
        stream.next("settings")

    def test_others_and_strangers_are_refused(self):
        for client, tenant, status in ((self.acme, "zeta", 404), (self.acme, "nobody", 404), (self.root, "nobody", 404),
                                       (Automaton(self.gateway, "ita_wrong"), "acme", 401)):
            with self.subTest(f"{client.key[:8]} {tenant}"):
                self.assertEqual(self.refused(client, tenant), status)

    def test_head_opens_nothing(self):
        self.assertEqual(self.root.ask("HEAD", "/admin/v1/tenants/acme/events").status, 200)

    def test_so_many_and_no_more(self):
        many = self.automaton("many")
        streams = [self.reads(many, "acme") for _ in range(12)]
        self.assertEqual(self.refused(many, "zeta"), 429)
        self.assertEqual(self.reads(self.root, "acme").status, 200)
        streams[0].close()
        wait_until(lambda: self.refused(many, "acme") == 200, "a closed one makes room")


class Ending(EventStory):
    """Whoever may read no longer is cut off."""
    options = {"session_idle": "20s"}

    def setUp(self):
        password = self.gateway.create_user(f"user{self.id().rsplit('_', 1)[-1]}", "tenant-admin", "acme")
        self.name = f"user{self.id().rsplit('_', 1)[-1]}"
        self.browser = self.gateway.browser().settle_in(self.name, password)
        self.addCleanup(self.browser.close)

    def test_with_the_session(self):
        stream = self.reads(self.browser, "acme")
        self.assertEqual(self.browser.ask("DELETE", SESSION).status, 204)
        self.assert_ends(stream)
        self.assertEqual(self.refused(self.browser, "acme"), 401)

    def test_with_the_user(self):
        stream, other = self.reads(self.browser, "acme"), self.reads(self.acme, "acme")
        self.gateway.admin("user", "disable", self.name)
        self.assert_ends(stream)
        self.assertFalse(other.has_ended.is_set())

    def test_with_the_password(self):
        stream = self.reads(self.browser, "acme")
        self.gateway.admin("user", "reset-password", self.name)
        self.assert_ends(stream)

    def test_with_the_api_key(self):
        key = self.automaton("short-lived", "tenant-admin", "acme")
        stream = self.reads(key, "acme")
        self.gateway.admin("api-key", "disable", "short-lived")
        self.assert_ends(stream)

    def test_with_the_feature(self):
        stream, of_root = self.reads(self.acme, "acme"), self.reads(self.root, "acme")
        tenant = self.root.ask("GET", "/admin/v1/tenants/acme")
        flags = {"enabled": True, "bidirectionalCallEnabled": False, "trial": False}
        self.addCleanup(self.root.ask, "PUT", "/admin/v1/tenants/acme", {**flags, "bidirectionalCallEnabled": True},
                        If_Match="*")
        self.assertEqual(self.root.ask("PUT", "/admin/v1/tenants/acme", flags,
                                       If_Match=tenant.headers["ETag"]).status, 200)
        self.assert_ends(stream, 40)
        self.assertFalse(of_root.has_ended.is_set())

    def test_with_the_idle_time_since_neither_it_nor_its_reopening_is_a_use(self):
        began = time.monotonic()
        stream = self.reads(self.browser, "acme")
        for _ in range(3):
            self.reads(self.browser, "acme").close()
        self.assertEqual(self.browser.ask("GET", SESSION, X_Background="1").status, 200)
        self.assert_ends(stream, 40)
        self.assertGreater(stream.comments, 0)
        self.assertGreater(time.monotonic() - began, 19)
        self.assertEqual(self.browser.session.status, 401)


class SlowReader(EventStory):
    """It misses events, is told so, and goes on."""

    def test_a_reader_who_does_not_keep_up_is_told_what_to_do(self):
        slow, quick = self.reads(self.root, "zeta", is_slow=True), self.reads(self.root, "zeta")
        told = 0
        while told < 12000:
            self.call("zeta")
            told += sum(event.name == "call" for event in quick.waiting())
        slow.read_on()
        slow.next("lagged")
        self.assertFalse(slow.has_ended.is_set())
        slow.await_call(self.placed("zeta"), state="ended")


class Draining(EventStory):
    def test_a_stream_does_not_hold_the_gateway_up(self):
        stream = self.reads(self.root, "acme")
        began = time.monotonic()
        self.gateway.signal(signal.SIGTERM)
        self.assert_ends(stream)
        self.gateway.wait()
        self.assertLess(time.monotonic() - began, 5 * SLOWNESS)


if __name__ == "__main__":
    main()
