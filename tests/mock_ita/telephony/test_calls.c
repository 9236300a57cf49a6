#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "mock_ita/scenario/magic.h"
#include "mock_ita/telephony/calls.h"
#include "mock_ita/telephony/cdr.h"

#define NOW_MS INT64_C(1893553445000) /* 2030-01-02T03:04:05Z, 11:04:05 in Shanghai */

static char X1[] = "700000000000001", X2[] = "700000000000002";
static char *const X_NUMBERS[] = {X1, X2};

/* Two X numbers, no rules. */
static struct world {
    struct mock_xpool *pool;
    struct mock_policy *policy;
} world;

static int set_up(void **state)
{
    (void)state;
    world.pool = mock_xpool_create(X_NUMBERS, COUNT_OF(X_NUMBERS));
    world.policy = mock_policy_create();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_xpool_destroy(world.pool); /* which finds out whether every claim was released */
    mock_policy_destroy(world.policy);
    return 0;
}

static struct mock_calls *calls_new(int64_t speed, size_t kept_max)
{
    struct mock_calls_options options = {
        .pool = world.pool,
        .policy = world.policy,
        .speed = speed,
        .kept_max = kept_max,
        .run = 0xfa4e0001,
    };
    return mock_calls_create(&options);
}

/* A call from 1380000<n> to tel_b, requestId r-<n>. */
static enum mock_code try_place(struct mock_calls *calls, int n, const char *tel_b,
                                struct mock_call **out)
{
    char request_id[16], tel_a[16];
    snprintf(request_id, sizeof(request_id), "r-%d", n);
    snprintf(tel_a, sizeof(tel_a), "1380000%04d", n);
    struct mock_order order = {
        .request_id = str_of(request_id),
        .tel_a = str_of(tel_a),
        .tel_b = str_of(tel_b),
        .remark = STR("demo:\"7\""),
        .is_recorded = true,
    };
    struct mock_script script = mock_magic_script(order.tel_b);
    return mock_calls_place(calls, &order, &script.call, NOW_MS, out);
}

static struct mock_call *place(struct mock_calls *calls, int n, const char *tel_b)
{
    struct mock_call *call;
    assert_int_equal(try_place(calls, n, tel_b, &call), MOCK_OK);
    return call;
}

static void assert_json(struct buf *out, const char *name, const char *value)
{
    struct json *json;
    struct fault fault;
    assert_int_equal(json_parse(buf_str(out), &json, &fault), OK);
    assert_true(json_is_string(json_get(json, name)));
    assert_true(str_is(json_string(json_get(json, name)), str_of(value)));
    json_destroy(json);
}

static void plays_a_call_that_goes_well(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_call *call = place(calls, 1, "13900000001");
    assert_int_equal(call->state, MOCK_CALL_RINGING_A);
    assert_int_equal(mock_calls_due_ms(calls), NOW_MS + 2000);
    assert_null(mock_calls_advance(calls, NOW_MS + 1999));
    assert_int_equal(call->state, MOCK_CALL_RINGING_A);
    assert_null(mock_calls_advance(calls, NOW_MS + 2000));
    assert_int_equal(call->state, MOCK_CALL_RINGING_B);
    assert_int_equal(call->legs[MOCK_SIDE_A].answered_ms, NOW_MS + 2000);
    assert_null(mock_calls_advance(calls, NOW_MS + 7000));
    assert_int_equal(call->state, MOCK_CALL_TALKING);
    assert_int_equal(mock_calls_running(calls), 1);
    assert_ptr_equal(mock_calls_advance(calls, NOW_MS + 37000), call);
    assert_int_equal(call->state, MOCK_CALL_ENDED);
    assert_int_equal(call->release_cause, 16);
    assert_int_equal(call->ended_ms, NOW_MS + 37000);
    assert_null(mock_calls_advance(calls, NOW_MS + 37000));
    assert_int_equal(mock_calls_due_ms(calls), INT64_MAX);
    assert_int_equal(mock_calls_running(calls), 0);
    mock_calls_destroy(calls);
}

