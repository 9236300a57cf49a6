#include "gateway/store/store_schema.h"

#include <stdio.h>

#include <sqlite3.h>

#include "base/mem.h"
#include "base/str.h"
#include "gateway/store/store_connection.h"

/* Rows of calls and CDRs are written at up to thousands a second and kept for years, hence:
 * - calls are clustered by tenant and serial, which ascend, so that each tenant's are appended and
 *   a range of time is a range of the table; there is no index over all calls;
 * - what the end of a call tells is a row of its own (call_end): the call's row would grow, and
 *   split the full page on which it stands. Serials are unique over all tenants, so that the ends
 *   of all stand close together;
 * - which calls are live is a table (live_call) that stays as small as they are few;
 * - why a call was not accepted is a row of its own (call_why): there are few;
 * - readers see a call as one row of the view call_record. A statement that joins the view says how
 *   in WHERE: with ON or USING, SQLite builds the whole view first;
 * - CDRs are appended in the order they came, and a call's end names its last one, which names the
 *   one before: no index finds them. Only unmatched ones are in indexes, by the first 64 bits
 *   of the SHA-256 of their body, and by id.
 * - some calls are marks (call_mark): a mark says how many calls of each type its tenant had up to
 *   it, so that a page of history is told with the count of all without counting them. Whether a
 * call is one follows from its serial (call_serial_is_mark()). A mark is right by the one before it
 *   only: retention deletes marks with the calls that they count.
 * A call does not reference its tenant as a foreign key: tenants are never deleted, and the check
 * would look one up for each call. */
