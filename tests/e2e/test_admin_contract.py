#!/usr/bin/env python3
"""Every operation of openapi.json with good input and with bad: all of it made from the document, so that an operation
that comes later is tried without a word here. Bad input gets an answer that the document tells, names what is wrong in
both languages, and changes nothing."""
import json
import re
from urllib.parse import quote

import admin_openapi
import confidential
import contract
from administrator import GOOD_PASSWORD, PASSWORD, SESSION
from bad_input import BODY_MAX, NO_NAMES, Schemas, bad_queries, no_json
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import Story, free_port, main, wait_until

JSON = "application/json"
TENANT, OTHER_TENANT = "acme", "zeta"


class World(Story):
    """A gateway on which there is at least one of each thing that a path names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(callback_schedule="0s")
        cls.mock = cls.runs_mock(cls.gateway, speed=1000)
        cls.schemas = Schemas(admin_openapi.resolver)
        tenant = cls.make_things()
        cls.browser = cls.gateway.browser().settle_in("root", cls.gateway.create_user("root"))
        cls.addClassCleanup(cls.browser.close)
        # What the document can't know.
        cls.known = {"tenant": TENANT, "callSerialNo": cls.make_calls(cls.signs_in(tenant)), "user": "root",
                     "password": GOOD_PASSWORD, "oldPassword": GOOD_PASSWORD,
                     "newPassword": confidential.keep("password", "another good password")}
        cls.bytes = {"text/csv": f"{agent_number()}\n".encode(), "application/octet-stream": cls.mock.certificate_der.read_bytes()}

    @classmethod
    def make_things(cls):
        authority = f"127.0.0.1:{free_port()}"  # where nobody listens
        cls.gateway.admin("callback-trustlist", "add", authority)
        tenant = cls.gateway.create_tenant(TENANT, cls.mock, hangup_callback_url=f"http://{authority}/")
        cls.gateway.admin("tenant", "create", OTHER_TENANT)
        cls.gateway.admin("xnumber", "add", TENANT, agent_number(), agent_number())
        cls.gateway.create_user("zoe", "tenant-admin", TENANT)
        cls.gateway.create_api_key("zoes-robot")
        return tenant

    @classmethod
    def make_calls(cls, agent):
        """One that has ended and could tell nobody, and one whose CDR did not find it; returns the latter's serial."""
        path = f"/admin/v1/tenants/{TENANT}"
        agent.create_call(agent_number(), customer_number())
        wait_until(lambda: cls.ask("GET", f"{path}/callbacks?state=dead").json["items"], "a callback is dead")
        caller, called = agent_number(), customer_number(contract.MAGIC_NO_CDR)
        serial = agent.create_call(caller, called).serial
        CdrSender(cls.gateway, cls.mock.access_key, cls.mock.secret_key).push(cdr("lost", f"{TENANT}:4711", caller, called))
        for numbers in ("agent-numbers", "trial-numbers"):  # last: from then on only these may call
            cls.ask("POST", f"{path}/{numbers}", {"numbers": [agent_number()]})
        return str(serial)

    # --- Asking ---

    @classmethod
    def ask(cls, method, path, body=None, **headers):
        answer = cls.browser.ask(method, path, body, **headers)
        if answer.status == 200 and path in (SESSION, PASSWORD):
            cls.browser.csrf_token = confidential.keep("CSRF token", answer.json["csrfToken"])
        return answer

    @classmethod
    def thing(cls, collection, name):
        """One that there is: in the list that its own path continues."""
        if name in ("tenant", "callSerialNo"):
            return cls.known[name]
        item = cls.ask("GET", collection).json["items"][-1]
        return str(item[name] if isinstance(item, dict) else item)

    @classmethod
    def fill(cls, path, **instead):
        """The path with things that there are, or what is given, as it is, instead."""
        filled = ""
        for segment in path.split("/")[1:]:
            name = segment.strip("{}")
            is_parameter = name != segment
            if is_parameter and name not in instead:
                segment = quote(cls.thing(filled, name), safe="")
            filled += "/" + (instead[name] if is_parameter and name in instead else segment)
        return filled

    # --- What the document tells of an operation ---

    @classmethod
    def parameters(cls, operation, place):
        found = [cls.schemas.resolved(parameter) for parameter in operation.get("parameters", [])]
        return [parameter for parameter in found if parameter["in"] == place]

    @classmethod
    def content(cls, method, operation):
        """(type, schema) of the body; JSON without members where a change has none; (None, None) for the rest."""
        if "requestBody" in operation:
            return next((kind, of["schema"]) for kind, of in operation["requestBody"]["content"].items())
        return (None, None) if method in ("GET", "DELETE") else (JSON, {"type": "object", "properties": {}, "required": [],
                                                                        "additionalProperties": False})

    @classmethod
    def good(cls, method, operation):
        """(body, headers) of a request that is to be done."""
        kind, schema = cls.content(method, operation)
        headers = {parameter["name"].replace("-", "_"): "*" for parameter in cls.parameters(operation, "header")}
        if kind is None:
            return None, headers
        body = cls.schemas.example(schema, cls.known) if kind == JSON else cls.bytes[kind]
        return body, {**headers, "Content_Type": kind}

    @classmethod
    def is_stream(cls, operation):
        return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})

    @classmethod
    def operations(cls):
        return [(method, path, operation) for (method, path), operation in admin_openapi.operations.items()]


