#!/usr/bin/env python3
"""Callbacks: what agents' systems are told of a call, however their receivers behave (agent-api.md, section 10)."""
import base64
import hashlib
import hmac
import importlib.util
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

import confidential
from administrator import Automaton, Client
from callback_receiver import (SUCCESS, CallbackReceiver, TokenGiver, answers, closes, drips_for_ever, hangs, streams_for_ever,
                               takes)
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from event_stream import EventStream
from harness import ROOT, SLOWNESS, Story, free_port, main, make_certificate, wait_until
from metrics import Page

SHARED_KEY = confidential.keep("shared key", "not-a-real-shared-key-0123")
TIME = re.compile(r"\d{4}/\d\d/\d\d,\d\d:\d\d:\d\d:\d{3}")
SCHEDULE = "0s,300ms,600ms"


class CallbackStory(Story):
    """A gateway that tries again soon, a mock ITA, and tenants with receivers of their own."""

    @classmethod
    def options(cls):
        return {"callback_schedule": SCHEDULE, "callback_timeout": f"{SLOWNESS}s"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**cls.options())
        cls.mock = cls.runs_mock(cls.gateway, speed=1000)
        cls.tenants = 0

    @classmethod
    def runs_receiver(cls, is_trusted=True, **options):
        receiver = CallbackReceiver(**options)
        cls.addClassCleanup(receiver.stop)
        if is_trusted:
            cls.trusts(receiver.authority)
        return receiver

    @classmethod
    def trusts(cls, entry):
        cls.gateway.admin("callback-trustlist", "add", entry)

    @classmethod
    def tenant_with(cls, hangup=None, connection=None, **settings):
        """A tenant whose console names these URLs; returns its agent. Settings are options of bidirectional-call set."""
        cls.tenants += 1
        name = f"t{cls.tenants}"
        if hangup:
            settings["hangup_callback_url"] = hangup
        if connection:
            settings["connection_callback_url"] = connection
        words = []
        if settings.pop("shared_key", None):
            key_file = cls.folder / "shared-key"
            key_file.write_text(SHARED_KEY)
            words += ["--shared-key-file", key_file]
        if "oauth_secret_key" in settings:
            key_file = cls.folder / "oauth-secret-key"
            key_file.write_text(settings.pop("oauth_secret_key"))
            words += ["--oauth-secret-key-file", key_file]
        tenant = cls.gateway.create_tenant(name, cls.mock)
        words += [word for key, value in settings.items()
                  for word in ((f"--{key.replace('_', '-')}", value) if value is not True else (f"--{key.replace('_', '-')}",))]
        if words:
            cls.gateway.set_bidirectional_call(name, None, *words)
        agent = cls.signs_in(tenant)
        agent.tenant = name
        return agent

    def places(self, agent, ending=None, **members):
        return self.assert_placed(agent.create_call(agent_number(), customer_number(ending), **members))

    def await_trust(self, url, is_trusted=True):
        """The daemon looks at the trustlist once a second, or when it is told to. A call that the ITA refuses tells."""
        wanted = "90106003" if is_trusted else "5"
        self.gateway.signal(signal.SIGHUP)
        wait_until(lambda: self.agent.create_call(agent_number(), customer_number("96003"),
                                                  callBackUrl=given(url)).code == wanted, "the trustlist is known")

    def callbacks(self, agent, serial=None):
        """What the outbox has of the tenant, or of one of its calls, in order."""
        items = json.loads(self.gateway.admin("callbacks", "list", "--tenant", agent.tenant, "--json"))
        return sorted((item for item in items if serial in (None, item["callSerialNo"])), key=lambda item: item["id"])

    def await_state(self, agent, serial, *states, seconds=10):
        def reached():
            found = self.callbacks(agent, serial)
            return found if tuple(item["state"] for item in found) == states else None
        return wait_until(reached, f"callbacks of {serial} are {states}", seconds)

    def await_count(self, receiver, count, seconds=10):
        wait_until(lambda: receiver.count() >= count, f"{count} callbacks arrive", seconds)


def given(url):
    """As callBackUrl holds it."""
    return base64.b64encode(url.encode()).decode()