static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE meta ("
    "  name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE tenant ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
    "  is_enabled INTEGER NOT NULL, is_bidirectional_enabled INTEGER NOT NULL,"
    "  created_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE bidirectional_call ("
    "  tenant_id INTEGER PRIMARY KEY REFERENCES tenant (id), type INTEGER NOT NULL,"
    "  access_key TEXT, secret_key BLOB, secret_changed_ms INTEGER,"
    "  previous_secret_key BLOB, previous_secret_until_ms INTEGER,"
    "  app_key TEXT, domain TEXT, x_mode INTEGER NOT NULL,"
    "  area_code TEXT, zone TEXT, home_country TEXT, profile TEXT,"
    "  is_recorded INTEGER NOT NULL, in_flight_max INTEGER NOT NULL,"
    "  per_second_max INTEGER NOT NULL) STRICT;"
    "CREATE TABLE app_key ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id INTEGER NOT NULL REFERENCES tenant (id),"
    "  key TEXT NOT NULL UNIQUE, secret_sha256 BLOB NOT NULL, is_enabled INTEGER NOT NULL,"
    "  created_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX app_key_tenant ON app_key (tenant_id);"
    "CREATE TABLE x_number ("
    "  tenant_id INTEGER NOT NULL REFERENCES tenant (id), number TEXT NOT NULL,"
    "  last_used_ms INTEGER NOT NULL, PRIMARY KEY (tenant_id, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE certificate ("
    "  name TEXT PRIMARY KEY, der BLOB NOT NULL, installed_ms INTEGER NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE TABLE audit ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, who TEXT NOT NULL,"
    "  tenant TEXT, action TEXT NOT NULL, detail TEXT) STRICT;"
    "CREATE TABLE call ("
    "  tenant_id INTEGER NOT NULL, serial INTEGER NOT NULL, type INTEGER NOT NULL,"
    "  state INTEGER NOT NULL, outcome INTEGER NOT NULL, ended_ms INTEGER, last_cdr_id INTEGER,"
    "  is_x_claimed INTEGER NOT NULL, created_ms INTEGER NOT NULL, outcome_ms INTEGER,"
    "  start_ms INTEGER, caller_answer_ms INTEGER, called_answer_ms INTEGER, finish_ms INTEGER,"
    "  duration_s INTEGER, reason_code INTEGER, agent_work_no INTEGER,"
    "  caller TEXT NOT NULL, called TEXT NOT NULL, tel_x TEXT, call_id TEXT, code TEXT,"
    "  called_display TEXT, call_data TEXT,"
    "  PRIMARY KEY (tenant_id, serial)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX call_live ON call (tenant_id, serial) WHERE ended_ms IS NULL;"
    "CREATE TABLE cdr ("
    "  id INTEGER PRIMARY KEY, received_ms INTEGER NOT NULL, tenant_id INTEGER, serial INTEGER,"
    "  previous_id INTEGER, digest INTEGER, date_ms INTEGER NOT NULL, access_key TEXT NOT NULL,"
    "  mac BLOB NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE INDEX cdr_unmatched ON cdr (digest) WHERE serial IS NULL;",
    /* 2: who administers. Ids are not used twice: a session never becomes another user's. */
    "CREATE TABLE user ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL, name TEXT NOT NULL UNIQUE,"
    "  role INTEGER NOT NULL, tenant_id INTEGER REFERENCES tenant (id),"
    "  password_hash TEXT NOT NULL, one_time_until_ms INTEGER NOT NULL,"
    "  is_enabled INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    "  signed_in_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE session ("
    "  token_sha256 BLOB PRIMARY KEY,"
    "  user_id INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
    "  created_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX session_user ON session (user_id);"
    "CREATE TABLE api_key ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL, name TEXT NOT NULL UNIQUE,"
    "  secret_sha256 BLOB NOT NULL UNIQUE, role INTEGER NOT NULL,"
    "  tenant_id INTEGER REFERENCES tenant (id), is_enabled INTEGER NOT NULL,"
    "  created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL) STRICT;",
    /* 3: what console.md lets people set. A version counts the changes of what is edited as a
     * whole; a tenant's revision is higher than all others' whenever anything of it has changed. */
    "ALTER TABLE tenant ADD COLUMN version INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE tenant ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE tenant ADD COLUMN is_trial INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX tenant_revision ON tenant (revision);"
    "CREATE TABLE agent_number ("
    "  tenant_id INTEGER NOT NULL REFERENCES tenant (id), list INTEGER NOT NULL,"
    "  number TEXT NOT NULL, PRIMARY KEY (tenant_id, list, number)) STRICT, WITHOUT ROWID;"
    "ALTER TABLE bidirectional_call ADD COLUMN version INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE bidirectional_call ADD COLUMN connection_url TEXT;"
    "ALTER TABLE bidirectional_call ADD COLUMN connection_method INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE bidirectional_call ADD COLUMN hangup_url TEXT;"
    "ALTER TABLE bidirectional_call ADD COLUMN hangup_method INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE bidirectional_call ADD COLUMN authentication INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE bidirectional_call ADD COLUMN"
    "  is_console_url_authenticated INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE bidirectional_call ADD COLUMN shared_key BLOB;"
    "ALTER TABLE bidirectional_call ADD COLUMN shared_key_changed_ms INTEGER;"
    "ALTER TABLE bidirectional_call ADD COLUMN oauth_access_key TEXT;"
    "ALTER TABLE bidirectional_call ADD COLUMN oauth_secret_key BLOB;"
    "ALTER TABLE bidirectional_call ADD COLUMN oauth_secret_changed_ms INTEGER;"
    "ALTER TABLE bidirectional_call ADD COLUMN oauth_login_url TEXT;"
    "ALTER TABLE bidirectional_call ADD COLUMN aicc_domain TEXT;"
    "ALTER TABLE bidirectional_call ADD COLUMN aicc_app_key TEXT;"
    "ALTER TABLE bidirectional_call ADD COLUMN aicc_app_secret BLOB;"
    "ALTER TABLE bidirectional_call ADD COLUMN aicc_app_secret_changed_ms INTEGER;"
    "CREATE TABLE callback_trust ("
    "  entry TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "ALTER TABLE x_number ADD COLUMN is_locked INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE app_key ADD COLUMN expires_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX audit_tenant ON audit (tenant);",
    /* 4: the end of a call and its being live become rows of their own. A call's state (enum
     * call_state) follows from them and its outcome. Its callID and X number are those of the CDR
     * only when nobody had told them before. */
    "CREATE TABLE call_end ("
    "  serial INTEGER PRIMARY KEY, ended_ms INTEGER NOT NULL, start_ms INTEGER,"
    "  caller_answer_ms INTEGER, called_answer_ms INTEGER, finish_ms INTEGER,"
    "  duration_s INTEGER, reason_code INTEGER, last_cdr_id INTEGER,"
    "  tel_x TEXT, call_id TEXT, called_display TEXT) STRICT;"
    "CREATE TABLE live_call ("
    "  serial INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL) STRICT;"
    "INSERT INTO call_end SELECT serial, ended_ms, start_ms, caller_answer_ms, called_answer_ms,"
    "  finish_ms, duration_s, reason_code, last_cdr_id, NULL, NULL, called_display"
    "  FROM call WHERE ended_ms IS NOT NULL ORDER BY serial;"
    "INSERT INTO live_call SELECT serial, tenant_id FROM call WHERE ended_ms IS NULL"
    "  ORDER BY serial;"
    "DROP INDEX call_live;"
    "ALTER TABLE call RENAME TO call_before;"
    "CREATE TABLE call ("
    "  tenant_id INTEGER NOT NULL, serial INTEGER NOT NULL, type INTEGER NOT NULL,"
    "  outcome INTEGER NOT NULL, is_x_claimed INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    "  outcome_ms INTEGER, agent_work_no INTEGER, caller TEXT NOT NULL, called TEXT NOT NULL,"
    "  tel_x TEXT, call_id TEXT, code TEXT, call_data TEXT,"
    "  PRIMARY KEY (tenant_id, serial)) STRICT, WITHOUT ROWID;"
    "INSERT INTO call SELECT tenant_id, serial, type, outcome, is_x_claimed, created_ms,"
    "  outcome_ms, agent_work_no, caller, called, tel_x, call_id, code, call_data"
    "  FROM call_before ORDER BY tenant_id, serial;"
    "DROP TABLE call_before;"
    "CREATE VIEW call_record AS SELECT call.tenant_id, call.serial, call.type,"
    "  CASE WHEN call_end.serial IS NOT NULL THEN 3 WHEN call.outcome = 0 THEN 0 ELSE 1 END state,"
    "  call.outcome, call.is_x_claimed, call.created_ms, call.outcome_ms, call_end.start_ms,"
    "  call_end.caller_answer_ms, call_end.called_answer_ms, call_end.finish_ms,"
    "  call_end.ended_ms, call_end.duration_s, call_end.reason_code, call_end.last_cdr_id,"
    "  call.agent_work_no, call.caller, call.called,"
    "  coalesce(call_end.tel_x, call.tel_x) tel_x,"
    "  coalesce(call_end.call_id, call.call_id) call_id,"
    "  call.code, call_end.called_display, call.call_data"
    "  FROM call LEFT JOIN call_end ON call_end.serial = call.serial;",
    /* 5: why a CDR had no call (enum cdr_reason), and the unmatched ones in order. */
    "ALTER TABLE cdr ADD COLUMN reason INTEGER;"
    "CREATE INDEX cdr_unmatched_id ON cdr (id) WHERE serial IS NULL;"
    "CREATE INDEX bidirectional_call_access_key ON bidirectional_call (access_key);",
    /* 6: what was counted in an hour, of a tenant or (0) of all: statistic.h. Kind and key say
     * which counter; one that is 0 has no row. */
    "CREATE TABLE statistic ("
    "  tenant_id INTEGER NOT NULL, hour INTEGER NOT NULL, kind INTEGER NOT NULL,"
    "  key INTEGER NOT NULL, count INTEGER NOT NULL,"
    "  PRIMARY KEY (tenant_id, hour, kind, key)) STRICT, WITHOUT ROWID;",
    /* 7: the outbox of callbacks. What waits is found by its queue and time, what is delivered
     * costs nothing but its row. One without next_ms waits for another of its call. */
    "ALTER TABLE live_call ADD COLUMN callback_url TEXT;"
    "CREATE TABLE callback ("
    "  tenant_id INTEGER NOT NULL, serial INTEGER NOT NULL, number INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL, state INTEGER NOT NULL, queue INTEGER NOT NULL,"
    "  tries INTEGER NOT NULL, tries_before INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    "  next_ms INTEGER, ended_ms INTEGER, took_ms INTEGER, url TEXT,"
    "  PRIMARY KEY (tenant_id, serial, number)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX callback_queue ON callback (queue, next_ms) WHERE next_ms IS NOT NULL;"
    "CREATE INDEX callback_open ON callback (tenant_id, state, serial) WHERE state <> 1;"
    "CREATE TABLE callback_failure ("
    "  tenant_id INTEGER NOT NULL, serial INTEGER NOT NULL, number INTEGER NOT NULL,"
    "  try INTEGER NOT NULL, at_ms INTEGER NOT NULL, took_ms INTEGER NOT NULL,"
    "  status INTEGER NOT NULL, failure INTEGER NOT NULL, detail TEXT,"
    "  PRIMARY KEY (tenant_id, serial, number, try),"
    "  FOREIGN KEY (tenant_id, serial, number) REFERENCES callback ON DELETE CASCADE)"
    "  STRICT, WITHOUT ROWID;",
    /* 8: calls of type CEC. Of a live one may be known that they talk, and since when; what the
     * called is to see is asked for, and so stands in the call's own row. */
    "ALTER TABLE live_call ADD COLUMN talking_ms INTEGER;"
    "ALTER TABLE call ADD COLUMN called_display TEXT;"
    "DROP VIEW call_record;"
    "CREATE VIEW call_record AS SELECT call.tenant_id, call.serial, call.type,"
    "  CASE WHEN call_end.serial IS NOT NULL THEN 3 WHEN call.outcome = 0 THEN 0"
    "  WHEN EXISTS (SELECT 1 FROM live_call WHERE live_call.serial = call.serial"
    "  AND talking_ms IS NOT NULL) THEN 2 ELSE 1 END state,"
    "  call.outcome, call.is_x_claimed, call.created_ms, call.outcome_ms, call_end.start_ms,"
    "  call_end.caller_answer_ms, CASE WHEN call_end.serial IS NULL THEN"
    "  (SELECT talking_ms FROM live_call WHERE live_call.serial = call.serial)"
    "  ELSE call_end.called_answer_ms END called_answer_ms, call_end.finish_ms,"
    "  call_end.ended_ms, call_end.duration_s, call_end.reason_code, call_end.last_cdr_id,"
    "  call.agent_work_no, call.caller, call.called,"
    "  coalesce(call_end.tel_x, call.tel_x) tel_x,"
    "  coalesce(call_end.call_id, call.call_id) call_id,"
    "  call.code, coalesce(call_end.called_display, call.called_display) called_display,"
    "  call.call_data FROM call LEFT JOIN call_end ON call_end.serial = call.serial;",
    /* 9: whether another tenant has an X number is asked for each one that is added. */
    "CREATE INDEX x_number_number ON x_number (number);",
    /* 10: the trace that a call belongs to: struct trace. */
    "ALTER TABLE call ADD COLUMN trace BLOB;"
    "DROP VIEW call_record;"
    "CREATE VIEW call_record AS SELECT call.tenant_id, call.serial, call.type,"
    "  CASE WHEN call_end.serial IS NOT NULL THEN 3 WHEN call.outcome = 0 THEN 0"
    "  WHEN EXISTS (SELECT 1 FROM live_call WHERE live_call.serial = call.serial"
    "  AND talking_ms IS NOT NULL) THEN 2 ELSE 1 END state,"
    "  call.outcome, call.is_x_claimed, call.created_ms, call.outcome_ms, call_end.start_ms,"
    "  call_end.caller_answer_ms, CASE WHEN call_end.serial IS NULL THEN"
    "  (SELECT talking_ms FROM live_call WHERE live_call.serial = call.serial)"
    "  ELSE call_end.called_answer_ms END called_answer_ms, call_end.finish_ms,"
    "  call_end.ended_ms, call_end.duration_s, call_end.reason_code, call_end.last_cdr_id,"
    "  call.agent_work_no, call.caller, call.called,"
    "  coalesce(call_end.tel_x, call.tel_x) tel_x,"
    "  coalesce(call_end.call_id, call.call_id) call_id,"
    "  call.code, coalesce(call_end.called_display, call.called_display) called_display,"
    "  call.call_data, call.trace FROM call LEFT JOIN call_end ON call_end.serial = call.serial;",
    /* 11: of calls of type CEC, since when the phones rang. */
    "ALTER TABLE call_end ADD COLUMN caller_alerting_ms INTEGER;"
    "ALTER TABLE call_end ADD COLUMN called_alerting_ms INTEGER;"
    "DROP VIEW call_record;"
    "CREATE VIEW call_record AS SELECT call.tenant_id, call.serial, call.type,"
    "  CASE WHEN call_end.serial IS NOT NULL THEN 3 WHEN call.outcome = 0 THEN 0"
    "  WHEN EXISTS (SELECT 1 FROM live_call WHERE live_call.serial = call.serial"
    "  AND talking_ms IS NOT NULL) THEN 2 ELSE 1 END state,"
    "  call.outcome, call.is_x_claimed, call.created_ms, call.outcome_ms, call_end.start_ms,"
    "  call_end.caller_alerting_ms, call_end.called_alerting_ms,"
    "  call_end.caller_answer_ms, CASE WHEN call_end.serial IS NULL THEN"
    "  (SELECT talking_ms FROM live_call WHERE live_call.serial = call.serial)"
    "  ELSE call_end.called_answer_ms END called_answer_ms, call_end.finish_ms,"
    "  call_end.ended_ms, call_end.duration_s, call_end.reason_code, call_end.last_cdr_id,"
    "  call.agent_work_no, call.caller, call.called,"
    "  coalesce(call_end.tel_x, call.tel_x) tel_x,"
    "  coalesce(call_end.call_id, call.call_id) call_id,"
    "  call.code, coalesce(call_end.called_display, call.called_display) called_display,"
    "  call.call_data, call.trace FROM call LEFT JOIN call_end ON call_end.serial = call.serial;",
    /* 12: how far the numbers of a tenant's calls are anonymised, by serial; tenant 0: those of
     * CDRs, by id. */
    ("CREATE TABLE anonymised ("
     "  tenant_id INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;"),
    /* 13: marks. Here each 1,024th call of a tenant is one. A million calls take a quarter
     * of a second. */
    "CREATE TABLE call_mark ("
    "  tenant_id INTEGER NOT NULL, serial INTEGER NOT NULL, cec INTEGER NOT NULL,"
    "  ita INTEGER NOT NULL, PRIMARY KEY (tenant_id, serial)) STRICT, WITHOUT ROWID;"
    "INSERT INTO call_mark"
    "  WITH RECURSIVE slice (tenant_id, after, last) AS ("
    "  SELECT id, -1, -1 FROM tenant UNION ALL SELECT tenant_id, last,"
    "  (SELECT serial FROM call WHERE call.tenant_id = slice.tenant_id AND serial > last"
    "  ORDER BY serial LIMIT 1 OFFSET 1023) FROM slice WHERE last IS NOT NULL)"
    "  SELECT tenant_id, last, 1024 * row_number() OVER marks - sum(ita) OVER marks,"
    "  sum(ita) OVER marks FROM (SELECT tenant_id, last, (SELECT count(*) FROM call"
    "  WHERE call.tenant_id = slice.tenant_id AND serial > after AND serial <= last"
    "  AND type = 4) AS ita FROM slice WHERE last > after)"
    "  WINDOW marks AS (PARTITION BY tenant_id ORDER BY last);",
    /* 14: why calls were not accepted: of few calls, and so a table of its own. */
    ("CREATE TABLE call_why ("
     "  tenant_id INTEGER NOT NULL, serial INTEGER NOT NULL, native_code TEXT, why TEXT NOT NULL,"
     "  PRIMARY KEY (tenant_id, serial)) STRICT, WITHOUT ROWID;"),
    /* 15: NULL beside a replaced SecretKey: it belongs to the same AccessKey. */
    "ALTER TABLE bidirectional_call ADD COLUMN previous_access_key TEXT;",
    /* 16: X numbers are told apart by their keys (number.h), as read in their tenant's country. */
    "ALTER TABLE x_number ADD COLUMN key TEXT;"
    "UPDATE x_number SET key = number_key(number, (SELECT home_country FROM bidirectional_call"
    "  WHERE bidirectional_call.tenant_id = x_number.tenant_id));"
    "CREATE INDEX x_number_key ON x_number (key);",
};

enum { APPLICATION_ID = 0x49544147 /* "ITAG": file(1) and we tell our databases by it */ };

int store_schema_version(void)
{
    return (int)COUNT_OF(migrations);
}

enum status store_schema_number(sqlite3 *db, const char *sql, int64_t *out, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? OK : store_engine_fault(db, rc, fault);
}

static enum status execute(sqlite3 *db, const char *sql, struct fault *fault)
{
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : store_engine_fault(db, rc, fault);
}

/* A file that another program made has tables, but not our application id. */
static enum status check_owner(sqlite3 *db, struct fault *fault)
{
    enum status status;
    int64_t application = 0, tables = 0;
    TRY(store_schema_number(db, "PRAGMA application_id", &application, fault));
    TRY(store_schema_number(db, "SELECT count(*) FROM sqlite_schema", &tables, fault));
    if (application != APPLICATION_ID && (application != 0 || tables > 0))
        status = fault_set(fault, ERR_INVALID, "this is the database of another program");
out:
    return status;
}

static enum status run_migration(sqlite3 *db, int number, struct fault *fault)
{
    enum status status;
    char mark[96];
    (void)snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d",
                   APPLICATION_ID, number);
    TRY(execute(db, migrations[number - 1], fault));
    TRY(execute(db, mark, fault));
out:
    return status;
}