static void tells_the_same_durations_at_any_speed(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1000, 10);
    struct mock_call *call = place(calls, 1, "13900000001");
    assert_int_equal(mock_calls_due_ms(calls), NOW_MS + 2);
    assert_null(mock_calls_advance(calls, NOW_MS + 36));
    assert_ptr_equal(mock_calls_advance(calls, NOW_MS + 37), call);
    assert_int_equal(call->legs[MOCK_SIDE_B].answered_ms, NOW_MS + 7000);
    assert_int_equal(call->ended_ms, NOW_MS + 37000);
    mock_calls_destroy(calls);
}

static void ends_calls_in_the_order_in_which_they_are_due(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_call *normal = place(calls, 1, "13900000001");
    struct mock_call *busy = place(calls, 2, "13900000017");
    struct mock_call *rejected = place(calls, 3, "13900000021");
    struct mock_call *absent = place(calls, 4, "13900000018");
    int64_t end_ms = NOW_MS + 100000;
    assert_ptr_equal(mock_calls_advance(calls, end_ms), busy);
    assert_ptr_equal(mock_calls_advance(calls, end_ms), rejected);
    assert_ptr_equal(mock_calls_advance(calls, end_ms), absent);
    assert_ptr_equal(mock_calls_advance(calls, end_ms), normal);
    assert_int_equal(absent->legs[MOCK_SIDE_A].answered_ms, 0);
    assert_int_equal(absent->release_cause, 18);
    assert_int_equal(busy->legs[MOCK_SIDE_A].answered_ms, NOW_MS + 2000);
    assert_int_equal(busy->legs[MOCK_SIDE_B].answered_ms, 0);
    mock_calls_destroy(calls);
}

static void releases_a_call_in_each_state(void **state)
{
    (void)state;
    static const struct {
        int64_t after_ms;
        int cause;
    } cases[] = {{0, 31}, {1000, 31}, {3000, 31}, {7000, 16}, {20000, 16}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mock_calls *calls = calls_new(1, 10);
        struct mock_call *call = place(calls, 1, "13900000001");
        assert_null(mock_calls_advance(calls, NOW_MS + cases[i].after_ms));
        assert_true(mock_calls_release(calls, call, NOW_MS + cases[i].after_ms));
        assert_int_equal(call->release_cause, cases[i].cause);
        assert_int_equal(call->ended_ms, NOW_MS + cases[i].after_ms);
        assert_int_equal(mock_calls_due_ms(calls), INT64_MAX);
        assert_false(mock_calls_release(calls, call, NOW_MS + 90000));
        assert_int_equal(call->ended_ms, NOW_MS + cases[i].after_ms);
        mock_calls_destroy(calls);
    }
}

static void never_ends_before_it_began_when_the_clock_steps_back(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_call *call = place(calls, 1, "13900000001");
    assert_null(mock_calls_advance(calls, NOW_MS + 7000));
    assert_true(mock_calls_release(calls, call, NOW_MS - 60000));
    assert_int_equal(call->ended_ms, NOW_MS + 7000);
    mock_calls_destroy(calls);
}

static void frees_the_numbers_when_a_call_ends(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_call *first = place(calls, 1, "13900000001"), *second;
    place(calls, 2, "13900000001");
    assert_int_equal(try_place(calls, 3, "13900000001", &second), MOCK_NUMBERS_EXHAUSTED);
    mock_calls_finish(calls, first);
    assert_int_equal(first->state, MOCK_CALL_ENDED);
    assert_int_equal(first->ended_ms, NOW_MS + 37000);
    assert_int_equal(try_place(calls, 4, "13900000001", &second), MOCK_OK);
    mock_calls_destroy(calls);
}

static void finds_a_call_by_its_ids(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_call *first = place(calls, 1, "13900000001");
    struct mock_call *second = place(calls, 2, "13900000002");
    assert_true(str_is(second->call_id, STR("mock-fa4e0001-0000000002")));
    assert_ptr_equal(mock_calls_find(calls, first->call_id), first);
    assert_ptr_equal(mock_calls_find(calls, second->call_id), second);
    assert_ptr_equal(mock_calls_of_request(calls, STR("r-2")), second);
    assert_null(mock_calls_of_request(calls, STR("r-3")));
    assert_null(mock_calls_find(calls, STR("mock-fa4e0001-0000000003")));
    assert_null(mock_calls_find(calls, STR("mock-fa4e0001-0000000000")));
    assert_null(mock_calls_find(calls, STR("mock-fa4e0002-0000000001")));
    assert_null(mock_calls_find(calls, STR("mock-fa4e0001-00000000+1")));
    assert_null(mock_calls_find(calls, STR("")));
    mock_calls_destroy(calls);
}

