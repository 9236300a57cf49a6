#!/usr/bin/env python3
"""A call rings two people, so whatever goes wrong on the way to the ITA, it is never placed twice, and the answer tells
truly whether it may have been placed: 90104004 surely not, 90104008 nobody knows, else the ITA's own code. A fake ITA
plays one fault per request; a good call after each shows that the gateway recovered."""
import threading

import contract
import fake_ita
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from fake_ita import answers, refuses
from harness import Story, main, make_certificate, wait_until


class ItaFailures(Story):
    options = {"ita_timeout": "1500ms", "ita_connect_timeout": "1s", "ita_attempts": 1}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**cls.options)
        cls.ita = cls.runs_fake_ita()
        cls.agent = cls.signs_in(cls.gateway.create_tenant("unlucky", cls.ita))

    def tearDown(self):
        self.ita.script()
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))

    def call_meets(self, *faults):
        """Places a call into the faults; returns the answer, the numbers, and the requests that reached the ITA."""
        caller, called = agent_number(), customer_number()
        self.ita.script(*faults)
        answer = self.agent.create_call(caller, called)
        self.ita.script()
        placings = self.ita.placings(called)
        for placing in placings:
            self.assertIsNone(placing.fault, "every request is signed well")
        self.assertLessEqual(len({placing.json["requestId"] for placing in placings}), 1)
        return answer, caller, called, placings

    def assert_surely_not_placed(self, fault):
        answer, caller, called, placings = self.call_meets(fault)
        self.assert_code(answer, contract.UNAVAILABLE, "Service Unavailable")
        self.assertEqual(placings, [])
        self.assert_placed(self.agent.create_call(caller, called))  # nothing stands in the way of another try

    def assert_unknown(self, fault, requests=1):
        answer, caller, called, placings = self.call_meets(fault)
        self.assert_code(answer, contract.PROCESS_FAILURE, "Service Process Failure")
        self.assertEqual(len(placings), requests, "never a second request")
        self.assert_code(self.agent.create_call(caller, called), "1")
        self.assertEqual(len(self.ita.placings(called)), requests, "a repeat of createCall places nothing")
        return caller, called, placings

    def assert_settled_by_its_cdr(self, caller, called, placings):
        sender = CdrSender(self.gateway, self.ita.access_key, self.ita.secret_key)
        remark = placings[0].json["remark"]
        serial = remark.rpartition(":")[2]
        self.assertEqual(sender.push(cdr(f"late-{serial}", remark, caller, called, cause="17")).status, 200)
        state = self.agent.state(serial)
        self.assertEqual((state["state"], str(state["reasonCode"])), (contract.ENDED, "17"))
        self.assert_placed(self.agent.create_call(caller, called))


class SurelyNotPlaced(ItaFailures):
    def test_connection_refused(self):
        caller, called = agent_number(), customer_number()
        self.ita.refuse_connections()
        try:
            self.assert_code(self.agent.create_call(caller, called), contract.UNAVAILABLE, "Service Unavailable")
        finally:
            self.ita.accept_connections()
        self.assert_placed(self.agent.create_call(caller, called))

    def test_closed_before_tls(self):
        self.assert_surely_not_placed(fake_ita.closes_before_tls)

    def test_reset_before_tls(self):
        self.assert_surely_not_placed(fake_ita.resets_before_tls)

    def test_a_server_that_speaks_no_tls(self):
        self.assert_surely_not_placed(fake_ita.speaks_no_tls)

    def test_a_handshake_that_never_ends(self):
        self.assert_surely_not_placed(fake_ita.never_shakes_hands)

    def test_a_certificate_that_was_not_installed(self):
        stranger = fake_ita.FakeIta(*make_certificate(self.folder, "stranger"))
        self.addCleanup(stranger.stop)
        gateway = self.runs_gateway("stranger", **self.options)
        agent = self.signs_in(gateway.create_tenant("unlucky", stranger))
        gateway.admin("certificate", "install", "CERT_ITA", self.ita.certificate_der)
        answer = wait_until(lambda: next((a for a in [agent.create_call(agent_number(), customer_number())]
                                          if a.code != "0"), None), "the other certificate is in effect", 3)
        self.assert_code(answer, contract.UNAVAILABLE)


