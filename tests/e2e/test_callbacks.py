#!/usr/bin/env python3
"""Callbacks: what agents' systems are told of a call, however their receivers behave (agent-api.md, section 10)."""
import base64
import hashlib
import hmac
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import time
import unittest

import confidential
import contract
from callback_receiver import (SUCCESS, CallbackReceiver, TokenGiver, answers, closes, drips_for_ever, hangs, streams_for_ever)
from confidential import agent_number, customer_number
from harness import ROOT, SLOWNESS, Story, free_port, main, make_certificate, wait_until

SHARED_KEY = confidential.keep("shared key", "not-a-real-shared-key-0123")
TIME = re.compile(r"\d{4}/\d\d/\d\d,\d\d:\d\d:\d\d:\d{3}")
SCHEDULE = "0s,300ms,600ms"


class CallbackStory(Story):
    """A gateway that tries again soon, a mock ITA, and tenants with receivers of their own."""
    options = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**{"callback_schedule": SCHEDULE, "callback_timeout": f"{SLOWNESS}s", **cls.options})
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

    def tenant_with(self, hangup=None, connection=None, **settings):
        """A tenant whose console names these URLs; returns its agent. Settings are options of bidirectional-call set."""
        type(self).tenants += 1
        name = f"t{self.tenants}"
        if hangup:
            settings["hangup_callback_url"] = hangup
        if connection:
            settings["connection_callback_url"] = connection
        words = []
        if settings.pop("shared_key", None):
            key_file = self.folder / "shared-key"
            key_file.write_text(SHARED_KEY)
            words += ["--shared-key-file", key_file]
        if "oauth_secret_key" in settings:
            key_file = self.folder / "oauth-secret-key"
            key_file.write_text(settings.pop("oauth_secret_key"))
            words += ["--oauth-secret-key-file", key_file]
        tenant = self.gateway.create_tenant(name, self.mock)
        words += [word for key, value in settings.items()
                  for word in ((f"--{key.replace('_', '-')}", value) if value is not True else (f"--{key.replace('_', '-')}",))]
        if words:
            self.gateway.set_bidirectional_call(name, None, *words)
        agent = self.signs_in(tenant)
        agent.tenant = name
        return agent

    def places(self, agent, ending=None, **members):
        return self.assert_placed(agent.create_call(agent_number(), customer_number(ending), **members))

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
    def fails_with(self, does, seconds=15):
        """What is shown when a receiver goes on doing this."""
        receiver = self.runs_receiver()
        receiver.does = does
        return self.dead_at(receiver.url(), seconds)

    def dead_at(self, url, seconds=15):
        agent = self.tenant_with(url)
        serial = self.places(agent)
        [item] = self.await_state(agent, serial, "dead", seconds=seconds)
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
        receiver = self.runs_receiver()
        self.trusts("localhost")
        self.gateway.admin("callback-trustlist", "remove", receiver.authority)
        agent = self.tenant_with()
        serial = self.places(agent, callBackUrl=given(receiver.url("/", "localhost")))
        [item] = self.await_state(agent, serial, "dead")
        self.assertIn("address that callbacks must not go to", item["lastError"]["en"])
        self.assertEqual(receiver.count(), 0)

    def test_a_host_that_is_not_trusted_any_more(self):
        receiver = self.runs_receiver()
        agent = self.tenant_with(receiver.url())
        receiver.does = answers(500, {})
        serial = self.places(agent)
        self.await_count(receiver, 1)
        self.gateway.admin("callback-trustlist", "remove", receiver.authority)
        [item] = self.await_state(agent, serial, "dead")
        self.assertIn("trustlist any more", item["lastError"]["en"])


class Trust(CallbackStory):
    @classmethod
    def setUpClass(cls):
        Story.setUpClass.__func__(cls)
        cls.certificate = make_certificate(cls.folder, "receiver")[:2]
        cls.options = {"callback_ca": cls.certificate[0]}
        super().setUpClass()

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
