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
