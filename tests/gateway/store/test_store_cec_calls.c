/* What an AICC tells of the calls that it carries. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "gateway/model/callback.h"
#include "tests/gateway/store/store_fixture.h"

enum { TENANT = 1, BOTH = CALLBACK_WANTS_CONNECTION | CALLBACK_WANTS_HANGUP };

static int64_t begin(struct fixture *f)
{
    int64_t serial = call_serial_at(NOON);
    struct call_record call = fixture_call(TENANT, serial);
    call.type = CALL_TYPE_CEC;
    call.is_x_claimed = false;
    call.tel_x = STR("057100000004");
    call.called_display = STR("057100000003");
    assert_int_equal(fixture_add(f, &call), OK);
    assert_int_equal(fixture_set_outcome(f, TENANT, serial, CALL_OUTCOME_ACCEPTED, STR("900001")),
                     OK);
    return serial;
}

static struct store_set_talking talk(struct fixture *f, int64_t serial)
{
    struct store_set_talking talking = {
        .tenant_id = TENANT, .serial = serial, .since_ms = NOON + 5000, .callbacks = BOTH};
    assert_int_equal(RUN(f, store_set_talking, &talking), OK);
    return talking;
}

static struct store_end_call end(struct fixture *f, int64_t serial)
{
    struct store_end_call ended = {.tenant_id = TENANT,
                                   .serial = serial,
                                   .start_ms = NOON + 1000,
                                   .caller_alerting_ms = NOON + 1500,
                                   .called_alerting_ms = NOON + 3500,
                                   .caller_answer_ms = NOON + 3000,
                                   .called_answer_ms = NOON + 4000,
                                   .finish_ms = NOON + 64000,
                                   .ended_ms = NOON + 65000,
                                   .duration_s = 60,
                                   .reason_code = 1,
                                   .callbacks = BOTH};
    assert_int_equal(RUN(f, store_end_call, &ended), OK);
    return ended;
}

static void the_connection_callback_is_owed_while_they_talk_and_once(void **state)
{
    struct fixture *f = *state;
    int64_t serial = begin(f);
    struct store_set_talking first = talk(f, serial), again = talk(f, serial);
    assert_true(first.is_moved && first.owed.count == 1);
    assert_true(!again.is_moved && again.owed.count == 0);
    struct store_end_call ended = end(f, serial);
    assert_true(ended.is_moved && ended.owed.count == 1);
    ended = end(f, serial);
    assert_true(!ended.is_moved && ended.owed.count == 0);
}

static void of_a_call_that_was_never_seen_talking_both_are_owed_at_its_end(void **state)
{
    struct fixture *f = *state;
    struct store_end_call ended = end(f, begin(f));
    assert_int_equal(ended.owed.count, 2);
}

static void a_record_tells_what_was_asked_and_what_was_told(void **state)
{
    struct fixture *f = *state;
    int64_t serial = begin(f);
    struct store_read_call read = {.tenant_id = TENANT, .serial = serial};
    talk(f, serial);
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.state, CALL_TALKING);
    assert_int_equal(read.call.called_answer_ms, NOON + 5000);
    assert_int_equal(read.call.reason_code, -1);
    end(f, serial);
    assert_int_equal(RUN(f, store_read_call, &read), OK);
    assert_int_equal(read.call.state, CALL_ENDED);
    assert_int_equal(read.call.start_ms, NOON + 1000);
    assert_int_equal(read.call.caller_alerting_ms, NOON + 1500);
    assert_int_equal(read.call.called_alerting_ms, NOON + 3500);
    assert_int_equal(read.call.caller_answer_ms, NOON + 3000);
    assert_int_equal(read.call.called_answer_ms, NOON + 4000);
    assert_int_equal(read.call.finish_ms, NOON + 64000);
    assert_int_equal(read.call.duration_s, 60);
    assert_int_equal(read.call.reason_code, 1);
}

static void no_cdr_matches_it(void **state)
{
    static const int64_t tenants[] = {TENANT};
    struct fixture *f = *state;
    int64_t serial = begin(f);
    const struct ita_cdr cdr = {.call_id = STR("900001"), .duration_s = 1, .release_cause = 16};
    struct store_add_cdr add = {.cdr = &cdr,
                                .body = STR("{}"),
                                .tenant_ids = tenants,
                                .tenant_count = 1,
                                .remark_tenant_id = TENANT,
                                .remark_serial = serial,
                                .access_key = STR("test-access-key"),
                                .received_ms = NOON + 60000,
                                .call_lifetime_ms = 3600000};
    assert_int_equal(RUN(f, store_add_cdr, &add), OK);
    assert_int_equal(add.match, CDR_UNMATCHED);
    struct store_end_call ended = end(f, serial);
    assert_true(ended.is_moved);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        ROW(the_connection_callback_is_owed_while_they_talk_and_once),
        ROW(of_a_call_that_was_never_seen_talking_both_are_owed_at_its_end),
        ROW(a_record_tells_what_was_asked_and_what_was_told),
        ROW(no_cdr_matches_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
