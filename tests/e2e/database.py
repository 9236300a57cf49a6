"""Looks into the gateway's database where no interface tells enough. The only SQL of the tests."""
import json
import sqlite3


class Database:
    def __init__(self, path):
        self.path = path

    def _rows(self, sql):
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql)]
        finally:
            connection.close()

    def calls(self):
        """Every call, oldest first."""
        return self._rows("SELECT serial, state, outcome, code, caller, called, tel_x, call_id, created_ms, ended_ms, "
                          "reason_code FROM call_record ORDER BY serial")

    def add_calls(self, tenant_id, count):
        """So many calls of long ago, a second apart, in one transaction. With add_callbacks(),
        place_later() and receive_later() the only thing that is ever written here."""
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            with connection:
                connection.execute(
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) "
                    "INSERT INTO call (tenant_id, serial, type, outcome, is_x_claimed, created_ms, outcome_ms, caller, "
                    "called, tel_x, call_id, code) SELECT ?1, i * 4096000, 4, 1, 0, 1704067200000 + i * 1000, "
                    "1704067200100 + i * 1000, '138' || printf('%08d', i % 100000), '0571' || printf('%08d', i), "
                    "'057100000099', 'call-' || i, '0' FROM n", (tenant_id, count))
                connection.execute(
                    "INSERT INTO call_end (serial, ended_ms, start_ms, caller_answer_ms, called_answer_ms, finish_ms, "
                    "duration_s, reason_code) SELECT serial, created_ms + 60000, created_ms, created_ms + 5000, "
                    "created_ms + 9000, created_ms + 59000, 50, 16 FROM call WHERE tenant_id = ?1 AND serial <= ?2",
                    (tenant_id, count * 4096000))
        finally:
            connection.close()

    def place_later(self, serial, ms):
        """As if the clock had been so far ahead when the call was placed. Not while the gateway runs."""
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            with connection:
                connection.execute("UPDATE call SET created_ms = created_ms + ?2 WHERE serial = ?1", (serial, ms))
        finally:
            connection.close()

    def receive_later(self, ms, days_apart):
        """As if the CDRs had come so many days apart, when the clock was so far ahead. Not while the gateway runs."""
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            with connection:
                connection.execute("UPDATE cdr SET received_ms = received_ms + ?1 - ?2 * ((SELECT max(id) FROM cdr) - id)",
                                   (ms, days_apart * 24 * 3600 * 1000))
        finally:
            connection.close()

    def add_callbacks(self, tenant_id, urls=(None,)):
        """A hang-up callback that is due for each of the tenant's calls, each in a queue of its own, to these URLs by turns
        or to the console's."""
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            with connection:
                for turn, url in enumerate(urls):
                    connection.execute(
                        "INSERT INTO callback (tenant_id, serial, number, kind, state, queue, tries, tries_before, created_ms, "
                        "next_ms, url) SELECT tenant_id, serial, 1, 1, 0, serial, 0, 0, created_ms, 0, ?2 "
                        "FROM call WHERE tenant_id = ?1 AND serial / 4096000 % ?3 = ?4", (tenant_id, url, len(urls), turn))
        finally:
            connection.close()

    def cdrs(self, call_id=None):
        """The CDRs kept, of one callID or all, in the order they came; serial is None for an unmatched one."""
        rows = self._rows("SELECT id, serial, body FROM cdr ORDER BY id")
        for row in rows:
            row["call_id"] = self._call_id(row["body"])
        return [row for row in rows if call_id in (None, row["call_id"])]

    def audit(self):
        """Who has changed what, oldest first."""
        return self._rows("SELECT who, tenant, action, detail FROM audit ORDER BY id")

    def raw_cdrs(self):
        """What the kept pushes hold, (serial, body), in the order they came."""
        return [(row["serial"], bytes(row["body"])) for row in self._rows("SELECT serial, body FROM cdr ORDER BY id")]

    @staticmethod
    def _call_id(body):
        """None for a well-signed push that is no CDR."""
        try:
            return json.loads(body).get("callID")
        except (ValueError, AttributeError):
            return None
