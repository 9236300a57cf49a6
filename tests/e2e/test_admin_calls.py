#!/usr/bin/env python3
"""What administrators see of calls: the list and its filters, one call with its timeline, the export."""
import contextlib
import csv
import io
import json
import socket
import ssl

from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import main, wait_until
from test_admin_tenants import TENANTS, TenantStory

CALLS, ZETA_CALLS = f"{TENANTS}/acme/calls", f"{TENANTS}/zeta/calls"


class CallStory(TenantStory):
    """acme and zeta place calls at a mock that pushes no CDR by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ita = cls.runs_mock(None, speed=1)
        cls.gateway.admin("certificate", "install", "CERT_ITA", cls.ita.certificate_der)
        for tenant in ("acme", "zeta"):
            cls.gateway.set_bidirectional_call(
                tenant, cls.ita.secret_key, "--type", "ita", "--access-key", cls.ita.access_key, "--app-key",
                cls.ita.app_key, "--domain", cls.ita.authority, "--x-mode", "automatic")
        cls.agent = cls.signs_in(cls.gateway.create_app_key("acme"))
        cls.zetas_agent = cls.signs_in(cls.gateway.create_app_key("zeta"))
        cls.sender = CdrSender(cls.gateway, cls.ita.access_key, cls.ita.secret_key)

    def place(self, agent=None, called=None, **more):
        """A call that waits for its CDR, and that CDR."""
        caller, called = agent_number(), called or customer_number()
        serial = self.assert_placed((agent or self.agent).create_call(caller, called, **more))
        return serial, cdr(f"call-of-{serial}", self.ita.calls(called)[0]["remark"], caller, called)

    def end(self, **more):
        serial, record = self.place(**more)
        self.assertEqual(self.sender.push(record).status, 200)
        return serial, record

    def find(self, query="", who=None, path=CALLS):
        return self.assert_ok((who or self.acme).ask("GET", f"{path}{query}")).json

    def serials(self, query="", **more):
        return [call["callSerialNo"] for call in self.find(query, **more)["items"]]

    def detail(self, serial):
        return self.assert_ok(self.acme.ask("GET", f"{CALLS}/{serial}")).json


class Search(CallStory):
    def test_a_call_is_found_by_what_is_known_of_it(self):
        live, live_record = self.place()
        ended, record = self.end()
        self.assert_code(self.agent.create_call(agent_number(), customer_number("96003")), "90106003")
        refused = self.serials("?limit=1")[0]
        self.assertEqual(self.serials("?limit=3"), [refused, ended, live])
        for number in (record["telA"], "%2B86" + record["telA"], record["telB"]):
            self.assertEqual(self.serials(f"?number={number}"), [ended])
        self.assertIn(ended, self.serials(f"?number={self.detail(ended)['xNumber']}"))
        self.assertIn(live, self.serials("?state=calling"))
        self.assertNotIn(ended, self.serials("?state=calling&limit=200"))
        self.assertEqual(self.serials("?code=90106003"), [refused])
        self.assertEqual(self.serials("?outcome=refused"), [refused])
        self.assertIn(ended, self.serials("?cause=16&state=ended&outcome=accepted&code=0"))
        self.assertEqual(self.serials(f"?cause=17&number={record['telA']}"), [])
        self.assertEqual(self.serials(f"?id={self.detail(ended)['callId']}"), [ended])
        self.assertEqual(self.serials(f"?id={self.detail(live)['traceId']}"), [live])
        self.assertEqual(self.serials("?id=no-such-call"), [])
        self.assertEqual(self.sender.push(live_record).status, 200)

    def test_a_call_tells_what_the_cdr_told(self):
        serial, record = self.end()
        call = self.find(f"?number={record['telA']}")["items"][0]
        self.assertEqual({name: call[name] for name in ("callSerialNo", "type", "state", "outcome", "code", "cause",
                                                        "caller", "called", "durationS", "codeText")},
                         {"callSerialNo": serial, "type": "ita", "state": "ended", "outcome": "accepted", "code": "0",
                          "cause": 16, "caller": record["telA"], "called": record["telB"], "durationS": 30,
                          "codeText": None})
        self.assertEqual(call["causeText"], {"en": "normal clearing", "zh": "正常清除"})

    def test_a_call_that_was_not_accepted_tells_why(self):
        """In the ITA's words, numbers masked; in ours where it did not answer."""
        called = customer_number("96003")
        self.assert_code(self.agent.create_call(agent_number(), called), "90106003")
        refused = self.detail(self.serials("?limit=1")[0])
        self.assertEqual((refused["outcome"], refused["nativeCode"]), ("refused", "90106003"))
        self.assertTrue(refused["why"])
        self.assertNotIn(called, json.dumps(refused["why"]))
        accepted = self.detail(self.end()[0])
        self.assertEqual((accepted["nativeCode"], accepted["why"]), (None, None))

    def test_pages_follow_each_other_and_a_span_bounds_them(self):
        placed = [self.end()[0] for _ in range(5)]
        begin = self.detail(placed[0])["createdAt"]
        first = self.find(f"?limit=2&from={begin}")
        self.assertEqual([call["callSerialNo"] for call in first["items"]], [placed[4], placed[3]])
        second = self.find(f"?limit=2&from={begin}&cursor={first['next']}")
        self.assertEqual([call["callSerialNo"] for call in second["items"]], [placed[2], placed[1]])
        self.assertIsNotNone(second["searchedBackTo"])
        last = self.find(f"?limit=2&from={begin}&cursor={second['next']}")
        self.assertEqual([call["callSerialNo"] for call in last["items"]], [placed[0]])
        self.assertEqual((last["next"], last["searchedBackTo"]), (None, None))
        self.assertEqual(self.find(f"?to={begin}&from={begin}")["items"], [])
        self.assertNotIn(placed[0], self.serials(f"?to={begin}&limit=200"))

    def test_a_query_that_is_not_understood_is_refused(self):
        for query, name in (("from=yesterday", "from"), ("to=2026-02-30T00:00:00Z", "to"), ("number=12x", "number"),
                            ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"), ("state=dead", "state"),
                            ("outcome=none", "outcome"), ("cause=-1", "cause"), ("cause=busy", "cause"),
                            ("code=" + "9" * 40, "code"), ("number=" + "1" * 60, "number"), ("cursor=x", "cursor"),
                            ("cursor=0", "cursor"), ("limit=0", "limit"), ("limit=201", "limit"), ("nmber=1", "query"),
                            ("number=1380&number=1381", "number"), ("number=%ff", "number"), ("id=", "id"), ("id=" + "1" * 129, "id")):
            answer = self.acme.ask("GET", f"{CALLS}?{query}")
            self.assert_problem(answer, 400)
            self.assertIn(name, answer.json["detail"], query)
            if not query.startswith(("cursor", "limit")):
                self.assert_problem(self.acme.ask("GET", f"{CALLS}/export?{query}"), 400)
        answer = self.acme.ask("GET", f"{CALLS}?number=12x")
        self.assertNotIn("12x", answer.body.decode())

    def test_a_tenants_calls_are_its_own(self):
        theirs, record = self.end(agent=self.zetas_agent)
        self.assertNotIn(theirs, self.serials("?limit=200"))
        self.assertEqual(self.serials(f"?number={record['telA']}"), [])
        self.assertEqual(self.serials(f"?number={record['telA']}", who=self.zeta, path=ZETA_CALLS), [theirs])
        self.assertEqual(self.serials(f"?number={record['telA']}", who=self.root, path=ZETA_CALLS), [theirs])
        self.assert_problem(self.acme.ask("GET", f"{CALLS}/{theirs}"), 404)
        for path in ("calls", f"calls/{theirs}", "calls/export"):
            there = self.acme.ask("GET", f"{TENANTS}/zeta/{path}")
            self.assert_problem(there, 404)
            self.assertEqual(there.body, self.acme.ask("GET", f"{TENANTS}/nowhere/{path}").body)

    def test_without_the_feature_there_is_nothing_to_see(self):
        self.root.ask("POST", TENANTS, {"tenant": "plain"})
        plain = self.automaton("plain-calls", "tenant-admin", "plain")
        for path in ("calls", "calls/1", "calls/export"):
            self.assert_problem(plain.ask("GET", f"{TENANTS}/plain/{path}"), 403)
        self.assertEqual(self.find(who=self.root, path=f"{TENANTS}/plain/calls")["items"], [])


