"""Fills a gateway's database with calls that ended long ago: copies of the rows that real calls and their CDR pushes
left, with other serials, times, numbers and ids, so that they have the shape that the gateway gives them."""
import contextlib
import sqlite3

import machine

EPOCH_MS, TIME_SHIFT = 1704067200000, 12  # of a serial: gateway/model/call.c
STEP_MS = 864  # 100,000 calls a day
DAY_MS = 24 * 3600 * 1000
ITA, MARK_EACH = 4, 1024
ROW_SIZE_SHARE = 0.03  # by which the mean size of copied rows may differ

SERIAL = f"((first_ms + n * {STEP_MS} - {EPOCH_MS}) << {TIME_SHIFT})"
# What differs from the row that is copied, by table and column; n counts the copies, k the copied, t the tenants. All
# columns whose names end in _ms move with the time of the call.
CHANGED = {
    "call": {"tenant_id": "t.id", "serial": SERIAL, "caller": "printf('138%08d', n)", "called": "printf('139%08d', n)",
             "call_id": "lower(hex(randomblob(16)))", "call_data": "printf('order-%08d', n)"},
    "call_end": {"serial": SERIAL, "last_cdr_id": "n + 1"},
    "cdr": {"id": "n + 1", "tenant_id": "t.id", "serial": SERIAL, "access_key": "t.access_key", "mac": "randomblob(32)",
            "body": f"CAST(replace(k.body, k.name || ':' || k.serial, t.name || ':' || {SERIAL}) AS BLOB)"},
}


def columns_of(db, table):
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def set_aside(db):
    """The rows of the real calls become temporary tables, with the time of their call; the copies take their place."""
    db.executescript("CREATE TEMP TABLE real AS SELECT row_number() OVER (ORDER BY serial) - 1 AS k, serial, created_ms, "
                     "(SELECT name FROM tenant WHERE id = tenant_id) AS name FROM call;"
                     "CREATE TEMP TABLE tenants AS SELECT row_number() OVER (ORDER BY id) - 1 AS t, id, name, access_key "
                     "FROM tenant JOIN bidirectional_call ON tenant_id = id;"
                     "CREATE UNIQUE INDEX temp.tenants_t ON tenants (t)")
    for table in CHANGED:
        db.executescript(f"CREATE TEMP TABLE real_{table} AS SELECT real.k, real.created_ms AS real_ms, real.name, one.* "
                         f"FROM real JOIN main.{table} AS one ON one.serial = real.serial;"
                         f"CREATE UNIQUE INDEX temp.real_{table}_k ON real_{table} (k); DELETE FROM main.{table}")


def copy(db, table, source):
    """Into a table, in the order of its key: as it grows in life, its pages are full."""
    changed = CHANGED[table]
    moved = {name: f"k.{name} + first_ms + n * {STEP_MS} - k.real_ms" for name in columns_of(db, table)
             if name.endswith("_ms")}
    values = [changed.get(name) or moved.get(name) or f"k.{name}" for name in columns_of(db, table)]
    db.execute(f"INSERT INTO {table} SELECT {', '.join(values)} FROM {source} "
               f"CROSS JOIN real_{table} AS k ON k.k = n % (SELECT count(*) FROM real) "
               f"CROSS JOIN (SELECT value AS first_ms FROM start)")


def sizes(db, table):
    """The kinds of rows that there are, and their mean size."""
    names = columns_of(db, table)
    kinds = set(db.execute(f"SELECT DISTINCT {', '.join(f'typeof({name})' for name in names)} FROM main.{table} LIMIT 10000"))
    size = db.execute(f"SELECT avg({' + '.join(f'coalesce(length({name}), 0)' for name in names)}) "
                      f"FROM (SELECT * FROM main.{table} LIMIT 10000)").fetchone()[0]
    return kinds, size


def check_shape(db, table, real):
    kinds, size = sizes(db, table)
    if kinds != real[0] or abs(size / real[1] - 1) > ROW_SIZE_SHARE:
        machine.fail(f"{table}: copies have another shape than the rows copied: {kinds}, {size}; {real}")


def mark(db):
    """As the gateway marks calls while they come (gateway/store/store_schema.c)."""
    db.execute("DELETE FROM call_mark")
    db.execute(f"INSERT INTO call_mark SELECT tenant_id, serial, number - ita, ita FROM (SELECT tenant_id, serial, "
               f"row_number() OVER calls AS number, sum(type = {ITA}) OVER calls AS ita FROM call "
               f"WINDOW calls AS (PARTITION BY tenant_id ORDER BY serial)) WHERE number % {MARK_EACH} = 0")


def multiply(path, count):
    """In the place of the calls that the database has, all of them ended by a CDR: so many, the last one a minute before
    the first of those. The gateway must not run."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        if db.execute("SELECT (SELECT count(*) FROM live_call), (SELECT count(*) FROM call) - (SELECT count(*) FROM cdr)"
                      ).fetchone() != (0, 0):
            machine.fail("a call to be copied has no CDR")
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000")
        real = {table: sizes(db, table) for table in CHANGED}
        set_aside(db)
        db.execute("CREATE TEMP TABLE start AS SELECT min(created_ms) - 60000 - ? AS value FROM real", (count * STEP_MS,))
        db.execute("CREATE TEMP TABLE series (n INTEGER PRIMARY KEY)")
        db.execute("INSERT INTO series WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < ? - 1) "
                   "SELECT n FROM s", (count,))
        of_all = "series CROSS JOIN tenants AS t ON t.t = n % (SELECT count(*) FROM tenants)"
        copy(db, "cdr", of_all)
        copy(db, "call_end", of_all)
        tenants = db.execute("SELECT count(*) FROM tenants").fetchone()[0]
        copy(db, "call", f"(SELECT id, t, name, access_key, s.n * {tenants} + t AS n FROM tenants CROSS JOIN series AS s "
                         f"ON s.n <= ({count} - 1 - t) / {tenants}) AS t")
        for table in CHANGED:
            check_shape(db, table, real[table])
            if db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] != count:
                machine.fail(f"{table}: not {count} rows")
        mark(db)
        db.execute("PRAGMA journal_mode = WAL")
