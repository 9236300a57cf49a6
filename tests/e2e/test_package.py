#!/usr/bin/env python3
"""The Debian packages on a fresh Debian 12: docs/quick-start.md is played there to its first call, then they are upgraded,
removed, installed again and purged."""
import os
import re
import shutil
import subprocess
import threading
import unittest

from documents import blocks, play
from fresh_debian import DYNAMIC_UID, FreshDebian, Unavailable
from harness import BUILD, ROOT, Story, main

DOCUMENT = (ROOT / "docs/quick-start.md").read_text()
VERSION = re.match(r"ita-gateway \((.*?)\)", (ROOT / "debian/changelog").read_text())[1]
UPGRADE = f"{VERSION}+upgrade"
STATE, SETTINGS = "/var/lib/private/ita-gateway", "/etc/ita-gateway"
ARGUMENTS = f"--config {SETTINGS}/ita-gateway.conf"
# The document ends where a real ITA would come in.
MOCK_FOR_THE_NEW_ADDRESS = f"""
echo 'ita-local = yes' >> {SETTINGS}/ita-gateway.conf
mock-ita --tls --print-cert ita.der --access-key FAKEITAACCESSKEY0001 --secret-key fake-ita-secret-key-0001 \\
    --app-key fake-ita-app-key-0001 --speed 100 --quiet --push-ca /etc/ssl/certs/ita-gateway.pem \\
    --push-url https://gateway.example.com/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify 2> /dev/null &
until [ ita.der -nt ita-secret-key ] && ita-gateway certificate install CERT_ITA ita.der {ARGUMENTS}; do sleep 0.1; done
export GATEWAY_URL=https://gateway.example.com GATEWAY_CA=/etc/ssl/certs/ita-gateway.pem
"""
# The certificate of our own, as one that an authority has signed.
TRUST = """
cp /etc/ssl/certs/ita-gateway.pem /usr/local/share/ca-certificates/gateway.example.com.crt
update-ca-certificates
"""


