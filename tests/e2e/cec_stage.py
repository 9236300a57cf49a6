"""What stories of CEC calls begin with: a tenant whose calls an AICC places, which is a gateway of our own, mock-ita or in the
test's hands."""
import confidential
import contract
from fake_aicc import FakeAicc
from harness import SLOWNESS, Story, make_certificate, wait_until
from mock_aicc import MockAicc

CALLER = "13800009001"
TIMEOUT_S = 1 + SLOWNESS  # of what is asked of an AICC
FAST = {"aicc_poll_first": "100ms", "aicc_poll_longest": "300ms"}


def create_cec_tenant(gateway, name, aicc, *words, certificate=True):
    """Everything an operator does for a tenant of type CEC."""
    gateway.admin("tenant", "create", name)
    if certificate:
        gateway.admin("certificate", "install", "CERT_AICC", aicc.certificate_der)
    set_cec(gateway, name, aicc, *words)
    return gateway.create_app_key(name)


def set_cec(gateway, name, aicc, *words):
    confidential.keep("AICC app secret", aicc.app_secret)
    gateway.admin("bidirectional-call", "set", name, "--type", "cec", "--aicc-domain", aicc.authority, "--aicc-app-key",
                  aicc.app_key, "--aicc-app-secret-file", "-", *words, standard_input=aicc.app_secret)


class Upstream:
    """A gateway of ours, as the AICC of another."""

    def __init__(self, tenant, folder):
        self.gateway, self.app_key, self.app_secret = tenant.gateway, tenant.app_key, tenant.app_secret
        self.certificate_der = folder / f"{tenant.gateway.log_path.stem}.der"

    @property
    def authority(self):
        return self.gateway.authority


class Stage(Story):
    """A gateway whose tenant "space" has an AICC, which start_aicc() starts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**FAST, ita_timeout=f"{TIMEOUT_S}s", circuit_failures=1000, drain_timeout="1s")
        cls.aicc = cls.start_aicc()
        cls.addClassCleanup(cls.aicc.stop)
        cls.tenant = create_cec_tenant(cls.gateway, "space", cls.aicc, "--callback-authentication", "none")
        cls.sign_in()

    @classmethod
    def sign_in(cls):
        """Again after a restart."""
        cls.agent = cls.signs_in(cls.tenant)

    def ended(self, serial):
        wait_until(lambda: self.agent.state(serial)["state"] == contract.ENDED, "the call ends", 10)
        return self.agent.record_of(serial)


class Played(Stage):
    """The AICC is mock-ita; its calls stand still until they are moved by hand."""

    @classmethod
    def start_aicc(cls):
        return MockAicc(cls.folder, words=cls.aicc_words()).start()

    @classmethod
    def aicc_words(cls):
        return ()

    def setUp(self):
        self.aicc.plays_nothing()

    def place(self, called, caller=CALLER, **members):
        """Returns our serial and the AICC's call."""
        serial = self.assert_placed(self.agent.create_call(caller, called, **members))
        return serial, self.aicc.call_of(called)


class Own(Stage):
    """The AICC is in the test's hands: for what mock-ita does not do (fake_aicc.py)."""

    @classmethod
    def start_aicc(cls):
        return FakeAicc(*make_certificate(cls.folder, "aicc"))
