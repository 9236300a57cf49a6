#!/usr/bin/env python3
"""The ITA's CDR pushes: who may push, what a repeat does, and which call a record ends. The pushes are signed by the
tests' own signer; mock-ita takes the calls and pushes nothing, so that no CDR comes by itself."""
import base64
import hmac
import json
import ssl
import time
import unittest
import urllib.request
from types import SimpleNamespace

import contract
import sdk_signature
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import ROOT, Story, main, wait_until
from metrics import Page

MINUTE_S = 60


class SignerOfTheTests(unittest.TestCase):
    def test_it_agrees_with_the_vectors_on_which_the_good_signers_agree(self):
        vectors = [json.loads(line) for line in (ROOT / "tests/vectors/sdk-hmac-sha256.jsonl").read_text().splitlines()]
        self.assertGreater(len(vectors), 200)
        for vector in vectors:
            with self.subTest(vector["id"]):
                made = sdk_signature.canonical_request(*self.request(vector))
                self.assertEqual(made, vector["expected"]["canonical_request"])
                self.assertEqual(sdk_signature.signature(vector["sk"], vector["date"], made),
                                 vector["expected"]["signature"])

    @staticmethod
    def request(vector):
        host, slash, target = vector["url"].partition("://")[2].partition("/")
        body = base64.b64decode(vector["body_b64"]) if "body_b64" in vector else vector.get("body", "").encode()
        headers = {"host": host, "x-sdk-date": vector["date"]}
        headers.update({name.lower(): value for name, value in vector["headers"].items()})
        return vector["method"], slash + target, headers, vector["expected"]["signed_headers"].split(";"), body


class CdrPush(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()
        cls.ita = cls.runs_mock(None, speed=1)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("alpha", cls.ita))
        cls.sender = CdrSender(cls.gateway, cls.ita.access_key, cls.ita.secret_key)

    def place(self):
        """A call that waits for its CDR, and the good CDR for it."""
        caller, called = agent_number(), customer_number()
        serial = self.assert_placed(self.agent.create_call(caller, called))
        record = cdr(f"call-of-{serial}", self.ita.calls(called)[0]["remark"], caller, called)
        return serial, record

    def assert_taken(self, answer):
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers.get_all("Content-Type"), [contract.JSON_TYPE], "exactly this (section 9)")
        self.assertEqual(answer.json, {"retCode": "0", "retMsg": "success"})

    def assert_open(self, serial):
        self.assertEqual(self.agent.state(serial)["state"], contract.CALLING)

    def assert_ended(self, serial, cause="16"):
        state = self.agent.state(serial)
        self.assertEqual((state["state"], str(state["reasonCode"])), (contract.ENDED, cause))

    def stored(self, record):
        return len(self.gateway.database.cdrs(record["callID"]))


class GoodPushes(CdrPush):
    def test_a_good_push_ends_its_call_at_once(self):
        serial, record = self.place()
        self.assert_taken(self.sender.push(record))
        self.assert_ended(serial)
        call = self.agent.record_of(serial)
        self.assertEqual((call["talkDuration"], call["callerPresent"]), (30, record["calledDisplay"]))
        self.assertEqual(call["endTime"] - call["startTime"], 40_000)

    def test_a_record_matches_by_call_id_when_the_remark_is_the_bare_tenant(self):
        caller, called = agent_number(), customer_number()
        serial = self.assert_placed(self.agent.create_call(caller, called))
        call_id = next(call["call_id"] for call in self.gateway.database.calls() if str(call["serial"]) == serial)
        self.assert_taken(self.sender.push(cdr(call_id, "alpha", None, None)))
        self.assert_ended(serial)

    def test_a_record_matches_by_numbers_when_nothing_else_is_known(self):
        """A call whose outcome is unknown has no callID, and this ITA sends the bare tenant as remark."""
        caller, called = agent_number(), customer_number()
        self.ita.plays("answer-closed")
        self.assert_code(self.agent.create_call(caller, called), contract.PROCESS_FAILURE)
        serial = self.ita.calls(called)[0]["remark"].rpartition(":")[2]
        self.assert_taken(self.sender.push(cdr("an-id-never-told", "alpha", caller, called)))
        self.assert_ended(serial)

    def test_a_record_of_another_call_between_the_same_two_is_no_match(self):
        serial, record = self.place()
        stray = {**record, "callID": "the-id-of-another-call", "remark": "alpha"}
        self.assert_taken(self.sender.push(stray))
        self.assert_open(serial)
        self.assertEqual([row["serial"] for row in self.gateway.database.cdrs("the-id-of-another-call")], [None])

    def test_headers_beyond_the_contract_and_unknown_members_do_not_matter(self):
        serial, record = self.place()
        self.assert_taken(self.sender.push({**record, "somethingNew": {"nested": [1]}}))
        self.assert_ended(serial)

    def test_missing_optional_members_do_not_matter(self):
        serial, record = self.place()
        bare = {name: record[name] for name in ("callID", "remark", "releaseCause")}
        self.assert_taken(self.sender.push(bare))
        self.assert_ended(serial)
        self.assertNotIn("talkDuration", self.agent.record_of(serial))

    def test_a_date_within_the_window_is_taken(self):
        for offset in (-14 * MINUTE_S, 14 * MINUTE_S):
            with self.subTest(offset=offset):
                serial, record = self.place()
                self.assert_taken(self.sender.push(record, at=time.time() + offset))
                self.assert_ended(serial)


