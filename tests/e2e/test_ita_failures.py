#!/usr/bin/env python3
"""A call rings two people, so whatever goes wrong on the way to the ITA, it is never placed twice, and the answer tells
truly whether it may have been placed: 90104004 surely not, 90104008 nobody knows, else the ITA's own code. mock-ita plays
one scenario per story (mock_ita/scenarios); a good call after each shows that the gateway recovered."""
import threading

import contract
from confidential import agent_number, customer_number
from harness import Story, main, wait_until


def header(placing, name):
    return next((h["value"] for h in placing["headers"] if h["name"].lower() == name.lower()), None)


class ItaFailures(Story):
    options = {"ita_timeout": "1500ms", "ita_connect_timeout": "1s", "ita_attempts": 1}

    @classmethod
    def setUpClass(cls):
        """At speed 1 no call ends by itself while a story lasts."""
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**cls.options)
        cls.ita = cls.runs_mock(cls.gateway, speed=1)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("unlucky", cls.ita))

    def tearDown(self):
        self.ita.plays_nothing()
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))

    def call(self):
        """Places a call; returns the answer, the numbers, and the requests that reached the ITA."""
        caller, called = agent_number(), customer_number()
        answer = self.agent.create_call(caller, called)
        placings = self.ita.placings(called)
        for placing in placings:
            self.assertEqual(placing["check"], "passed", "every request is signed well")
        self.assertLessEqual(len({placing["requestId"] for placing in placings}), 1)
        self.assertLessEqual(len(self.ita.calls(called)), 1, "nobody is called twice")
        return answer, caller, called, placings

    def call_meets(self, scenario):
        self.ita.plays(scenario)
        return self.call()

    def assert_surely_not_placed(self, scenario):
        answer, caller, called, placings = self.call_meets(scenario)
        self.assert_code(answer, contract.UNAVAILABLE, "Service Unavailable")
        self.assertEqual(placings, [])
        self.ita.plays_nothing()
        self.assert_placed(self.agent.create_call(caller, called))  # nothing stands in the way of another try

    def assert_unknown(self, scenario):
        """Returns the call at the ITA, which its agent knows nothing of."""
        return self.assert_answer_is_unknown(*self.call_meets(scenario))

    def assert_answer_is_unknown(self, answer, caller, called, placings):
        self.assert_code(answer, contract.PROCESS_FAILURE, "Service Process Failure")
        self.assertEqual(len(placings), 1, "never a second request")
        self.assert_code(self.agent.create_call(caller, called), "1")
        self.assertEqual(len(self.ita.placings(called)), 1, "a repeat of createCall places nothing")
        return self.ita.calls(called)[0]

    def assert_settled_by_its_cdr(self, call):
        self.ita.release(call)
        self.ita.acknowledged(call["telB"])
        state = self.agent.state(call["remark"].rpartition(":")[2])
        self.assertEqual((state["state"], str(state["reasonCode"])), (contract.ENDED, "31"))
        self.assert_placed(self.agent.create_call(call["telA"], call["telB"]))


class SurelyNotPlaced(ItaFailures):
    def test_connection_refused(self):
        self.assert_surely_not_placed("refused")

    def test_closed_before_tls(self):
        self.assert_surely_not_placed("connection-closed")

    def test_reset_before_tls(self):
        self.assert_surely_not_placed("connection-reset")

    def test_a_handshake_that_never_ends(self):
        self.assert_surely_not_placed("connection-stalled")

    def test_a_server_that_speaks_no_tls(self):
        plain = self.runs_mock(None, label="plain", tls=False)
        plain.certificate_der = self.ita.certificate_der
        gateway = self.runs_gateway("plain-gateway", **self.options)
        agent = self.signs_in(gateway.create_tenant("unlucky", plain))
        self.assert_code(agent.create_call(agent_number(), customer_number()), contract.UNAVAILABLE, "Service Unavailable")
        self.assertEqual([request["method"] for request in plain.requests() if request["method"]], [])

    def test_a_certificate_that_was_not_installed(self):
        stranger = self.runs_mock(None, label="stranger")
        gateway = self.runs_gateway("stranger-gateway", **self.options)
        agent = self.signs_in(gateway.create_tenant("unlucky", stranger))
        gateway.admin("certificate", "install", "CERT_ITA", self.ita.certificate_der)
        answer = wait_until(lambda: next((a for a in [agent.create_call(agent_number(), customer_number())]
                                          if a.code != "0"), None), "the other certificate is in effect", 3)
        self.assert_code(answer, contract.UNAVAILABLE)


