"""What a measurement needs of the machine: cores, ports, CPU time and memory of processes, and a note of what the
machine was and how busy others kept it."""
import atexit
import os
import platform
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def fail(words):
    sys.exit(f"bench: {words}")


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            fail(f"{what} did not come within {seconds} s")
        time.sleep(0.002)


def free_port():
    """Below the ephemeral range, so that no outgoing connection takes it before its server does."""
    for port in range(20000 + os.getpid() * 13 % 8000, 32000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
    return fail("no free port")


_given = set()


def start(is_measured, command, **options):
    """Starts a command on core 0, where what is measured runs alone, or on the others. It ends with this program,
    however that ends."""
    others = f"1-{os.cpu_count() - 1}" if os.cpu_count() > 1 else "0"
    process = subprocess.Popen(["taskset", "-c", "0" if is_measured else others, *map(str, command)], **options)
    atexit.register(lambda: process.poll() is None and process.terminate())
    return process


def run(command, **options):
    """Runs a command that must work; returns what it printed."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        fail(f"{' '.join(map(str, command[:4]))}: {done.stderr or done.stdout}")
    return done.stdout


def process_tree(pid):
    """The process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += process_tree(int(child))
    return found


def cpu_seconds(pid):
    """CPU time, user's and system's, of a process tree: all threads, those that have ended as well. The clock is the
    kernel's own account, in nanoseconds: clock_getcpuclockid(3)."""
    return sum(time.clock_gettime((~one << 3) | 2) for one in process_tree(pid))


def status_number(pid, name):
    return int(re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M).group(1))


def rss_mib(pid):
    return sum(status_number(one, "VmRSS") for one in process_tree(pid)) / 1024


def private_mib(pid):
    """What the process has for itself: without the pages of libraries that others may have in memory, too."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(number) for number in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+)", text, re.M)) / 1024


def wake_ups(pid):
    """How often threads of a process tree have gone to sleep of their own accord, and so were woken."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M).group(1))
               for one in process_tree(pid) for task in Path(f"/proc/{one}/task").iterdir())


def sync_ms(folder, times=100):
    """The median time of an fdatasync after an append of a page, the least that a row on disk costs here."""
    took = []
    with open(folder / "sync", "wb", buffering=0) as file:
        for _ in range(times):
            file.write(bytes(4096))
            began = time.monotonic()
            os.fdatasync(file.fileno())
            took.append(time.monotonic() - began)
    (folder / "sync").unlink()
    return sorted(took)[times // 2] * 1000


def commit():
    return subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout.strip()


def describe(folder):
    """What figures can't be read without."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return {"when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "commit": commit(),
            "cpu": model.group(1) if model else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(),
            "fdatasync_ms": sync_ms(folder), "load_average_at_start": os.getloadavg()[0]}