class Packages(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if BUILD.name != "release":
            raise unittest.SkipTest("packages are tested with the release build")
        for missing in ("dpkg-buildpackage", "dh", "lintian"):
            if shutil.which(missing) is None:
                raise unittest.SkipTest(f"{missing} is not installed; tools/deps.sh deb installs it")
        building = threading.Thread(target=cls.build)
        building.start()
        try:
            cls.debian = FreshDebian(cls.folder)
        except Unavailable as why:
            raise unittest.SkipTest(str(why)) from None
        finally:
            building.join()
        cls.addClassCleanup(cls.debian.remove)
        cls.shell = cls.debian.shell()
        cls.addClassCleanup(cls.shell.close)

    @classmethod
    def build(cls):
        options = {"DEB_BUILD_OPTIONS": f"nocheck noautodbgsym parallel={os.cpu_count()}", "MAKEFLAGS": ""}
        cls.built = subprocess.run([ROOT / "tools/deb.sh", cls.folder / "packages", UPGRADE], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **options})

    def copy_packages(self, version):
        """Into the home of root inside; returns their paths there."""
        copied = []
        for name in ("ita-gateway", "mock-ita"):
            file, = (self.folder / "packages").glob(f"{name}_{version}_*.deb")
            shutil.copy(file, self.debian.path("/root"))
            copied.append(f"/root/{file.name}")
        return copied

    def play_command(self, command):
        """apt-get needs the network of the machine."""
        if command.text.startswith("apt-get"):
            return 0, self.debian.run("bash", "-c", f"cd && {command.text}")
        return self.shell.run(command.text)

    def run_inside(self, text):
        code, printed = self.shell.run(text)
        self.assertEqual(code, 0, f"{text}\n{printed}")
        return printed

    def doctor(self):
        return self.run_inside(f"ita-gateway doctor {ARGUMENTS} || true")

    def assert_serves(self):
        """It runs by itself, and the call of before is there."""
        self.assertIsNone(self.debian.main_process.poll(), self.debian.log()[-3000:])
        self.assertIn("✓ Daemon: Version", self.doctor())
        tenants = self.run_inside("ita-gateway tenant list").splitlines()  # of the configuration that is installed
        self.assertEqual([line.split("\t")[0] for line in tenants], ["acme"])
        self.run_inside("ita-gateway call --caller 13800000003 --called 057100000004 --wait")

    def assert_no_file_but_its_state(self):
        """Root's own, or in the folder of its state: the unit's user has left nothing elsewhere."""
        for folder in ("/etc", "/var", "/tmp", "/root", "/usr", "/home"):
            for path in self.debian.path(folder).rglob("*"):
                if not str(path).startswith(str(self.debian.path(STATE))):
                    self.assertNotEqual(path.lstat().st_uid, DYNAMIC_UID, path)

    # --- In this order ---

    def test_1_packages_are_built_and_lintian_finds_nothing(self):
        self.assertEqual(self.built.returncode, 0, self.built.stdout[-4000:])

    def test_2_the_quick_start_leads_to_a_call(self):
        self.copy_packages(VERSION)
        self.run_inside("cd")
        count = play(self, DOCUMENT, self.play_command)
        self.assertGreater(count, 10)
        self.assertEqual([block.reason for block in blocks(DOCUMENT) if block.reason],
                         ["the packages are built by the tests themselves", "systemd has to be process 1",
                          "tests/e2e/test_install.py holds the unit to this rating"])
        self.assertIn("ended: 16 normal clearing", self.run_inside("cat first-call"))
        self.assert_no_file_but_its_state()
        self.run_inside(MOCK_FOR_THE_NEW_ADDRESS)

    def test_3_what_root_changes_while_it_is_stopped_is_taken(self):
        self.run_inside(f"systemctl stop ita-gateway && ita-gateway xnumber add acme 057100000091 {ARGUMENTS}"
                        " && systemctl start ita-gateway")
        self.assert_serves()

    def test_4_a_push_of_its_own_gets_through_the_public_url(self):
        self.assertIn("! CDR push URL: https://gateway.example.com/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify "
                      "was not reached from here", self.doctor(), "its certificate is not trusted")
        self.run_inside(TRUST)
        self.run_inside("systemctl restart ita-gateway")
        self.assertIn("✓ CDR push URL: A signed self-test got through https://gateway.example.com/apiaccess/rest/cc-management/v1/ita/"
                      "twopartiescall/statusnotify and was verified.", self.doctor())

    def test_5_an_upgrade_keeps_settings_and_data_and_starts_the_new_one(self):
        settings, before = self.settings(), self.debian.main_process.pid
        self.debian.run("apt-get", "install", "-y", *self.copy_packages(UPGRADE))
        self.assertEqual(self.run_inside("dpkg-query -Wf '${Version}' ita-gateway"), UPGRADE)
        self.assertNotEqual(self.debian.main_process.pid, before)
        self.assertEqual(self.settings(), settings)
        self.assert_serves()

    def settings(self):
        return {path.name: path.read_bytes() for path in self.debian.path(SETTINGS).iterdir()}

    def test_6_removed_it_stops_and_leaves_settings_and_data(self):
        settings, database = self.settings(), self.debian.path(f"{STATE}/ita-gateway.db")
        self.debian.run("apt-get", "remove", "-y", "ita-gateway")
        self.assertEqual(self.debian.main_process.poll(), 0)
        self.assertFalse(self.debian.path("/usr/bin/ita-gateway").exists())
        self.assertEqual((self.settings(), database.exists()), (settings, True))
        self.debian.run("apt-get", "install", "-y", f"/root/ita-gateway_{UPGRADE}_{self.architecture()}.deb")
        self.assert_serves()

    def architecture(self):
        return self.debian.run("dpkg", "--print-architecture").strip()

    def test_7_purged_nothing_of_it_is_left(self):
        self.debian.run("apt-get", "purge", "-y", "ita-gateway", "mock-ita")
        left = [path for path in self.debian.root.rglob("*ita-gateway*")
                if not re.match(r"/(root|run|proc|tmp|var/cache/apt|var/log|etc/ssl)/", f"/{path.relative_to(self.debian.root)}")]
        self.assertEqual(left, [])


if __name__ == "__main__":
    main()
