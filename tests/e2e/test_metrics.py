#!/usr/bin/env python3
"""/metrics, /healthz and /readyz of the running daemon; what is built on them: the dashboard, the alerts, the runbook."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import confidential
import contract
from administrator import Automaton, Client
from callback_receiver import CallbackReceiver
from cdr import CdrSender, cdr
from confidential import agent_number, customer_number
from harness import BUILD, ROOT, Story, clean_environment, free_port, main, wait_until
from metrics import Page

DOCS = ROOT / "docs"
TENANT = "acme-of-the-secret-name"
X_NUMBERS = ["057100000401", "057100000402", "057100000403"]
UPSTREAM = "ita_gateway_upstream_operation_duration_seconds_count"
REQUESTS = "ita_gateway_http_request_duration_seconds_count"
CALLBACKS = "ita_gateway_callback_duration_seconds_count"
METRIC = re.compile(r"\b(?:ita_gateway|process)_[a-z_]+")
NO_PROMTOOL = "no promtool: tools/deps.sh metrics"


def promtool(*words, given=None):
    """What it printed; it must be content."""
    done = subprocess.run(["promtool", *map(str, words)], input=given, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=clean_environment(), timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"promtool {words[0]} {words[1]}: {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


class MetricsStory(Story):
    @classmethod
    def client(cls, key=None):
        client = Automaton(cls.gateway, key) if key else Client(cls.gateway)
        cls.addClassCleanup(client.close)
        return client

    def read(self):
        answer = self.scraper.send("GET", "/metrics")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        return Page(answer.body.decode())

    def await_page(self, condition, what):
        """The page is made once a second."""
        def found():
            page = self.read()
            return page if condition(page) else None
        return wait_until(found, what)

    def await_more(self, before, name, by=1, **labels):
        """Waits until the metric has grown by that, and makes sure that it grows no further."""
        wanted = before.value(name, **labels) + by
        page = self.await_page(lambda now: now.value(name, **labels) >= wanted, f"{name} {labels} grows by {by}")
        self.assertEqual(page.value(name, **labels), wanted, name)
        return page


class Metrics(MetricsStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(callback_schedule="0s", x_rest="0s")
        cls.mock = cls.runs_mock(cls.gateway, x_numbers=[confidential.keep_number(x) for x in X_NUMBERS])
        cls.receiver = CallbackReceiver()
        cls.addClassCleanup(cls.receiver.stop)
        for authority in (cls.receiver.authority, f"127.0.0.1:{free_port()}"):
            cls.gateway.admin("callback-trustlist", "add", authority)
        cls.tenant = cls.gateway.create_tenant(TENANT, cls.mock, "specified", X_NUMBERS,
                                               hangup_callback_url=f"http://{cls.receiver.authority}/")
        cls.dead_end = cls.gateway.create_tenant("zeta", cls.mock, hangup_callback_url=f"http://{authority}/")
        cls.agent = cls.signs_in(cls.tenant)
        cls.scraper = cls.client()

    def call(self, ending=None):
        return self.agent.create_call(agent_number(), customer_number(ending))

    @unittest.skipUnless(shutil.which("promtool"), NO_PROMTOOL)
    def test_promtool_finds_nothing_wrong(self):
        serial = self.assert_placed(self.call())
        self.await_end(self.agent, serial)
        self.await_page(lambda page: page.value("ita_gateway_cdrs_total", match="matched") > 0, "the CDR is counted")
        self.assertEqual(promtool("check", "metrics", given=self.read().text), "")

    def test_it_tells_what_the_document_lists_and_nothing_else(self):
        page = self.read()
        listed = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \| (.*) \|$", (DOCS / "metrics.md").read_text(), re.M)
        self.assertEqual({name: (kind, text) for name, kind, _, text in listed},
                         {name: (page.types[name], page.help[name]) for name in page.types})

    def test_it_names_nobody(self):
        self.await_end(self.agent, self.assert_placed(self.call()))
        text = self.await_page(lambda page: page.total("ita_gateway_calls_ended_total") > 0, "the call is counted").text
        self.assertEqual(confidential.leaks_in(text), [])
        for word in (TENANT, "zeta", self.mock.authority, "127.0.0.1", str(self.receiver.authority), self.mock.access_key,
                     self.tenant.app_key):
            self.assertNotIn(word, text)

    def test_its_histograms_hold_together(self):
        self.assert_placed(self.call())
        names = set()
        for name, labels, buckets, count, total in self.read().histograms():
            with self.subTest(name, labels=labels):
                names.add(name)
                counts = [value for _, value in buckets]
                self.assertEqual(counts, sorted(counts))
                self.assertEqual(buckets[-1], (float("inf"), count))
                lowest = sum((value - before) * bound for (bound, value), before, bound in
                             zip(buckets, [0, *counts], [0, *[bound for bound, _ in buckets]]))
                self.assertGreaterEqual(total, lowest * 0.999)
        self.assertEqual(names & {"ita_gateway_store_commit_operations", "ita_gateway_loop_turn_duration_seconds"},
                         {"ita_gateway_store_commit_operations", "ita_gateway_loop_turn_duration_seconds"})

    def test_a_call_is_counted_all_along_its_way(self):
        before = self.read()
        self.await_end(self.agent, self.assert_placed(self.call()))
        self.await_more(before, "ita_gateway_calls_placed_total")
        self.await_more(before, "ita_gateway_call_outcomes_total", outcome="accepted")
        self.await_more(before, UPSTREAM, upstream="ita", operation="place", outcome="accepted")
        self.await_more(before, REQUESTS, route=contract.CREATE_CALL_V1, code="2xx")
        self.await_more(before, REQUESTS, route=contract.STATUS_NOTIFY, code="2xx")
        self.await_more(before, "ita_gateway_cdrs_total", match="matched")
        self.await_more(before, "ita_gateway_calls_ended_total", answered="yes")
        self.await_more(before, "ita_gateway_call_causes_total", cause="16")
        after = self.await_more(before, CALLBACKS, kind="hangup", result="delivered")
        self.assertGreaterEqual(after.value("ita_gateway_store_commit_operations_sum"),
                                before.value("ita_gateway_store_commit_operations_sum") + 3)
        self.assertEqual(after.value("ita_gateway_store_sync_duration_seconds_count"),
                         after.value("ita_gateway_store_commit_operations_count"))
        self.assertEqual(after.value("ita_gateway_calls_live"), 0)
        self.assertEqual(after.value("ita_gateway_upstream_circuits", upstream="ita", state="closed"), 1)

    def test_refusals_are_counted_by_code_and_by_whom(self):
        before = self.read()
        self.assertEqual(self.call(contract.magic_refusal(contract.UNAVAILABLE)).code, contract.UNAVAILABLE)
        self.await_more(before, "ita_gateway_call_outcomes_total", outcome="refused")
        self.await_more(before, "ita_gateway_call_errors_total", code=contract.UNAVAILABLE)
        self.assertEqual(self.agent.create_call("no number", customer_number()).code, "5")
        self.await_more(before, "ita_gateway_calls_failed_total")
        after = self.await_more(before, "ita_gateway_call_errors_total", code="5")
        self.assertEqual(after.value("ita_gateway_calls_placed_total"), before.value("ita_gateway_calls_placed_total") + 1)

    def test_pushes_are_counted_by_what_became_of_them(self):
        before = self.read()
        good = CdrSender(self.gateway, self.mock.access_key, self.mock.secret_key)
        bad = CdrSender(self.gateway, self.mock.access_key, confidential.keep("secret key", "another-secret-key-entirely"))
        record = cdr("of-no-call", f"{TENANT}:4711", agent_number(), customer_number())
        self.assertEqual(bad.push(record).status, 401)
        self.await_more(before, "ita_gateway_cdr_pushes_refused_total", reason="signature")
        self.await_more(before, REQUESTS, route=contract.STATUS_NOTIFY, code="4xx")
        self.assertEqual(good.push(record).status, 200)
        self.await_more(before, "ita_gateway_cdrs_total", match="unmatched")
        self.await_more(before, "ita_gateway_cdrs_unmatched")
        self.assertEqual(good.push(record).status, 200)
        self.await_more(before, "ita_gateway_cdrs_total", match="repeated")

    def test_callbacks_that_die_are_counted(self):
        before = self.read()
        agent = self.signs_in(self.dead_end)
        self.await_end(agent, self.assert_placed(agent.create_call(agent_number(), customer_number())))
        self.await_more(before, CALLBACKS, kind="hangup", result="dead")
        self.await_more(before, "ita_gateway_callbacks_dead")

    def test_x_numbers_are_told_as_they_stand(self):
        page = self.await_page(lambda page: page.total("ita_gateway_x_numbers") == len(X_NUMBERS), "X numbers are sampled")
        self.assertEqual(page.value("ita_gateway_x_tenants"), 1)
        self.assertEqual(page.value("ita_gateway_x_numbers", state="locked"), 0)
        for x in X_NUMBERS:
            self.gateway.admin("xnumber", "lock", TENANT, x)
        self.await_page(lambda page: page.value("ita_gateway_x_numbers", state="locked") == len(X_NUMBERS) and
                        page.value("ita_gateway_x_tenants_without_free") == 1, "all are locked")
        for x in X_NUMBERS:
            self.gateway.admin("xnumber", "unlock", TENANT, x)
        self.await_page(lambda page: page.value("ita_gateway_x_tenants_without_free") == 0, "some are free")

    def test_what_reaches_no_route_is_counted(self):
        before = self.read()
        self.assertEqual(self.scraper.send("GET", "/nowhere").status, 404)
        self.await_more(before, "ita_gateway_http_refusals_total", listener="admin")
        self.assertEqual(self.agent.post("/nowhere", {}).status, 404)
        self.await_more(before, "ita_gateway_http_refusals_total", listener="agent")

    def test_failed_sign_ins_are_counted(self):
        before = self.read()
        stranger = self.gateway.agent(self.tenant.app_key, "no secret of theirs")
        self.addCleanup(stranger.close)
        self.assertEqual(stranger.ask_token().status, 401)
        self.await_more(before, "ita_gateway_sign_in_failures_total", api="agent")
        self.assertEqual(self.gateway.browser().try_sign_in("nobody", "wrong password").status, 401)
        self.await_more(before, "ita_gateway_sign_in_failures_total", api="admin")

    def test_the_process_is_told_of(self):
        page, now = self.read(), time.time()
        self.assertTrue(now - 600 < page.value("process_start_time_seconds") <= now)
        self.assertGreater(page.value("process_resident_memory_bytes"), 1024 * 1024)
        self.assertGreater(page.value("process_virtual_memory_bytes"), page.value("process_resident_memory_bytes"))
        self.assertTrue(5 < page.value("process_open_fds") < page.value("process_max_fds"))
        self.assertGreater(page.value("process_cpu_seconds_total"), 0)
        self.assertEqual(page.total("ita_gateway_build_info"), 1)
        self.assertEqual(page.total("ita_gateway_ready"), 3)
        self.assertEqual(page.value("ita_gateway_tenants"), 2)
        self.assertGreater(page.value("ita_gateway_database_bytes"), 0)
        self.assertGreater(page.value("ita_gateway_database_free_bytes"), 0)
        for certificate in ("listener", "CERT_ITA"):  # made for some days
            expiry = page.value("ita_gateway_certificate_expiry_timestamp_seconds", certificate=certificate)
            self.assertGreater(expiry, now)

    def test_whoever_asks_all_the_time_gets_the_same_page(self):
        pages = {self.scraper.send("GET", "/metrics").body for _ in range(100)}
        self.assertLess(len(pages), 30)

    def test_every_metric_of_the_dashboard_is_there(self):
        self.await_end(self.agent, self.assert_placed(self.call()))
        page = self.await_page(lambda page: page.total(CALLBACKS) > 0, "a callback is counted")
        for expression in expressions_of_dashboard():
            with self.subTest(expression):
                assert_can_be_asked(self, page, expression)

    @unittest.skipUnless(shutil.which("promtool"), NO_PROMTOOL)
    def test_every_metric_of_the_alerts_is_there(self):
        self.await_end(self.agent, self.assert_placed(self.call()))
        page = self.await_page(lambda page: page.total(CALLBACKS) > 0, "a callback is counted")
        for _, rule in alerts():
            assert_can_be_asked(self, page, rule)


# --- Documents ---

def expressions_of_dashboard():
    dashboard = json.loads((DOCS / "grafana-dashboard.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


def alerts():
    """Name and text of each rule: no reader of YAML is in Python's library, and the file is written regularly."""
    parts = re.split(r"^      - alert: (\w+)$", (DOCS / "alerts.yml").read_text(), flags=re.M)[1:]
    return [(name, text.split("\n      # ---")[0]) for name, text in zip(parts[::2], parts[1::2])]