class RefusedPushes(CdrPush):
    def assert_refused(self, serial, record, answer):
        self.assert_http_error(answer, 401)
        self.assert_open(serial)
        self.assertEqual(self.stored(record), 0)

    def test_every_refusal_looks_the_same(self):
        serial, record = self.place()
        wrong_secret = CdrSender(self.gateway, self.ita.access_key, "fake-wrong-secret").push(record)
        unknown_key = CdrSender(self.gateway, "FAKEUNKNOWNKEY", self.ita.secret_key).push(record)
        expired = self.sender.push(record, at=time.time() - 16 * MINUTE_S)
        for answer in (wrong_secret, unknown_key, expired):
            self.assert_refused(serial, record, answer)
            self.assertEqual(answer.json, wrong_secret.json, "one generic 401 (signing.md, section 11)")

    def test_a_changed_body_is_refused(self):
        serial, record = self.place()
        body = json.dumps(record).encode()
        headers = self.sender.headers()
        headers["Authorization"] = sdk_signature.authorization("POST", contract.STATUS_NOTIFY, headers, body,
                                                               self.ita.access_key, self.ita.secret_key)
        changed = body.replace(b'"releaseCause": "16"', b'"releaseCause": "17"')
        self.assertNotEqual(changed, body)
        self.assert_refused(serial, record, self.sender.deliver(changed, headers))

    def test_what_must_be_signed_and_is_not_is_refused(self):
        for left_out in ("Content-Type", "Host", "X-Sdk-Date"):
            with self.subTest(left_out=left_out):
                serial, record = self.place()
                signed = [name for name in self.sender.headers() if name != left_out]
                self.assert_refused(serial, record, self.sender.push(record, signed=signed))

    def test_a_changed_signed_header_is_refused(self):
        for name, value in (("Content-Type", "application/json"), ("X-Sdk-Date", sdk_signature.sdk_date(time.time() + 5)),
                            ("Host", "gateway.example.test")):
            with self.subTest(name=name):
                serial, record = self.place()
                self.assert_refused(serial, record, self.sender.push(record, change=lambda h: h.update({name: value})))

    def test_a_date_outside_the_window_is_refused(self):
        for offset in (-16 * MINUTE_S, 16 * MINUTE_S, -365 * 24 * 3600):
            with self.subTest(offset=offset):
                serial, record = self.place()
                self.assert_refused(serial, record, self.sender.push(record, at=time.time() + offset))

    def test_malformed_authorization_is_refused(self):
        for change in (lambda h: h.pop("Authorization"), lambda h: h.pop("X-Sdk-Date"),
                       lambda h: h.update({"Authorization": "Bearer x"}),
                       lambda h: h.update({"Authorization": h["Authorization"] + "0"}),
                       lambda h: h.update({"Authorization": h["Authorization"][:-1]}),
                       lambda h: h.update({"Authorization": h["Authorization"].replace("SDK-HMAC-SHA256", "V11-HMAC-SHA256")}),
                       lambda h: h.update({"X-Sdk-Date": "20261340T000000Z"})):
            with self.subTest():
                serial, record = self.place()
                self.assert_refused(serial, record, self.sender.push(record, change=change))

    def test_an_unsigned_payload_is_refused(self):
        serial, record = self.place()
        body = json.dumps(record).encode()
        headers = {**self.sender.headers(), "X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"}
        headers["Authorization"] = sdk_signature.authorization("POST", contract.STATUS_NOTIFY, headers, body,
                                                               self.ita.access_key, self.ita.secret_key)
        self.assert_refused(serial, record, self.sender.deliver(body, headers))

    def test_a_well_signed_record_that_is_none_is_400(self):
        for body in (b"{", b"[]", b'{"callID":"x"}', b'{"remark":"alpha:1"}', b'{"callID":"x","callID":"y","remark":"a"}',
                     b'{"callID":"x","remark":"alpha:1","calledDisplay":"\xc4\xe3"}'):
            with self.subTest(body=body):
                self.assert_http_error(self.sender.push(body), 400)
                self.assert_http_error(self.sender.push(body, at=time.time() - 1), 400)
                self.assertEqual(self.gateway.database.raw_cdrs().count((None, body)), 1, "it is kept, once")

    def test_a_member_that_can_not_be_read_does_not_cost_the_record(self):
        for changed in ({"startTime": "2026-01-01 10:00:00"}, {"calledAnswerTime": "00000000000000"},
                        {"callDuration": "30.5"}, {"callDuration": True}, {"calledDisplay": "9" * 300}):
            with self.subTest(changed=changed):
                serial, record = self.place()
                self.assert_taken(self.sender.push({**record, **changed}))
                self.assert_ended(serial)

    def test_strangers_do_not_lock_out_the_real_sender(self):
        stranger = CdrSender(self.gateway, self.ita.access_key, "fake-guess", source="127.0.0.2")
        for _ in range(30):
            self.assertIn(stranger.push({"callID": "x", "remark": "alpha"}).status, (401, 429))
        serial, record = self.place()
        self.assert_taken(self.sender.push(record))
        self.assert_ended(serial)


