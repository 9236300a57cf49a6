"""A gateway whose database is as full as that of one that has served for long, and what is measured of it."""
import http.client
import json
import os
import re
import ssl
import statistics
import time

import checks
import load
import machine
import seed
from servers import CALL_PATH, SECRET_KEY, Gateway

HISTORY_PATH = "/apiaccess/CC-Management/v1/mobileAgent/queryCallDetailRecord"
REAL_CALLS = 100  # of each tenant that calls, to be copied
CALLERS_MAX = 10  # tenants that place calls: those with X numbers
COST_PER_SECOND, END_PER_SECOND = 4000, 1000
COUNTED_PER_SECOND, COUNTED_S = 25, 12  # calls under callgrind, which is fifty times slower
IDLE_S = 10
QUERIES = 20
FIRST_REAL, FIRST_MEASURED, NUMBERS_A_RUN = 10_000_000, 20_000_000, 2_000_000


class Stage:
    """So many stored calls, tenants and X numbers. Its database stays from one start of the gateway to the next."""

    def __init__(self, build, folder, ita, calls, tenants, x_numbers):
        self.build, self.folder, self.ita, self.runs = build, folder, ita, 0
        self.size = {"calls": calls, "tenants": tenants, "x_numbers": x_numbers}
        folder.mkdir(parents=True)
        self.gateway = Gateway(build, folder, None, None)
        told = machine.run([build / "bench/seed_tenants", self.gateway.database, folder / "master.key", tenants, x_numbers,
                            ita.domain, SECRET_KEY])
        self.keys = [{"app_key": line.split()[2], "app_secret": line.split()[3]} for line in told.splitlines()]
        self.gateway.start()
        self.place_real_calls()
        self.gateway.stop()
        began = time.monotonic()
        seed.multiply(self.gateway.database, calls)
        print(f"  {calls} calls of {tenants} tenants with {x_numbers} X numbers copied in {time.monotonic() - began:.0f} s",
              flush=True)

    def tokens(self):
        return [self.gateway.token(key) for key in self.keys[:CALLERS_MAX]]

    def requests(self, count, name="calls"):
        """So many createCalls between people who have not called yet."""
        self.runs += 1
        return load.Load(self.folder, name, load.calls(self.tokens(), FIRST_MEASURED + self.runs * NUMBERS_A_RUN, count))

    def place_real_calls(self):
        """And their CDRs. What the file grows by is what a call takes."""
        count = REAL_CALLS * min(len(self.keys), CALLERS_MAX)
        self.send_at_rate(load.Load(self.folder, "real", load.calls(self.tokens(), FIRST_REAL, count)), count, 500)
        self.send_at_rate(load.Load(self.folder, "real", load.pushes(self.gateway)), count, 500)

    def send_at_rate(self, requests, count, rate):
        result = requests.send_at_rate(self.gateway.url, count / rate, rate, self.build, None)
        if result["wrong"] or result["errors"]:
            machine.fail(f"{result}; see {self.folder}/log")
        return result

    def live(self):
        return self.gateway.rows("SELECT count(*) FROM live_call")[0][0]

    # --- Cost of a call and of a push ---

    def cost(self, seconds):
        """CPU time of each at a steady rate, at which the gateway's writer gathers alike whatever the stage. With checks:
        each call answered lives, until its push is."""
        count = COST_PER_SECOND * seconds
        gateway = self.gateway.start()
        self.send_at_rate(self.requests(COST_PER_SECOND, "warm"), COST_PER_SECOND, COST_PER_SECOND)
        self.end_all()
        found, complaints = {}, []
        for name, is_call in (("call_us", True), ("push_us", False)):
            requests = self.requests(count) if is_call else load.Load(self.folder, "pushes", load.pushes(gateway))
            live, before = self.live(), machine.cpu_seconds(gateway.pid)
            result = self.send_at_rate(requests, count, COST_PER_SECOND)
            found[name] = (machine.cpu_seconds(gateway.pid) - before) * 1e6 / count
            complaints += checks.judge(name, checks.Counts(result["requests"]), abs(self.live() - live))
        gateway.stop()
        return {**found, "complaints": complaints}

    def end_all(self):
        """Calls that still live, by their CDRs: the next run begins without any."""
        left = load.Load(self.folder, "left", load.pushes(self.gateway))
        if left.requests:
            self.send_at_rate(left, len(left.requests), END_PER_SECOND)

    def instructions(self):
        """User instructions of each, counted by callgrind while they come at a slow, steady rate: the same each time."""
        out = self.folder / "callgrind.out"
        self.gateway.under = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}"]
        gateway = self.gateway.start()
        self.gateway.under = []
        count = COUNTED_PER_SECOND * COUNTED_S
        self.send_at_rate(self.requests(COUNTED_PER_SECOND, "warm"), COUNTED_PER_SECOND, COUNTED_PER_SECOND)
        self.end_all()
        counted = {}
        for part, name in enumerate(("call_instructions", "push_instructions"), 1):
            requests = self.requests(count) if part == 1 else load.Load(self.folder, "pushes", load.pushes(gateway))
            machine.run(["callgrind_control", "-i", "on", gateway.pid])
            self.send_at_rate(requests, count, COUNTED_PER_SECOND)
            machine.run(["callgrind_control", "-i", "off", gateway.pid])
            machine.run(["callgrind_control", "-d", gateway.pid])
            dump = out.with_suffix(f".out.{part}").read_text()
            counted[name] = int(re.search(r"^totals: (\d+)", dump, re.M).group(1)) / count
        gateway.stop()
        return counted

    # --- Start, history, idleness, growth ---

    def start_ms(self, is_cold):
        """From the start of the process until it serves, and until it has answered a call; and the CPU time that it took to
        serve, which others on the machine do not change."""
        if is_cold:
            self.forget_pages()
        token, body = self.token, b'{"caller":"138%08d","called":"139%08d"}' % (self.runs, self.runs)
        self.runs += 1
        began = time.monotonic()
        gateway = self.gateway.start()
        served, cpu = time.monotonic(), machine.cpu_seconds(gateway.pid)
        answer = gateway.post(CALL_PATH, body, Authorization=f"Bearer {token}")
        called = time.monotonic()
        if answer["retCode"] != "0":
            machine.fail(f"the first call was answered {answer}")
        self.end_all()
        gateway.stop()
        return {"serving_ms": (served - began) * 1000, "first_call_ms": (called - began) * 1000, "start_cpu_ms": cpu * 1000}

    def forget_pages(self):
        """As after a restart of the machine: what of the database is in memory is let go."""
        with open(self.gateway.database, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def starts(self, times):
        self.gateway.start()
        self.token = self.tokens()[0]
        self.gateway.stop()
        found = {}
        for warmth in ("warm", "cold"):
            runs = [self.start_ms(warmth == "cold") for _ in range(times)]
            found.update({f"{warmth}_{name}": statistics.median(run[name] for run in runs) for name in runs[0]})
        return found

    def quiet(self):
        """What a running gateway takes, and how fast it finds a page of history."""
        gateway = self.gateway.start()
        token = self.tokens()[0]
        found = {"rss_mib": machine.rss_mib(gateway.pid)}
        found.update(self.history_ms(token))
        time.sleep(2)  # what the queries have left to do
        before = machine.wake_ups(gateway.pid)
        time.sleep(IDLE_S)
        found["wake_ups_per_second"] = (machine.wake_ups(gateway.pid) - before) / IDLE_S
        gateway.stop()
        return found

    def history_ms(self, token):
        """The newest hundred calls of the most days that may be asked for, and of one day."""
        found = {}
        to_ms = int(time.time() * 1000)
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port)
        for days in (7, 1):
            took = []
            body = json.dumps({"startTime": to_ms - days * seed.DAY_MS, "endTime": to_ms})
            for _ in range(QUERIES):
                began = time.monotonic()
                connection.request("POST", HISTORY_PATH, body, {"Content-Type": "application/json",
                                                                "Authorization": f"Bearer {token}"})
                answer = json.loads(connection.getresponse().read())
                took.append((time.monotonic() - began) * 1000)
            found[f"history_of_{days}_days_ms"] = statistics.median(took)
            found[f"calls_in_{days}_days"] = answer["result"]["total"]
        connection.close()
        return found

    def add_x_numbers(self, total):
        """So many for all tenants together."""
        callers = min(len(self.keys), CALLERS_MAX)
        each = (total - self.size["x_numbers"]) // callers
        for index in range(callers if each > 0 else 0):
            first = 50_000_000 + index * each
            (self.folder / "x.csv").write_text("".join(f"0571{first + n:08d}\n" for n in range(each)))
            self.gateway.admin("xnumber", "import", f"bench-{index}", self.folder / "x.csv")
        self.size["x_numbers"] = total

    def growth(self, count):
        """Bytes of the database for each call with its CDR, of so many real ones."""
        before = self.gateway.database.stat().st_size
        gateway = self.gateway.start()
        self.send_at_rate(self.requests(count), count, 2000)
        self.end_all()
        gateway.stop()
        return {"bytes_per_call": (self.gateway.database.stat().st_size - before) / count,
                "bytes_per_stored_call": before / self.size["calls"]}