def assert_can_be_asked(test, page, expression):
    """Its metrics exist, and so do the labels of its series that it chooses by."""
    expression = expression.split("annotations:")[0]
    for name in METRIC.findall(expression):
        family = next((name.removesuffix(suffix) for suffix in ("_bucket", "_sum", "_count")
                       if page.types.get(name.removesuffix(suffix)) == "histogram"), name)
        test.assertIn(family, page.types, expression)
        for matchers in re.findall(re.escape(name) + r"\{(.*?)\}", expression):
            chosen = set(re.findall(r"(\w+)(?:=~|!=|=)", matchers)) - {"instance", "job"}
            if page.labels(name):  # causes have a series when they have happened
                test.assertLessEqual(chosen, page.labels(name), expression)


class Documents(unittest.TestCase):
    @unittest.skipUnless(shutil.which("promtool"), NO_PROMTOOL)
    def test_the_alert_rules_are_sound(self):
        self.assertIn("SUCCESS", promtool("check", "rules", DOCS / "alerts.yml"))

    @unittest.skipUnless(shutil.which("promtool"), NO_PROMTOOL)
    def test_the_alerts_fire_when_they_are_to_and_not_else(self):
        self.assertIn("SUCCESS", promtool("test", "rules", DOCS / "alerts-test.yml"))

    def test_every_alert_is_tested(self):
        tested = set(re.findall(r'alertname="(\w+)"', (DOCS / "alerts-test.yml").read_text()))
        self.assertEqual(tested, {name for name, _ in alerts()})

    def test_every_alert_has_its_section_in_the_runbook_and_no_other_section_is_there(self):
        sections = re.findall(r"^## (\w+)$", (DOCS / "runbook.md").read_text(), re.M)
        names = [name for name, _ in alerts()]
        self.assertEqual(sorted(sections), sorted(set(names)))
        for name, rule in alerts():
            self.assertIn(f"runbook: runbook.md#{name.lower()}\n", rule + "\n")
            self.assertRegex(rule, r"severity: (critical|warning)\}")

    def test_every_section_of_the_runbook_is_whole(self):
        for section in (DOCS / "runbook.md").read_text().split("\n## ")[1:]:
            with self.subTest(section.split("\n")[0]):
                self.assertIn("**Means**", section)
                self.assertIn("**Confirm**", section)
                self.assertRegex(section, r"\*\*(Do|do)\*\*")

    def test_the_runbooks_commands_and_doctors_lines_are_there(self):
        text = (DOCS / "runbook.md").read_text()
        binary = str(BUILD / "bin/ita-gateway")
        known = subprocess.run([binary, "--help"], text=True, capture_output=True, check=True).stdout
        for command in set(re.findall(r"ita-gateway ([a-z][a-z-]+)(?: |`)", text)):
            self.assertRegex(known, rf"(?m)^  {command} ")
        sources = "".join(path.read_text() for path in (ROOT / "gateway/diagnostics").iterdir())
        for quoted in re.findall(r'lines? ((?:"[^"]+"(?:, | and )?)+)', text):
            for line in re.findall(r'"([^"]+)"', quoted):
                self.assertIn(f'"{line}"', sources)

    @unittest.skipUnless(shutil.which("promtool"), NO_PROMTOOL)
    def test_what_the_dashboard_asks_is_promql(self):
        rules = "groups:\n  - name: dashboard\n    rules:\n"
        for expression in expressions_of_dashboard():
            asked = expression.replace("$__rate_interval", "5m").replace("$instance", ".*")
            rules += f"      - record: panel:{len(rules)}\n        expr: {json.dumps(asked)}\n"
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(rules)
            file.flush()
            self.assertIn("SUCCESS", promtool("check", "rules", file.name))

    def test_the_dashboard_chooses_its_data_source(self):
        dashboard = json.loads((DOCS / "grafana-dashboard.json").read_text())
        variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
        self.assertEqual(variables["datasource"]["type"], "datasource")
        self.assertEqual(variables["datasource"]["query"], "prometheus")
        ids, taken = set(), set()
        for panel in dashboard["panels"]:
            self.assertNotIn(panel["id"], ids)
            ids.add(panel["id"])
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(at["x"] + at["w"], 24)
            taken |= cells
            for target in panel.get("targets", []):
                self.assertEqual(target["datasource"], {"type": "prometheus", "uid": "${datasource}"})
        self.assertNotIn("DS_PROMETHEUS", json.dumps(dashboard))


