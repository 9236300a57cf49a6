#!/usr/bin/env python3
"""The pages of docs/ that are made by a program are what it prints today; `make docs` makes them anew."""
import re
import subprocess
import unittest

from harness import BUILD, ROOT, clean_environment, main

API_REFERENCES = {"agent": "gateway/agent_api/openapi.json", "admin": "gateway/admin_api/openapi.json",
                  "mock-ita": "mock_ita/openapi.json"}


class PagesMadeByAProgram(unittest.TestCase):
    maxDiff = None

    def assert_current(self, page, *command):
        made = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=True,
                              env={**clean_environment(), "LC_ALL": "C.UTF-8"})
        words = " ".join(str(word) for word in command).replace(f"{BUILD}/bin/", "")
        self.assertEqual((ROOT / page).read_text(), made.stdout, f"{page} is old, `make docs` makes it anew: {words} > {page}")

    def test_the_catalogue_of_codes(self):
        self.assert_current("docs/errors.md", BUILD / "bin/ita-gateway", "doctor", "explain", "--all", "--markdown")

    def test_the_references_of_the_apis(self):
        for page, file in API_REFERENCES.items():
            with self.subTest(page):
                self.assert_current(f"docs/api/{page}.md", "tools/api_reference.py", file)

    def test_a_link_to_a_schema_has_one_heading_to_lead_to(self):
        for page in API_REFERENCES:
            text = (ROOT / f"docs/api/{page}.md").read_text()
            anchors = [re.sub(r"[^\w -]", "", heading).replace(" ", "-").lower()
                       for heading in re.findall(r"^#+ (.*)$", text, re.M)]
            for link in set(re.findall(r"\]\(#([^)]*)\)", text)):
                with self.subTest(f"{page}: {link}"):
                    self.assertEqual(anchors.count(link), 1)


if __name__ == "__main__":
    main()
