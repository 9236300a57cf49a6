#!/usr/bin/env python3
"""The data of years: copied while calls are placed, put back without doing harm, exported, checked, and gone when it is
old enough."""
import contextlib
import csv
import io
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

import contract
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import Gateway, Story, clean_environment, main, wait_until

KILLS = 12
OLD_CALLS = 3000
ITS_X = 99  # the X number of add_calls() has that ending, and stays: it is nobody's
EPOCH_MS = 1704067200000  # of callSerialNo


def serial_ms(serial):
    return (int(serial) >> 12) + EPOCH_MS


@contextlib.contextmanager
def opened(*words, **options):
    """A database that is closed in the end, and not only committed."""
    with contextlib.closing(sqlite3.connect(*words, **options)) as connection, connection:
        yield connection


class Placing(threading.Thread):
    """Places calls until it is told to stop; keeps what was acknowledged, and how long each took."""

    def __init__(self, agent):
        super().__init__(daemon=True)
        self.agent, self.stopped = agent, threading.Event()
        self.serials, self.slowest_s = [], 0

    def run(self):
        while not self.stopped.is_set():
            began = time.monotonic()
            answer = self.agent.create_call(agent_number(), customer_number())
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            if answer.code == "0":
                self.serials.append(int(answer.serial))


class Data(Story):
    def backup(self, gateway, name="kept.backup", *words):
        file = self.folder / name
        gateway.admin("backup", file, *words)
        return file

    def refused(self, gateway, *words):
        """A subcommand that must not work: one line; exit code 2 where what was given is at fault, else 1."""
        done = gateway.try_admin(*words)
        self.assertIn(done.returncode, (1, 2), done)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def spawn(self, gateway, *words):
        return subprocess.Popen([str(gateway.binary), *map(str, words), "--config", str(gateway.config)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment())

    def assert_sound(self, gateway):
        self.assertIn("nothing is wrong", gateway.admin("db", "check"))


class Backup(Data):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway, cls.ita = cls.runs_gateway(), cls.runs_fake_ita()
        cls.tenant = cls.gateway.create_tenant("kept", cls.ita)
        cls.agent = cls.signs_in(cls.tenant)

    def test_what_was_acknowledged_before_is_in_it(self):
        placing = Placing(self.agent)
        placing.start()
        wait_until(lambda: len(placing.serials) > 20, "calls are placed")
        before = list(placing.serials)
        file = self.backup(self.gateway, "under-load.backup")
        placed_meanwhile = len(placing.serials) - len(before)
        placing.stopped.set()
        placing.join(30)
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        self.assertGreater(placed_meanwhile, 0, "calls go on")
        fresh = Gateway(self.folder, "elsewhere")
        shutil.copy(self.gateway.options["master-key-file"], fresh.options["master-key-file"])
        fresh.admin("restore", file)
        stored = {call["serial"] for call in fresh.database.calls()}
        self.assertEqual([serial for serial in before if serial not in stored], [])
        self.assert_sound(fresh)
        fresh.start()
        try:
            agent = fresh.agent(self.tenant.app_key, self.tenant.app_secret).sign_in()
            self.assertEqual(agent.state(str(before[0]))["state"], contract.CALLING)
            agent.close()
        finally:
            fresh.stop()

    def test_a_file_that_is_there_stays_unless_forced(self):
        file = self.folder / "there.backup"
        file.write_text("dear")
        self.assertIn("--force", self.refused(self.gateway, "backup", file))
        self.assertEqual(file.read_text(), "dear")
        self.backup(self.gateway, "there.backup", "--force")
        self.assertEqual(file.read_bytes()[:15], b"SQLite format 3")

    def test_the_database_is_not_replaced_by_its_copy(self):
        self.assertIn("itself", self.refused(self.gateway, "backup", self.gateway.database_path, "--force"))

    def test_a_full_disk_leaves_nothing(self):
        file = self.folder / "full.backup"
        done = subprocess.run([str(self.gateway.binary), "backup", str(file), "--config", str(self.gateway.config)],
                              capture_output=True, text=True, env=clean_environment(), restore_signals=False,
                              preexec_fn=lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                                                  resource.setrlimit(resource.RLIMIT_FSIZE, (40960, 40960))))
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("full.backup", done.stderr)
        self.assertEqual(list(self.folder.glob("full.backup*")), [])

    def test_killed_it_leaves_no_backup_and_is_no_obstacle(self):
        file = self.folder / "killed.backup"
        for turn in range(KILLS):
            running = self.spawn(self.gateway, "backup", file, "--force")
            time.sleep(random.uniform(0, 0.04))  # not a wait for anything: whatever the moment
            running.kill()
            running.wait()
            if file.exists():
                with opened(f"file:{file}?mode=ro", uri=True) as db:
                    self.assertEqual(db.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.backup(self.gateway, "killed.backup", "--force")
        self.assertFalse((self.folder / "killed.backup.part").exists())

    def test_no_secret_stands_in_it(self):
        self.assertNotIn(self.ita.secret_key.encode(), self.backup(self.gateway, "sealed.backup").read_bytes())

    def test_the_database_is_sound_while_it_is_used(self):
        self.assert_sound(self.gateway)
        growth = json.loads(self.gateway.admin("db", "check", "--json"))
        self.assertEqual(growth["found"], [])
        self.assertGreaterEqual(growth["bytes_per_call"], 0)

    def test_a_contradiction_is_found(self):
        broken = Gateway(self.folder, "broken")
        shutil.copy(self.gateway.options["master-key-file"], broken.options["master-key-file"])
        broken.admin("restore", self.backup(self.gateway, "to-break.backup"))
        with opened(broken.database_path) as db:
            db.execute("INSERT INTO live_call (serial, tenant_id) VALUES (77, 1)")
            db.execute("INSERT INTO call_mark (tenant_id, serial, cec, ita) VALUES (1, 1, 0, 1000), (1, 2, 0, 2000)")
        done = broken.try_admin("db", "check")
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("live calls that are not stored: 1", done.stdout)
        self.assertIn("marks that count other calls than are stored: 1", done.stdout)


class Restore(Data):
    def setUp(self):
        self.setUpClass()
        self.ita = self.runs_fake_ita()

    def tearDown(self):
        self.doClassCleanups()

    def serves(self, **options):
        gateway = self.runs_gateway(**options)
        return gateway

    def test_the_running_daemon_keeps_its_database(self):
        gateway = self.serves()
        self.assertIn("another ita-gateway", self.refused(gateway, "restore", self.backup(gateway)))

    def test_other_files_are_refused_and_nothing_changes(self):
        gateway = self.serves()
        file = self.backup(gateway)
        gateway.stop()
        before = gateway.database_path.read_bytes()
        wrong = {"text": b"no database " * 500, "empty": b"", "torn": file.read_bytes()[:9000]}
        for name, content in wrong.items():
            (self.folder / name).write_bytes(content)
            self.refused(gateway, "restore", self.folder / name)
        newer, damaged, foreign = (shutil.copy(file, self.folder / name) for name in ("newer", "damaged", "foreign"))
        with opened(newer) as db:
            db.execute("PRAGMA user_version = 9999")
        self.assertIn("newer", self.refused(gateway, "restore", newer))
        with open(damaged, "r+b") as content:
            content.seek(4096 * 5)
            content.write(random.Random(7).randbytes(4096 * 3))
        self.refused(gateway, "restore", damaged)
        other = Gateway(self.folder, "other")
        other.admin("tenant", "create", "somebody")
        self.assertIn("another master key", self.refused(gateway, "restore", other.database_path))
        self.assertIn("itself", self.refused(gateway, "restore", gateway.database_path))
        self.assertIn("No such file", self.refused(gateway, "restore", self.folder / "missing"))
        self.assertEqual(gateway.database_path.read_bytes(), before)
        self.assertEqual([path.name for path in self.folder.glob("*restoring*")], [])

    def test_without_the_key_it_says_so_and_makes_none(self):
        gateway = self.serves()
        file = self.backup(gateway)
        fresh = Gateway(self.folder, "keyless")
        self.assertIn("restore the key", self.refused(fresh, "restore", file))
        self.assertFalse(os.path.exists(fresh.options["master-key-file"]))

    def test_serials_go_on_and_x_numbers_rest(self):
        gateway = self.serves(x_rest="0s")
        tenant = gateway.create_tenant("careful", self.ita, "specified", ["057100000061", "057100000062"])
        agent = self.signs_in(tenant)
        browserless = gateway.create_user("sometime")
        file = self.backup(gateway)
        lost = [int(agent.create_call(agent_number(), customer_number()).serial) for _ in range(2)]
        gateway.stop()
        told = json.loads(gateway.admin("restore", file, "--x-hold", "1h", "--json"))
        self.assertLess(serial_ms(lost[-1]), time.time() * 1000)
        self.assertIsNotNone(told["x_held_until"])
        self.assertTrue(os.path.exists(told["replaced"]))
        with opened(told["replaced"]) as db:
            self.assertEqual(db.execute("SELECT count(*) FROM call").fetchone(), (2,))
        self.assertIn("restore backup", [entry["action"] for entry in gateway.database.audit()])
        gateway.start()
        agent.close()
        agent.sign_in()
        self.assert_code(agent.create_call(agent_number(), customer_number()), contract.NUMBERS_EXHAUSTED)
        gateway.stop()
        gateway.admin("restore", file, "--x-hold", "0s")
        gateway.start()
        agent.close()
        agent.sign_in()
        answer = agent.create_call(agent_number(), customer_number())
        self.assert_code(answer, "0")
        self.assertGreater(int(answer.serial), max(lost))
        self.assertTrue(browserless)

    def test_serials_go_on_when_the_clock_is_behind_those_given_out(self):
        """As after a clock that was set back: what the replaced database knows counts."""
        gateway = self.serves()
        tenant = gateway.create_tenant("ahead", self.ita)
        agent = self.signs_in(tenant)
        file = self.backup(gateway)
        gateway.stop()
        ahead = (int(time.time() * 1000) - EPOCH_MS + 3600_000) << 12
        with opened(gateway.database_path) as db:
            db.execute("INSERT INTO call (tenant_id, serial, type, outcome, is_x_claimed, created_ms, caller, called) "
                       "VALUES (1, ?, 4, 2, 0, 1, '1', '2')", (ahead,))
        told = json.loads(gateway.admin("restore", file, "--x-hold", "10m", "--json"))
        longest = time.gmtime(time.time() + 600)
        self.assertLessEqual(told["x_held_until"], time.strftime("%Y-%m-%dT%H:%M:%S.999Z", longest), "not for an hour more")
        gateway.start()
        agent.close()
        agent.sign_in()
        placed = self.assert_placed(agent.create_call(agent_number(), customer_number()))
        self.assertGreater(int(placed), ahead)
        now_ms = int(time.time() * 1000)
        found = [call["callSerialNo"] for call in agent.history(endTime=str(now_ms))]
        self.assertEqual(found, [str(placed)], "a query up to now tells it as well")
        self.assertEqual(agent.history(endTime=str(now_ms - 120_000)), [])

    def test_killed_it_leaves_the_old_or_the_new_one(self):
        gateway = self.serves()
        gateway.create_tenant("first", self.ita)
        file = self.backup(gateway)
        gateway.create_tenant("second", self.ita)
        gateway.stop()
        names = set()
        for turn in range(KILLS):
            running = self.spawn(gateway, "restore", file)
            time.sleep(random.uniform(0, 0.06))
            running.kill()
            running.wait()
            with opened(gateway.database_path) as db:
                self.assertEqual(db.execute("PRAGMA integrity_check").fetchone(), ("ok",))
                names.add(db.execute("SELECT group_concat(name) FROM tenant").fetchone())
        self.assertLessEqual(names, {("first,second",), ("first",)})
        gateway.admin("restore", file)
        self.assertEqual(list(self.folder.glob("*restoring*")), [])
        gateway.start()

    def test_a_damaged_database_is_put_aside(self):
        gateway = self.serves()
        file = self.backup(gateway)
        gateway.stop()
        gateway.database_path.write_bytes(b"damage " * 4000)
        told = json.loads(gateway.admin("restore", file, "--json"))
        self.assertEqual(pathlib.Path(told["replaced"]).read_bytes()[:6], b"damage")
        self.assert_sound(gateway)
        gateway.start()

    def test_a_log_that_stayed_is_not_played_into_it(self):
        gateway = self.serves()
        file = self.backup(gateway)
        gateway.create_tenant("later", self.ita)
        gateway.kill()
        log = gateway.database_path.with_name("gateway.db-wal")
        self.assertGreater(log.stat().st_size, 0)
        gateway.database_path.unlink()
        gateway.admin("restore", file)
        self.assertFalse(log.exists())
        self.assertEqual(len(list(self.folder.glob("gateway.db.replaced-*-wal"))), 1)
        self.assertNotIn("later", gateway.admin("tenant", "list"))
        self.assert_sound(gateway)
        gateway.start()


class Export(Data):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway, cls.ita = cls.runs_gateway(), cls.runs_fake_ita()
        cls.tenants = [cls.gateway.create_tenant(name, cls.ita) for name in ("east", "west")]
        cls.agents = [cls.signs_in(tenant) for tenant in cls.tenants]
        cls.serials = [str(agent.create_call(agent_number(), customer_number()).serial)
                       for agent in cls.agents for _ in range(3)]

    def test_all_tenants_are_in_it_and_named(self):
        rows = list(csv.DictReader(io.StringIO(self.gateway.admin("export", "calls"))))
        self.assertEqual(sorted(row["callSerialNo"] for row in rows), sorted(self.serials))
        self.assertEqual({row["tenant"] for row in rows}, {"east", "west"})

    def test_it_has_the_columns_of_the_admin_api(self):
        key = self.gateway.create_api_key("exporting")
        browser = self.gateway.browser()
        answer = browser.send("GET", "/admin/v1/tenants/east/calls/export", headers={"Authorization": f"Bearer {key}"})
        self.assertEqual(answer.body.decode().replace("\r\n", "\n"),
                         self.gateway.admin("export", "calls", "--tenant", "east"))
        browser.close()

    def test_json_lines(self):
        lines = [json.loads(line) for line in self.gateway.admin("export", "calls", "--format", "jsonl").splitlines()]
        self.assertEqual(sorted(line["callSerialNo"] for line in lines), sorted(self.serials))

    def test_times_bound_it(self):
        self.assertEqual(len(self.gateway.admin("export", "calls", "--to", "2025-01-01").splitlines()), 1)
        self.assertEqual(len(self.gateway.admin("export", "calls", "--from", "2025-01-01T00:00:00Z").splitlines()), 7)
        done = self.gateway.try_admin("export", "calls", "--from", "yesterday")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done)

    def test_a_file_that_is_there_is_not_overwritten(self):
        file = self.folder / "calls.csv"
        self.gateway.admin("export", "calls", "-o", file)
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        kept = file.read_text()
        self.refused(self.gateway, "export", "calls", "--output", file)
        self.assertEqual(file.read_text(), kept)
        self.refused(self.gateway, "export", "calls", "--tenant", "nowhere", "-o", self.folder / "none.csv")
        self.assertFalse((self.folder / "none.csv").exists())