class Unknown(ItaFailures):
    def test_closed_without_an_answer(self):
        self.assert_settled_by_its_cdr(self.assert_unknown("answer-closed"))

    def test_reset_without_an_answer(self):
        self.assert_unknown("answer-reset")

    def test_an_answer_cut_inside_its_head(self):
        self.assert_unknown("answer-cut-in-head")

    def test_an_answer_cut_inside_its_body(self):
        self.assert_settled_by_its_cdr(self.assert_unknown("answer-cut-in-body"))

    def test_an_answer_shorter_than_it_promised(self):
        self.assert_unknown("answer-too-short")

    def test_garbage(self):
        self.assert_unknown("answer-garbage")

    def test_never_answered(self):
        self.assert_settled_by_its_cdr(self.assert_unknown("answer-never"))

    def test_an_answer_that_drips(self):
        self.assert_unknown("answer-drips")

    def test_an_answer_without_end(self):
        self.assert_unknown("answer-endless")

    def test_http_500(self):
        self.assert_unknown("http-500")

    def test_http_502_and_504_of_a_proxy(self):
        self.assert_unknown("http-502")
        self.assert_unknown("http-504")

    def test_http_503_that_says_nothing(self):
        self.assert_unknown("http-503")

    def test_http_200_that_is_not_json(self):
        self.assert_unknown("not-json")

    def test_http_200_with_two_codes(self):
        self.assert_unknown("two-codes")

    def test_http_200_empty(self):
        self.assert_unknown("empty-answer")

    def test_a_success_without_call_id(self):
        self.assert_settled_by_its_cdr(self.assert_unknown("no-call-id"))

    def test_a_kept_connection_that_dies_on_the_next_request(self):
        """The trap: an HTTP library that silently sends a POST again when a kept connection dies."""
        for scenario in ("kept-connection-closed", "kept-connection-reset"):
            with self.subTest(scenario):
                answer, *_ = self.call_meets(scenario)
                self.assert_placed(answer)
                died = self.call()
                self.assertEqual(self.ita.scenario_state()["connections"][0]["met"], 1, "the kept connection was used")
                self.assert_answer_is_unknown(*died)


    def test_an_ita_that_says_that_it_failed(self):
        """Its code is told, but nobody knows how far it came: the pair is guarded as after no answer."""
        for code in ("90104008", "90100600"):
            with self.subTest(code):
                caller, called = agent_number(), customer_number(contract.magic_refusal(code))
                self.assert_code(self.agent.create_call(caller, called), code, contract.ITA_CODES[code])
                self.assert_code(self.agent.create_call(caller, called), "1")
                self.assertEqual(len(self.ita.placings(called)), 1)


class UnknownToNobody(ItaFailures):
    def test_closed_once_tls_stands(self):
        """The request may have been under way: no byte was read here, but the gateway cannot know."""
        answer, _, _, placings = self.call_meets("connection-closed-secured")
        self.assertIn(answer.code, (contract.UNAVAILABLE, contract.PROCESS_FAILURE))
        self.assertEqual(placings, [])


class Refused(ItaFailures):
    def test_each_of_the_21_codes_in_a_200(self):
        self.ita.plays("every-refusal")
        refusals = [self.call() for _ in contract.ITA_CODES]
        for (code, text), (answer, _, _, placings) in zip(contract.ITA_CODES.items(), refusals):
            with self.subTest(code=code):
                self.assert_code(answer, code, text)
                self.assertEqual(len(placings), 1)

    def test_a_wrong_signature_is_refused_without_another_try(self):
        answer, _, _, placings = self.call_meets("signature-refused")
        self.assert_code(answer, "90100200", "Auth Failed")
        self.assertEqual(len(placings), 1, "five in a row lock the key")

    def test_429_and_503_that_say_when_to_come_back_were_not_placed(self):
        for scenario, code in (("http-429-retry-after", "90104029"), ("http-503-retry-after", contract.UNAVAILABLE)):
            with self.subTest(scenario):
                answer, caller, called, placings = self.call_meets(scenario)
                self.assert_code(answer, code)
                self.assertEqual(len(placings), 1)
                self.assert_placed(self.agent.create_call(caller, called))

    def test_a_redirect_is_not_followed(self):
        answer, _, called, placings = self.call_meets("redirect")
        self.assert_code(answer, contract.UNAVAILABLE)
        self.assertEqual(len(placings), 1)
        self.assertEqual(self.ita.calls(called), [])

    def test_a_code_that_nobody_knows(self):
        answer, _, _, placings = self.call_meets("unknown-code")
        self.assert_code(answer, "90106006", "Other Error")
        self.assertEqual(len(placings), 1)