class RepeatedPushes(CdrPush):
    def test_the_same_bytes_again_are_200_and_change_nothing(self):
        serial, record = self.place()
        body = json.dumps(record).encode()
        headers = self.sender.headers()
        headers["Authorization"] = sdk_signature.authorization("POST", contract.STATUS_NOTIFY, headers, body,
                                                               self.ita.access_key, self.ita.secret_key)
        for _ in range(3):
            self.assert_taken(self.sender.deliver(body, headers))
        self.assert_ended(serial)
        self.assertEqual(self.stored(record), 1)

    def test_the_same_record_signed_anew_is_200_and_changes_nothing(self):
        serial, record = self.place()
        for age in (3, 2, 1):
            self.assert_taken(self.sender.push(record, at=time.time() - age))
        self.assert_ended(serial)
        self.assertEqual(self.stored(record), 1)

    def test_a_later_different_record_is_kept_beside_the_first(self):
        serial, record = self.place()
        self.assert_taken(self.sender.push(record))
        before = self.agent.record_of(serial)
        self.assert_taken(self.sender.push({**record, "releaseCause": "17", "callDuration": "99"}))
        self.assertEqual(self.agent.record_of(serial), before, "a finished call is never overwritten")
        self.assertEqual(self.stored(record), 2)

    def test_a_replay_after_a_restart_changes_nothing(self):
        gateway = self.runs_gateway("restarted")
        agent = self.signs_in(gateway.create_tenant("alpha", self.ita))
        sender = CdrSender(gateway, self.ita.access_key, self.ita.secret_key)
        caller, called = agent_number(), customer_number()
        serial = self.assert_placed(agent.create_call(caller, called))
        record = cdr("call-before-restart", self.ita.calls(called)[0]["remark"], caller, called)
        body, headers = json.dumps(record).encode(), sender.headers()
        headers["Authorization"] = sdk_signature.authorization("POST", contract.STATUS_NOTIFY, headers, body,
                                                               self.ita.access_key, self.ita.secret_key)
        self.assert_taken(sender.deliver(body, headers))
        gateway.stop()
        gateway.start()
        agent.close()
        self.assert_taken(sender.deliver(body, headers))
        self.assertEqual(agent.state(serial)["state"], contract.ENDED)
        self.assertEqual(len(gateway.database.cdrs("call-before-restart")), 1)


