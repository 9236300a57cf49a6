#!/usr/bin/env python3
"""The pages of docs/ that are made by a program are what it prints today."""
import subprocess
import unittest

from harness import BUILD, ROOT, clean_environment, main


class PagesMadeByAProgram(unittest.TestCase):
    maxDiff = None

    def assert_current(self, page, *command):
        made = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=True,
                              env={**clean_environment(), "LC_ALL": "C.UTF-8"})
        words = " ".join(str(word) for word in command).replace(f"{BUILD}/bin/", "")
        self.assertEqual((ROOT / page).read_text(), made.stdout, f"{page} is old: {words} > {page}")

    def test_the_catalogue_of_codes(self):
        self.assert_current("docs/errors.md", BUILD / "bin/ita-gateway", "doctor", "explain", "--all", "--markdown")


if __name__ == "__main__":
    main()