class TriedAgain(ItaFailures):
    options = {"ita_timeout": "10s", "ita_connect_timeout": "2s", "ita_attempts": 3}

    def test_an_expired_signature_is_signed_anew_once_with_the_server_s_clock(self):
        answer, _, _, placings = self.call_meets("signature-expired")
        self.assert_placed(answer)
        dates = [header(placing, "X-Sdk-Date") for placing in placings]
        self.assertEqual(len(dates), 2)
        self.assertGreater(dates[1], dates[0], "ten minutes later, by the server's clock")
        answer, _, _, placings = self.call()
        self.assert_placed(answer)
        self.assertGreaterEqual(header(placings[0], "X-Sdk-Date"), dates[1], "it is remembered")

    def test_expired_again_is_refused(self):
        answer, _, _, placings = self.call_meets("signature-expired-again")
        self.assert_code(answer, "90100200", "Auth Failed")
        self.assertEqual(len(placings), 2)

    def test_what_surely_did_not_arrive_is_tried_again(self):
        for scenario in ("connection-closed", "connection-reset"):
            with self.subTest(scenario):
                answer, _, _, placings = self.call_meets(scenario)
                self.assert_placed(answer)
                self.assertEqual(len(placings), 1)

    def test_429_and_503_with_retry_after_are_tried_again_with_the_same_request_id(self):
        for scenario in ("http-429-retry-after", "http-503-retry-after"):
            with self.subTest(scenario):
                answer, _, _, placings = self.call_meets(scenario)
                self.assert_placed(answer)
                self.assertEqual(len(placings), 2)

    def test_what_may_have_arrived_is_never_tried_again(self):
        for scenario in ("answer-closed", "answer-reset", "answer-cut-in-body", "http-500", "http-503"):
            with self.subTest(scenario):
                answer, _, _, placings = self.call_meets(scenario)
                self.assert_code(answer, contract.PROCESS_FAILURE)
                self.assertEqual(len(placings), 1)


class Circuit(ItaFailures):
    options = {"ita_timeout": "1s", "ita_connect_timeout": "500ms", "ita_attempts": 1, "circuit_failures": 3,
               "circuit_open": "500ms"}

    def tearDown(self):
        """The circuit closes again by itself."""
        wait_until(lambda: self.agent.create_call(agent_number(), customer_number()).code == "0", "the circuit closes", 5)

    def test_after_failures_in_a_row_calls_are_refused_at_once(self):
        self.ita.plays("refused")
        for _ in range(3):
            self.assert_code(self.agent.create_call(agent_number(), customer_number()), contract.UNAVAILABLE)
        self.ita.plays_nothing()
        called = customer_number()
        self.assert_code(self.agent.create_call(agent_number(), called), contract.UNAVAILABLE, "Service Unavailable")
        self.assertEqual(self.ita.placings(called), [], "nothing was tried")


class Limits(ItaFailures):
    options = {"ita_timeout": "10s"}

    def test_the_tenant_s_own_limits_refuse_with_90104029(self):
        self.gateway.admin("bidirectional-call", "set", "unlucky", "--in-flight-max", "1")
        slow = self.gateway.agent(self.agent.app_key, self.agent.app_secret).sign_in()
        self.addCleanup(slow.close)

        def second_is_refused():
            self.ita.plays("slow-answer")
            first_called, answers_of_first = customer_number(), []
            first = threading.Thread(target=lambda: answers_of_first.append(slow.create_call(agent_number(), first_called)))
            first.start()
            wait_until(lambda: self.ita.placings(first_called), "the first call is at the ITA")
            second = self.agent.create_call(agent_number(), customer_number())
            first.join()
            self.assert_code(answers_of_first[0], "0")
            return second if second.code != "0" else None
        self.assert_code(wait_until(second_is_refused, "the limit is in effect", 10), "90104029", "Too Many Requests")
        self.gateway.admin("bidirectional-call", "set", "unlucky", "--in-flight-max", "0")
        wait_until(lambda: self.agent.create_call(agent_number(), customer_number()).code == "0", "it works again", 3)


if __name__ == "__main__":
    main()
