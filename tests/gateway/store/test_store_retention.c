/* What is old is deleted or anonymised, and nothing else. */

#include "tests/test.h"

#include <sqlite3.h>

#include "gateway/store/store_retention.h"
#include "tests/gateway/store/store_fixture.h"

enum { TENANT_ID = 1, ROWS = 2 };

static int64_t serial_of(int days_ago, int number)
{
    return call_serial_at(NOON - days_ago * INT64_C(86400000)) + number;
}

static void execute(struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static int64_t number_of(struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    int64_t number = -1;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

/* Three ended calls, 10 days old, one live between them and the young one. */
static void add_calls(struct fixture *f)
{
    execute(f, "INSERT INTO tenant (name, is_enabled, is_bidirectional_enabled, created_ms) "
               "VALUES ('t', 1, 1, 1)");
    for (int i = 0; i < 3; i++) {
        struct call_record call = fixture_call(TENANT_ID, serial_of(10, i));
        assert_status(fixture_add(f, &call), OK);
        assert_status(fixture_set_outcome(f, TENANT_ID, call.serial, CALL_OUTCOME_REFUSED, STR("")),
                      OK);
    }
    struct call_record live = fixture_call(TENANT_ID, serial_of(9, 0));
    struct call_record young = fixture_call(TENANT_ID, serial_of(1, 0));
    assert_status(fixture_add(f, &live), OK);
    assert_status(fixture_add(f, &young), OK);
    assert_status(fixture_set_outcome(f, TENANT_ID, young.serial, CALL_OUTCOME_REFUSED, STR("")),
                  OK);
}

/* All steps; returns what changed. */
static int64_t retain(struct fixture *f, enum store_retention what, int days)
{
    struct store_retain op = {
        .what = what, .before_ms = NOON - days * INT64_C(86400000), .max = ROWS};
    int64_t changed = 0;
    for (int steps = 0; !op.is_over; steps++) {
        assert_in_range(steps, 0, 20);
        assert_status(RUN(f, store_retain, &op), OK);
        changed += op.changed;
    }
    return changed;
}

TEST(deletes_what_is_older_up_to_a_live_call)
{
    struct fixture *f = *state;
    add_calls(f);
    assert_int_equal(retain(f, STORE_DELETE_CALLS, 11), 0);
    assert_int_equal(retain(f, STORE_DELETE_CALLS, 0), 3);
    assert_int_equal(retain(f, STORE_DELETE_CALLS, 0), 0);
    assert_int_equal(number_of(f, "SELECT count(*) FROM call"), 2);
    assert_int_equal(number_of(f, "SELECT count(*) FROM call_end"), 1);
    assert_int_equal(number_of(f, "SELECT count(*) FROM live_call"), 1);
}

TEST(anonymises_each_call_once)
{
    struct fixture *f = *state;
    add_calls(f);
    assert_int_equal(retain(f, STORE_ANONYMISE_CALLS, 5), 3);
    assert_int_equal(retain(f, STORE_ANONYMISE_CALLS, 5), 0);
    assert_int_equal(number_of(f, "SELECT count(*) FROM call WHERE caller = '138********' "
                                  "AND called = '139********'"),
                     3);
    assert_int_equal(number_of(f, "SELECT count(*) FROM call WHERE caller = '13800000001'"), 2);
}

TEST(why_a_call_was_not_accepted_goes_with_it_and_with_its_numbers)
{
    struct fixture *f = *state;
    char sql[256];
    add_calls(f);
    snprintf(sql, sizeof(sql),
             "INSERT OR REPLACE INTO call_why (tenant_id, serial, native_code, why) "
             "VALUES (1, %lld, '1', 'a'), (1, %lld, NULL, 'b')",
             (long long)serial_of(10, 0), (long long)serial_of(1, 0));
    execute(f, sql);
    assert_int_equal(retain(f, STORE_ANONYMISE_CALLS, 5), 3);
    assert_int_equal(number_of(f, "SELECT count(*) FROM call_why WHERE why = 'b'"), 1);
    assert_int_equal(number_of(f, "SELECT count(*) FROM call_why"), 1);
    execute(f, sql);
    assert_int_equal(retain(f, STORE_DELETE_CALLS, 5), 3);
    assert_int_equal(number_of(f, "SELECT count(*) FROM call_why"), 1);
}

TEST(a_callback_that_waits_keeps_its_call)
{
    struct fixture *f = *state;
    char sql[256];
    add_calls(f);
    snprintf(sql, sizeof(sql),
             "INSERT INTO callback (tenant_id, serial, number, kind, state, queue, tries, "
             "tries_before, created_ms) VALUES (1, %lld, 1, 1, 0, 1, 0, 0, 1), "
             "(1, %lld, 1, 1, 2, 1, 0, 0, 1)",
             (long long)serial_of(10, 1), (long long)serial_of(10, 0));
    execute(f, sql);
    assert_int_equal(retain(f, STORE_ANONYMISE_CALLS, 0), 1);
    assert_int_equal(number_of(f, "SELECT count(*) FROM callback"), 1);
    execute(f, "UPDATE callback SET state = 1");
    assert_int_equal(retain(f, STORE_ANONYMISE_CALLS, 0), 2);
    assert_int_equal(number_of(f, "SELECT count(*) FROM callback"), 0);
}

static void add_cdrs(struct fixture *f)
{
    char sql[512];
    snprintf(
        sql, sizeof(sql),
        "INSERT INTO cdr (id, received_ms, tenant_id, serial, digest, date_ms, access_key, mac, "
        "body) VALUES (1, 5, 1, %lld, NULL, 1, 'k', x'00', x'01'), "
        "(2, 6, NULL, NULL, 7, 1, 'k', x'00', x'01'), (3, 7, 1, 4711, NULL, 1, 'k', x'00', "
        "x'01'), (4, %lld, NULL, NULL, 8, 1, 'k', x'00', x'01')",
        (long long)serial_of(1, 0), (long long)NOON);
    execute(f, sql);
}

TEST(cdrs_of_calls_that_stay_are_not_deleted)
{
    struct fixture *f = *state;
    add_calls(f);
    add_cdrs(f);
    assert_int_equal(retain(f, STORE_DELETE_CDRS, 1), 2);
    assert_int_equal(number_of(f, "SELECT sum(id) FROM cdr"), 1 + 4);
}

TEST(bodies_of_old_cdrs_are_emptied_once)
{
    struct fixture *f = *state;
    add_calls(f);
    add_cdrs(f);
    assert_int_equal(retain(f, STORE_ANONYMISE_CDRS, 1), 3);
    assert_int_equal(retain(f, STORE_ANONYMISE_CDRS, 1), 0);
    assert_int_equal(number_of(f, "SELECT id FROM cdr WHERE length(body) > 0"), 4);
    assert_int_equal(number_of(f, "SELECT count(*) FROM cdr WHERE digest IS NOT NULL"), 1);
}

TEST(cdrs_whose_ids_were_used_before_are_anonymised_as_well)
{
    struct fixture *f = *state;
    add_calls(f);
    execute(f, "INSERT INTO cdr (id, received_ms, date_ms, access_key, mac, body) "
               "VALUES (900, 5, 1, 'k', x'00', x'01')");
    assert_int_equal(retain(f, STORE_ANONYMISE_CDRS, 1), 1);
    assert_int_equal(retain(f, STORE_DELETE_CDRS, 1), 1);
    execute(f, "INSERT INTO cdr (received_ms, date_ms, access_key, mac, body) "
               "VALUES (6, 1, 'k', x'00', x'01')");
    assert_int_equal(number_of(f, "SELECT max(id) FROM cdr"), 1);
    assert_int_equal(retain(f, STORE_ANONYMISE_CDRS, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(deletes_what_is_older_up_to_a_live_call),
        STORE_TEST(anonymises_each_call_once),
        STORE_TEST(why_a_call_was_not_accepted_goes_with_it_and_with_its_numbers),
        STORE_TEST(a_callback_that_waits_keeps_its_call),
        STORE_TEST(cdrs_of_calls_that_stay_are_not_deleted),
        STORE_TEST(bodies_of_old_cdrs_are_emptied_once),
        STORE_TEST(cdrs_whose_ids_were_used_before_are_anonymised_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
