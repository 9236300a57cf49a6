/* A database of an earlier version is read as it was written. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "base/mem.h"
#include "gateway/store/store_schema.h"
#include "ita/cdr.h"
#include "tests/gateway/store/store_fixture.h"

static const char VERSION_3[] = "tests/gateway/store/version_3.sql";

enum { SALES = 1, SUPPORT = 2 };

static int64_t serial_at(int64_t ms_after_noon)
{
    return call_serial_at(NOON + ms_after_noon);
}

/* Lays down the file before the store is opened. */
static void make_database(const struct fixture *f, const char *script)
{
    char sql[16384], *reason = NULL;
    sqlite3 *db;
    FILE *file = fopen(script, "r");
    assert_non_null(file);
    size_t len = fread(sql, 1, sizeof(sql) - 1, file);
    assert_true(len < sizeof(sql) - 1);
    sql[len] = '\0';
    fclose(file);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &reason) != SQLITE_OK)
        fail_msg("%s: %s", script, reason);
    sqlite3_close(db);
}

static int setup_version_3(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_int_equal(uv_loop_init(&f->loop), 0);
    fixture_make_folder(f);
    make_database(f, VERSION_3);
    fixture_open(f);
    *state = f;
    return 0;
}

#define VERSION_3_TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, setup_version_3, fixture_teardown)

static struct store_read_call read_call(struct fixture *f, int64_t tenant_id, int64_t ms,
                                        void (*on_done)(struct store_op *op))
{
    struct store_read_call read = {
        .op.on_done = on_done, .tenant_id = tenant_id, .serial = serial_at(ms)};
    ops_done = 0;
    store_read_call(f->store, &read);
    fixture_wait(f, 1);
    assert_int_equal(read.op.status, OK);
    return read;
}

static void on_ended_call(struct store_op *op)
{
    const struct call_record *call = &CONTAINER_OF(op, struct store_read_call, op)->call;
    assert_true(str_is(call->caller, STR("13800000001")));
    assert_true(str_is(call->called, STR("13900000002")));
    assert_true(str_is(call->tel_x, STR("057100000003")));
    assert_true(str_is(call->call_id, STR("id-2")));
    assert_true(str_is(call->code, STR("0")));
    assert_true(str_is(call->called_display, STR("057100000009")));
    assert_true(str_is(call->call_data, STR("order 7")));
    ops_done++;
}

static void a_call_of_version_3_keeps_every_field(void **state)
{
    struct call_record call = read_call(*state, SALES, 2, on_ended_call).call;
    assert_int_equal(call.type, CALL_TYPE_ITA);
    assert_int_equal(call.state, CALL_ENDED);
    assert_int_equal(call.outcome, CALL_OUTCOME_ACCEPTED);
    assert_int_equal(call.agent_work_no, 1001);
    assert_true(call.is_x_claimed);
    assert_int_equal(call.created_ms, NOON + 2);
    assert_int_equal(call.outcome_ms, NOON + 102);
    assert_int_equal(call.start_ms, NOON + 1000);
    assert_int_equal(call.caller_answer_ms, NOON + 2000);
    assert_int_equal(call.called_answer_ms, NOON + 5000);
    assert_int_equal(call.finish_ms, NOON + 35000);
    assert_int_equal(call.ended_ms, NOON + 36500);
    assert_int_equal(call.duration_s, 30);
    assert_int_equal(call.reason_code, 16);
}

static void calls_of_version_3_keep_their_states(void **state)
{
    static const struct {
        int64_t tenant_id, ended_ms;
        enum call_state state;
        enum call_outcome outcome;
        int64_t reason_code;
    } calls[] = {
        /* The intent without outcome was settled when the store opened. */
        {SALES, 0, CALL_CALLING, CALL_OUTCOME_UNKNOWN, -1},
        {SALES, 0, CALL_CALLING, CALL_OUTCOME_ACCEPTED, -1},
        {SALES, NOON + 36500, CALL_ENDED, CALL_OUTCOME_ACCEPTED, 16},
        {SUPPORT, NOON + 103, CALL_ENDED, CALL_OUTCOME_REFUSED, -1},
        {SALES, NOON + 7200000, CALL_ENDED, CALL_OUTCOME_UNKNOWN, CALL_CAUSE_TIMER_EXPIRED},
        {SUPPORT, NOON + 36500, CALL_ENDED, CALL_OUTCOME_NONE, 17},
    };
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct call_record call =
            read_call(*state, calls[i].tenant_id, (int64_t)i, on_op_done).call;
        assert_int_equal(call.state, calls[i].state);
        assert_int_equal(call.outcome, calls[i].outcome);
        assert_int_equal(call.ended_ms, calls[i].ended_ms);
        assert_int_equal(call.reason_code, calls[i].reason_code);
    }
}

static int64_t live[8];
static size_t live_count;

static void on_live_call(void *data, const struct call_record *call)
{
    (void)data;
    live[live_count++] = call->serial;
}

static void live_calls_of_version_3_are_live(void **state)
{
    struct fixture *f = *state;
    live_count = 0;
    assert_int_equal(store_load_live_calls(f->store, on_live_call, NULL, NULL), OK);
    assert_int_equal(live_count, 2);
    assert_int_equal(live[0], serial_at(0));
    assert_int_equal(live[1], serial_at(1));
}

static enum cdr_match push(struct fixture *f, int64_t tenant_id, int64_t ms, struct str body)
{
    struct ita_cdr cdr = {.duration_s = -1, .release_cause = -1};
    struct store_add_cdr add = {
        .cdr = &cdr,
        .body = body,
        .tenant_ids = &tenant_id,
        .tenant_count = 1,
        .remark_tenant_id = tenant_id,
        .remark_serial = serial_at(ms),
        .received_ms = NOON + 50000,
        .call_lifetime_ms = 3600000,
    };
    assert_int_equal(RUN(f, store_add_cdr, &add), OK);
    return add.match;
}

static void cdrs_of_version_3_are_known(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(push(f, SALES, 2, STR("{1}")), CDR_REPEATED);
    assert_int_equal(push(f, SALES, 2, STR("{2}")), CDR_REPEATED);
    assert_int_equal(push(f, SALES, 2, STR("{5}")), CDR_LATER);
    assert_int_equal(push(f, SUPPORT, 5, STR("{3}")), CDR_REPEATED);
    assert_int_equal(push(f, SALES, 4, STR("{6}")), CDR_MATCHED); /* after its lease */
    assert_int_equal(push(f, SALES, 1, STR("{7}")), CDR_MATCHED);
    assert_int_equal(push(f, SALES, 1, STR("{7}")), CDR_REPEATED);
}

static void x_numbers_of_version_3_have_keys(void **state)
{
    const struct fixture *f = *state;
    sqlite3 *db;
    sqlite3_stmt *keys;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT group_concat(key) FROM x_number", -1, &keys, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(keys), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(keys, 0), "+8657100000003,+8657100000004");
    sqlite3_finalize(keys);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VERSION_3_TEST(a_call_of_version_3_keeps_every_field),
        VERSION_3_TEST(calls_of_version_3_keep_their_states),
        VERSION_3_TEST(live_calls_of_version_3_are_live),
        VERSION_3_TEST(cdrs_of_version_3_are_known),
        VERSION_3_TEST(x_numbers_of_version_3_have_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
