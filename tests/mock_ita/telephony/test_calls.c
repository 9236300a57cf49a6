#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>

#include "base/mem.h"
#include "mock_ita/scenario/magic.h"
#include "mock_ita/telephony/calls.h"

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
        mock_calls_note_push(calls, call, MOCK_PUSH_CDR, 500 + i);
    assert_int_equal(call->push_count, MOCK_CALL_PUSHES_MAX);
    for (int i = 0; i < MOCK_CALL_PUSHES_MAX; i++)
        assert_int_equal(call->pushes[i].status, 500 + i);
    mock_calls_destroy(calls);
}

static void hangs_up_and_answers_by_hand(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_call *call = place(calls, 1, "13900000018"); /* A will not answer */
    assert_false(mock_calls_answer_leg(calls, call, MOCK_SIDE_B, NOW_MS));
    assert_false(mock_calls_hang_up_leg(calls, call, MOCK_SIDE_B, 0, NOW_MS));
    call->script.b_rings_ms = 60000;
    assert_true(mock_calls_answer_leg(calls, call, MOCK_SIDE_A, NOW_MS + 100));
    assert_int_equal(call->state, MOCK_CALL_RINGING_B);
    assert_true(mock_calls_due_ms(calls) == NOW_MS + 60100);
    call->script.talk_ms = 500;
    assert_true(mock_calls_answer_leg(calls, call, MOCK_SIDE_B, NOW_MS + 200));
    assert_true(mock_calls_due_ms(calls) == NOW_MS + 700);
    assert_true(mock_calls_hang_up_leg(calls, call, MOCK_SIDE_A, 0, NOW_MS + 300));
    assert_int_equal(call->release_cause, 16);
    assert_int_equal(call->ended_by, MOCK_END_A);
    assert_int_equal(mock_calls_running(calls), 0);
    assert_true(mock_calls_due_ms(calls) == INT64_MAX);
    assert_false(mock_calls_hang_up_leg(calls, call, MOCK_SIDE_B, 0, NOW_MS + 300));
    assert_null(mock_calls_advance(calls, NOW_MS + 100000));
    mock_calls_destroy(calls);
}

static void counts_the_time_by_hand_at_any_speed(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(100, 10);
    struct mock_call *call = place(calls, 1, "13900000001");
    assert_true(mock_calls_answer_leg(calls, call, MOCK_SIDE_A, NOW_MS + 5));
    assert_true(call->legs[MOCK_SIDE_A].answered_ms == NOW_MS + 500);
    assert_true(mock_calls_due_ms(calls) == NOW_MS + 55);
    assert_true(mock_calls_hang_up_leg(calls, call, MOCK_SIDE_B, 20, NOW_MS + 7));
    assert_true(call->ended_ms == NOW_MS + 700);
    assert_int_equal(call->release_cause, 20);
    mock_calls_destroy(calls);
}

static void refuses_what_its_policy_forbids(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_call *call;
    struct fault fault;
    mock_policy_set_limits(
        world.policy,
        &(struct mock_limits){.per_second = MOCK_UNLIMITED, .balance = 2, .running_max = 1});
    assert_int_equal(mock_policy_forbid(world.policy, MOCK_FORBIDDEN_CALLEE, STR("137*"), &fault),
                     OK);
    assert_int_equal(try_place(calls, 1, "13700000001", &call), MOCK_CALLEE_FORBID);
    place(calls, 1, "13900000001");
    assert_int_equal(try_place(calls, 2, "13900000002", &call), MOCK_REQUEST_RESTRICTION);
    mock_calls_finish(calls, mock_calls_of_number(calls, 1));
    mock_calls_finish(calls, place(calls, 2, "13900000002"));
    assert_int_equal(try_place(calls, 3, "13900000003", &call), MOCK_INSUFFICIENT_BALANCE);
    assert_int_equal(mock_calls_last(calls), 2);
    mock_calls_destroy(calls);
}

static void knows_the_calls_that_run(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    assert_null(mock_calls_first_running(calls));
    struct mock_call *first = place(calls, 1, "13900000001");
    struct mock_call *second = place(calls, 2, "13900000002");
    struct mock_call *third = place(calls, 3, "13900000003");
    mock_calls_finish(calls, second);
    assert_ptr_equal(mock_calls_first_running(calls), first);
    assert_ptr_equal(mock_calls_next_running(calls, first), third);
    assert_null(mock_calls_next_running(calls, third));
    mock_calls_finish(calls, second);
    assert_int_equal(mock_calls_running(calls), 2);
    mock_calls_destroy(calls);
}

static struct mock_bindings *bindings_new(void)
{
    return mock_bindings_create(&(struct mock_bindings_options){
        .pool = world.pool, .policy = world.policy, .kept_max = 10, .run = 0xfa4e0001});
}

