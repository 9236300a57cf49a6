#!/usr/bin/env python3
"""The console's pages of calls in a browser: watched live, searched, drawn, repaired; dashboard, callbacks, diagnostics."""
from administrator import GOOD_PASSWORD
from callback_receiver import CallbackReceiver, answers, takes
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import Mock, main, wait_until
from test_console import LOOKS, ConsoleStory

X_NUMBERS = [f"0571000003{i:02}" for i in range(8)]


class CallsInConsole(ConsoleStory):
    """acme's calls go to a mock ITA at a person's pace: they go on until a test ends them."""
    options = {"callback_schedule": "0s,100ms"}

    @classmethod
    def runs_gateway(cls, *words, **options):
        return super().runs_gateway(*words, **{**options, "public_host": None})  # pushes are signed for its port

    @classmethod
    def more_settings(cls):
        """Before there is an app key: whoever can sign in has them."""
        return ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mock = cls.runs_mock(cls.gateway, speed=1, x_numbers=X_NUMBERS)
        cls.gateway.admin("certificate", "install", "CERT_ITA", cls.mock.certificate_der)
        cls.gateway.admin("xnumber", "add", "acme", *X_NUMBERS)
        cls.gateway.set_bidirectional_call("acme", None, "--domain", cls.mock.authority, "--x-mode", "specified",
                                           *cls.more_settings())
        cls.agent = cls.signs_in(cls.gateway.create_app_key("acme"))
        cls.sender = CdrSender(cls.gateway, Mock.access_key, Mock.secret_key)

    def place(self, ending=None):
        """Remembers the call as the one that end() ends."""
        self.caller, self.called = agent_number(), customer_number(ending)
        self.serial = self.assert_placed(self.agent.create_call(self.caller, self.called))
        return self.serial

    def cdr(self, **changed):
        remark = self.mock.calls(self.called)[0]["remark"]
        return cdr(f"call-{self.serial}", remark, self.caller, self.called, **changed)

    def end(self):
        self.assertEqual(self.sender.push(self.cdr()).status, 200)

    def ended(self):
        serial = self.place()
        self.end()
        return serial

    def play(self, story, user="root", **args):
        does = {"place": self.place, "end": self.end}
        return super().play("calls", story, user, tenant="acme", **{"does": does, **args})


class Watching(CallsInConsole):
    def test_a_call_is_seen_moving(self):
        self.play("watched", user="acme-admin")

    def test_a_call_is_found_and_exported(self):
        others, serial = [self.ended(), self.place()], self.ended()
        self.play("searched", number=self.called, serial=serial, others=others)

    def test_a_calls_legs_are_drawn_as_they_were_told(self):
        self.play("detail", user="acme-admin")

    def test_an_outcome_that_nobody_knows_is_shown_as_such(self):
        answer = self.agent.create_call(agent_number(), customer_number("80006"))
        serial = str(answer.json["result"]["callSerialNo"]) if answer.code == "0" else self.newest()
        self.play("unknown", serial=serial)

    def newest(self):
        browser = self.gateway.browser()
        browser.sign_in("root")
        found = browser.ask("GET", "/admin/v1/tenants/acme/calls?limit=1").json["items"][0]["callSerialNo"]
        browser.close()
        return found


class Repairing(CallsInConsole):
    def test_a_cdr_is_attached_to_its_call(self):
        other = self.place()
        serial = self.place()
        lost = self.cdr()
        self.assertEqual(self.sender.push({**lost, "remark": "acme:4711", "callID": "lost-1"}).status, 200)
        self.play("attached", callId="lost-1", serial=serial, other=other)


class Resending(CallsInConsole):
    secret = "not-a-real-token"

    @classmethod
    def more_settings(cls):
        cls.receiver = CallbackReceiver()
        cls.addClassCleanup(cls.receiver.stop)
        cls.gateway.admin("callback-trustlist", "add", cls.receiver.authority)
        return "--hangup-callback-url", cls.receiver.url(f"/bye?token={cls.secret}")

    def test_a_callback_that_was_given_up_is_sent_again(self):
        self.receiver.does = answers(503, {})
        serial = self.ended()
        wait_until(lambda: self.receiver.count() >= 2, "the callback is tried twice", 20)

        def take():
            self.receiver.does = takes
        self.play("sentAgain", serial=serial, secret=self.secret, does={"take": take})


class Overlooking(CallsInConsole):
    def test_the_dashboard_counts_and_follows(self):
        self.ended()
        self.assert_code(self.agent.create_call(agent_number(), customer_number("96003")), "90106003")
        self.play("dashboard", placed=2, refused=1)

    def test_the_diagnostics_are_run_again(self):
        self.play("diagnosed")


class ReachOfCalls(CallsInConsole):
    @classmethod
    def more_settings(cls):
        """Nobody takes the callback of a hang-up."""
        receiver = CallbackReceiver()
        cls.addClassCleanup(receiver.stop)
        receiver.does = answers(503, {})
        cls.gateway.admin("callback-trustlist", "add", receiver.authority)
        return "--hangup-callback-url", receiver.url("/bye")

    def given_up(self, serial):
        browser = self.gateway.browser()
        browser.sign_in("root")

        def dead():
            return [item["id"] for item in browser.ask("GET", "/admin/v1/tenants/acme/callbacks?state=dead").json["items"]
                    if item["callSerialNo"] == str(serial)]
        wait_until(dead, "the callback is given up", 20)
        found = dead()[0]
        browser.close()
        return found

    def test_axe_finds_no_barrier(self):
        serial = self.ended()
        callback = self.given_up(serial)
        live = self.place()
        self.assertEqual(self.sender.push({**self.cdr(), "remark": "acme:4711", "callID": "lost-1"}).status, 200)
        self.assert_code(self.agent.create_call(agent_number(), customer_number("96003")), "90106003")
        pages = [{"hash": f"#/{path}", "press": press} for path, press in (
            ("t/acme/dashboard", None), ("t/acme/dashboard?span=week", None), ("overview", None), ("t/acme/calls", None),
            (f"t/acme/calls/{serial}", None), (f"t/acme/calls/{live}", None), ("t/acme/callbacks", ".page-head button >> nth=1"),
            (f"t/acme/callbacks/{callback}", ".page-head button"), ("unmatched-cdrs", "td.actions button"), ("diagnostics", None))]
        for look in LOOKS:
            with self.subTest(**look):
                found = self.stage.play("reach", "barriers", url=f"{self.gateway.admin_url}/", user="root", password=GOOD_PASSWORD,
                                        pages=pages, **look)
                self.assertEqual(found, [])


if __name__ == "__main__":
    main()
