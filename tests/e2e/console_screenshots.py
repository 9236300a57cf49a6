#!/usr/bin/env python3
"""console_screenshots.py [FOLDER]: pictures of the console's pages, in docs/console/ or FOLDER. BUILD names the programs.
A made-up operator's gateway: tenants, keys, calls that run at mock-ita, and a week that was counted. Chinese needs a font:
Debian's fonts-noto-cjk."""
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from administrator import GOOD_PASSWORD
from console_stage import Stage
from harness import ROOT, Gateway, Mock

X_NUMBERS = [f"0571000000{i:02}" for i in range(8)]
HOURS = 7 * 24
# Rows of an hour, as gateway/model/statistic.c has them: a kind, and keys in the order of statistic.h.
EVENT, X = 1, 5
PLACED, ACCEPTED, REFUSED, ENDED, ANSWERED = 0, 1, 2, 5, 6
TOTAL, BUSY, RESTING = 0, 1, 2


def add_week(database, tenant_id):
    """Hours as the daemon would have counted them: busy by day, quiet at night."""
    now = int(time.time()) // 3600
    with sqlite3.connect(database, timeout=30) as connection:
        for hour in range(now - HOURS, now):
            of_day = (hour + 8) % 24
            load = max(0, 8 - abs(13 - of_day)) * (0.4 if (hour // 24) % 7 in (2, 3) else 1)
            placed = int(load * 11 + hour % 5)
            busy = min(7, int(load))
            rows = {(EVENT, PLACED): placed, (EVENT, ACCEPTED): placed - placed // 20, (EVENT, REFUSED): placed // 20,
                    (EVENT, ENDED): placed, (EVENT, ANSWERED): int(placed * 0.7),
                    (X, TOTAL): 8, (X, BUSY): busy, (X, RESTING): min(8 - busy, busy // 2)}
            connection.executemany("INSERT OR REPLACE INTO statistic VALUES (?, ?, ?, ?, ?)",
                                   [(tenant_id, hour, kind, key, count) for (kind, key), count in rows.items() if count > 0])


def set_up(folder):
    gateway = Gateway(folder, public_host="gateway.example.com")
    gateway.admin("tenant", "create", "acme")  # makes the database, before the daemon reads it
    add_week(gateway.database_path, 1)
    gateway.start()
    mock = Mock(folder, gateway, speed=1, x_numbers=X_NUMBERS).start()
    gateway.admin("tenant", "create", "north-branch")
    gateway.admin("certificate", "install", "CERT_ITA", mock.certificate_der)
    gateway.admin("xnumber", "add", "acme", *X_NUMBERS)
    gateway.admin("xnumber", "lock", "acme", X_NUMBERS[-1])
    gateway.set_bidirectional_call("acme", mock.secret_key, "--type", "ita", "--access-key", mock.access_key, "--app-key",
                                   mock.app_key, "--domain", mock.authority, "--x-mode", "specified")
    for user, *account in (("root",), ("lin", "tenant-admin", "acme")):
        browser = gateway.browser()
        browser.settle_in(user, gateway.create_user(user, *account))
        browser.close()
    gateway.create_user("wei", "tenant-admin", "north-branch")
    return gateway, mock


def place_calls(gateway):
    agent = gateway.create_app_key("acme").agent()
    for i in range(5):
        agent.create_call(f"1380000000{i}", f"05710000010{i}")
    agent.close()


def main():
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "docs/console").resolve()
    target.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="console-"))
    gateway, mock = set_up(folder)
    stage = Stage()
    try:
        place_calls(gateway)
        stage.play("screenshots", "take", url=f"{gateway.admin_url}/", user="root", password=GOOD_PASSWORD, folder=str(target))
    finally:
        stage.close()
        gateway.stop()
        mock.kill()
        shutil.rmtree(folder)
    for picture in sorted(target.glob("*.png")):
        print(f"{picture.stat().st_size // 1024:5} KiB {picture.name}")


main()