static const struct mock_binding *bind(struct mock_bindings *bindings)
{
    const struct mock_binding *binding;
    struct mock_binding_order order = {.access_key = STR("FAKEAK0001"),
                                       .tel_a = STR("13800000001"),
                                       .tel_b = STR("13900000001"),
                                       .remark = STR("demo:8"),
                                       .is_recorded = true};
    assert_int_equal(mock_bindings_bind(bindings, &order, NOW_MS, &binding), MOCK_OK);
    return binding;
}

static void dials_through_a_binding(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_bindings *bindings = bindings_new();
    const struct mock_binding *binding = bind(bindings);
    struct mock_call_script script = mock_magic_script(STR("13900000001")).call;
    struct mock_call *call;
    assert_int_equal(mock_calls_dial(calls, binding, MOCK_SIDE_B, &script, NOW_MS, &call), MOCK_OK);
    assert_true(str_is(call->tel_a, STR("13900000001")));
    assert_true(str_is(call->tel_b, STR("13800000001")));
    assert_true(str_is(call->tel_x, str_of(X1)));
    assert_true(str_is(call->sub_id, binding->sub_id));
    assert_true(str_is(call->remark, STR("demo:8")));
    assert_true(str_is(call->access_key, STR("FAKEAK0001")));
    assert_true(call->is_recorded);
    assert_int_equal(call->state, MOCK_CALL_RINGING_B);
    assert_true(call->legs[MOCK_SIDE_A].answered_ms == NOW_MS);
    assert_ptr_equal(mock_calls_advance(calls, NOW_MS + 35000), call);
    assert_int_equal(call->release_cause, 16);
    assert_null(mock_calls_of_request(calls, STR("")));
    assert_int_equal(mock_bindings_unbind(bindings, binding->sub_id, str_of(X1), NOW_MS), MOCK_OK);
    assert_int_equal(mock_calls_dial(calls, binding, MOCK_SIDE_A, &script, NOW_MS, &call),
                     MOCK_BINDING_NOT_EXISTS);
    mock_calls_destroy(calls);
    mock_bindings_destroy(bindings);
}

static void keeps_the_x_until_a_dialled_call_has_ended(void **state)
{
    (void)state;
    struct mock_calls *calls = calls_new(1, 10);
    struct mock_bindings *bindings = bindings_new();
    const struct mock_binding *binding = bind(bindings);
    struct mock_call_script script = mock_magic_script(STR("13900000001")).call;
    struct mock_call *call;
    assert_int_equal(mock_calls_dial(calls, binding, MOCK_SIDE_A, &script, NOW_MS, &call), MOCK_OK);
    assert_int_equal(mock_bindings_unbind(bindings, binding->sub_id, str_of(X1), NOW_MS), MOCK_OK);
    assert_int_equal(mock_xpool_first(world.pool)->claims, 1);
    mock_calls_finish(calls, call);
    assert_int_equal(mock_xpool_first(world.pool)->claims, 0);
    mock_calls_destroy(calls);
    mock_bindings_destroy(bindings);
}

/* What calls.h says about its memory, measured. Sanitizers count otherwise. */
static void takes_no_more_memory_than_it_says(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();
#else
    enum { MANY = 1 << 14 }; /* the tables of uthash are full then, or double: the worst case */
    struct mock_calls *calls = calls_new(1, MANY + 1);
    size_t before = mallinfo2().uordblks;
    for (int i = 1; i <= MANY; i++) {
        char tel_a[24], tel_b[24], request_id[64];
        snprintf(tel_a, sizeof(tel_a), "138%08d", i);
        snprintf(tel_b, sizeof(tel_b), "139%08d", i);
        snprintf(request_id, sizeof(request_id), "00000000-0000-4000-8000-%012d", i);
        struct mock_order order = {.access_key = STR("FAKEACCESSKEY0000001"),
                                   .request_id = str_of(request_id),
                                   .tel_a = str_of(tel_a),
                                   .tel_b = str_of(tel_b),
                                   .remark = STR("tenant-0001:9007199254740991")};
        struct mock_script script = mock_magic_script(STR("13900000001"));
        struct mock_call *call;
        assert_int_equal(mock_calls_place(calls, &order, &script.call, NOW_MS, &call), MOCK_OK);
    }
    size_t running = (mallinfo2().uordblks - before) / MANY;
    while (mock_calls_advance(calls, NOW_MS + 40000) != NULL)
        continue;
    size_t ended = (mallinfo2().uordblks - before) / MANY;
    print_message("%zu bytes a running call, %zu an ended one\n", running, ended);
    assert_in_range(running, MOCK_CALL_BYTES_RUNNING * 8 / 10, MOCK_CALL_BYTES_RUNNING);
    assert_in_range(ended, MOCK_CALL_BYTES_ENDED * 8 / 10, MOCK_CALL_BYTES_ENDED);
    mock_calls_destroy(calls);
#endif
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
        cmocka_unit_test_setup_teardown(hangs_up_and_answers_by_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_the_time_by_hand_at_any_speed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_its_policy_forbids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_the_calls_that_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dials_through_a_binding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_x_until_a_dialled_call_has_ended, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(takes_no_more_memory_than_it_says, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