class BadInput(World):
    def assert_refused(self, answer, operation, statuses, pointer=None):
        self.assertIn(answer.status, statuses, answer)
        self.assertIn(str(answer.status), operation["responses"], answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertTrue(answer.json["detail"])
        errors = answer.json.get("errors", [])
        for error in errors:
            english, chinese = error["detail"]["en"], error["detail"]["zh"]
            self.assertTrue(english and english.isascii() and not chinese.isascii(), error)
        if pointer is not None:
            self.assertEqual([error["pointer"] for error in errors], [pointer], answer)

    def snapshot(self):
        """What may be read of the world. What changes by itself is not looked at: times, and what is measured."""
        return {path: self.ask("GET", self.fill(path)).body for method, path, operation in self.operations()
                if method == "GET" and JSON in operation["responses"]["200"].get("content", {})
                and path.startswith("/admin/") and operation["tags"][0] not in ("stats", "diagnostics", "session")}

    def each(self):
        for method, path, operation in self.operations():
            if not self.is_stream(operation):
                yield method, path, operation
        self.assertTrue(self.gateway.is_running)

    def setUp(self):
        self.before = self.snapshot()

    def tearDown(self):
        self.assertEqual(self.snapshot(), self.before)

    def test_members_that_break_a_rule_are_named(self):
        for method, path, operation in self.each():
            kind, schema = self.content(method, operation)
            if kind != JSON:
                continue
            body, headers = self.good(method, operation)
            at = self.fill(path)
            for what, bad, pointer in self.schemas.bad_objects(schema, body):
                with self.subTest(f"{operation['operationId']}: {what}"):
                    self.assert_refused(self.ask(method, at, bad, **headers), operation, {422}, pointer)

    def test_a_body_that_is_none(self):
        for method, path, operation in self.each():
            kind, _ = self.content(method, operation)
            body, headers = self.good(method, operation)
            at = self.fill(path)
            for what, bad in no_json(body) if kind == JSON else ():
                with self.subTest(f"{operation['operationId']}: {what}"):
                    self.assert_refused(self.ask(method, at, bad, **headers), operation, {400})
            if kind is None:
                continue
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""):
                if kind != "application/octet-stream":
                    with self.subTest(f"{operation['operationId']}: {content_type}"):
                        answer = self.ask(method, at, text, **{**headers, "Content_Type": content_type})
                        self.assert_refused(answer, operation, {415})
            with self.subTest(f"{operation['operationId']}: too large"):
                self.assert_refused(self.ask(method, at, text + b" " * BODY_MAX, **headers), operation, {413})

    def test_bytes_that_say_nothing(self):
        for method, path, operation in self.each():
            kind, _ = self.content(method, operation)
            _, headers = self.good(method, operation)
            for bad in (b"\0", b"\xff" * 40, b"{}", b"nosuch", b"a,b\n", b"-" * BODY_MAX) if kind not in (None, JSON) else ():
                with self.subTest(f"{operation['operationId']}: {bad[:20]}"):
                    self.assert_refused(self.ask(method, self.fill(path), bad, **headers), operation, {400, 422})

    def test_a_query_that_is_not_understood(self):
        for method, path, operation in self.each():
            parameters = self.parameters(operation, "query")
            at = self.fill(path)
            bad = [case for parameter in parameters for case in bad_queries(parameter, self.schemas.is_good)]
            for what, query in bad + ([("unknown", "nosuch=1"), ("no escape", "%")] if parameters else []):
                with self.subTest(f"{operation['operationId']}: {what}"):
                    self.assert_refused(self.ask(method, f"{at}?{query}"), operation, {400})

    def test_a_path_that_leads_nowhere(self):
        for method, path, operation in self.each():
            body, headers = self.good(method, operation)
            for name in re.findall(r"{(\w+)}", path):
                for what, value in NO_NAMES.items():
                    with self.subTest(f"{operation['operationId']}: {name} {what}"):
                        at = self.fill(path, **{name: value}) if name == path.split("{")[-1].partition("}")[0] else None
                        at = at or self.fill(path).replace(f"/{self.known['tenant']}/", f"/{value}/")
                        self.assert_refused(self.ask(method, at, body, **headers), operation, {404})

    def test_what_belongs_to_another_tenant(self):
        for method, path, operation in self.each():
            body, headers = self.good(method, operation)
            if path.count("{") > 1:
                with self.subTest(operation["operationId"]):
                    at = self.fill(path).replace(f"/{TENANT}/", f"/{OTHER_TENANT}/")
                    self.assert_refused(self.ask(method, at, body, **headers), operation, {404})

    def test_a_change_of_something_else_than_was_seen(self):
        for method, path, operation in self.each():
            body, headers = self.good(method, operation)
            if "If_Match" not in headers:
                continue
            at = self.fill(path)
            with self.subTest(operation["operationId"]):
                self.assert_refused(self.ask(method, at, body, **{**headers, "If_Match": None}), operation, {428})
                for stale in ('"v999999"', '"v0"', "v1", '"', "W/*", "a" * 1000):
                    answer = self.ask(method, at, body, **{**headers, "If_Match": stale})
                    self.assertEqual(answer.status, 412, answer)


class GoodInput(World):
    def order(self, operation):
        """What is taken away goes last, that in which it lies after it."""
        method, path, _ = operation
        return method == "DELETE", -len(path) if method == "DELETE" else 0

    def test_every_operation_is_done(self):
        for method, path, operation in sorted(self.operations(), key=self.order):
            with self.subTest(operation["operationId"]):
                body, headers = self.good(method, operation)
                answer = self.ask(method, self.fill(path), body, **headers)
                self.assertIn(answer.status, range(200, 300), answer)
        self.assertTrue(self.gateway.is_running)


if __name__ == "__main__":
    main()