class WhatIsSent(CallbackStory):
    def test_an_answered_call_is_told_of_twice_and_in_order(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url("/bye"), receiver.url("/talking"))
        serial = self.places(agent, agentWorkNo="1001", callData="order 42")
        self.await_count(receiver, 2)
        talking, bye = receiver.of(serial)
        self.assertEqual((talking.method, talking.path, bye.path), ("POST", "/talking", "/bye"))
        self.assertEqual(talking.headers["Content-Type"], "application/json; charset=UTF-8")
        self.assertEqual(sorted(talking.json), ["callData", "callSerialNo", "called", "serviceNo"])
        self.assertEqual((talking.json["serviceNo"], talking.json["callData"]), ("1001", "order 42"))
        self.assertNotEqual(talking.event, bye.event)
        record = agent.record_of(serial)
        told = bye.json
        self.assertTrue(all(isinstance(value, str) for value in told.values()))
        self.assertEqual((told["caller"], told["called"]), (record["caller"], record["called"]))
        self.assertEqual((told["callData"], told["talkDuration"]), ("order 42", str(record["talkDuration"])))
        for name in ("createCallTime", "agentTalkingTime", "talkingTime", "releaseTime"):
            self.assertTrue(TIME.fullmatch(told[name]), told)
        at = time.strptime(told["releaseTime"][:19], "%Y/%m/%d,%H:%M:%S")
        self.assertEqual(time.mktime(at) - time.timezone - 8 * 3600, record["releaseTime"] / 1000)
        self.assertNotIn("releaseReason", told)  # which of them hung up, the ITA does not say
        self.assertNotIn("signature", told)
        delivered = self.await_state(agent, serial, "delivered", "delivered")
        self.assertEqual([item["kind"] for item in delivered], ["connection", "hangup"])
        self.assertEqual([item["id"] for item in delivered], [talking.event, bye.event])

    def test_a_call_that_nobody_answered_is_told_of_once(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url(), receiver.url("/talking"))
        for ending, reason in (("0018", "4"), ("0019", "5"), ("0017", "3")):
            serial = self.places(agent, ending)
            wait_until(lambda: receiver.of(serial), "the callback arrives")
            [bye] = receiver.of(serial)
            self.assertEqual((bye.path, bye.json["releaseReason"]), ("/hangup", reason))
            self.assertNotIn("talkingTime", bye.json)

    def test_a_refused_call_is_not_told_of(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url(), receiver.url("/talking"))
        answer = agent.create_call(agent_number(), customer_number("96003"), callBackUrl=given(receiver.url("/own")))
        self.assert_code(answer, "90106003")
        self.places(agent)
        self.await_count(receiver, 2)
        self.assertEqual(len(self.callbacks(agent)), 2)

    def test_a_url_given_with_the_call_wins(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url("/console"))
        serial = self.places(agent, callBackUrl=given(receiver.url("/given?a&b")))
        self.places(agent)
        self.await_count(receiver, 2)
        self.assertEqual([received.path for received in receiver.of(serial)], ["/given?a&b"])
        self.assertEqual(sorted(received.path for received in receiver.received), ["/console", "/given?a&b"])
        [item] = self.callbacks(agent, serial)
        self.assertEqual(item["url"], receiver.url("/given?***"))

    def test_a_url_given_with_the_call_says_why_it_is_refused(self):
        agent = self.tenant_with()
        self.trusts("crm.example.com")
        for url, why in ((b"https://other.example.com/bye", "is not in the callback address trustlist"),
                         (b"ftp://crm.example.com/", "must start with http:// or https://"),
                         (b"https://crm.example.com/a b", "may hold a-z A-Z 0-9"),
                         (b"https://crm.example.com/%41", "may hold a-z A-Z 0-9"), (b"", None),
                         (b"https://crm.example.com:99999/", "the port must be"), (None, "must be BASE64")):
            with self.subTest(url=url):
                text = "https://crm.example.com/" if url is None else base64.b64encode(url).decode()
                answer = agent.create_call(agent_number(), customer_number(), callBackUrl=text)
                if why is None:
                    self.assert_code(answer, "0")
                    continue
                self.assert_code(answer, "5")
                self.assertTrue(answer.message.startswith("callBackUrl: ") and why in answer.message, answer.message)

    def test_the_method_of_the_console_is_used(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url(), hangup_callback_method="PUT")
        serial = self.places(agent)
        self.await_count(receiver, 1)
        self.assertEqual(receiver.of(serial)[0].method, "PUT")