# --- Who may ---

class Access(MetricsStory):
    def assert_answers(self, expected, client=None):
        answer = client.ask("GET", "/metrics") if client else Client(self.gateway).send("GET", "/metrics")
        self.assertEqual(answer.status, expected, answer)
        if expected != 200:
            self.assertNotIn(b"ita_gateway_", answer.body)

    def begin(self, **options):
        type(self).gateway = self.runs_gateway(self.id().rsplit(".", 1)[1], **options)
        self.gateway.admin("tenant", "create", "acme")
        return (self.client(self.gateway.create_api_key("root")),
                self.client(self.gateway.create_api_key("acme-admin", "tenant-admin", "acme")))

    def test_api_key(self):
        root, of_tenant = self.begin(metrics_access="api-key")
        self.assert_answers(401)
        self.assert_answers(401, self.client("ita_no_key_of_ours"))
        self.assert_answers(403, of_tenant)
        self.assert_answers(200, root)

    def test_anyone(self):
        self.begin(metrics_access="anyone")
        self.assert_answers(200)

    def test_local(self):
        address = own_address()
        root, _ = self.begin(admin_listen=f"0.0.0.0:{free_port()}")
        self.assert_answers(200)
        self.assert_answers(200, root)
        if address is None:
            self.skipTest("this machine has no address but loopback")
        for client, expected in ((None, 401), (root, 200)):
            headers = ["-H", f"Authorization: Bearer {client.key}"] if client else []
            url = f"{self.gateway.admin_url.replace('127.0.0.1', address)}/metrics"
            done = subprocess.run(["curl", "-sk", "-o", os.devnull, "-w", "%{http_code}", *headers, url], text=True,
                                  capture_output=True, env=clean_environment(), timeout=30)
            self.assertEqual(done.stdout, str(expected))


