"""mock-ita as an AICC (`--aicc`), and levers for its calls."""
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

    def last_body(self, path):
        return self._control("GET", f"/requests/{self.asked(path)[-1]['number']}")["body"]

    # --- Levers ---

    def call_of(self, called):
        return self.calls(called)[-1]

    def talks(self, call):
        """Both answer; returns the call as it is then."""
        for leg in "ab":
            call = self._control("POST", f"/calls/{call['callID']}/legs/{leg}/answer")
        return call

    def hangs_up(self, call, leg="b", cause=None):
        body = None if cause is None else f'{{"cause":{cause}}}'
        return self._control("POST", f"/calls/{call['callID']}/legs/{leg}/hang-up", body)

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