class Unknown(ItaFailures):
    def test_closed_once_tls_stands(self):
        """The request may have been under way: no byte was read here, but the gateway cannot know."""
        answer, *_ = self.call_meets(fake_ita.closes_before_reading)
        self.assertIn(answer.code, (contract.UNAVAILABLE, contract.PROCESS_FAILURE))

    def test_closed_without_an_answer(self):
        self.assert_settled_by_its_cdr(*self.assert_unknown(fake_ita.closes_without_answer))

    def test_reset_without_an_answer(self):
        self.assert_unknown(fake_ita.resets_without_answer)

    def test_an_answer_cut_inside_its_head(self):
        self.assert_unknown(fake_ita.cuts_inside_head)

    def test_an_answer_cut_inside_its_body(self):
        self.assert_settled_by_its_cdr(*self.assert_unknown(fake_ita.cuts_inside_body))

    def test_an_answer_shorter_than_it_promised(self):
        self.assert_unknown(fake_ita.promises_more_than_it_sends)

    def test_garbage(self):
        self.assert_unknown(fake_ita.sends_garbage)

    def test_never_answered(self):
        self.assert_settled_by_its_cdr(*self.assert_unknown(fake_ita.never_answers))

    def test_an_answer_that_drips(self):
        self.assert_unknown(fake_ita.drips_an_answer)

    def test_an_answer_without_end(self):
        self.assert_unknown(fake_ita.endless_body)

    def test_http_500(self):
        self.assert_unknown(answers(500, {"message": "boom"}))

    def test_http_502_and_504_of_a_proxy(self):
        self.assert_unknown(answers(502, b"<html>Bad Gateway</html>"))
        self.assert_unknown(answers(504, b"<html>Gateway Timeout</html>"))

    def test_http_200_that_is_not_json(self):
        self.assert_unknown(answers(200, b"<html>welcome</html>"))

    def test_http_200_with_two_codes(self):
        self.assert_unknown(answers(200, b'{"code":"90106003","code":"0","data":{"callID":"x"}}'))

    def test_http_200_empty(self):
        self.assert_unknown(answers(200, b""))

    def test_a_redirect_is_not_followed(self):
        elsewhere = f"Location: https://{self.ita.authority}{contract.PLACE_CALL}"
        answer, _, _, placings = self.call_meets(answers(307, b"", [elsewhere]))
        self.assertIn(answer.code, (contract.UNAVAILABLE, contract.PROCESS_FAILURE))
        self.assertEqual(len(placings), 1)

    def test_a_code_that_nobody_knows(self):
        answer, _, _, placings = self.call_meets(refuses("90999999"))
        self.assertNotEqual(answer.code, "0", "an unheard-of refusal is no success")
        self.assertEqual(len(placings), 1)

    def test_a_kept_connection_that_dies_on_the_next_request(self):
        """The trap: an HTTP library that silently sends a POST again when a kept connection dies."""
        for death in (fake_ita.closes_without_answer, fake_ita.resets_without_answer):
            with self.subTest(death=death.__name__):
                answer, _, _, kept = self.call_meets(fake_ita.accepts_and_keeps)
                self.assert_placed(answer)
                _, _, died = self.assert_unknown(death)
                self.assertEqual(died[0].connection, kept[0].connection, "the kept connection was used")
                self.assert_placed(self.agent.create_call(agent_number(), customer_number()))

    def test_a_success_without_call_id(self):
        answer, _, _, placings = self.call_meets(answers(200, {"code": "0", "message": "Success", "data": {}}))
        self.assertIn(answer.code, ("0", contract.PROCESS_FAILURE))
        self.assertEqual(len(placings), 1)


class Refused(ItaFailures):
    def test_each_of_the_21_codes_in_a_200(self):
        for code, text in contract.ITA_CODES.items():
            with self.subTest(code=code):
                answer, _, _, placings = self.call_meets(refuses(code, "whatever the ITA calls it"))
                self.assert_code(answer, code, text)
                self.assertEqual(len(placings), 1)
                self.assert_placed(self.agent.create_call(agent_number(), customer_number()))

    def test_a_wrong_signature_is_refused_without_another_try(self):
        answer, _, _, placings = self.call_meets(fake_ita.says_signature_wrong)
        self.assert_code(answer, "90100200", "Auth Failed")
        self.assertEqual(len(placings), 1, "five in a row lock the key")

    def test_429_and_503_that_say_when_to_come_back_were_not_placed(self):
        for status in (429, 503):
            with self.subTest(status=status):
                answer, caller, called, placings = self.call_meets(answers(status, {}, ["Retry-After: 30"]))
                self.assertIn(answer.code, (contract.UNAVAILABLE, "90104029"))
                self.assertEqual(len(placings), 1)
                self.assert_placed(self.agent.create_call(caller, called))

    def test_503_that_says_nothing_leaves_the_outcome_open(self):
        answer, caller, called, placings = self.call_meets(answers(503, {}))
        self.assert_code(answer, contract.PROCESS_FAILURE)
        self.assertEqual(len(placings), 1)
        self.assert_code(self.agent.create_call(caller, called), "1")


