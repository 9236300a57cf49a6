#!/usr/bin/env python3
"""The benchmarks' harness: it runs, and its checks fail when what was measured is not what it says. No figures are
looked at."""
import contextlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from harness import BUILD, IS_SANITIZED, ROOT, Story, main

BENCH = ROOT / "bench"
sys.path.insert(0, str(BENCH))

import checks  # noqa: E402
import flame  # noqa: E402
import report  # noqa: E402
import seed  # noqa: E402
import servers  # noqa: E402
import stage  # noqa: E402


PERF_SCRIPT = """\
ita-gateway   123\x20
\tffffffff81 tcp_sendmsg+0x2c ([kernel.kallsyms])
\t    7f12 __libc_write+0x4f (/usr/lib/libc.so.6)
\t    5512 on_read+0x10 (/opt/bin/ita-gateway)
\t    7f99 [unknown] (/usr/lib/libuv.so.1.0.0)
\t    5500 uv_run+0x1 (/usr/lib/libuv.so.1.0.0)
\t    5501 main+0x1 (/opt/bin/ita-gateway)

ita-gateway   123\x20
\t    5512 on_read+0x10 (/opt/bin/ita-gateway)
\t       0 [unknown] ([unknown])

store-writer   124\x20
\t    7f13 [unknown] (/usr/lib/libsqlite3.so.0.8.6)
\t    5513 write_batches+0x10 (/opt/bin/ita-gateway)
\t    7f14 start_thread+0x1 (/usr/lib/libc.so.6)

"""


class Flames(unittest.TestCase):
    def test_samples_become_stacks_without_their_beginning(self):
        self.assertEqual(flame.stacks_in(PERF_SCRIPT), {
            ("ita-gateway", "on_read", "__libc_write", "tcp_sendmsg_[k]"): 1,
            ("ita-gateway", "on_read"): 1,
            ("store-writer", "write_batches", "[libsqlite3.so.0.8.6]"): 1,
        })

    def test_a_frame_is_as_wide_as_its_share(self):
        picture = xml.etree.ElementTree.fromstring("\n".join(flame.svg("a <title>", {("a", "b"): 3, ("a",): 1, ("c", "d"): 4})))
        widths = {group[0].text: float(group[1].get("width")) for group in picture if len(group) == 3}
        self.assertEqual(widths, {"a 50.0%": 600, "b 37.5%": 450, "c 50.0%": 600, "d 50.0%": 600})

    def test_what_is_too_small_to_see_is_left_out(self):
        picture = "\n".join(flame.svg("", {("a", "large"): 999, ("a", "small"): 1}))
        self.assertIn("large", picture)
        self.assertNotIn("small", picture)


class Case:
    what, transport, pace, ita = "calls", "plain", "closed", "nginx"


class Judgement(unittest.TestCase):
    def test_as_many_rows_and_calls_upstream_as_answers_are_right(self):
        self.assertEqual([], checks.judge("run", checks.Counts(100), 100, 100))

    def test_a_row_too_few_is_told(self):
        self.assertEqual(1, len(checks.judge("run", checks.Counts(100), 99, 99)))

    def test_a_row_too_many_is_told(self):
        self.assertEqual(1, len(checks.judge("run", checks.Counts(100), 101, 101)))

    def test_a_closed_loop_may_leave_as_many_rows_more_as_it_has_connections(self):
        counts = checks.Counts(100, unanswered=64)
        self.assertEqual([], checks.judge("run", counts, 164, 164))
        self.assertEqual(1, len(checks.judge("run", counts, 165, 165)))

    def test_a_call_that_the_ita_did_not_see_is_told(self):
        self.assertEqual(1, len(checks.judge("run", checks.Counts(100), 100, 99)))

    def test_a_wrong_answer_and_an_error_are_told(self):
        self.assertEqual(1, len(checks.judge("run", checks.Counts(100, wrong=1), 100, 100)))
        self.assertEqual(1, len(checks.judge("run", checks.Counts(100, errors=1), 100, 100)))

    def test_two_syncs_a_call_and_one_a_push_are_right(self):
        self.assertEqual([], checks.judge_syncs(50, 100, 50, 50))
        self.assertEqual([], checks.judge_syncs(50, 102, 50, 51))

    def test_a_sync_too_few_is_told(self):
        self.assertEqual(1, len(checks.judge_syncs(50, 99, 50, 50)))
        self.assertEqual(1, len(checks.judge_syncs(50, 100, 50, 49)))

    def test_syncs_that_nobody_asked_for_are_told(self):
        self.assertEqual(1, len(checks.judge_syncs(50, 150, 50, 50)))

    def test_a_ratio_is_the_median_of_the_rounds_own(self):
        results = report.Results({})
        for gateway, nginx in ((20, 10), (90, 30), (25, 10)):
            results.add(Case, "gateway", {"cpu_us": gateway})
            results.add(Case, "nginx", {"cpu_us": nginx})
        self.assertEqual([("a call over nginx that forwards it", 2.5, report.CALL_RATIO_MAX)], results.aims())


class Run(Story):
    @unittest.skipUnless(shutil.which("wrk"), "wrk is not installed")
    @unittest.skipIf(IS_SANITIZED, "bench/run measures what is shipped")
    def test_a_short_run_counts_and_keeps_its_figures(self):
        out = self.folder / "figures.json"
        done = subprocess.run([BENCH / "run", BUILD, "--no-floors", "--loads", "calls,pushes", "--transports", "plain",
                               "--paces", "steady", "--itas", "mock", "--rounds", "1", "--seconds", "1", "--rate", "50",
                               "--json", out], capture_output=True, text=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        figures = json.loads(out.read_text())
        self.assertEqual([], figures["complaints"])
        self.assertEqual([("calls", 50), ("pushes", 50)],
                         [(run["load"], run["requests"]) for run in figures["runs"] if run["server"] == "gateway"])


@unittest.skipUnless(shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"), "nginx is not installed")
class Copies(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.environ["PATH"] += ":/usr/sbin"
        ita = servers.Nginx(cls.folder / "ita", None, False)
        cls.addClassCleanup(ita.stop)
        with contextlib.redirect_stdout(io.StringIO()):
            cls.stage = stage.Stage(BUILD, cls.folder / "stage", ita, calls=1000, tenants=2, x_numbers=10)

    def test_copied_calls_are_in_the_history_of_their_tenants(self):
        self.stage.gateway.start()
        found = self.stage.history_ms(self.stage.tokens()[0])
        self.stage.gateway.stop()
        self.assertEqual(500, found["calls_in_7_days"])

    def test_copies_of_another_shape_than_real_rows_are_refused(self):
        with contextlib.closing(sqlite3.connect(self.stage.gateway.database)) as db:
            real = seed.sizes(db, "call")
            seed.check_shape(db, "call", real)
            db.execute("UPDATE call SET code = NULL WHERE serial = (SELECT max(serial) FROM call)")
            with self.assertRaises(SystemExit):
                seed.check_shape(db, "call", real)


if __name__ == "__main__":
    main()