class SelfTests(CdrPush):
    """The push by which a diagnosis finds out whether pushes arrive: it tells of no call."""
    BODY = b'{"selfTest":"ita-gateway"}'

    refused = 0  # by the tests of this class so far

    def setUp(self):
        self.kept = self.gateway.database.raw_cdrs()

    def metrics(self):
        trust = ssl.create_default_context(cafile=str(self.gateway.certificate))
        with urllib.request.urlopen(f"{self.gateway.admin_url}/metrics", context=trust, timeout=30) as answer:
            return Page(answer.read().decode())

    def assert_refused(self, answer):
        self.assert_http_error(answer, 401)
        SelfTests.refused += 1

    def assert_nothing_kept(self):
        """The page is made once a second: with the last refusal it tells all that went before. A CDR is counted where it
        is kept."""
        def is_counted():
            page = self.metrics()
            return page if page.total("ita_gateway_cdr_pushes_refused_total") == self.refused else None
        page = wait_until(is_counted, f"{self.refused} refused pushes are counted")
        self.assertEqual(self.gateway.database.raw_cdrs(), self.kept)
        self.assertEqual(page.total("ita_gateway_cdrs_total"), len(self.kept))
        self.assertEqual(page.total("ita_gateway_cdrs_unstored_total"), 0)

    def assert_proven(self, answer, signature):
        """By whom holds the SecretKey and saw this very signature."""
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers.get_all("Content-Type"), [contract.JSON_TYPE])
        proof = hmac.new(self.ita.secret_key.encode(), f"ita-gateway verified the self-test {signature}".encode(), "sha256")
        self.assertEqual(answer.json, {"retCode": "0", "retMsg": "success", "selfTest": proof.hexdigest()})

    def signed(self, at=None):
        headers = self.sender.headers(at)
        headers["Authorization"] = sdk_signature.authorization("POST", contract.STATUS_NOTIFY, headers, self.BODY,
                                                               self.ita.access_key, self.ita.secret_key)
        return headers, headers["Authorization"][-64:]

    def test_it_is_proven_as_often_as_it_comes_and_kept_nowhere(self):
        headers, signature = self.signed(time.time() - 1)
        for _ in range(3):
            self.assert_proven(self.sender.deliver(self.BODY, headers), signature)
        later, its_signature = self.signed()
        self.assertNotEqual(its_signature, signature)
        self.assert_proven(self.sender.deliver(self.BODY, later), its_signature)
        self.assert_refused(self.sender.deliver(self.BODY, self.sender.headers()))
        self.assert_nothing_kept()

    def test_unsigned_or_badly_signed_it_is_refused_and_counted_as_any_push(self):
        answers = [self.sender.deliver(self.BODY, self.sender.headers()),
                   CdrSender(self.gateway, self.ita.access_key, "fake-wrong-secret").push(self.BODY),
                   CdrSender(self.gateway, "FAKEUNKNOWNKEY", self.ita.secret_key).push(self.BODY),
                   self.sender.push(self.BODY, at=time.time() - 16 * MINUTE_S),
                   self.sender.push(self.BODY, change=lambda headers: headers.update({"Host": "gateway.example.test"}))]
        for answer in answers:
            self.assert_refused(answer)
            self.assertEqual(answer.json, answers[0].json)
        self.assert_nothing_kept()

    def test_with_a_byte_more_it_is_a_push_as_any_other(self):
        for body in (self.BODY + b" ", b'{"selfTest": "ita-gateway"}', b'{"selfTest":"ita-gateway","callID":"x"}'):
            with self.subTest(body=body):
                self.assert_http_error(self.sender.push(body), 400)
                self.assertEqual(self.gateway.database.raw_cdrs().count((None, body)), 1, "it is kept")

    def test_a_record_signed_with_its_signature_is_refused(self):
        """The body is what is signed."""
        headers, _ = self.signed()
        serial, record = self.place()
        self.assert_refused(self.sender.deliver(json.dumps(record).encode(), headers))
        self.assert_open(serial)