class Retention(Data):
    def setUp(self):
        self.setUpClass()
        self.ita = self.runs_fake_ita()

    def tearDown(self):
        self.doClassCleanups()

    def prepare(self):
        gateway = self.runs_gateway()
        agent = self.signs_in(gateway.create_tenant("old", self.ita))
        sender = CdrSender(gateway, self.ita.access_key, self.ita.secret_key)
        self.caller, self.called = agent_number(), customer_number()
        self.serial = self.assert_placed(agent.create_call(self.caller, self.called, callData="young"))
        remark = self.ita.placings(self.called)[0].json["remark"]
        self.assertEqual(sender.push(cdr("call-young", remark, self.caller, self.called)).status, 200)
        self.lost = customer_number()
        self.assertEqual(sender.push(cdr("call-lost", "nothing", agent_number(), self.lost)).status, 200)
        gateway.stop()
        gateway.database.add_calls(1, OLD_CALLS)
        with opened(gateway.database_path) as db:  # CDRs and callbacks as old as these calls
            db.execute("UPDATE cdr SET id = id + 1000000, previous_id = previous_id + 1000000")
            db.execute("UPDATE call_end SET last_cdr_id = last_cdr_id + 1000000 WHERE last_cdr_id IS NOT NULL")
            db.execute("INSERT INTO cdr (id, received_ms, tenant_id, serial, date_ms, access_key, mac, body) SELECT call.serial / 4096000, created_ms, "
                       "1, call.serial, created_ms, 'k', x'00', CAST('{\"telA\":\"' || caller || '\",\"telB\":\"' || called || "
                       "'\"}' AS BLOB) FROM call JOIN call_end USING (serial) WHERE created_ms < 1710000000000")
            db.execute("INSERT INTO callback (tenant_id, serial, number, kind, state, queue, tries, tries_before, created_ms, "
                       "url) SELECT 1, serial, 1, 1, 2, 1, 1, 0, created_ms, 'https://x.example/' || called FROM call "
                       "WHERE created_ms < 1710000000000")
        return gateway

    def audited(self, gateway):
        return [entry["detail"] for entry in gateway.database.audit() if entry["action"] == "retention"]

    def serve_until_done(self, gateway, **options):
        gateway.set_options(**options)
        gateway.start()
        wait_until(lambda: self.audited(gateway), "old data is gone", 60)

    def files(self, gateway):
        """Whatever stands in the database's files, free pages and the log too."""
        content = b"".join(path.read_bytes() for path in self.folder.glob("gateway.db*") if not path.name.endswith("lock"))
        return content

    def test_numbers_of_old_calls_are_nowhere_any_more(self):
        gateway = self.prepare()
        self.assertIn(b"057100000042", self.files(gateway))
        self.serve_until_done(gateway, numbers_keep="1d")
        def left():
            content = self.files(gateway)
            return [i for i in range(1, OLD_CALLS + 1) if f"0571{i:08d}".encode() in content and i != ITS_X]
        wait_until(lambda: not left(), "no number is left, not even in the log")
        content = self.files(gateway)
        self.assertEqual([i for i in range(1, OLD_CALLS + 1) if f"138{i:08d}".encode() in content], [])
        calls = gateway.database.calls()
        self.assertEqual(len(calls), OLD_CALLS + 1)
        self.assertEqual({(call["caller"], call["called"]) for call in calls if call["created_ms"] < 1710000000000},
                         {("138********", "057*********")})
        young = [call for call in calls if str(call["serial"]) == self.serial]
        self.assertEqual([(call["caller"], call["called"]) for call in young], [(self.caller, self.called)])
        self.assertIn(self.lost.encode(), content, "an unmatched CDR of today is kept")
        self.assertEqual(self.audited(gateway),
                         [f"deleted: 0 calls, 0 CDRs; anonymised: {OLD_CALLS} calls, {OLD_CALLS} CDRs"])
        self.assert_sound(gateway)

    def test_old_calls_are_deleted_even_if_it_is_killed_meanwhile(self):
        gateway = self.prepare()
        gateway.set_options(calls_keep="1d", numbers_keep="1d")
        gateway.start()
        wait_until(lambda: len(gateway.database.calls()) < OLD_CALLS, "some are deleted")
        gateway.kill()
        self.assert_sound(gateway)
        self.serve_until_done(gateway)
        self.assertEqual([str(call["serial"]) for call in gateway.database.calls()], [self.serial])
        self.assertEqual(len(gateway.database.cdrs()), 2)
        self.assert_sound(gateway)

    def test_times_that_would_take_calls_away_from_their_cdr_are_refused(self):
        gateway = Gateway(self.folder, "hasty", calls_keep="3h")
        done = gateway.try_admin("serve")
        self.assertIn("calls-keep: must be 0s, or at least 1d", done.stderr)


if __name__ == "__main__":
    main()
