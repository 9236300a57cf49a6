#include "gateway/store/store_admin_check.h"

#include "base/mem.h"
#include "gateway/store/store_admin_change.h"
#include "gateway/store/store_schema.h"

enum {
    WORK_INSTRUCTIONS = 100000, /* of SQLite's machine: some milliseconds */
    DAMAGES_MAX = 20,           /* told; more of them say no more */
};

/* Each gives the number of rows that must not be. Each is one statement, and so one snapshot: no
 * call that begins or ends meanwhile stands half in it. Calls are looked up by way of their own
 * table, for serials alone are in no index of it. */
static const struct {
    const char *what, *sql;
} invariants[] = {
    {"references to tenants, users and callbacks", "SELECT count(*) FROM pragma_foreign_key_check"},
    {"live calls that are not stored",
     "SELECT count(*) FROM live_call WHERE NOT EXISTS (SELECT 1 FROM call "
     "WHERE call.tenant_id = live_call.tenant_id AND call.serial = live_call.serial)"},
    {"ends of calls that are not stored",
     "SELECT (SELECT count(*) FROM call_end) - (SELECT count(*) FROM call CROSS JOIN call_end "
     "WHERE call_end.serial = call.serial)"},
    {"calls that are live and have ended",
     "SELECT count(*) FROM live_call CROSS JOIN call_end WHERE call_end.serial = live_call.serial"},
    {"calls that are neither live nor ended",
     "SELECT count(*) FROM call WHERE NOT EXISTS (SELECT 1 FROM call_end "
     "WHERE call_end.serial = call.serial) AND NOT EXISTS (SELECT 1 FROM live_call "
     "WHERE live_call.serial = call.serial)"},
    {"CDRs that an end names and that are not stored",
     "SELECT count(*) FROM call_end WHERE last_cdr_id IS NOT NULL AND NOT EXISTS "
     "(SELECT 1 FROM cdr WHERE cdr.id = call_end.last_cdr_id)"},
    {"marks that count other calls than are stored",
     "SELECT count(*) FROM (SELECT tenant_id, serial, cec, ita, lag(serial) OVER marks AS before, "
     "lag(cec) OVER marks AS cec_before, lag(ita) OVER marks AS ita_before FROM call_mark "
     "WINDOW marks AS (PARTITION BY tenant_id ORDER BY serial)) AS mark WHERE before IS NOT NULL "
     "AND (cec - cec_before, ita - ita_before) IS NOT (SELECT sum(type <> 4), sum(type = 4) "
     "FROM call WHERE call.tenant_id = mark.tenant_id AND call.serial > before "
     "AND call.serial <= mark.serial)"},
    {"X numbers that stand twice, written differently",
     "SELECT count(*) - count(DISTINCT key) FROM x_number"},
    {"callbacks of calls that are not stored",
     "SELECT count(*) FROM callback WHERE NOT EXISTS (SELECT 1 FROM call "
     "WHERE call.tenant_id = callback.tenant_id AND call.serial = callback.serial)"},
};

static int on_work(void *data)
{
    const struct store_checks *checks = data;
    checks->on_work(checks->data);
    return 0;
}

static enum status check_integrity(sqlite3 *db, struct store_checks *checks, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    checks->on_step(checks->data, "pages and indexes");
    int rc = sqlite3_prepare_v2(db, "PRAGMA integrity_check(20)", -1, &statement, NULL);
    _Static_assert(DAMAGES_MAX == 20, "the statement names it");
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(statement);
        const char *words =
            rc == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        if (words != NULL && !str_is(str_of(words), STR("ok")))
            checks->on_found(checks->data, "damage", 1, words);
    }
    sqlite3_finalize(statement);
    return rc == SQLITE_DONE ? OK : store_engine_fault(db, rc, fault);
}

static enum status measure(sqlite3 *db, struct store_checks *checks, struct fault *fault)
{
    enum status status;
    int64_t page_size = 0, pages = 0, free_pages = 0;
    checks->on_step(checks->data, "growth");
    TRY(store_schema_number(db, "SELECT count(*) FROM call", &checks->calls, fault));
    TRY(store_schema_number(db, "PRAGMA page_size", &page_size, fault));
    TRY(store_schema_number(db, "PRAGMA page_count", &pages, fault));
    TRY(store_schema_number(db, "PRAGMA freelist_count", &free_pages, fault));
    checks->bytes = pages * page_size;
    checks->free_bytes = free_pages * page_size;
out:
    return status;
}

enum status store_admin_check(struct store_admin *admin, struct store_checks *checks,
                              struct fault *fault)
{
    sqlite3 *db = admin->connection->db;
    enum status status;
    sqlite3_progress_handler(db, WORK_INSTRUCTIONS, on_work, checks);
    TRY(check_integrity(db, checks, fault));
    for (size_t i = 0; i < COUNT_OF(invariants); i++) {
        int64_t count = 0;
        checks->on_step(checks->data, invariants[i].what);
        TRY(store_schema_number(db, invariants[i].sql, &count, fault));
        if (count != 0)
            checks->on_found(checks->data, invariants[i].what, count, NULL);
    }
    status = measure(db, checks, fault);
out:
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return status;
}
