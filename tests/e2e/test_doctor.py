#!/usr/bin/env python3
"""ita-gateway doctor, as an operator at three in the morning has it: with the daemon running, with it down, and with things
broken. What the steps find is told in test_admin_diagnostics.py; here it is how they reach a terminal."""
import json
import os
import stat
import subprocess

import confidential
from harness import BUILD, Story, clean_environment, free_port, main, make_certificate


class DoctorStory(Story):
    options = {"ita_timeout": "1500ms", "ita_connect_timeout": "1s"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**cls.options)
        cls.ita = cls.runs_mock(cls.gateway)
        cls.tenant = cls.gateway.create_tenant("acme", cls.ita)

    def doctor(self, *words, code=0):
        done = self.gateway.try_admin("doctor", *words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(confidential.leaks_in(done.stdout + done.stderr), [])
        return done.stdout

    def report(self, *words, code=0):
        return json.loads(self.doctor(*words, "--json", code=code))

    @staticmethod
    def results(diagnosis):
        return {step["step"]: step["result"] for step in diagnosis["steps"]}

    def line(self, text, title):
        return next(line for line in text.splitlines() if line[2:].startswith(title + ":"))


class WithTheDaemon(DoctorStory):
    def test_the_daemon_tells_what_only_it_knows(self):
        report = self.report()
        gateway = self.results(report["gateway"])
        self.assertEqual((gateway["daemon"], gateway["circuits"]), ("ok", "ok"))
        self.assertNotEqual(gateway["loop"], "skipped")
        self.assertEqual([tenant["tenant"] for tenant in report["tenants"]], ["acme"])
        self.assertEqual(self.results(report["tenants"][0])["credentials"], "ok")

    def test_a_line_a_step(self):
        text = self.doctor()
        self.assertRegex(self.line(text, "Daemon"), r"^✓ Daemon: Version .* has run for")
        self.assertRegex(self.line(text, "Credentials"), "^✓ Credentials: AccessKey, signature and AppKey are accepted")
        self.assertRegex(self.line(text, "CDR push URL"), "^- CDR push URL: public-host is not configured")
        self.assertIn("\nacme\n", text)

    def test_one_tenant(self):
        report = self.report("--tenant", "acme")
        self.assertNotIn("gateway", report)
        self.assertEqual(len(report["tenants"]), 1)
        done = self.gateway.try_admin("doctor", "--tenant", "nobody")
        self.assertEqual((done.returncode, done.stderr), (1, "ita-gateway doctor: no tenant is named nobody\n"))

    def test_what_fails_says_why_and_what_to_do_and_the_exit_code_says_so(self):
        _, _, der = make_certificate(self.folder, "wrong")
        self.gateway.admin("certificate", "install", "CERT_ITA", der)
        self.addCleanup(self.gateway.admin, "certificate", "install", "CERT_ITA", self.ita.certificate_der)
        lines = self.doctor("--tenant", "acme", code=1).splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("✗ TLS: The ITA's certificate is not trusted"))
        self.assertTrue(lines[at + 1].startswith("    cause: Neither it nor one above it is the installed CERT_ITA: CN=wrong"))
        self.assertTrue(lines[at + 2].startswith("    remedy: Compare this fingerprint"))
        self.assertTrue(lines[at + 3].startswith("- Answer of the ITA: Not looked at: it needs the step \"TLS\"."))

    def test_who_asked_stands_in_the_log(self):
        self.doctor("--tenant", "acme")
        self.assertRegex(self.gateway.log(), r'"settings tested".*"who":"cli:\w+')


class Chinese(DoctorStory):
    def test_the_terminal_s_language(self):
        os.environ["LC_ALL"] = "zh_CN.UTF-8"
        self.addCleanup(os.environ.pop, "LC_ALL")
        self.assertRegex(self.doctor("--tenant", "acme"), r"✓ 凭据: AccessKey、签名和 AppKey 均被接受")
        self.assertIn("措施：", self.doctor("explain", "6"))


