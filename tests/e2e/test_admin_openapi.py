#!/usr/bin/env python3
"""gateway/admin_api/openapi.json as a document. That the gateway does what it says is checked with every answer of
administrator.py; that it names every route, by tests/gateway/admin_api/test_openapi.c."""
import test_mock_openapi
from harness import ROOT, main


class AdminOpenapiFile(test_mock_openapi.OpenapiFile):
    file = ROOT / "gateway/admin_api/openapi.json"
    refusals = set()

    def test_who_may_and_how_to_say_who_one_is_fit_together(self):
        for path, method, operation in self.operations:
            with self.subTest(f"{method} {path}"):
                ways = [set(way) for way in operation["security"]]
                self.assertEqual(bool(ways), operation["x-admission"] != "anyone")
                with_cookie = [way for way in ways if "session" in way]
                self.assertTrue(all(("csrf" in way) == (method != "get") for way in with_cookie))
                if operation["x-admission"] == "tenant":
                    self.assertIn("{tenant}", path)


if __name__ == "__main__":
    main()
