"""The load: requests that are written before a run, so that no more than sending them is done during it, and the
programs that send them. wrk sends as fast as it is answered, fixed_rate so many a second."""
import itertools
import json
import os
import re
import subprocess
import time

import machine
from servers import ACCESS_KEY, APP_KEY, CALL_PATH, ORDER_PATH, PUSH_PATH, SECRET_KEY, TENANT

CONNECTIONS = 64
# An answer is right when it holds one of these: a call or push done by the gateway, an order accepted by the ITA.
RIGHT_ANSWERS = ['"retCode":"0"', '"code":"0"']

WRK_LUA = """
local requests, n, threads = {}, tonumber(os.getenv("FIRST")), {}
wrong = 0
init = function() -- not before it does wrk know the Host
    local file = io.open(os.getenv("REQUESTS"), "r")
    for path in file:lines() do
        local headers = {}
        for line in file:lines() do
            if line == "" then break end
            local name, value = line:match("^(.-): (.*)$")
            headers[name] = value
        end
        requests[#requests + 1] = wrk.format("POST", path, headers, file:read("*l"))
    end
end
request = function()
    n = n + 1
    return requests[(n - 1) % #requests + 1]
end
response = function(status, headers, body)
    if status ~= 200 or not (body:find('"retCode":"0"', 1, true) or body:find('"code":"0"', 1, true)) then
        wrong = wrong + 1
    end
end
setup = function(thread) threads[#threads + 1] = thread end
done = function(summary, latency)
    local all_wrong, errors = 0, summary.errors
    for _, thread in ipairs(threads) do all_wrong = all_wrong + thread:get("wrong") end
    print(string.format("RESULT requests=%d wrong=%d errors=%d p50_us=%d p99_us=%d max_us=%d", summary.requests, all_wrong,
        errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99),
        latency.max))
end
"""


class Load:
    """Requests in a file, each sent once: behind what one run has sent the next goes on."""

    def __init__(self, folder, name, requests):
        self.path, self.sent, self.repeats, self.folder = folder / name, 0, False, folder
        self.requests = list(requests)
        self.path.write_text("".join(self.requests))

    def repeat(self):
        """For nginx, to which it is all the same: from the beginning, and over and over."""
        self.sent, self.repeats = 0, True
        return self

    def left(self):
        return len(self.requests) - self.sent

    def send_closed(self, url, seconds):
        script = self.folder / "load.lua"
        script.write_text(WRK_LUA)
        sender = machine.start(False, ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", script, url],
                               env=dict(os.environ, REQUESTS=str(self.path), FIRST=str(self.sent)),
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        output = sender.communicate()[0]
        found = re.search(r"RESULT (.*)", output)
        if not found:
            machine.fail("wrk:\n" + output)
        result = {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", found.group(1))}
        self.sent += result["requests"] + CONNECTIONS  # of these the answer came too late, or never
        if self.left() < 0 and not self.repeats:
            machine.fail(f"{len(self.requests)} requests were not enough: {self.path}")
        return result

    def send_at_rate(self, url, seconds, rate, build, certificate):
        part = self.path.with_suffix(".part")
        count = int(rate * seconds)
        part.write_text("".join(self.requests[self.sent:self.sent + count]))
        sender = machine.start(False, [build / "bench/fixed_rate", url, rate, seconds, part,
                                       certificate.pem if certificate else "-", *RIGHT_ANSWERS],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        output, errors = sender.communicate()
        if sender.returncode != 0:
            machine.fail(errors)
        self.sent += count
        return json.loads(output)


def write_request(path, headers, body):
    return path + "\n" + "".join(f"{name}: {value}\n" for name, value in headers.items()) + f"\n{body}\n"


def calls(tokens, first, count):
    """createCall by each tenant in turn, between people who never repeat within a database."""
    headers = [{"Content-Type": "application/json", "Authorization": f"Bearer {token}"} for token in tokens]
    for n in range(first, first + count):
        yield write_request(CALL_PATH, headers[n % len(headers)],
                            '{"caller":"138%08d","called":"139%08d","callData":"order-%d"}' % (n, n, n))


def sign(binary, url, path, headers, bodies, access_keys=None):
    """What the ITA and the gateway sign, signed by the gateway's own subcommand; for that server, whose Host is signed."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    lines = [json.dumps({"id": str(n), "method": "POST", "url": url + path, "headers": headers,
                         "body": body, "ak": access_keys[n] if access_keys else ACCESS_KEY, "sk": SECRET_KEY,
                         "date": date}) for n, body in enumerate(bodies)]
    signed = machine.run([binary, "sign"], input="\n".join(lines)).splitlines()
    for body, line in zip(bodies, signed):
        yield write_request(path, {**headers, "X-Sdk-Date": date, "Authorization": json.loads(line)["authorization"]}, body)


def pushes(gateway):
    """The ITA's CDR push of each call that has not ended."""
    rows = gateway.rows("SELECT access_key, name, call.serial, caller, called, coalesce(tel_x, '') FROM live_call "
                        "CROSS JOIN call ON call.tenant_id = live_call.tenant_id AND call.serial = live_call.serial "
                        "JOIN tenant ON tenant.id = call.tenant_id "
                        "JOIN bidirectional_call ON bidirectional_call.tenant_id = tenant.id ORDER BY live_call.serial")
    bodies = [json.dumps({"callID": f"push-{serial}", "remark": f"{tenant}:{serial}", "startTime": "20261122080000",
                          "finishTime": "20261122080100", "callDuration": "42", "callerAnswerTime": "20261122080005",
                          "calledAnswerTime": "20261122080018", "releaseCause": "16", "appKey": APP_KEY, "telA": caller,
                          "telX": x, "telB": called, "calledDisplay": x},
                         separators=(",", ":")) for _, tenant, serial, caller, called, x in rows]
    return sign(gateway.binary, gateway.url, PUSH_PATH, {"Content-Type": "application/json; charset=UTF-8"}, bodies,
                [row[0] for row in rows])


def orders(binary, url, count):
    """What the gateway sends to the ITA: for the ITA's own time, and for mock-ita alone."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    bodies = [json.dumps({"appKey": APP_KEY, "requestId": f"bench-{n}", "telA": f"138{n:08d}", "telB": f"0571{n:07d}77",
                          "telXMode": "0", "remark": f"{TENANT}:{n}", "subTime": date, "extra": {"callRecording": "0"}},
                         separators=(",", ":")) for n in range(count)]
    return sign(binary, url, ORDER_PATH, {"Content-Type": "application/json; charset=UTF-8", "AppKey": APP_KEY}, bodies)


def mixed(one, other):
    """One of each in turn."""
    return itertools.chain.from_iterable(zip(one, other))
