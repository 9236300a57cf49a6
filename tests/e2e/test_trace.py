#!/usr/bin/env python3
"""Traces: a call belongs to the trace of its createCall (W3C Trace Context), wherever it is told of and after a restart."""
import csv
import http.client
import io
import json
import re
import secrets
import ssl

import contract
from administrator import Automaton
from callback_receiver import CallbackReceiver, answers, takes
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import Story, main, wait_until
from test_cec import FAST, Upstream, create_cec_tenant

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])")
ZEROS = "0" * 16


def new_trace():
    return secrets.token_hex(16)


def traceparent(trace, flags="01", version="00", more=""):
    return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}{more}"


def read(header):
    """Trace, span, flags; our spans are never zeros."""
    trace, span, flags = TRACEPARENT.fullmatch(header).groups()
    if ZEROS in (span, trace[:16]):
        raise AssertionError(header)
    return trace, span, flags


def lines_of(gateway, serial):
    """What the log says of a call, as (event, trace)."""
    lines = [json.loads(line) for line in gateway.log().splitlines() if line.startswith("{")]
    return [(line["event"], line.get("trace")) for line in lines if str(line.get("callSerialNo")) == str(serial)]


class TraceStory(Story):
    @classmethod
    def runs_receiver(cls, gateway):
        receiver = CallbackReceiver()
        cls.addClassCleanup(receiver.stop)
        gateway.admin("callback-trustlist", "add", receiver.authority)
        return receiver

    @classmethod
    def has_callbacks(cls, gateway, tenant, receiver):
        gateway.set_bidirectional_call(tenant, None, "--hangup-callback-url", receiver.url("/bye"),
                                       "--connection-callback-url", receiver.url("/talking"))

    def place(self, agent, caller=None, called=None, **headers):
        answer = agent.post(contract.CREATE_CALL_V1, {"caller": caller or agent_number(), "called": called or customer_number()},
                            **headers)
        return self.assert_placed(answer), answer.headers["X-Trace-Id"]

    def assert_lines(self, gateway, serial, trace, *events):
        lines = lines_of(gateway, serial)
        self.assertEqual({found for _, found in lines}, {trace}, lines)
        for event in events:
            self.assertIn((event, trace), lines)


