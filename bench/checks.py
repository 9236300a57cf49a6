"""Whether a run did what it claims to have measured: every answer a row, every row a call at the ITA, every row on disk
before its answer. Pure where it judges, so that tests can show that it fails when it should."""
import re

import load
import machine
from servers import CALL_PATH, Gateway, Nginx

SYNC_CHECK_CALLS = 50


class Counts:
    """What each side has counted of a whole run, warm-up and preparation included."""

    def __init__(self, answers=0, unanswered=0, wrong=0, errors=0):
        """unanswered: of a closed loop that was cut off, at most so many more were carried out."""
        self.answers, self.unanswered, self.wrong, self.errors = answers, unanswered, wrong, errors

    def add(self, result, unanswered=0):
        self.answers += result["requests"]
        self.unanswered += unanswered
        self.wrong += result["wrong"]
        self.errors += result["errors"]


def joined(one, other):
    return Counts(one.answers + other.answers, one.unanswered + other.unanswered, one.wrong + other.wrong,
                  one.errors + other.errors)


def judge(what, counts, rows, upstream=None):
    """Complaints. Rows: calls stored as accepted, or calls ended by a CDR; upstream: calls that the ITA was sent."""
    found = []
    if counts.wrong or counts.errors:
        found.append(f"{what}: {counts.wrong} wrong answers, {counts.errors} errors")
    if not counts.answers <= rows <= counts.answers + counts.unanswered:
        found.append(f"{what}: {counts.answers} answers (and at most {counts.unanswered} that came too late), {rows} rows")
    if upstream is not None and upstream != rows:
        found.append(f"{what}: {rows} rows, {upstream} calls upstream")
    return found


def judge_syncs(calls, call_syncs, pushes, push_syncs):
    """One at a time, nothing shares a sync: two commits a call (the intent, the outcome), one a push. What the log adds
    when it is moved into the database is a few."""
    found = []
    for what, count, least, syncs in (("call", calls, 2, call_syncs), ("CDR push", pushes, 1, push_syncs)):
        if not least * count <= syncs <= least * count * 1.2 + 4:
            found.append(f"{syncs} syncs for {count} of a {what} one after the other, not {least} each")
    return found


def stored_calls(gateway):
    """Once no call is being placed any more."""
    machine.wait_for(lambda: gateway.rows("SELECT count(*) FROM call WHERE outcome = 0") == [(0,)], "the last outcome")
    return gateway.rows("SELECT count(*) FROM call WHERE outcome = 1")[0][0]


def ended_calls(gateway):
    return gateway.rows("SELECT count(*) FROM call_end WHERE last_cdr_id IS NOT NULL")[0][0]


def check_syncs(build, folder):
    """Counts the gateway's syncs with strace, outside of any measurement. Returns them with the complaints."""
    ita = Nginx(folder / "ita", None, False)
    trace = folder / "trace"
    gateway = Gateway(build, folder / "gateway", None, ita,
                      under=["strace", "-f", "--seccomp-bpf", "-e", "trace=fdatasync,fsync", "-o", trace]).start()

    def syncs():
        return len(re.findall(r"sync\(\d+\) += 0|<\.\.\. f\w*sync resumed>\) += 0", trace.read_text()))

    authorization = {"Authorization": f"Bearer {gateway.token()}"}
    before = syncs()
    for n in range(SYNC_CHECK_CALLS):
        answer = gateway.post(CALL_PATH, {"caller": f"138{n:08d}", "called": f"139{n:08d}"}, **authorization)
        if answer["retCode"] != "0":
            machine.fail(f"a call was answered {answer}")
    placed = syncs()
    for request in load.pushes(gateway):
        head, _, body = request.partition("\n\n")
        path, *lines = head.split("\n")
        gateway.post(path, body.rstrip("\n").encode(), **dict(line.split(": ", 1) for line in lines))
    ended = syncs()
    gateway.stop()
    ita.stop()
    found = judge_syncs(SYNC_CHECK_CALLS, placed - before, SYNC_CHECK_CALLS, ended - placed)
    return {"per call": (placed - before) / SYNC_CHECK_CALLS, "per CDR push": (ended - placed) / SYNC_CHECK_CALLS}, found