static enum status refuse_newer(int64_t version, struct fault *fault)
{
    return version <= store_schema_version() && version >= 0
               ? OK
               : fault_set(fault, ERR_INVALID,
                           "the database has version %lld, made by a newer ita-gateway; this one "
                           "knows %d",
                           (long long)version, store_schema_version());
}

/* One step. The version is read inside the transaction: another process may have been faster. */
static enum status step(sqlite3 *db, bool *is_done, struct fault *fault)
{
    enum status status;
    int64_t version = 0;
    TRY(execute(db, "BEGIN IMMEDIATE", fault));
    TRY(check_owner(db, fault));
    TRY(store_schema_number(db, "PRAGMA user_version", &version, fault));
    TRY(refuse_newer(version, fault));
    *is_done = version == store_schema_version();
    if (!*is_done)
        TRY(run_migration(db, (int)version + 1, fault));
    TRY(execute(db, "COMMIT", fault));
out:
    if (sqlite3_get_autocommit(db) == 0)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

enum status store_schema_migrate(sqlite3 *db, struct fault *fault)
{
    enum status status = OK;
    for (bool is_done = false; status == OK && !is_done;)
        status = step(db, &is_done, fault);
    return status;
}

enum status store_schema_read(sqlite3 *db, int64_t *version, struct fault *fault)
{
    enum status status;
    TRY(check_owner(db, fault));
    TRY(store_schema_number(db, "PRAGMA user_version", version, fault));
    TRY(refuse_newer(*version, fault));
    if (*version == 0)
        status = fault_set(fault, ERR_INVALID, "this is an empty database");
out:
    return status;
}

enum status store_schema_require(sqlite3 *db, struct fault *fault)
{
    enum status status;
    int64_t version = 0;
    TRY(check_owner(db, fault));
    TRY(store_schema_number(db, "PRAGMA user_version", &version, fault));
    if (version != store_schema_version())
        status = fault_set(fault, ERR_INVALID,
                           "the database has version %lld, this ita-gateway works with %d",
                           (long long)version, store_schema_version());
out:
    return status;
}

/* Nothing is looked for among calls and CDRs: a torn write can't be left there (the log of SQLite
 * is checksummed and replayed by itself), and reading ten million rows for a damaged disk sector
 * would keep the gateway closed for minutes at every start. Damage met later fails that operation
 * with ERR_CORRUPT. Lists of numbers (x_number, agent_number) may be long too; a start reads all of
 * them right after this, and fails on what it can't read. store_admin_check() looks at everything.
 */
enum status store_schema_check(sqlite3 *db, struct fault *fault)
{
    static const char *const tables[] = {"meta",    "tenant",      "bidirectional_call",
                                         "app_key", "certificate", "user",
                                         "session", "api_key",     "callback_trust"};
    enum status status = OK;
    for (size_t i = 0; i < COUNT_OF(tables) && status == OK; i++) {
        char sql[64];
        sqlite3_stmt *statement = NULL;
        (void)snprintf(sql, sizeof(sql), "PRAGMA quick_check(%s)", tables[i]);
        int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_step(statement);
        const char *found =
            rc == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        if (rc != SQLITE_ROW)
            status = store_engine_fault(db, rc, fault);
        else if (found == NULL || !str_is(str_of(found), STR("ok")))
            status =
                fault_set(fault, ERR_CORRUPT, "table %s is damaged; restore a backup", tables[i]);
        sqlite3_finalize(statement);
    }
    return status;
}
