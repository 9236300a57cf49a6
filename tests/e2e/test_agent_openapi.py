#!/usr/bin/env python3
"""gateway/agent_api/openapi.json: as a document, and held against the gateway, every operation with good input and with bad.
The answers themselves are checked by agent.py and cdr.py, in every test that uses them."""
import json
import re
import time

import agent_openapi
import confidential
import contract
import jsonschema
import test_mock_openapi
from bad_input import NO_JSON, Schemas
from cdr import CdrSender
from confidential import agent_number, customer_number
from harness import ROOT, Story, main


class AgentOpenapiFile(test_mock_openapi.OpenapiFile):
    file = agent_openapi.FILE
    refusals = set()
    open_schemas = {"TokenRequest", "CreateCallV1", "CreateCallV3", "CallReference", "HistoryRequest", "Cdr", "CecCallback"}

    def test_it_has_the_routes_of_the_agents_listener(self):
        table = re.search(r"routes\[\] = \{\n(.*?)\n\};", (ROOT / "gateway/daemon/parts.c").read_text(), re.S)[1]
        table = table.replace('RECORDING_PATH "', '"/apiaccess/recording/')
        routes = set(re.findall(r'\{"([A-Z]+)", "([^"]+)"', table))
        self.assertEqual(set(agent_openapi.operations), routes)

    def test_its_examples_are_good(self):
        schemas = Schemas(agent_openapi.resolver)
        for name, schema in self.document["components"]["schemas"].items():
            for example in schema.get("examples", ()):
                with self.subTest(name):
                    jsonschema.Draft202012Validator(schema, resolver=self.resolver).validate(example)
                    self.assertTrue(schemas.is_good(schema, example))


class AgentContract(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()
        cls.mock = cls.runs_mock(cls.gateway, speed=100)
        cls.tenant = cls.gateway.create_tenant("acme", cls.mock, recorded=True)
        cls.agent = cls.signs_in(cls.tenant)
        cls.schemas = Schemas(agent_openapi.resolver)
        cls.serial = str(cls.agent.create_call(agent_number(), customer_number()).serial)
        cls().await_end(cls.agent, cls.serial)

    def posts(self):
        """What agents' systems and AICCs send: path, schema of the body, a good body."""
        for (method, path), operation in agent_openapi.operations.items():
            if method != "POST" or path == contract.STATUS_NOTIFY:
                continue
            schema = self.schemas.resolved(operation["requestBody"]["content"]["application/json"]["schema"])
            yield path.format(tenant="acme", kind="release"), schema, self.good(path, schema)

    def good(self, path, schema):
        now_ms = int(time.time() * 1000)
        known = {"app_key": self.tenant.app_key, "app_secret": self.tenant.app_secret, "callSerialNo": self.serial,
                 "startTime": str(now_ms - 3_600_000), "endTime": str(now_ms + 3_600_000)}
        body = {name: known.get(name, value) for name, value in schema["examples"][0].items()}
        if "createCall" in path:
            body.update({name: confidential.keep_number(number) for name, number in
                         (("caller", agent_number()), ("softPhone", agent_number()), ("called", customer_number()))
                         if name in body})
        return body


class GoodInput(AgentContract):
    def test_every_operation_is_done(self):
        for path, _, body in self.posts():
            with self.subTest(path):
                answer = self.agent.post(path, body)
                self.assertEqual(answer.status, 200, answer)
                self.assertIn(answer.json.get("retCode", "0"), ("0", 0), answer)

    def test_a_load_balancer_is_told(self):
        for path, text in (("/healthz", b"alive\n"), ("/readyz", b"ready\n")):
            answer = self.agent.send("GET", path)
            self.assertEqual((answer.status, answer.body[:len(text)]), (200, text))

    def test_a_recording_is_heard(self):
        path = self.agent.recording_url(self.serial).removeprefix(self.gateway.url)
        self.assertEqual(self.agent.send("GET", path).status, 200)
        self.assertEqual(self.agent.send("GET", path, headers={"Range": "bytes=0-9"}).status, 206)
        self.assertEqual(self.agent.send("GET", path, headers={"Range": "bytes=999999999-"}).status, 416)
        self.assertEqual(self.agent.send("GET", path[:-1]).status, 404)

    def test_the_cdr_of_the_example_is_taken(self):
        example = self.schemas.resolved({"$ref": "#/components/schemas/Cdr"})["examples"][0]
        sender = CdrSender(self.gateway, self.mock.access_key, self.mock.secret_key)
        self.assertEqual(sender.push(example).status, 200)
        self.assertEqual(sender.push({}).status, 400)
        self.assertEqual(sender.push(example, change=lambda headers: headers.pop("X-Sdk-Date")).status, 401)


class BadInput(AgentContract):
    """Nothing of it is answered as if it were good, and nothing is called."""

    def setUp(self):
        self.calls = len(self.mock.calls())

    def tearDown(self):
        self.assertEqual(len(self.mock.calls()), self.calls)
        self.assertTrue(self.gateway.is_running)

    def assert_refused(self, answer):
        if answer.status == 200:
            self.assertNotIn(answer.json["retCode"], ("0", 0), answer)
        else:
            self.assertIn(answer.status, (400, 401, 415), answer)

    def test_members_that_are_missing_or_break_their_schema(self):
        for path, schema, body in self.posts():
            for name in schema["required"]:
                with self.subTest(f"{path}: no {name}"):
                    self.assert_refused(self.agent.post(path, {key: body[key] for key in body if key != name}))
            for name, of in schema["properties"].items():
                if name in ("timestamp", "nonce", "signature"):  # read with Shared Key only: test_cec.py
                    continue
                for bad in ({"a": 1}, ["text"], True, 1.5):
                    if not self.schemas.is_good(of, bad):
                        with self.subTest(f"{path}: {name} {bad}"):
                            self.assert_refused(self.agent.post(path, {**body, name: bad}))

    def test_bodies_that_are_no_json_object(self):
        for path, _, _ in self.posts():
            for what, bad in NO_JSON.items():
                with self.subTest(f"{path}: {what}"):
                    self.assertEqual(self.agent.post(path, bad).status, 400)

    def test_another_content_type_or_too_much(self):
        for path, _, body in self.posts():
            with self.subTest(path):
                self.assertEqual(self.agent.post(path, body, Content_Type="text/plain").status, 415)
                too_much = self.agent.post(path, json.dumps(body).encode() + b" " * 65536)
                self.assertEqual(too_much.status, 413)

    def test_without_a_good_token(self):
        for (method, path), operation in agent_openapi.operations.items():
            if {"accessToken": []} in operation["security"]:
                for header in (None, "Bearer", "Bearer x", "bearer " + self.agent.token, "Basic YTpi"):
                    with self.subTest(f"{path}: {str(header)[:8]}"):
                        self.assertEqual(self.agent.post(path, {}, Authorization=header).status, 401)
                self.assertEqual(self.agent.post(path, {}, X_APP_Key="another").status, 401)


if __name__ == "__main__":
    main()
