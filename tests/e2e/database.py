"""Looks into the gateway's database where no interface tells enough. The only SQL of the tests."""
import sqlite3


class Database:
    def __init__(self, path):
        self.path = path

    def _rows(self, sql, *values):
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql, values)]
        finally:
            connection.close()

    def calls(self):
        return self._rows("SELECT * FROM call ORDER BY serial")

    def cdrs(self, call_id=None):
        return [row for row in self._rows("SELECT * FROM cdr ORDER BY id") if call_id in (None, row["call_id"])]