static void forgets_the_oldest_ended_call_only(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 2);
    struct mock_call *first = place(calls, 1, "13900000001"), *third;
    struct mock_call *second = place(calls, 2, "13900000002");
    mock_calls_finish(calls, second);
    assert_int_equal(try_place(calls, 3, "13900000003", &third), MOCK_TOO_MANY_REQUESTS);
    mock_calls_finish(calls, first);
    assert_int_equal(try_place(calls, 3, "13900000003", &third), MOCK_OK);
    assert_null(mock_calls_of_request(calls, STR("r-1")));
    assert_null(mock_calls_of_number(calls, 1));
    assert_int_equal(mock_calls_first(calls), 2);
    assert_int_equal(mock_calls_last(calls), 3);
    mock_calls_destroy(calls);
}

static void forgets_everything_on_reset_but_gives_no_number_twice(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    place(calls, 1, "13900000001");
    place(calls, 2, "13900000001");
    mock_calls_reset(calls);
    assert_true(mock_calls_last(calls) < mock_calls_first(calls));
    assert_int_equal(mock_calls_due_ms(calls), INT64_MAX);
    assert_int_equal(place(calls, 1, "13900000001")->number, 3);
    mock_calls_destroy(calls);
    mock_calls_destroy(NULL);
}

static void notes_pushes_up_to_a_limit(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_call *call = place(calls, 1, "13900000001");
    for (int i = 0; i < MOCK_CALL_PUSHES_MAX + 5; i++)
        mock_calls_note_push(call, 500 + i);
    assert_int_equal(call->push_count, MOCK_CALL_PUSHES_MAX);
    for (int i = 0; i < MOCK_CALL_PUSHES_MAX; i++)
        assert_int_equal(call->push_statuses[i], 500 + i);
    mock_calls_destroy(calls);
}

static void writes_the_cdr_of_a_call_that_went_well(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(100, 10);
    struct mock_call *call = place(calls, 1, "13900000001");
    mock_calls_finish(calls, call);
    struct buf cdr;
    buf_init(&cdr, MOCK_CDR_MAX);
    mock_cdr_write(call, STR("fake-app"), &(struct mock_push_script){0}, &cdr);
    assert_json(&cdr, "callID", "mock-fa4e0001-0000000001");
    assert_json(&cdr, "remark", "demo:\"7\"");
    assert_json(&cdr, "startTime", "20300102110405");
    assert_json(&cdr, "callerAnswerTime", "20300102110407");
    assert_json(&cdr, "calledAnswerTime", "20300102110412");
    assert_json(&cdr, "finishTime", "20300102110442");
    assert_json(&cdr, "callDuration", "30");
    assert_json(&cdr, "releaseCause", "16");
    assert_json(&cdr, "appKey", "fake-app");
    assert_json(&cdr, "telA", "13800000001");
    assert_json(&cdr, "telB", "13900000001");
    assert_json(&cdr, "telX", X1);
    assert_json(&cdr, "calledDisplay", X1);
    buf_finish(&cdr);
    mock_calls_destroy(calls);
}

static void writes_empty_times_into_the_cdr_of_a_failed_call(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_call *call = place(calls, 1, "13900000018");
    mock_calls_finish(calls, call);
    struct buf cdr;
    buf_init(&cdr, MOCK_CDR_MAX);
    mock_cdr_write(call, STR("fake-app"), &(struct mock_push_script){0}, &cdr);
    assert_json(&cdr, "callerAnswerTime", "");
    assert_json(&cdr, "calledAnswerTime", "");
    assert_json(&cdr, "callDuration", "0");
    assert_json(&cdr, "releaseCause", "18");
    buf_finish(&cdr);
    mock_calls_destroy(calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plays_a_call_that_goes_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_the_same_durations_at_any_speed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ends_calls_in_the_order_in_which_they_are_due, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(releases_a_call_in_each_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(never_ends_before_it_began_when_the_clock_steps_back,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(frees_the_numbers_when_a_call_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_a_call_by_its_ids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgets_the_oldest_ended_call_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgets_everything_on_reset_but_gives_no_number_twice,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(notes_pushes_up_to_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_the_cdr_of_a_call_that_went_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_empty_times_into_the_cdr_of_a_failed_call, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