class Strays(CdrPush):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        beta = SimpleNamespace(access_key="FAKEBETAACCESSKEY1", secret_key="fake-beta-secret-key-for-tests-1",
                               app_key="fake-beta-app-key", authority=cls.ita.authority,
                               certificate_der=cls.ita.certificate_der)
        cls.signs_in(cls.gateway.create_tenant("beta", beta))
        cls.beta_sender = CdrSender(cls.gateway, beta.access_key, beta.secret_key)

    def test_a_record_of_no_known_call_is_kept(self):
        record = cdr("never-placed", "alpha:123456789", agent_number(), customer_number())
        self.assert_taken(self.sender.push(record))
        self.assertEqual(self.stored(record), 1)
        self.assert_taken(self.sender.push(record, at=time.time() - 1))
        self.assertEqual(self.stored(record), 1)

    def test_another_tenant_s_key_cannot_end_a_call(self):
        serial, record = self.place()
        self.assert_taken(self.beta_sender.push(record))
        self.assert_open(serial)
        self.assert_taken(self.sender.push(record))
        self.assert_ended(serial)

    def test_two_calls_that_fit_are_no_match(self):
        """By numbers alone nobody can tell which of two calls between the same people a record is about."""
        gateway = self.runs_gateway("unguarded", unknown_guard="0s")
        agent = self.signs_in(gateway.create_tenant("alpha", self.ita))
        caller, called = agent_number(), customer_number()
        for _ in range(2):
            self.ita.plays("answer-closed")
            self.assert_code(agent.create_call(caller, called), contract.PROCESS_FAILURE)
        push = CdrSender(gateway, self.ita.access_key, self.ita.secret_key).push
        self.assert_taken(push(cdr("an-id-never-told", "alpha", caller, called)))
        self.assertEqual([call["state"] for call in agent.history()], [contract.CALLING] * 2)
        self.assertEqual([row["serial"] for row in gateway.database.cdrs()], [None])


class ChangedSecret(CdrPush):
    def test_the_old_secret_stays_good_for_a_while(self):
        new_secret = "fake-new-secret-key-for-tests-02"
        new_sender = CdrSender(self.gateway, self.ita.access_key, new_secret)
        self.gateway.set_bidirectional_call("alpha", new_secret, "--keep-old-secret", "15m")
        stray = cdr("a-probe", "alpha", agent_number(), customer_number())
        wait_until(lambda: new_sender.push(stray).status == 200, "the daemon knows the new secret", 3)
        for sender, name in ((self.sender, "old"), (new_sender, "new")):
            self.assert_taken(sender.push(cdr(f"signed-with-the-{name}", "alpha", agent_number(), customer_number())))

    def test_without_keeping_it_the_old_secret_dies(self):
        new_secret = "fake-new-secret-key-for-tests-03"
        new_sender = CdrSender(self.gateway, self.ita.access_key, new_secret)
        self.gateway.set_bidirectional_call("alpha", new_secret, "--keep-old-secret", "0s")
        stray = cdr("another-probe", "alpha", agent_number(), customer_number())
        wait_until(lambda: new_sender.push(stray).status == 200, "the daemon knows the new secret", 3)
        self.assert_http_error(self.sender.push(stray, at=time.time() - 2), 401)


class ChangedAccessKey(CdrPush):
    def test_calls_under_way_end_by_cdrs_with_the_old_keys(self):
        """A tenant moves to another account of the ITA while its agents talk."""
        serial, record = self.place()
        new_key, new_secret = "FAKEITAACCESSKEY0009", "fake-new-secret-key-for-tests-04"
        new_sender = CdrSender(self.gateway, new_key, new_secret)
        self.gateway.set_bidirectional_call("alpha", new_secret, "--access-key", new_key)
        stray = cdr("a-probe", "alpha", agent_number(), customer_number())
        wait_until(lambda: new_sender.push(stray).status == 200, "the daemon knows the new keys", 3)
        for access_key, secret in ((self.ita.access_key, new_secret), (new_key, self.ita.secret_key)):
            self.assert_http_error(CdrSender(self.gateway, access_key, secret).push(record, at=time.time() - 2), 401)
        self.assert_open(serial)
        self.assert_taken(self.sender.push(record))
        self.assert_ended(serial)


if __name__ == "__main__":
    main()
