"""What the parts of the job cost by themselves, with nothing around them: below these no gateway can go."""
import contextlib
import os
import re
import sqlite3
import time

import machine

ROWS, BATCH = 20_000, 64
SYNCED_CALLS, PAGES, PAGE_BYTES = 1000, 64, 4096


def hmac_floor():
    """One HMAC-SHA256 of 512 bytes: about what a signature is made over."""
    told = machine.run(["taskset", "-c", "0", "openssl", "speed", "-elapsed", "-seconds", "1", "-bytes", "512", "-hmac",
                        "sha256"])
    return {"HMAC-SHA256 of 512 bytes, openssl speed, us": 512e3 / float(re.search(r"([\d.]+)k\s*$", told).group(1))}


def sqlite_floor(folder):
    """Rows of 400 bytes, as many in one durable transaction as the gateway's writer takes."""
    path = folder / "floor.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
                         "CREATE TABLE call (serial INTEGER PRIMARY KEY, text TEXT)")
        began, cpu = time.monotonic(), time.process_time()
        for first in range(0, ROWS, BATCH):
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO call VALUES (?, ?)", [(n, "x" * 400) for n in range(first, first + BATCH)])
            db.execute("COMMIT")
        took, used = time.monotonic() - began, time.process_time() - cpu
    for file in folder.glob("floor.db*"):
        file.unlink()
    return {f"SQLite, {BATCH} rows a transaction, CPU us a row": used * 1e6 / ROWS,
            f"SQLite, {BATCH} rows a transaction, rows/s": ROWS / took}


def sync_floor(folder, rate):
    """What a call's two rows on disk cost where nothing can be gathered: two written pages, each with its sync, that
    many times a second. Of a file that does not grow, as the write-ahead log does not for long."""
    cpu, page, due = 0, bytes(PAGE_BYTES), time.monotonic()
    with open(folder / "sync", "wb", buffering=0) as file:
        file.write(page * PAGES)
        os.fsync(file.fileno())
        for call in range(SYNCED_CALLS):
            due += 1 / rate
            time.sleep(max(0, due - time.monotonic()))
            began = time.thread_time()
            for write in range(2):
                os.pwrite(file.fileno(), page, PAGE_BYTES * ((2 * call + write) % PAGES))
                os.fdatasync(file.fileno())
            cpu += time.thread_time() - began
    (folder / "sync").unlink()
    return {f"two synced pages, {rate} times a second, CPU us": cpu * 1e6 / SYNCED_CALLS}


def programs(build):
    """Those of bench/ that time a part of the gateway print a line for each."""
    return "".join(machine.run(["taskset", "-c", "0", build / "bench" / name]) for name in ("bench_sign", "bench_xnumber"))