class SharedKey(CallbackStory):
    def signed_by_contract(self, members):
        rest = {name: value for name, value in members.items() if name not in ("timestamp", "nonce", "signature")}
        text = ",".join(f"{name}={rest[name]}" for name in sorted(rest)).replace(" ", "")
        to_sign = f"{SHARED_KEY}_{members['timestamp']}_{members['nonce']}_{text}"
        return base64.b64encode(hmac.new(SHARED_KEY.encode(), to_sign.encode(), hashlib.sha256).digest()).decode()

    def test_a_url_given_with_the_call_is_signed_and_the_consoles_is_not(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url("/console"), callback_authentication="shared-key", shared_key=True)
        bare = self.places(agent)
        signed = self.places(agent, callBackUrl=given(receiver.url("/given")), callData="a b,c=d")
        self.await_count(receiver, 2)
        self.assertNotIn("signature", receiver.of(bare)[0].json)
        members = receiver.of(signed)[0].json
        self.assertEqual(members["signature"], self.signed_by_contract(members))
        self.assertLess(abs(int(members["timestamp"]) / 1000 - time.time()), 60)

    def test_the_consoles_is_signed_when_it_says_so(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url(), callback_authentication="shared-key", shared_key=True,
                                 console_urls_authenticated=True)
        receiver.script = [answers(500, {})]
        serial = self.places(agent)
        self.await_count(receiver, 2)
        first, second = (received.json for received in receiver.of(serial))
        for members in (first, second):
            self.assertEqual(members["signature"], self.signed_by_contract(members))
        self.assertNotEqual(first["nonce"], second["nonce"])

    def test_the_receiver_of_the_documents_takes_them(self):
        port = free_port()
        script = ROOT / "docs/callback-receiver.py"
        program = subprocess.Popen([sys.executable, str(script), f"127.0.0.1:{port}"], text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env={**os.environ, "SHARED_KEY": SHARED_KEY})
        try:
            self.assertIn("listening", program.stderr.readline())
            self.trusts(f"127.0.0.1:{port}")
            agent = self.tenant_with(callback_authentication="shared-key", shared_key=True)
            serial = self.places(agent, callBackUrl=given(f"http://127.0.0.1:{port}/bye"), callData="Grüße  an alle")
            printed = json.loads(program.stdout.readline())
            self.assertEqual((printed["callSerialNo"], printed["callData"]), (serial, "Grüße  an alle"))
            self.await_state(agent, serial, "delivered")
        finally:
            program.kill()
            program.communicate()

    def test_the_receiver_of_the_documents_refuses_what_is_not_signed(self):
        os.environ["SHARED_KEY"] = SHARED_KEY
        spec = importlib.util.spec_from_file_location("example", ROOT / "docs/callback-receiver.py")
        example = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(example)
        # agent-api.md, section 10: the known answer
        known = {"a": "1", "b": "2", "c": "", "d": "null", "timestamp": "1645495469004", "nonce": "abc123",
                 "signature": "U+Ei4zmceHLT6NzzUFnSY3Vj2QDs3lA1I6RoR3VqEr0="}
        def check(members):
            return example.is_genuine(members, "0123456789abcdef", lambda: 1645495469)
        self.assertTrue(check(known))
        self.assertTrue(check({**known, "d": None}))
        for wrong in ({"a": "2"}, {"nonce": "abc124"}, {"timestamp": "1645495469005"}, {"signature": None}, {"e": "1"},
                      {"timestamp": "1645000000000"}):
            self.assertFalse(check({**known, **wrong}), wrong)


class OAuth(CallbackStory):
    def setUp(self):
        self.giver = TokenGiver("fake-oauth-ak", confidential.keep("OAuth secret key", "fake-oauth-sk&=%"))
        self.addCleanup(self.giver.stop)
        self.trusts(self.giver.authority)
        self.receiver = self.runs_receiver()

    def tenant(self, **settings):
        return self.tenant_with(self.receiver.url(), callback_authentication="oauth2", console_urls_authenticated=True,
                                oauth_access_key=self.giver.access_key, oauth_secret_key=self.giver.secret_key,
                                oauth_login_url=self.giver.url("/oauth2/v1/token"), **settings)

    def test_one_token_is_fetched_for_many(self):
        agent = self.tenant()
        serials = [self.places(agent) for _ in range(10)]
        self.await_count(self.receiver, 10)
        for serial in serials:
            [received] = self.receiver.of(serial)
            self.assertEqual(received.headers["access-token"], self.giver.given[0])
            self.assertEqual(received.headers["Authorization"], f"Bearer {self.giver.given[0]}")
        self.assertEqual(self.giver.count(), 1)
        self.assertEqual(self.giver.received[0].headers["Content-Type"], "application/x-www-form-urlencoded")

    def test_a_token_that_is_refused_is_replaced_and_the_callback_tried_again_at_once(self):
        agent = self.tenant()
        self.receiver.script = [answers(401, {})]
        serial = self.places(agent)
        [item] = self.await_state(agent, serial, "delivered")
        self.assertEqual(item["attempts"], 1)
        self.assertEqual([received.headers["access-token"] for received in self.receiver.of(serial)], self.giver.given[:2])

    def test_a_second_refusal_is_a_failure(self):
        agent = self.tenant()
        self.receiver.script = [answers(401, {}), answers(401, {})]
        serial = self.places(agent)
        [item] = self.await_state(agent, serial, "delivered")
        self.assertEqual(item["attempts"], 2)

    def test_a_token_is_not_used_up_to_its_end(self):
        self.giver.expires_in = 2 * SLOWNESS
        agent = self.tenant()
        self.places(agent)
        self.await_count(self.receiver, 1)
        time.sleep(1.1 * SLOWNESS)  # half of its time
        self.places(agent)
        self.await_count(self.receiver, 2)
        self.assertEqual([received.headers["access-token"] for received in self.receiver.received], self.giver.given[:2])

    def test_without_a_token_nothing_is_sent(self):
        self.giver.does = answers(403, {"error": "no"})
        agent = self.tenant()
        serial = self.places(agent)
        [item] = self.await_state(agent, serial, "dead")
        self.assertIn("gave no token: HTTP status 403", item["lastError"]["en"])
        self.assertEqual(self.receiver.count(), 0)