class TriedAgain(ItaFailures):
    options = {"ita_timeout": "10s", "ita_connect_timeout": "2s", "ita_attempts": 3}

    def test_an_expired_signature_is_signed_anew_once_with_the_server_s_clock(self):
        answer, _, _, placings = self.call_meets(fake_ita.says_expired(1800))
        self.assert_placed(answer)
        dates = [placing.header("X-Sdk-Date") for placing in placings]
        self.assertEqual(len(dates), 2)
        self.assertGreater(dates[1], dates[0], "half an hour later, by the server's clock")
        called = customer_number()
        self.assert_placed(self.agent.create_call(agent_number(), called))
        self.assertGreaterEqual(self.ita.placings(called)[0].header("X-Sdk-Date"), dates[1], "it is remembered")

    def test_expired_again_is_refused(self):
        answer, _, _, placings = self.call_meets(*map(fake_ita.says_expired, (3600, 5400, 7200)))
        self.assert_code(answer, "90100200", "Auth Failed")
        self.assertEqual(len(placings), 2)

    def test_what_surely_did_not_arrive_is_tried_again(self):
        for fault in (fake_ita.closes_before_tls, fake_ita.resets_before_tls):
            with self.subTest(fault=fault.__name__):
                answer, _, _, placings = self.call_meets(fault)
                self.assert_placed(answer)
                self.assertEqual(len(placings), 1)

    def test_429_with_retry_after_is_tried_again_with_the_same_request_id(self):
        for status in (429, 503):
            with self.subTest(status=status):
                answer, _, _, placings = self.call_meets(answers(status, {}, ["Retry-After: 1"]))
                self.assert_placed(answer)
                self.assertEqual(len(placings), 2)

    def test_what_may_have_arrived_is_never_tried_again(self):
        for fault in (fake_ita.closes_without_answer, fake_ita.resets_without_answer, fake_ita.cuts_inside_body,
                      answers(500, {}), answers(503, {})):
            with self.subTest():
                answer, caller, called, placings = self.call_meets(fault)
                self.assertNotEqual(answer.code, "0")
                self.assertEqual(len(placings), 1)
                self.assert_placed(self.agent.create_call(agent_number(), customer_number()))


class Circuit(ItaFailures):
    options = {"ita_timeout": "1s", "ita_connect_timeout": "500ms", "ita_attempts": 1, "circuit_failures": 3,
               "circuit_open": "500ms"}

    def tearDown(self):
        """The circuit closes again by itself."""
        wait_until(lambda: self.agent.create_call(agent_number(), customer_number()).code == "0", "the circuit closes", 5)

    def test_after_failures_in_a_row_calls_are_refused_at_once(self):
        self.ita.refuse_connections()
        try:
            for _ in range(3):
                self.assert_code(self.agent.create_call(agent_number(), customer_number()), contract.UNAVAILABLE)
        finally:
            self.ita.accept_connections()
        called = customer_number()
        self.assert_code(self.agent.create_call(agent_number(), called), contract.UNAVAILABLE, "Service Unavailable")
        self.assertEqual(self.ita.placings(called), [], "nothing was tried")


class Limits(ItaFailures):
    def test_the_tenant_s_own_limits_refuse_with_90104029(self):
        self.gateway.admin("bidirectional-call", "set", "unlucky", "--in-flight-max", "1")
        released = threading.Event()
        self.addCleanup(released.set)
        slow = self.gateway.agent(self.agent.app_key, self.agent.app_secret).sign_in()
        self.addCleanup(slow.close)

        def second_is_refused():
            self.ita.script(fake_ita.answers_when(released))
            first_called, answers_of_first = customer_number(), []
            first = threading.Thread(target=lambda: answers_of_first.append(slow.create_call(agent_number(), first_called)))
            released.clear()
            first.start()
            wait_until(lambda: self.ita.placings(first_called), "the first call is at the ITA")
            second = self.agent.create_call(agent_number(), customer_number())
            released.set()
            first.join()
            self.assert_code(answers_of_first[0], "0")
            return second if second.code != "0" else None
        self.assert_code(wait_until(second_is_refused, "the limit is in effect", 5), "90104029", "Too Many Requests")
        self.gateway.admin("bidirectional-call", "set", "unlucky", "--in-flight-max", "0")
        wait_until(lambda: self.agent.create_call(agent_number(), customer_number()).code == "0", "it works again", 3)


if __name__ == "__main__":
    main()
