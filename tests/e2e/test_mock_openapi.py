#!/usr/bin/env python3
"""mock_ita/openapi.json as a document: whether it is good OpenAPI 3.1. That the mock does what it says is the matter of
test_mock_control.py; that it names every route, of tests/mock_ita/test_control_routes.c."""
import json
import re
import subprocess
import unittest

import jsonschema
import npm
from harness import ROOT, main

METHODS = {"get", "put", "post", "patch", "delete"}


def walk(value, path=""):
    """Every object and array within, with its JSON path."""
    yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in children:
        yield from walk(child, f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}")


class OpenapiFile(unittest.TestCase):
    """What any such file must be; test_admin_openapi.py and test_agent_openapi.py have others."""
    file = ROOT / "mock_ita/openapi.json"
    refusals = {"400", "403"}  # of every operation
    open_schemas = set()       # those in which unknown members are ignored

    @classmethod
    def setUpClass(cls):
        cls.document = json.loads(cls.file.read_text())
        cls.resolver = jsonschema.RefResolver("", cls.document)
        cls.operations = [(path, method, operation) for path, item in cls.document["paths"].items()
                          for method, operation in item.items()]

    def resolved(self, value):
        return self.resolver.resolve(value["$ref"])[1] if "$ref" in value else value

    def test_it_fits_the_schema_of_openapi_3_1(self):
        folder = npm.install("openapi_lint")
        program = folder / "node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js"
        done = subprocess.run(["node", program, self.file], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(json.loads(done.stdout)["valid"], done.stdout)
        self.assertTrue(self.document["openapi"].startswith("3.1."))

    def test_no_object_says_a_name_twice(self):
        """As two branches that were merged may."""
        def check(pairs):
            names = [name for name, _ in pairs]
            self.assertEqual(len(names), len(set(names)), names)
            return dict(pairs)
        json.loads(self.file.read_text(), object_pairs_hook=check)

    def test_every_reference_leads_somewhere_and_all_is_referred_to(self):
        referred = {value["$ref"] for _, value in walk(self.document) if isinstance(value, dict) and "$ref" in value}
        for reference in referred:
            self.resolver.resolve(reference)
        there = {f"#/components/{kind}/{name}" for kind, named in self.document["components"].items() for name in named
                 if kind != "securitySchemes"}
        self.assertEqual(there - referred, set())
        used = {name for _, _, operation in self.operations for way in operation.get("security", []) for name in way}
        self.assertEqual(used, set(self.document["components"].get("securitySchemes", {})))

    def test_every_schema_is_a_schema(self):
        for path, value in walk(self.document):
            if path.endswith("/schema") or re.fullmatch(r"/components/schemas/[^/]+", path):
                with self.subTest(path):
                    jsonschema.Draft202012Validator.check_schema(value)

    def test_every_object_says_all_of_its_members(self):
        for path, value in walk(self.document["components"]["schemas"]):
            if isinstance(value, dict) and value.get("type") == "object" and "properties" in value:
                with self.subTest(path):
                    self.assertIs(value["additionalProperties"], path.lstrip("/") in self.open_schemas)
                    self.assertLessEqual(set(value.get("required", [])), set(value["properties"]))

    def test_operations_have_names_of_their_own_summaries_and_known_tags(self):
        names = [operation["operationId"] for _, _, operation in self.operations]
        self.assertEqual(len(names), len(set(names)))
        tags = {tag["name"] for tag in self.document["tags"]}
        self.assertEqual({tag for _, _, operation in self.operations for tag in operation["tags"]}, tags)
        for path, method, operation in self.operations:
            with self.subTest(f"{method} {path}"):
                self.assertIn(method, METHODS)
                self.assertTrue(operation["summary"])
                self.assertFalse(operation["summary"].endswith("."))

    def test_parameters_of_paths_are_those_in_the_path(self):
        for path, method, operation in self.operations:
            parameters = [self.resolved(parameter) for parameter in operation.get("parameters", [])]
            with self.subTest(f"{method} {path}"):
                self.assertEqual([p["name"] for p in parameters if p["in"] == "path"], re.findall(r"{(\w+)}", path))
                query = [p["name"] for p in parameters if p["in"] == "query"]
                self.assertEqual(len(query), len(set(query)))

    def test_every_operation_can_be_refused(self):
        for path, method, operation in self.operations:
            with self.subTest(f"{method} {path}"):
                self.assertLessEqual(self.refusals, set(operation["responses"]))
                self.assertTrue(any(status.startswith("2") for status in operation["responses"]))


if __name__ == "__main__":
    main()
