#!/usr/bin/env python3
"""The scenario files that mock-ita comes with, and those in its README: each is good, is told of, and is played by a
test."""
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import BUILD, ROOT, Story, clean_environment, main

FOLDER = ROOT / "mock_ita/scenarios"
FILES = sorted(FOLDER.glob("*.json"), key=lambda path: path.stem)
MOCK_README = ROOT / "mock_ita/README.md"


def check(*paths):
    return subprocess.run([str(BUILD / "bin/mock-ita"), "check", *map(str, paths)], text=True, capture_output=True,
                          env=clean_environment(), timeout=60)


class ScenarioFiles(unittest.TestCase):
    def test_each_is_good(self):
        done = check(*FILES)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines(), [f"{path}: ok" for path in FILES])

    def test_each_is_named_as_its_file(self):
        for path in FILES:
            self.assertIn(f'"name": "{path.stem}"', path.read_text())

    def test_each_stands_in_the_table_and_no_other(self):
        rows = re.findall(r"^\| ([a-z0-9-]+) \|", (FOLDER / "README.md").read_text(), re.M)
        rows.remove("file")
        self.assertEqual(sorted(rows), [path.stem for path in FILES])

    def test_each_is_played_by_a_test(self):
        tests = "".join(path.read_text() for path in sorted((ROOT / "tests/e2e").glob("test_*.py"))
                        if path != Path(__file__).resolve())
        idle = [path.stem for path in FILES if not re.search(rf"[\"' ]{path.stem}[\"' ]", tests)]
        self.assertEqual(idle, [])


class Loading(Story):
    def test_the_command_that_the_readme_gives_loads_one(self):
        mock = self.runs_mock(None, tls=False)
        [command] = re.findall(r"^    (curl .*)$", (FOLDER / "README.md").read_text(), re.M)
        done = subprocess.run(["sh", "-c", command.replace("CONTROL", str(mock.control_port)).replace("curl", "curl -sS --fail")],
                              cwd=FOLDER, text=True, capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn('"name":"answer-reset"', done.stdout.replace(" ", ""))


class Examples(unittest.TestCase):
    def test_each_in_the_readme_is_good(self):
        examples = re.findall(r"^```json\n(.*?)^```", MOCK_README.read_text(), re.M | re.S)
        self.assertGreater(len(examples), 3)
        with tempfile.TemporaryDirectory() as folder:
            for number, example in enumerate(examples):
                path = Path(folder, f"{number}.json")
                path.write_text(example)
                done = check(path)
                self.assertEqual((done.returncode, done.stderr), (0, ""), example)


class Check(unittest.TestCase):
    def test_a_bad_file_is_refused_with_path_and_rule(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "bad.json")
            path.write_text('{"rules":[{},{"answer":{"delay":200}}]}')
            done = check(FILES[0], path)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, f"{FILES[0]}: ok\n")
        self.assertTrue(done.stderr.startswith(f"{path}: /rules/1/answer/delay: must be a duration"), done.stderr)

    def test_without_a_file_it_tells_how_it_is_used(self):
        done = check()
        self.assertEqual(done.returncode, 2)
        self.assertIn("usage: mock-ita check FILE...", done.stderr)


if __name__ == "__main__":
    main()