class WithoutTheDaemon(DoctorStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway.stop()

    def snapshot(self):
        return {path.name: (path.stat().st_mtime_ns, path.stat().st_size, stat.S_IMODE(path.stat().st_mode))
                for path in self.folder.iterdir() if path.name.startswith("gateway.") and path.suffix not in (".db-shm", ".db-wal")}

    def test_it_walks_by_itself_and_changes_nothing(self):
        before = self.snapshot()
        report = self.report(code=1)
        gateway = self.results(report["gateway"])
        self.assertEqual([step for step, result in gateway.items() if result == "failed"], ["daemon"])
        self.assertEqual(gateway["token-issue"], "ok")
        self.assertEqual([step for step, result in gateway.items() if result == "skipped"],
                         ["open-files", "loop", "circuits", "strange-pushes"])
        acme = self.results(report["tenants"][0])
        self.assertEqual((acme["tls"], acme["credentials"]), ("ok", "ok"))
        self.assertEqual(self.snapshot(), before)
        self.assertIn("systemctl start ita-gateway", self.doctor(code=1))

    def test_a_database_that_is_damaged(self):
        kept = self.gateway.database_path.read_bytes()
        self.addCleanup(self.gateway.database_path.write_bytes, kept)
        self.gateway.database_path.write_bytes(kept[:100] + b"\xff" * 4000 + kept[4100:])
        report = self.report(code=1)
        self.assertEqual(self.results(report["gateway"])["database"], "failed")
        self.assertEqual(self.results(report["gateway"])["tenants"], "skipped")

    def test_a_master_key_that_is_gone_is_not_made_anew(self):
        key = self.gateway.options["master-key-file"]
        hidden = key.rename(key.with_suffix(".hidden"))
        self.addCleanup(hidden.rename, key)
        report = self.report(code=1)
        gateway = self.results(report["gateway"])
        self.assertEqual((gateway["files"], gateway["database"]), ("failed", "failed"))
        self.assertEqual(gateway["token-issue"], "skipped")
        self.assertFalse(key.exists())

    def test_another_master_key(self):
        key = self.gateway.options["master-key-file"]
        kept = key.read_text()
        self.addCleanup(key.write_text, kept)
        key.write_text("0" * 64 + "\n")
        text = self.doctor(code=1)
        self.assertIn("the database was made with another master key", self.line(text, "Database"))

    def test_files_that_others_can_read(self):
        key = self.gateway.options["master-key-file"]
        key.chmod(0o640)
        self.addCleanup(key.chmod, 0o600)
        self.assertIn(f"master-key-file {key} is open to others", self.line(self.doctor(code=1), "Files and their modes"))

    def test_no_database_at_all(self):
        done = self.gateway.try_admin("doctor", "--database", self.folder / "none.db")
        self.assertEqual(done.returncode, 1)
        self.assertFalse((self.folder / "none.db").exists())


class Alone(DoctorStory):
    @classmethod
    def setUpClass(cls):
        super(DoctorStory, cls).setUpClass()
        cls.ita = cls.runs_mock(None)

    def run_doctor(self, *words, code=0):
        done = subprocess.run([BUILD / "bin/ita-gateway", "doctor", *map(str, words)], text=True, capture_output=True,
                              env=clean_environment(), timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_tls_of_a_host(self):
        text = self.run_doctor("tls", self.ita.authority, code=1).stdout
        self.assertRegex(self.line(text, "TLS"), "^✗ TLS: The ITA's certificate is not trusted")
        self.assertRegex(self.line(text, "Certificate shown"), "^✓ Certificate shown: CN=.*SHA-256")
        text = self.run_doctor("tls", f"https://{self.ita.authority}/v1/ngin/axmn", "--ca", self.ita.certificate_der).stdout
        self.assertIn("trusted by CERT_ITA", text)
        report = json.loads(self.run_doctor("tls", self.ita.authority, "--ca", self.ita.certificate_der, "--json").stdout)
        self.assertNotIn("failed", self.results(report).values())
        self.run_doctor("tls", f"127.0.0.1:{free_port()}", code=1)

    def test_a_configuration_that_cannot_be_read(self):
        text = self.run_doctor("--config", self.folder / "none.conf", code=1).stdout
        self.assertRegex(text, r"^✗ Configuration: .*none.conf: No such file")
        self.assertIn("    remedy: Correct what it names, or give the file that the daemon runs with", text)

    def test_codes_are_explained(self):
        text = self.run_doctor("explain", "16").stdout
        self.assertIn("retCode 16: trial: caller not in the trustlist", text)
        self.assertIn("release cause (Q.850) 16: normal clearing", text)
        self.assertIn("API gateway error APIGW.0301: signature refused", self.run_doctor("explain", "APIGW.0301").stdout)
        found = json.loads(self.run_doctor("explain", "90106003", "--json").stdout)
        self.assertEqual([(one["kind"]["en"], one["meaning"]["en"]) for one in found],
                         [("ITA code", "Insufficient Number resources")])
        self.assertIn("no retCode, ITA code", self.run_doctor("explain", "x", code=2).stderr)

    def test_wrong_words_say_what_is_right(self):
        for words in (("fly",), ("tls",), ("tls", "a b"), ("tls", "/"), ("tls", "a:0"), ("explain", "1", "2"), ("explain",), ("explain", "--all", "1"),
                      ("explain", "1", "--markdown"), ("--tenant",),
                      ("--nosuch",)):
            done = self.run_doctor(*words, code=2)
            self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn("usage: ita-gateway doctor", self.run_doctor("--help").stdout)


if __name__ == "__main__":
    main()