def own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = probe.getsockname()[0]
    return None if address.startswith("127.") else address


# --- Health ---

class HealthStory(MetricsStory):
    @classmethod
    def options(cls):
        return {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.runs_gateway(**cls.options())
        cls.mock = cls.runs_mock(cls.gateway)
        cls.agent = cls.signs_in(cls.gateway.create_tenant("acme", cls.mock))
        cls.scraper = cls.client()

    def ask(self, path):
        """Both listeners must say the same; what changes between the two questions is asked again."""
        for _ in range(5):
            answers = [asked.send("GET", path) for asked in (self.scraper, self.agent)]
            for answer in answers:
                self.assertEqual(answer.headers["Content-Type"], "text/plain; charset=UTF-8")
                self.assertEqual(answer.headers["Cache-Control"], "no-store")
            admin, agent = [(answer.status, answer.body.decode()) for answer in answers]
            if admin == agent:
                break
        self.assertEqual(admin, agent)
        return agent


class Health(HealthStory):
    def test_a_daemon_that_serves_is_alive_and_ready(self):
        self.assertEqual(self.ask("/healthz"), (200, "alive\n"))
        self.assertEqual(self.ask("/readyz"), (200, "ready\nserving: ok\ndatabase: ok\nloop: ok\n"))
        self.assertEqual(self.scraper.send("HEAD", "/readyz").status, 200)
        self.assertEqual(self.agent.post("/readyz", {}).status, 405)

    def test_without_its_database_it_is_not_ready_until_it_is_back(self):
        away = self.gateway.database_path.with_suffix(".away")
        self.gateway.database_path.rename(away)
        try:
            self.assertEqual(self.agent.create_call(agent_number(), customer_number()).status, 500)
            self.assertEqual(self.ask("/readyz"),
                             (503, "not ready\nserving: ok\ndatabase: the last write failed\nloop: ok\n"))
            self.assertEqual(self.ask("/healthz")[0], 200)
            page = self.await_page(lambda page: page.value("ita_gateway_ready", check="database") == 0, "it is told")
            self.assertGreater(page.value("ita_gateway_store_failures_total"), 0)
        finally:
            away.rename(self.gateway.database_path)
        wait_until(lambda: self.ask("/readyz")[0] == 200, "ready again, though nobody writes")
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))


class Stopping(HealthStory):
    @classmethod
    def options(cls):
        return {"drain_delay": "1h"}

    def test_told_to_stop_it_says_so_and_serves_on_until_told_again(self):
        self.gateway.signal(signal.SIGTERM)
        wait_until(lambda: self.ask("/readyz") == (503, "not ready\nserving: it is stopping\ndatabase: ok\nloop: ok\n"),
                   "it says that it is stopping")
        self.assert_placed(self.agent.create_call(agent_number(), customer_number()))
        self.assertEqual(self.ask("/healthz")[0], 200)
        self.gateway.stop()


if __name__ == "__main__":
    main()