class Detail(CallStory):
    def events(self, serial):
        return [event["event"] + (f"/{event['leg']}" if event["leg"] else "") for event in self.detail(serial)["timeline"]]

    def test_the_timeline_tells_what_is_known_and_no_more(self):
        serial, record = self.place(callData="k=1")
        self.assertEqual(self.events(serial), ["created", "accepted"])
        self.assertEqual(self.detail(serial)["cdrs"], [])
        self.sender.push(record)
        events = self.events(serial)
        # The CDR's times are made up and lie before createCall.
        self.assertEqual(sorted(events), sorted(["created", "accepted", "start", "answer/a", "answer/b", "talk", "end",
                                                 "cdr"]))
        self.assertEqual([event for event in events if event not in ("created", "accepted")],
                         ["start", "answer/a", "answer/b", "talk", "end", "cdr"])
        call = self.detail(serial)
        self.assertNotEqual(record["callID"], self.ita.calls(record["telB"])[0]["callID"])
        self.assertEqual((call["callData"], call["callId"], call["cdrs"][0]["callId"]),
                         ("k=1", record["callID"], record["callID"]), "by it the recording is fetched")
        self.assertEqual(call["timeline"][-1]["text"]["en"], "a CDR was received")

    def test_each_cdr_is_shown_without_its_signature(self):
        serial, record = self.end()
        self.sender.push({**record, "callDuration": "31", "releaseCause": "17"})
        cdrs = self.detail(serial)["cdrs"]
        self.assertEqual([(kept["durationS"], kept["cause"], kept["callId"]) for kept in cdrs],
                         [(31, 17, record["callID"]), (30, 16, record["callID"])])
        self.assertEqual(self.detail(serial)["durationS"], 30)
        self.assertFalse(cdrs[0]["attachedByHand"])
        self.assertNotIn(self.ita.access_key, json.dumps(cdrs))

    def test_what_is_no_call_is_not_there(self):
        for serial in ("1", "0", "-1", "x", "99999999999999999999", "9007199254740993"):
            self.assert_problem(self.acme.ask("GET", f"{CALLS}/{serial}"), 404)


