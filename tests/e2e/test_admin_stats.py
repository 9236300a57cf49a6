#!/usr/bin/env python3
"""What was counted of calls: equal to what was done, each tenant for itself, kept over restarts."""
import datetime

import confidential
import contract
from administrator import Automaton
from harness import Story, main, wait_until

X_NUMBERS = ["057100000301", "057100000302", "057100000303"]
BUSY, NORMAL = 17, 16


def when(**ago):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


class StatsStory(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway()
        cls.mock = cls.runs_mock(cls.gateway, x_numbers=[confidential.keep_number(x) for x in X_NUMBERS])
        cls.tenants = {"acme": cls.gateway.create_tenant("acme", cls.mock, "specified", X_NUMBERS),
                       "zeta": cls.gateway.create_tenant("zeta", cls.mock)}
        cls.agents = {name: cls.signs_in(tenant) for name, tenant in cls.tenants.items()}
        cls.root = cls.automaton("root")
        cls.acme = cls.automaton("acme-admin", "tenant-admin", "acme")

    @classmethod
    def automaton(cls, name, role="sysadmin", tenant=None):
        automaton = Automaton(cls.gateway, cls.gateway.create_api_key(name, role, tenant))
        cls.addClassCleanup(automaton.close)
        return automaton

    def stats(self, tenant=None, client=None, **asked):
        path = f"/admin/v1/tenants/{tenant}/stats" if tenant else "/admin/v1/stats"
        query = "&".join(f"{name.rstrip('_')}={value}" for name, value in asked.items())
        answer = (client or self.root).ask("GET", f"{path}?{query}")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def sums(self, tenant=None, **asked):
        calls = self.stats(tenant, **asked)["calls"]
        return {name: sum(call[name] for call in calls) for name in calls[0] if name != "at"} if calls else {}

    def call(self, tenant, ending=None):
        customer = confidential.customer_number(ending)
        return self.agents[tenant].create_call(confidential.agent_number(), customer)

    def restart(self, stop=None):
        (stop or self.gateway.stop)()
        self.gateway.start()
        for client in (self.root, self.acme, *self.agents.values()):
            client.close()

    def ends(self, tenant, ending=None):
        serial = self.assert_placed(self.call(tenant, ending))
        self.await_end(self.agents[tenant], serial)
        return serial


class Counting(StatsStory):
    """One story, in the order of the names: what was done before counts."""

    def test_1_nothing_was_done(self):
        stats = self.stats("acme")
        self.assertEqual((stats["answerRate"], stats["failures"], stats["causes"], stats["step"]), (None, [], [], "minute"))
        self.assertEqual(stats["itaLatency"], {"p50Ms": None, "p95Ms": None, "p99Ms": None, "series": []})
        self.assertTrue(all(set(call.values()) - {call["at"]} == {0} for call in stats["calls"]))

    def test_2_what_was_done_is_what_was_counted(self):
        for _ in range(3):
            self.ends("acme")
        self.ends("acme", contract.MAGIC_BUSY)
        self.assert_code(self.call("acme", contract.magic_refusal("90106012")), "90106012")
        agent = confidential.agent_number()
        self.assertEqual(self.agents["acme"].create_call(agent, agent).code, "5")
        self.assertEqual(self.agents["acme"].create_call("1", "2").code, "5")
        expected = {"placed": 5, "accepted": 4, "refused": 1, "unknown": 0, "failed": 2, "ended": 4, "answered": 3}
        for step in ("minute", "hour", "day"):
            with self.subTest(step):
                self.assertEqual(self.sums("acme", step=step), expected)
        stats = self.stats("acme", self.acme)
        self.assertEqual(stats["answerRate"], 0.75)
        self.assertEqual({failure["code"]: failure["count"] for failure in stats["failures"]}, {"5": 2, "90106012": 1})
        self.assertEqual({cause["cause"]: cause["count"] for cause in stats["causes"]}, {NORMAL: 3, BUSY: 1})
        self.assertTrue(all(item["text"]["en"].isascii() and not item["text"]["zh"].isascii()
                            for item in stats["failures"] + stats["causes"]))
        latency = stats["itaLatency"]
        self.assertTrue(0 < latency["p50Ms"] <= latency["p95Ms"] <= latency["p99Ms"] <= 10000, latency)
        self.assertTrue(latency["series"])

    def test_3_each_tenant_for_itself_and_all_together(self):
        self.ends("zeta")
        self.assertEqual(self.sums("zeta")["placed"], 1)
        self.assertEqual(self.sums("acme")["placed"], 5)
        self.assertEqual(self.sums()["placed"], 6)
        self.assertEqual(self.acme.ask("GET", "/admin/v1/stats").status, 403)
        for tenant in ("zeta", "nobody"):
            self.assertEqual(self.acme.ask("GET", f"/admin/v1/tenants/{tenant}/stats").status, 404)

    def test_4_x_numbers_are_looked_at(self):
        wait_until(lambda: any(sample["resting"] > 0 for sample in self.stats("acme")["xNumbers"]), "a sample", 20)
        self.assertEqual({sample["total"] for sample in self.stats("acme")["xNumbers"]}, {len(X_NUMBERS)})
        self.assertEqual(len(self.stats("acme", step="hour")["xNumbers"]), 1)
        self.assertEqual((self.stats("zeta")["xNumbers"], self.stats()["xNumbers"]), ([], []))

    def test_5_a_restart_keeps_the_hours_and_they_go_on(self):
        before = self.sums("acme", step="hour")
        self.restart()
        self.assertEqual(self.sums("acme", step="hour"), before)
        self.assertEqual(self.sums(step="day")["placed"], 6)
        self.assertEqual(sum(self.sums("acme").values()), 0)  # minutes are of this start
        self.ends("acme")
        self.assertEqual(self.sums("acme", step="hour")["placed"], before["placed"] + 1)
        self.assertEqual({cause["cause"]: cause["count"] for cause in self.stats("acme", step="hour")["causes"]},
                         {NORMAL: 4, BUSY: 1})
        self.restart()
        self.assertEqual(self.sums("acme", step="hour")["placed"], before["placed"] + 1)

    def test_6_a_crash_loses_only_what_was_not_written(self):
        before = self.sums("acme", step="hour")
        self.ends("acme")
        self.restart(self.gateway.kill)
        after = self.sums("acme", step="hour")
        self.assertIn(after["placed"] - before["placed"], (0, 1))


class Asking(StatsStory):
    def test_a_range_and_a_step(self):
        stats = self.stats(step="day", from_=when(days=30))
        self.assertEqual(len(stats["calls"]), 31)  # from is rounded down to the hour
        stats = self.stats(step="hour", from_=when(hours=5), to=when(hours=2))
        self.assertIn(len(stats["calls"]), (3, 4))
        stats = self.stats(step="minute", from_=when(hours=3), to="2099-01-01T00:00:00Z")
        self.assertLessEqual(len(stats["calls"]), 10)  # since the start
        self.assertGreater(stats["from"], when(minutes=10))

    def test_what_is_wrong_is_said(self):
        for query, said in (("step=week", "step:"), ("from=yesterday", "from:"), ("to=1", "to:"), ("since=1", "from, to, step"),
                            ("from=2099-01-01T00:00:00Z", "from:"), (f"from={when(hours=1)}&to={when(hours=2)}", "from:"),
                            (f"step=hour&from={when(days=300)}", "from:")):
            with self.subTest(query):
                answer = self.root.ask("GET", f"/admin/v1/tenants/acme/stats?{query}")
                self.assertEqual(answer.status, 400, answer)
                self.assertIn(said, answer.json["detail"])


if __name__ == "__main__":
    main()