class Chain(TraceStory):
    """Agent's system, gateway, gateway, mock-ita."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.far = cls.runs_gateway("far")
        cls.mock = cls.runs_mock(cls.far, speed=100)
        cls.far_tenant = cls.far.create_tenant("far", cls.mock)
        cls.near = cls.runs_gateway("near", **FAST)
        cls.tenant = create_cec_tenant(cls.near, "near", Upstream(cls.far_tenant, cls.folder))
        cls.receiver, cls.far_receiver = cls.runs_receiver(cls.near), cls.runs_receiver(cls.far)
        cls.has_callbacks(cls.near, "near", cls.receiver)
        cls.has_callbacks(cls.far, "far", cls.far_receiver)
        cls.agent = cls.signs_in(cls.tenant)
        cls.signs_in(cls.far_tenant)

    def test_one_trace_goes_the_whole_way(self):
        trace, called = new_trace(), "13900000901"
        parent = traceparent(trace)
        serial, answered = self.place(self.agent, "13800009901", called, traceparent=parent)
        self.assertEqual(answered, trace)
        for receiver in (self.receiver, self.far_receiver):
            wait_until(lambda: receiver.count() == 2, "the callbacks arrive", 20)
        spans = {parent.split("-")[2]}
        for received in self.receiver.received + self.far_receiver.received:
            found, span, flags = read(received.headers["traceparent"])
            self.assertEqual((found, flags), (trace, "01"))
            self.assertNotIn(span, spans, "each request is a span of its own")
            spans.add(span)
        self.assert_lines(self.near, serial, trace, "AICC answered", "call accepted", "CEC call ended", "callback delivered")
        far_serial = self.far_receiver.received[0].serial
        self.assert_lines(self.far, far_serial, trace, "ITA answered", "call accepted", "CDR stored", "callback delivered")


class Ita(TraceStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(callback_schedule="0s,200ms,400ms,800ms,2s,4s,8s,16s")
        cls.mock = cls.runs_mock(cls.gateway, speed=1000)
        cls.tenant = cls.gateway.create_tenant("space", cls.mock, recorded=True)
        cls.receiver = cls.runs_receiver(cls.gateway)
        cls.has_callbacks(cls.gateway, "space", cls.receiver)
        cls.key = cls.gateway.create_api_key("traces")
        cls.agent = cls.signs_in(cls.tenant)

    def setUp(self):
        self.receiver.does = takes

    def admin(self, path):
        client = Automaton(self.gateway, self.key)
        try:
            answer = client.ask("GET", f"/admin/v1/tenants/space/calls/{path}")
            self.assertEqual(answer.status, 200, answer)
            return answer
        finally:
            client.close()

    def test_without_a_header_a_trace_is_begun(self):
        traces = [self.place(self.agent)[1] for _ in range(3)]
        for trace in traces:
            self.assertRegex(trace, "^[0-9a-f]{32}$")
        self.assertEqual(len(set(traces)), 3)

    def test_what_is_not_valid_begins_a_new_trace_and_fails_no_call(self):
        trace = new_trace()
        for header in ("", "00", f"00-{trace}", traceparent(trace, "1"), traceparent(trace, more="-x"),
                       traceparent(trace, version="ff"), traceparent(trace.upper() if trace.upper() != trace else "A" * 32),
                       traceparent("0" * 32), f"00-{trace}-{ZEROS}-01", f"{traceparent(trace)},{traceparent(trace)}",
                       traceparent(trace).replace("-", "_"), "x" * 5000):
            _, answered = self.place(self.agent, traceparent=header)
            self.assertRegex(answered, "^[0-9a-f]{32}$")
            self.assertNotEqual(answered, trace, header[:80])

    def test_sent_twice_it_names_no_trace(self):
        trace = new_trace()
        connection = http.client.HTTPSConnection(self.gateway.authority, timeout=60, context=ssl.create_default_context(
            cafile=str(self.gateway.certificate)))
        body = json.dumps({"caller": agent_number(), "called": customer_number()}).encode()
        connection.putrequest("POST", contract.CREATE_CALL_V1)
        for name, value in (("Authorization", f"Bearer {self.agent.token}"), ("Content-Length", len(body)),
                            ("traceparent", traceparent(trace)), ("traceparent", traceparent(trace))):
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        self.assertEqual((answer.status, json.loads(answer.read())["retCode"]), (200, "0"))
        self.assertNotEqual(answer.headers["X-Trace-Id"], trace)
        connection.close()

    def test_a_version_to_come_and_the_sender_s_sampling_are_understood(self):
        trace = new_trace()
        serial, answered = self.place(self.agent, traceparent=traceparent(trace, "fe", "cc", "-and-more"))
        self.assertEqual(answered, trace)
        wait_until(lambda: self.receiver.of(serial), "a callback arrives")
        found, _, flags = read(self.receiver.of(serial)[0].headers["traceparent"])
        self.assertEqual((found, flags), (trace, "00"))

    def test_a_refused_call_and_a_release_have_a_trace_too(self):
        trace = new_trace()
        number = agent_number()
        answer = self.agent.post(contract.CREATE_CALL_V1, {"caller": number, "called": number}, traceparent=traceparent(trace))
        self.assert_code(answer, "5")
        self.assertEqual(answer.headers["X-Trace-Id"], trace)
        self.assertIn(f'"event":"call refused","tenant":"space","requestId":"{answer.headers["X-Request-Id"]}",'
                      f'"trace":"{trace}"', wait_until(lambda: self.gateway.log() if trace in self.gateway.log() else None,
                                                       "the refusal is logged"))
        trace = new_trace()
        answer = self.agent.post(contract.RELEASE_CALL, {"callSerialNo": "1"}, traceparent=traceparent(trace))
        self.assertEqual(answer.headers["X-Trace-Id"], trace)
        wait_until(lambda: ("call release", trace) in lines_of(self.gateway, 1), "the release is logged")

    def test_a_recording_is_logged_with_its_call_s_trace(self):
        called = customer_number()
        serial, trace = self.place(self.agent, called=called)
        self.mock.acknowledged(called)
        answer = self.agent.send("GET", self.agent.recording_url(serial).partition(self.gateway.authority)[2])
        self.assertEqual(answer.status, 200)
        wait_until(lambda: ("recording fetched", trace) in lines_of(self.gateway, serial), "the fetch is logged")

    def test_the_record_and_the_export_tell_the_trace(self):
        serial, trace = self.place(self.agent)
        self.assertEqual(self.admin(serial).json["traceId"], trace)
        rows = csv.DictReader(io.StringIO(self.admin("export").body.decode(), newline=""))
        self.assertEqual([row["traceId"] for row in rows if row["callSerialNo"] == serial], [trace])

    def test_it_survives_a_kill(self):
        self.receiver.does = answers(503, {})
        trace = new_trace()
        serial, _ = self.place(self.agent, traceparent=traceparent(trace))
        wait_until(lambda: self.receiver.of(serial), "a first try arrives")
        self.gateway.kill()
        self.receiver.does = takes
        self.gateway.start()
        type(self).agent = self.signs_in(self.tenant)
        wait_until(lambda: len({received.path for received in self.receiver.of(serial)}) == 2, "both arrive", 20)
        for received in self.receiver.of(serial):
            self.assertEqual(read(received.headers["traceparent"])[0], trace)
        self.assertEqual(self.admin(serial).json["traceId"], trace)
        wait_until(lambda: ("callback delivered", trace) in lines_of(self.gateway, serial), "it is logged")

    def test_a_cdr_says_its_call_s_trace_once_it_is_matched(self):
        called = customer_number("80001")  # no CDR by itself
        serial, trace = self.place(self.agent, called=called)
        [call] = self.mock.calls(called)
        sender = CdrSender(self.gateway, self.mock.access_key, self.mock.secret_key)
        record = cdr(call["callID"], call["remark"], call["telA"], called, call["telX"], appKey=self.mock.app_key)
        self.assertEqual(sender.push(record).status, 200)
        self.assertEqual(sender.push({**record, "callDuration": "31"}).status, 200)
        wait_until(lambda: ("CDR kept beside an earlier one", trace) in lines_of(self.gateway, serial), "both are logged")
        self.assert_lines(self.gateway, serial, trace, "CDR stored")

    def test_the_ita_is_told_only_when_its_profile_says_so(self):
        profile = self.folder / "traced.json"
        profile.write_text(json.dumps({"headers": {"traceparent": True}}))
        agent = self.signs_in(self.gateway.create_tenant("traced", self.mock, profile=profile))
        for who, is_told in ((self.agent, False), (agent, True)):
            called = customer_number()
            _, trace = self.place(who, called=called)
            [request] = self.mock.placings(called)
            headers = {header["name"].lower(): header["value"] for header in request["headers"]}
            self.assertEqual("traceparent" in headers, is_told)
            self.assertNotIn("traceparent", headers["authorization"])
            if is_told:
                self.assertEqual(read(headers["traceparent"])[0], trace)


class Leases(TraceStory):
    def test_a_lease_that_ends_a_call_says_its_trace(self):
        gateway = self.runs_gateway(ita_timeout="2s", call_lease="3s")
        mock = self.runs_mock(gateway)
        agent = self.signs_in(gateway.create_tenant("space", mock))
        serial, trace = self.place(agent, called=customer_number("80001"))
        wait_until(lambda: ("nobody told of the end of a call", trace) in lines_of(gateway, serial), "its lease is over", 20)


if __name__ == "__main__":
    main()