class Export(CallStory):
    def export(self, query=""):
        answer = self.assert_ok(self.acme.ask("GET", f"{CALLS}/export{query}"))
        self.assertEqual(answer.headers["Content-Type"], "text/csv; charset=utf-8; header=present")
        self.assertEqual(answer.headers["Content-Disposition"], 'attachment; filename="calls-acme.csv"')
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        text = answer.body.decode("utf-8")
        self.assertTrue(text.endswith("\r\n"))
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def test_the_table_holds_what_the_list_shows(self):
        serial, record = self.end(callData='=cmd|"x"!A0, 你好')
        row, = self.export(f"?number={record['telA']}")
        call = self.detail(serial)
        self.assertEqual(row["callData"], '\'=cmd|"x"!A0, 你好')
        for name in ("callSerialNo", "type", "state", "outcome", "caller", "called", "xNumber", "code", "callId"):
            self.assertEqual(row[name], call[name], name)
        for name in ("createdAt", "endedAt", "finishedAt", "calledAnsweredAt"):
            self.assertEqual(row[f"{name} UTC"], call[name].replace("T", " ").rstrip("Z"), name)
        self.assertEqual((row["cause"], row["durationS"], row["agentWorkNo"]), ("16", "30", ""))
        self.assertEqual(self.export("?cause=99"), [])

    def test_head_has_no_body(self):
        answer = self.acme.ask("HEAD", f"{CALLS}/export")
        self.assertEqual((answer.status, answer.body), (200, b""))


class LargeExport(CallStory):
    """More calls than one page, or one search, takes: written into the database behind the gateway's back."""
    COUNT = 60000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway.database.add_calls(1, cls.COUNT)

    def test_every_call_is_in_it_once(self):
        lines = self.assert_ok(self.acme.ask("GET", f"{CALLS}/export")).body.decode().splitlines()
        serials = [int(line.partition(",")[0]) for line in lines[1:]]
        self.assertEqual(len(serials), self.COUNT)
        self.assertEqual(serials, sorted(set(serials), reverse=True))

    def test_a_search_that_finds_nothing_goes_on_page_by_page(self):
        query, pages = "?number=13890000777", 0
        page = self.find(query)
        while page["next"]:
            self.assertEqual(page["items"], [])
            page, pages = self.find(f"{query}&cursor={page['next']}"), pages + 1
        self.assertEqual((page["items"], pages), ([], self.COUNT // 20000))
        self.assertEqual(self.assert_ok(self.acme.ask("GET", f"{CALLS}/export{query}")).body.count(b"\r\n"), 1)

    def slow_reader(self, who=None):
        """A client that asks for the export and reads its head only."""
        scheme, _, authority = self.gateway.admin_url.partition("://")
        self.assertEqual(scheme, "https")
        host, _, port = authority.partition(":")
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect((host, int(port)))
        trust = ssl.create_default_context(cafile=str(self.gateway.certificate))
        sock = trust.wrap_socket(raw, server_hostname=host)
        sock.sendall(f"GET {CALLS}/export HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {(who or self.acme).key}\r\n\r\n"
                     .encode())
        head = sock.recv(300)
        return sock, head

    def test_a_client_that_reads_slowly_or_leaves_holds_nobody_up(self):
        readers = [self.slow_reader() for _ in range(2)]
        try:
            for _, head in readers:
                self.assertTrue(head.startswith(b"HTTP/1.1 200"), head)
            answer = self.acme.ask("GET", f"{CALLS}/export")
            self.assert_problem(answer, 503)
            self.assertIn("Retry-After", answer.headers)
            self.assertEqual(len(self.find("?limit=3")["items"]), 3)
            self.assert_ok(self.zeta.ask("GET", f"{ZETA_CALLS}/export"))
        finally:
            for sock, _ in readers:
                sock.close()
        wait_until(lambda: self.acme.ask("GET", f"{CALLS}/export?code=1").status == 200, "the exports have ended")

    def test_who_may_read_no_more_gets_no_more(self):
        reader = self.automaton("reader", "tenant-admin", "acme")
        sock, head = self.slow_reader(reader)
        self.assertTrue(head.startswith(b"HTTP/1.1 200"), head)
        self.gateway.admin("api-key", "disable", "reader")
        received = b""
        with contextlib.suppress(ConnectionResetError), sock:
            while piece := sock.recv(65536):
                received += piece
        self.assertFalse(received.endswith(b"0\r\n\r\n"), "it is not taken for the whole")
        self.assertLess(len(received), 5000000, "the whole is three times that")


if __name__ == "__main__":
    main()
