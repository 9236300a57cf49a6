#!/usr/bin/env python3
"""The way from an empty gateway to calls at an ITA, as people go it: all in the console, but for the agents' system."""
import subprocess

import confidential
from administrator import GOOD_PASSWORD
from agent import Agent
from confidential import agent_number, customer_number
from console_stage import Stage
from harness import Story, free_port, main, make_certificate, wait_until


WITHOUT_WARNING_DAYS = 60  # for which a certificate is good; with 30 or less Test warns
# The URL has the tests' own certificate, which this machine does not trust.
LOOKED_AT = "CDR push URL"


def certificate_of(der):
    """As the console is given it and as it shows it."""
    done = subprocess.run(["openssl", "x509", "-in", der, "-inform", "DER", "-noout", "-fingerprint", "-sha256"], check=True,
                          capture_output=True, text=True)
    return {"file": str(der), "fingerprint": done.stdout.strip().partition("=")[2]}


class Seed(Story):
    X = [customer_number(), customer_number()]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage = Stage()
        cls.addClassCleanup(cls.stage.close)
        authority = f"127.0.0.1:{free_port()}"
        cls.gateway = cls.runs_gateway(listen=authority, public_host=authority)
        # Calls go on until the test ends them.
        pem, key, cls.certificate = make_certificate(cls.folder, "ita", WITHOUT_WARNING_DAYS)
        cls.mock = cls.runs_mock(cls.gateway, speed=1, x_numbers=cls.X, words=("--tls-certificate", pem, "--tls-key", key))
        cls.agent = None

    # --- What is done outside the console ---

    def signs_in_with(self, app_key, app_secret):
        agent = Agent(self.gateway.url, self.gateway.certificate, app_key, confidential.keep("app secret", app_secret))
        wait_until(lambda: agent.ask_token().status == 200, "the app key is known", 5)
        type(self).agent = agent.sign_in()
        self.addClassCleanup(agent.close)

    def calls(self, called):
        """Returns the X number that the ITA has given, as the wire says."""
        answers = []

        def is_placed():
            answers.append(self.agent.create_call(agent_number(), called))
            return answers[-1].code == "0"
        wait_until(is_placed, "the settings are in effect", 5)
        self.assertEqual({answer.code for answer in answers[:-1]} - {"6"}, set())
        placing = self.mock.placings(called)[-1]
        self.assertEqual(placing["check"], "passed")
        return self.mock.calls(called)[-1]["telX"]

    def ends(self, called):
        self.mock.release(self.mock.calls(called)[-1])

    def test_the_procedure(self):
        wrong = make_certificate(self.folder, "wrong")[2]
        told = self.stage.play(
            "seed", "procedure", does={"signIn": self.signs_in_with, "call": self.calls, "end": self.ends},
            url=f"{self.gateway.admin_url}/", user="root", oneTimePassword=self.gateway.create_user("root"), password=GOOD_PASSWORD,
            tenant="acme", administrator="lin", trusted="callback.example.com",
            certificate=certificate_of(self.certificate), wrongCertificate=certificate_of(wrong),
            accessKey=self.mock.access_key, secretKey=confidential.keep("secret key", self.mock.secret_key),
            appKey=self.mock.app_key, domain=self.mock.authority, pushUrl=self.gateway.push_url, xNumbers=self.X,
            called=[customer_number(), customer_number()])
        confidential.keep("one-time password", told["oneTimePassword"])
        for name in ("before", "after"):
            self.assertEqual(told[name]["failed"], [])
            self.assertEqual([step for step in told[name]["warnings"] if LOOKED_AT not in step], [])
        failed, = told["wrong"]["failed"]
        self.assertEqual(told["wrong"]["result"], "It does not work as it stands")
        for part in ("TLS", "The ITA's certificate is not trusted: CN=ita", "is the installed CERT_ITA: CN=wrong", "What to do: "):
            self.assertIn(part, failed)
        elsewhere = [entry["action"] for entry in self.gateway.database.audit() if not entry["who"].startswith("user:")]
        self.assertEqual(elsewhere, ["user create"], "all but the first user is made in the console")


if __name__ == "__main__":
    main()
