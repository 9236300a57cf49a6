"""mock-ita as an AICC (`--aicc`), and levers for its calls."""
import json
from datetime import datetime

import confidential
from agent import Agent
from harness import Mock


class AiccClient(Agent):
    """A client of the AICC itself. What the gateway promises beyond the reference is not asked of it."""
    check = staticmethod(lambda *_: None)


class MockAicc(Mock):
    app_key, app_secret = "ak_mockaicc0000000000000000001", "mock-aicc-app-secret-for-tests-0001"

    def __init__(self, folder, speed=1, label="mock-aicc", words=(), **options):
        """At speed 1 nothing happens to a call by itself within seconds."""
        confidential.keep("AICC app secret", self.app_secret)
        super().__init__(folder, None, speed=speed, label=label, **options, words=[
            "--aicc", "--aicc-app-key", self.app_key, "--aicc-app-secret", self.app_secret, *words])
        self.certificate = folder / f"{label}.pem"
        if options.get("tls", True):
            self.arguments += ["--cert-pem", self.certificate]

    @property
    def url(self):
        return f"{'https' if '--tls' in self.arguments else 'http'}://{self.authority}"

    def agent(self):
        """A client that has signed in."""
        return AiccClient(self.url, self.certificate, self.app_key, self.app_secret).sign_in()

    # --- What it was asked ---

    def asked(self, path, since=0):
        """The requests to an interface, oldest first."""
        return [request for request in self.requests() if request["path"] == path and request["number"] > since]

    def count(self, path, since=0):
        return len(self.asked(path, since))

    def last(self, path):
        """The body of the last one."""
        return json.loads(self._control("GET", f"/requests/{self.asked(path)[-1]['number']}")["body"])

    def placed(self):
        """How many calls it took."""
        return self.counters()["accepted"]

    # --- Levers ---

    def call_of(self, called):
        return self.calls(called)[-1]

    def answers_leg(self, call, leg):
        return self._control("POST", f"/calls/{call['callID']}/legs/{leg}/answer")

    def talks(self, call):
        """Both answer; returns the call as it is then."""
        self.answers_leg(call, "a")
        return self.answers_leg(call, "b")

    def hangs_up(self, call, leg="b", cause=None):
        """While it rings or talks, for a Q.850 cause; returns the call."""
        body = None if cause is None else f'{{"cause":{cause}}}'
        return self._control("POST", f"/calls/{call['callID']}/legs/{leg}/hang-up", body)

    def ends(self, call, reason):
        """A call that rings ends so that its reasonCode is this one."""
        if reason in (0, 1):
            call = self.talks(call)
            return self.hangs_up(call, "b" if reason == 0 else "a")
        if reason in (3, 5):
            self.answers_leg(call, "a")
        return self.hangs_up(call, "a" if reason in (2, 4) else "b", 17 if reason in (2, 3) else 19)

    def calls_back(self, call, kind, body=None):
        return self._control("POST", f"/calls/{call['callID']}/callbacks/{kind}", body)

    def forgets_tokens(self):
        self._control("DELETE", "/aicc/tokens")

    def changes_secret(self, app_secret):
        self.app_secret = confidential.keep("AICC app secret", app_secret)
        self._control("PATCH", "/aicc/app-key", f'{{"appSecret":"{app_secret}"}}')


def rule(action="createCall", called=None, **members):
    """A rule of a scenario; `nth` and the like belong to its match."""
    match = {"action": action, **({"telB": called} if called else {})}
    match.update({name: members.pop(name) for name in ("nth", "from", "times", "every") if name in members})
    return {"match": match, **members}


def ms(time):
    """A time of the control API, as an AICC tells it; None stays."""
    return time and round(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() * 1000)
