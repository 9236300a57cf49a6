#!/usr/bin/env python3
"""console_screenshots.py [FOLDER [NAME...]]: pictures of the console's pages, all or those named, in docs/console/ or FOLDER.
BUILD names the programs.
A made-up operator's gateway: tenants, keys, calls that run at mock-ita, and a week that was counted. Chinese needs a font:
Debian's fonts-noto-cjk."""
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import contract
from administrator import GOOD_PASSWORD
from callback_receiver import SUCCESS, CallbackReceiver, answers
from cdr import CdrSender, cdr
from console_stage import Stage
from harness import ROOT, Gateway, Mock, wait_until

X_NUMBERS = [f"0571000000{i:02}" for i in range(8)]
HOURS = 7 * 24
ALL_TENANTS = 0
# Rows of an hour, as gateway/model/statistic.c has them: a kind, and keys in the order of statistic.h.
EVENT, LATENCY, CODE, CAUSE, X = 1, 2, 3, 4, 5
PLACED, ACCEPTED, REFUSED, FAILED, ENDED, ANSWERED = 0, 1, 2, 4, 5, 6
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
                    (EVENT, ENDED): placed, (EVENT, ANSWERED): int(placed * (0.66 + hour % 7 / 50)),
                    (EVENT, FAILED): placed // 30, (CODE, 8): placed // 40, (CODE, 90106003): placed // 20,
                    (CAUSE, 16): int(placed * 0.7), (CAUSE, 17): placed // 10, (CAUSE, 19): placed // 6,
                    (LATENCY, 50): placed // 3, (LATENCY, 100): placed // 2, (LATENCY, 200): placed // 8,
                    (LATENCY, 500): placed // 25 + of_day // 12,
                    (X, TOTAL): 8, (X, BUSY): busy, (X, RESTING): min(8 - busy, busy // 2)}
            connection.executemany("INSERT OR REPLACE INTO statistic VALUES (?, ?, ?, ?, ?)",
                                   [(tenant_id, hour, kind, key, count) for (kind, key), count in rows.items() if count > 0])


def set_up(folder):
    gateway = Gateway(folder, callback_schedule="0s,1s,2s")
    gateway.admin("tenant", "create", "acme")  # makes the database, before the daemon reads it
    for counted in (ALL_TENANTS, 1):
        add_week(gateway.database_path, counted)
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


def give_callbacks(gateway):
    """A receiver that takes what it is told of an answer, and nothing else."""
    receiver = CallbackReceiver()
    receiver.does = lambda handler: answers(503, {})(handler) if "hangup" in handler.path else answers(200, SUCCESS)(handler)
    gateway.admin("callback-trustlist", "add", receiver.authority)
    gateway.set_bidirectional_call("acme", None, "--connection-callback-url", receiver.url("/connection"),
                                   "--hangup-callback-url", receiver.url("/hangup?token=not-a-real-token"))
    return receiver


def place_past(gateway, mock, agent):
    """Calls that have ended, each in its own way, and CDRs of no call. The first one's serial number."""
    placed = [agent.create_call(f"1380000001{i}", f"0571000001{ending}")
              for i, ending in enumerate(("10", "0017", "96003", "0019", "80001", "80006"))]
    serials = [answer.serial if answer.code == "0" else None for answer in placed]
    sender = CdrSender(gateway, mock.access_key, mock.secret_key)
    for i, (remark, times) in enumerate((("acme:4711", 1), (f"acme:{serials[4]}", 2), ("hello", 1))):
        sender.push(cdr(f"lost-{i}", remark, f"1380000001{4 + i * times}", "057100000180001"))
    wait_until(lambda: agent.state(serials[0])["state"] == contract.ENDED, "the first call ends", 90)
    return str(serials[0])


def place_calls(agent, count):
    for i in range(count):
        agent.create_call(f"1380000000{i}", f"05710000020{i}")


def main():
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "docs/console").resolve()
    target.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="console-"))
    gateway, mock = set_up(folder)
    stage, agent = Stage(), gateway.create_app_key("acme").agent()
    receiver = give_callbacks(gateway)
    try:
        serial = place_past(gateway, mock, agent)
        agent.close()
        gateway.stop()
        gateway.set_options(public_host="gateway.example.com")  # from now on it takes no push that is signed for its port
        gateway.start()
        stage.play("screenshots", "take", url=f"{gateway.admin_url}/", user="root", password=GOOD_PASSWORD, folder=str(target),
                   names=sys.argv[2:], serial=serial, does={"calls": lambda count: place_calls(agent, count)})
    finally:
        stage.close()
        agent.close()
        receiver.stop()
        gateway.stop()
        mock.kill()
        shutil.rmtree(folder)
    for picture in sorted(target.glob("*.png")):
        print(f"{picture.stat().st_size // 1024:5} KiB {picture.name}")


main()