class BadReceivers(CallbackStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls.tenant_with()

    def fails_with(self, does, seconds=15):
        """What is shown when a receiver goes on doing this."""
        receiver = self.runs_receiver()
        receiver.does = does
        return self.dead_at(receiver.url(), seconds)

    def dead_at(self, url, seconds=15):
        self.await_trust(url)
        serial = self.places(self.agent, callBackUrl=given(url))
        [item] = self.await_state(self.agent, serial, "dead", seconds=seconds)
        self.assertEqual(item["attempts"], 3)
        self.assertTrue(item["lastError"]["zh"])
        return item["lastError"]["en"]

    def test_a_redirect_is_not_followed(self):
        other = self.runs_receiver()
        error = self.fails_with(answers(302, SUCCESS, Location=other.url("/elsewhere")))
        self.assertIn("redirect", error)
        self.assertEqual(other.count(), 0)

    def test_garbage_is_no_success(self):
        for body, shown in ((b"<html>OK</html>", "no JSON"), (b"", "no JSON"), ({"retCode": "17"}, "retCode 17"),
                            ({"ok": True}, "no member retCode")):
            with self.subTest(body=body):
                self.assertIn(shown, self.fails_with(answers(200, body)))

    def test_another_status_is_no_success(self):
        self.assertIn("HTTP status 503", self.fails_with(answers(503, SUCCESS)))
        self.assertIn("HTTP status 201", self.fails_with(answers(201, SUCCESS)))

    def test_an_answer_without_end_is_left(self):
        self.assertIn("no whole answer", self.fails_with(streams_for_ever))
        self.assertIn("no answer in time", self.fails_with(drips_for_ever))

    def test_no_answer_is_left(self):
        self.assertIn("no answer in time", self.fails_with(hangs(5 * SLOWNESS)))
        self.assertIn("no whole answer", self.fails_with(closes))

    def test_nobody_there(self):
        port = free_port()
        self.trusts(f"127.0.0.1:{port}")
        self.assertIn("no connection", self.dead_at(f"http://127.0.0.1:{port}/"))

    def test_a_certificate_of_nobody(self):
        certificate, key, _ = make_certificate(self.folder, "nobody")
        receiver = self.runs_receiver(certificate=(certificate, key))
        error = self.dead_at(receiver.url())
        self.assertIn("no connection", error)
        self.assertIn("self-signed certificate", error)
        self.assertEqual(receiver.count(), 0)

    def test_a_name_that_leads_to_this_machine(self):
        """createCall asks no name server; the connection does."""
        receiver = self.runs_receiver(is_trusted=False)
        self.trusts("localhost")
        self.assertIn("address that callbacks must not go to", self.dead_at(receiver.url("/", "localhost")))
        self.assertEqual(receiver.count(), 0)

    def test_a_host_that_is_not_trusted_any_more(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url())
        self.gateway.admin("callback-trustlist", "remove", receiver.authority)
        self.await_trust(receiver.url(), is_trusted=False)
        serial = self.places(agent)
        [item] = self.await_state(agent, serial, "dead")
        self.assertIn("trustlist any more", item["lastError"]["en"])
        self.assertEqual(receiver.count(), 0)


class Delivery(CallbackStory):
    @classmethod
    def options(cls):
        return {**super().options(), "callback_connections_max": 4}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dead_port = free_port()
        cls.trusts(f"127.0.0.1:{cls.dead_port}")
        cls.receiver = cls.runs_receiver()
        cls.agent = cls.tenant_with(cls.receiver.url("/bye"), cls.receiver.url("/talking"))
        cls.root = cls.automaton("root")
        cls.admin = cls.automaton("admin", "tenant-admin", cls.agent.tenant)

    @classmethod
    def automaton(cls, name, role="sysadmin", tenant=None):
        automaton = Automaton(cls.gateway, cls.gateway.create_api_key(name, role, tenant))
        cls.addClassCleanup(automaton.close)
        return automaton

    def setUp(self):
        self.receiver.does, self.receiver.script = takes, []
        self.path = f"/admin/v1/tenants/{self.agent.tenant}/callbacks"

    def test_a_failure_is_tried_again_as_the_same_event(self):
        self.receiver.script = [answers(500, {}), answers(200, b"?")]
        serial = self.places(self.agent, "0017")
        [item] = self.await_state(self.agent, serial, "delivered")
        first, second, third = self.receiver.of(serial)
        self.assertEqual({received.event for received in (first, second, third)}, {item["id"]})
        self.assertEqual(first.json, second.json)
        self.assertGreaterEqual(second.at - first.at, 0.3)
        self.assertGreaterEqual(third.at - second.at, 0.3)
        self.assertIsNone(item["lastError"])
        shown = self.admin.ask("GET", f"{self.path}/{item['id']}").json
        self.assertEqual([(entry["result"], entry["status"]) for entry in shown["history"]],
                         [("failed", 500), ("failed", 200), ("delivered", 200)])
        self.assertEqual(shown["body"], third.json)

    def test_the_hangup_waits_for_the_connection(self):
        self.receiver.script = [answers(500, {}), answers(500, {})]
        serial = self.places(self.agent)
        self.await_state(self.agent, serial, "delivered", "delivered")
        self.assertEqual([received.path for received in self.receiver.of(serial)], ["/talking"] * 3 + ["/bye"])

    def test_the_hangup_goes_when_the_connection_is_dead(self):
        self.receiver.script = [answers(500, {})] * 3
        serial = self.places(self.agent)
        self.await_state(self.agent, serial, "dead", "delivered")
        self.assertEqual([received.path for received in self.receiver.of(serial)], ["/talking"] * 3 + ["/bye"])

    def test_dead_ones_are_sent_again_by_the_api(self):
        self.receiver.script = [answers(500, {})] * 6
        serial = self.places(self.agent)
        talking, bye = self.await_state(self.agent, serial, "dead", "dead")
        listed = self.admin.ask("GET", f"{self.path}?state=dead&callSerialNo={serial}&kind=hangup").json["items"]
        self.assertEqual([item["id"] for item in listed], [bye["id"]])
        self.assertEqual(self.admin.ask("POST", f"{self.path}/{bye['id']}/resend").status, 202)
        self.await_state(self.agent, serial, "dead", "delivered")
        answer = self.admin.ask("POST", f"{self.path}/resend", {"state": "dead"})
        self.assertEqual((answer.status, answer.json["mayHaveMore"]), (202, False))
        self.assertGreaterEqual(answer.json["count"], 1)
        self.await_state(self.agent, serial, "delivered", "delivered")
        self.assertEqual([received.event for received in self.receiver.of(serial)],
                         [talking["id"]] * 3 + [bye["id"]] * 4 + [talking["id"]])
        entries = [entry for entry in self.gateway.database.audit() if entry["action"] == "callback resend"]
        self.assertIn({"who": "api-key:admin", "tenant": self.agent.tenant, "action": "callback resend",
                       "detail": f"id={bye['id']}"}, entries)

    def test_dead_ones_are_sent_again_by_the_command_in_their_order(self):
        self.receiver.script = [answers(500, {})] * 6
        serial = self.places(self.agent)
        self.await_state(self.agent, serial, "dead", "dead")
        self.gateway.admin("callbacks", "resend", "--tenant", self.agent.tenant, "--state", "dead")
        items = self.await_state(self.agent, serial, "delivered", "delivered")
        self.assertEqual([received.path for received in self.receiver.of(serial)][-2:], ["/talking", "/bye"])
        shown = json.loads(self.gateway.admin("callbacks", "show", "--tenant", self.agent.tenant, items[0]["id"]))
        self.assertEqual((shown["attempts"], len(shown["history"])), (4, 4))

    def test_wrong_questions_are_refused(self):
        other = self.automaton("other", "tenant-admin", self.tenant_with().tenant)
        self.assertEqual(other.ask("GET", self.path).status, 404)
        for query in ("state=late", "kind=call", "callSerialNo=x", "cursor=1", "callSerialNo=-1", "more=1"):
            self.assertEqual(self.admin.ask("GET", f"{self.path}?{query}").status, 400, query)
        for path in ("1-1", "x", "1"):
            self.assertEqual(self.admin.ask("GET", f"{self.path}/{path}").status, 404)
            self.assertEqual(self.admin.ask("POST", f"{self.path}/{path}/resend").status, 404)
        for body in ({}, {"state": "waiting"}, {"state": "dead", "more": 1}):
            self.assertEqual(self.admin.ask("POST", f"{self.path}/resend", body).status, 422, body)
        of_tenant = ["--tenant", self.agent.tenant]
        for words in (["list"], ["list", *of_tenant, "--state", "late"], ["resend", *of_tenant], ["show", *of_tenant, "x"]):
            self.assertEqual(self.gateway.try_admin("callbacks", *words).returncode, 2, words)
        for words in (["list", "--tenant", "nobody"], ["show", *of_tenant, "1-1"], ["resend", *of_tenant, "1-1"]):
            self.assertEqual(self.gateway.try_admin("callbacks", *words).returncode, 1, words)

    def test_pages_follow_each_other(self):
        serials = [self.places(self.agent, "0017") for _ in range(5)]
        for serial in serials:
            self.await_state(self.agent, serial, "delivered")
        seen, cursor = [], ""
        while cursor is not None:
            page = self.admin.ask("GET", f"{self.path}?limit=2&kind=hangup{cursor and '&cursor=' + cursor}").json
            self.assertLessEqual(len(page["items"]), 2)
            seen += [item["callSerialNo"] for item in page["items"]]
            cursor = page["next"]
        self.assertEqual(seen[:5], serials[::-1])
        self.assertEqual(len(seen), len(set(seen)))

    def test_a_receiver_that_hangs_delays_nobody_else(self):
        slow, quick = self.runs_receiver(), self.runs_receiver()
        slow.does = hangs(2 * SLOWNESS)
        for receiver in (slow, quick):
            self.await_trust(receiver.url())
        for _ in range(12):
            self.places(self.agent, "0017", callBackUrl=given(slow.url()))
        wait_until(lambda: slow.under_way == 4, "the slow one has all it gets")
        begun = time.monotonic()
        for _ in range(12):
            self.places(self.agent, "0017", callBackUrl=given(quick.url()))
        self.await_count(quick, 12)
        self.assertLess(time.monotonic() - begun, 2 * SLOWNESS)
        self.assertLess(slow.count(), 12)
        self.assertEqual(slow.most_under_way, 4)


class Leases(CallbackStory):
    @classmethod
    def options(cls):
        return {**super().options(), "ita_timeout": f"{2 * SLOWNESS - 1}s", "call_lease": f"{2 * SLOWNESS}s"}

    def test_a_call_whose_end_nobody_told_is_told_of_and_its_late_cdr_too(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url())
        called = customer_number("80001")  # no CDR
        serial = self.assert_placed(agent.create_call(agent_number(), called, callData="x"))
        self.await_count(receiver, 1, 15)
        told = receiver.of(serial)[0].json
        self.assertEqual(sorted(told), ["callData", "callSerialNo", "called", "caller", "callerPresent", "createCallTime",
                                        "serviceNo"])
        [call] = self.mock.calls(called)
        sender = CdrSender(self.gateway, self.mock.access_key, self.mock.secret_key)
        record = cdr(call["callID"], call["remark"], call["telA"], called, call["telX"], appKey=self.mock.app_key)
        self.assertEqual(sender.push(record).status, 200)
        self.await_count(receiver, 2)
        first, second = receiver.of(serial)
        self.assertNotEqual(first.event, second.event)
        self.assertEqual(second.json["talkDuration"], "30")


class Restart(CallbackStory):
    def test_what_is_owed_survives_a_kill(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url("/bye"), receiver.url("/talking"))
        receiver.does = hangs(0.2)
        serials = [self.places(agent) for _ in range(10)]
        for serial in serials:
            self.await_end(agent, serial)
        self.gateway.kill()
        receiver.does = takes
        self.gateway.start()
        for serial in serials:
            self.await_state(agent, serial, "delivered", "delivered")
            paths = [received.path for received in receiver.of(serial)]
            self.assertEqual(paths, sorted(paths, reverse=True), "no connection behind the hang-up")
            self.assertEqual(len({received.event for received in receiver.of(serial)}), 2)


class FullDisk(CallbackStory):
    def test_what_was_taken_is_not_sent_again_because_it_could_not_be_noted(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url())
        receiver.does = hangs(0.5)
        serial = self.places(agent)
        wait_until(lambda: receiver.under_way == 1, "it is under way")
        pid = self.gateway.process.pid
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        wait_until(lambda: receiver.under_way == 0, "it was taken")
        for _ in range(2):  # what comes after it can't be stored, either
            self.assert_http_error(agent.create_call(agent_number(), customer_number()), 500)
        self.assertEqual([item["state"] for item in self.callbacks(agent, serial)], ["waiting"])
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.await_state(agent, serial, "delivered", seconds=20)
        self.assertEqual(receiver.count(), 1)


class FullDiskAndMuchOwed(CallbackStory):
    COUNT, UNDER_WAY_MAX = 1500, 512
    ROUNDS = 4  # in which the store is asked again to keep what was taken: one a second

    @classmethod
    def options(cls):
        return {"log_level": "info", "callback_connections_max": 200, "callback_per_second_max": 100000}

    def limit_files(self, size):
        resource.prlimit(self.gateway.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def failures(self):
        return Page(self.scraper.send("GET", "/metrics").body.decode()).value("ita_gateway_store_failures_total")

    def test_no_more_is_sent_than_is_remembered(self):
        receiver, released = self.runs_receiver(), threading.Event()
        self.addCleanup(released.set)
        receiver.does = lambda _: (released.wait(60), (200, SUCCESS))[1]
        self.tenant_with(receiver.url("/bye"))
        self.gateway.kill()
        self.gateway.database.add_calls(1, self.COUNT)
        self.gateway.database.add_callbacks(1)
        self.gateway.start()
        self.scraper = Client(self.gateway)
        self.addCleanup(self.scraper.close)
        wait_until(lambda: receiver.under_way > 0, "they are under way")
        self.limit_files(1)
        released.set()
        wait_until(lambda: receiver.count() >= self.UNDER_WAY_MAX, "as many are sent as may be", 30)
        before = self.failures()
        wait_until(lambda: self.failures() >= before + self.ROUNDS, "the store is asked again", 30)
        self.assertEqual(receiver.count(), self.UNDER_WAY_MAX)
        self.limit_files(resource.RLIM_INFINITY)
        wait_until(lambda: receiver.count() >= self.COUNT, "all of them arrive", 30)
        self.assertEqual(len({received.event for received in receiver.received}), self.COUNT)


class Backlog(CallbackStory):
    """What is owed to a receiver that is away: CALLBACKS of them, a thousand by default."""
    calls = int(os.environ.get("CALLBACKS", "1000")) // 2
    per_second, pause_s = (1000, 60) if "CALLBACKS" in os.environ else (200, 3 * SLOWNESS)

    @classmethod
    def options(cls):
        return {"callback_schedule": "0s,1s," + ",".join(f"{n * cls.pause_s}s" for n in range(1, 19)), "log_level": "info",
                "callback_timeout": f"{SLOWNESS}s", "callback_per_second_max": cls.per_second}

    def place_many(self, agent_of, count, threads):
        """How long each createCall took, in seconds."""
        took, lock = [], threading.Lock()

        def place(share):
            agent = agent_of()
            for _ in range(share):
                begun = time.monotonic()
                self.places(agent)
                with lock:
                    took.append(time.monotonic() - begun)
            agent.close()
        workers = [threading.Thread(target=place, args=(count // threads,)) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return sorted(took)

    def memory_kib(self):
        status = open(f"/proc/{self.gateway.process.pid}/status", encoding="ascii").read()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def test_all_of_it_is_delivered_when_the_receiver_is_back(self):
        port = free_port()
        self.trusts(f"127.0.0.1:{port}")
        url = f"http://127.0.0.1:{port}"
        agent = self.tenant_with(url + "/bye", url + "/talking")

        def another():
            return self.gateway.agent(agent.app_key, agent.app_secret).sign_in()
        threads = 4
        count = self.calls // threads * threads
        took = self.place_many(another, count, threads)
        wait_until(lambda: len(self.mock.calls()) >= count if count <= 1000 else
                   self.mock.counters()["pushesAcknowledged"] >= count, "all calls have ended", 300)
        print(f"{count} calls with {2 * count} callbacks owed: createCall took {took[len(took) // 2] * 1000:.1f} ms in the "
              f"middle, {took[len(took) * 99 // 100] * 1000:.1f} ms at 99 %; {self.memory_kib()} KiB")
        self.assertLess(took[len(took) // 2], 0.2 * SLOWNESS)
        self.gateway.kill()
        receiver = CallbackReceiver(port=port)
        self.addCleanup(receiver.stop)
        self.gateway.start()
        begun = time.monotonic()
        wait_until(lambda: receiver.count() >= count, "half of it arrives", 300)
        self.gateway.kill()
        self.gateway.start()
        wait_until(lambda: len({received.event for received in list(receiver.received)}) >= 2 * count, "all of it arrives", 600)
        seconds = time.monotonic() - begun
        print(f"delivered within {seconds:.1f} s, {receiver.count() - 2 * count} of them twice; {self.memory_kib()} KiB")
        self.check_order(receiver, count)
        self.check_rate(receiver)

    def check_order(self, receiver, count):
        paths = {}
        for received in receiver.received:
            paths.setdefault(received.serial, []).append(received.path)
        self.assertEqual(len(paths), count)
        for serial, seen in paths.items():
            self.assertEqual(seen, sorted(seen, reverse=True), serial)
            self.assertEqual(set(seen), {"/talking", "/bye"})

    def check_rate(self, receiver):
        """In any second: what a second may have, and a tenth of it that was saved up; a start may save up once more."""
        times = [received.at for received in receiver.received]
        first = 0
        for last, at in enumerate(times):
            while times[first] < at - 1:
                first += 1
            self.assertLessEqual(last - first + 1, 1.3 * self.per_second)


class ManyReceivers(CallbackStory):
    """More receivers are owed something than the gateway keeps in memory at a time."""
    COUNT = 2500

    @classmethod
    def options(cls):
        return {"log_level": "info", "callback_connections_max": 200, "callback_per_second_max": 100000}

    def test_none_of_them_is_forgotten(self):
        receiver = self.runs_receiver()
        self.tenant_with(receiver.url("/bye"))
        self.gateway.kill()
        self.gateway.database.add_calls(1, self.COUNT)
        self.gateway.database.add_callbacks(1)
        self.gateway.start()
        wait_until(lambda: receiver.count() >= self.COUNT, "all of them arrive", 30 * SLOWNESS)
        self.assertEqual(len({received.event for received in receiver.received}), self.COUNT)


class OneAtATime(CallbackStory):
    @classmethod
    def options(cls):
        return {**super().options(), "callback_connections_max": 1, "callback_timeout": f"{min(20 * SLOWNESS, 60)}s"}

    def test_who_waits_behind_one_that_goes_elsewhere_now_is_not_forgotten(self):
        receiver, other = self.runs_receiver(), self.runs_receiver()
        first, second, third = (self.tenant_with(receiver.url(f"/{n}")) for n in range(3))
        is_free = threading.Event()
        receiver.does = lambda _: (is_free.wait(10), (200, SUCCESS))[1]
        self.places(first)
        wait_until(lambda: receiver.under_way == 1, "the first is under way")
        for agent in (second, third):
            self.await_end(agent, self.places(agent))
        root = Automaton(self.gateway, self.gateway.create_api_key("root"))
        stream = EventStream(root, second.tenant)
        self.addCleanup(root.close)
        self.addCleanup(stream.close)
        self.gateway.set_bidirectional_call(second.tenant, None, "--hangup-callback-url", other.url())
        stream.next("settings")
        is_free.set()
        self.await_count(other, 1)
        self.await_count(receiver, 2)


class Greed(CallbackStory):
    @classmethod
    def options(cls):
        return {"log_level": "info", "callback_connections_max": 200, "callback_timeout": "30s"}

    def test_a_tenant_with_many_receivers_that_hang_delays_no_other(self):
        receiver = self.runs_receiver()
        self.tenant_with(receiver.url("/greedy"))
        modest = self.tenant_with(receiver.url("/modest"))
        silent = [socket.create_server(("127.0.0.1", 0), backlog=512) for _ in range(4)]
        for listener in silent:
            self.addCleanup(listener.close)
            self.trusts(f"127.0.0.1:{listener.getsockname()[1]}")
        self.gateway.kill()
        self.gateway.database.add_calls(1, 700)
        self.gateway.database.add_callbacks(1, [f"http://127.0.0.1:{listener.getsockname()[1]}/" for listener in silent])
        self.gateway.start()
        wait_until(lambda: len(os.listdir(f"/proc/{self.gateway.process.pid}/fd")) > 128, "it sends what it can")
        modest.close()
        modest.sign_in()
        self.places(modest)
        self.await_count(receiver, 1)


class Trust(CallbackStory):
    @classmethod
    def options(cls):
        cls.certificate = make_certificate(cls.folder, "receiver")[:2]
        return {**super().options(), "callback_ca": cls.certificate[0]}

    def test_receivers_are_trusted_by_the_certificates_of_callback_ca(self):
        receiver = self.runs_receiver(certificate=self.certificate)
        other = self.runs_receiver(certificate=make_certificate(self.folder, "other")[:2])
        agent = self.tenant_with(receiver.url(), other.url("/talking"))
        serial = self.places(agent)
        items = self.await_state(agent, serial, "dead", "delivered")
        self.assertIn("certificate", items[0]["lastError"]["en"])
        self.assertEqual((receiver.count(), other.count()), (1, 0))


if __name__ == "__main__":
    main()
