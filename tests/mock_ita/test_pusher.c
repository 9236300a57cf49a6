#include "tests/mock_ita/world.h"

static struct world world;
static struct answer answer;

/* The clock stands from the beginning: only tests move it. */
static int set_up(void **state)
{
    (void)state;
    world_start(&world, 1);
    mock_freeze(world.mock);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_stop(&world);
    return 0;
}

/* Calls end at once, so that all time that passes is the push's. */
static struct mock_call *end_call(int n, const struct mock_push_script *pushes, int push_count)
{
    char remark[24], tel_a[24], tel_b[24];
    struct mock_call *call;
    struct mock_call_script script = {
        .a_answers = true, .b_answers = true, .release_cause = 16, .push_count = push_count};
    for (int i = 0; i < push_count; i++)
        script.pushes[i] = pushes[i];
    snprintf(remark, sizeof(remark), "demo:%d", n);
    snprintf(tel_a, sizeof(tel_a), "1380000%04d", n);
    snprintf(tel_b, sizeof(tel_b), "1390000%04d", n);
    struct mock_order order = {
        .tel_a = str_of(tel_a), .tel_b = str_of(tel_b), .remark = str_of(remark)};
    assert_int_equal(mock_calls_place(world.mock->calls, &order, &script,
                                      mock_clock_now_ms(world.mock->clock), &call),
                     MOCK_OK);
    mock_calls_finish(world.mock->calls, call);
    mock_push(world.mock, call, NULL, NULL);
    return call;
}

static struct mock_call *end_call_with(int n, struct mock_push_script push)
{
    return end_call(n, &push, 1);
}

static void advance(int64_t by_ms)
{
    assert_true(mock_advance(world.mock, by_ms));
}

static void run_until_pushed(const struct mock_call *call, size_t count)
{
    while (call->push_count < count)
        uv_run(&world.loop, UV_RUN_ONCE);
}

/* Whatever was started has come to its end: a question that was put later has been answered. */
static void assert_sent(uint64_t count)
{
    control(&world, "GET", "/counters", &answer);
    assert_int_equal(counter(&world, MOCK_COUNT_PUSHES), count);
}

static void waits_as_long_as_the_script_says(void **state)
{
    (void)state;
    struct mock_call *call = end_call_with(1, (struct mock_push_script){.delay_ms = 10000});
    assert_sent(0);
    advance(9999);
    assert_sent(0);
    advance(1);
    run_until_pushed(call, 1);
    assert_int_equal(call->pushes[0].status, 200);
    assert_int_equal(world.bad_pushes, 0);
}

static void tries_again_by_the_clock_of_the_mock(void **state)
{
    (void)state;
    world.pushes_to_refuse = 2;
    struct mock_call *call = end_call_with(1, (struct mock_push_script){0});
    run_until_pushed(call, 1);
    advance(999);
    assert_sent(1);
    advance(1);
    run_until_pushed(call, 2);
    advance(2000);
    run_until_pushed(call, 3);
    assert_int_equal(call->pushes[0].status, 503);
    assert_int_equal(call->pushes[1].status, 503);
    assert_int_equal(call->pushes[2].status, 200);
}

static void waits_between_tries_as_the_script_says(void **state)
{
    (void)state;
    world.pushes_to_refuse = 3;
    struct mock_call *call = end_call_with(1, (struct mock_push_script){0});
    call->script.push_waits_ms[0] = 7000;
    call->script.push_waits_ms[1] = 300;
    call->script.push_wait_count = 2;
    static const int waits_ms[] = {7000, 300, 300};
    for (size_t i = 0; i < COUNT_OF(waits_ms); i++) {
        run_until_pushed(call, i + 1);
        advance(waits_ms[i] - 1);
        assert_sent(i + 1);
        advance(1);
    }
    run_until_pushed(call, 4);
}

static void goes_on_by_itself_once_the_clock_runs(void **state)
{
    (void)state;
    struct mock_call *call = end_call_with(1, (struct mock_push_script){.delay_ms = 50});
    mock_resume(world.mock);
    run_until_pushed(call, 1);
}

static void tries_as_often_as_the_script_says(void **state)
{
    (void)state;
    world.pushes_to_refuse = 100;
    struct mock_call *call = end_call_with(1, (struct mock_push_script){.tries = 2});
    run_until_pushed(call, 1);
    assert_int_equal(counter(&world, MOCK_COUNT_PUSHES_GIVEN_UP), 0);
    advance(1000);
    run_until_pushed(call, 2);
    assert_int_equal(counter(&world, MOCK_COUNT_PUSHES_GIVEN_UP), 1);
    advance(3600 * 1000);
    assert_sent(2);
}

static void pushes_more_than_once_or_never(void **state)
{
    (void)state;
    const struct mock_push_script pushes[MOCK_PUSHES_MAX] = {{.delay_ms = 0}, {.delay_ms = 1000}};
    struct mock_call *lost = end_call(1, pushes, 0), *repeated = end_call(2, pushes, 4);
    run_until_pushed(repeated, 3);
    advance(1000);
    run_until_pushed(repeated, 4);
    assert_int_equal(lost->push_count, 0);
    assert_int_equal(counter(&world, MOCK_COUNT_PUSHES_ACKNOWLEDGED), 4);
}

static void lets_calls_pass_that_ended_later(void **state)
{
    (void)state;
    struct mock_call *first = end_call_with(1, (struct mock_push_script){.overtakers = 2});
    struct mock_call *second = end_call_with(2, (struct mock_push_script){0});
    run_until_pushed(second, 1);
    assert_sent(1);
    struct mock_call *third = end_call_with(3, (struct mock_push_script){0});
    run_until_pushed(first, 1);
    assert_int_equal(third->push_count, 1);
    assert_member(world.last_push, "/remark", "demo:1");
}

static void is_not_passed_by_a_call_that_ended_before(void **state)
{
    (void)state;
    struct mock_call *slow = end_call_with(1, (struct mock_push_script){.delay_ms = 1000});
    struct mock_call *passed = end_call_with(2, (struct mock_push_script){.overtakers = 1});
    advance(1000);
    run_until_pushed(slow, 1);
    assert_sent(1);
    end_call_with(3, (struct mock_push_script){0});
    run_until_pushed(passed, 1);
}

static void waits_out_its_delay_even_when_it_was_passed(void **state)
{
    (void)state;
    struct mock_call *first =
        end_call_with(1, (struct mock_push_script){.overtakers = 1, .delay_ms = 5000});
    run_until_pushed(end_call_with(2, (struct mock_push_script){0}), 1);
    advance(4999);
    assert_sent(1);
    advance(1);
    run_until_pushed(first, 1);
}

static void goes_after_a_minute_when_nobody_passes(void **state)
{
    (void)state;
    struct mock_call *first = end_call_with(1, (struct mock_push_script){.overtakers = 1});
    struct mock_call *second = end_call_with(2, (struct mock_push_script){.overtakers = 1});
    advance(59999);
    assert_sent(0);
    advance(1);
    run_until_pushed(first, 1);
    run_until_pushed(second, 1);
}

static void lets_the_first_go_when_too_many_wait_to_be_passed(void **state)
{
    (void)state;
    enum { MAX = 1000 }; /* pusher.c */
    struct mock_call *first = end_call_with(1, (struct mock_push_script){.overtakers = 1});
    for (int i = 1; i < MAX; i++)
        end_call_with(1 + i, (struct mock_push_script){.overtakers = 255});
    assert_sent(0);
    end_call_with(MAX + 1, (struct mock_push_script){.overtakers = 255});
    run_until_pushed(first, 1);
    assert_sent(1);
}

static void signs_as_badly_as_the_script_says(void **state)
{
    (void)state;
    static const enum mock_push_signature bad[] = {MOCK_PUSH_WRONG, MOCK_PUSH_EXPIRED,
                                                   MOCK_PUSH_UNSIGNED};
    for (int i = 0; i < (int)COUNT_OF(bad); i++) {
        struct mock_push_script push = {.signature = (uint8_t)bad[i]};
        run_until_pushed(end_call_with(i, push), 1);
        assert_int_equal(world.bad_pushes, i + 1);
    }
    run_until_pushed(end_call_with(9, (struct mock_push_script){.signature = MOCK_PUSH_SIGNED}), 1);
    assert_int_equal(world.bad_pushes, 3);
}

static void dates_its_signatures_by_the_clock_of_the_system(void **state)
{
    (void)state;
    advance(24 * 3600 * 1000);
    run_until_pushed(end_call_with(1, (struct mock_push_script){0}), 1);
    assert_int_equal(world.bad_pushes, 0);
}

static void tells_contradictions_and_unknown_members(void **state)
{
    (void)state;
    const struct mock_push_script pushes[] = {{0},
                                              {.delay_ms = 1000, .is_contradictory = true},
                                              {.delay_ms = 2000, .has_unknown_members = true}};
    struct mock_call *call = end_call(1, pushes, 3);
    run_until_pushed(call, 1);
    assert_member(world.last_push, "/releaseCause", "16");
    advance(1000);
    run_until_pushed(call, 2);
    assert_member(world.last_push, "/releaseCause", "38");
    advance(1000);
    run_until_pushed(call, 3);
    assert_member(world.last_push, "/releaseCause", "16");
    assert_non_null(strstr(world.last_push, "\"fakeMember\""));
}

static void pushes_by_hand_whatever_the_script_says(void **state)
{
    (void)state;
    struct mock_call *call = end_call(1, NULL, 0);
    assert_sent(0);
    assert_true(mock_pushes_by_hand(world.mock->pushes, call, MOCK_PUSH_CDR,
                                    &(struct mock_push_script){0}));
    run_until_pushed(call, 1);
    place(&world, 2, "13900000001", &answer);
    struct mock_call *running = mock_calls_first_running(world.mock->calls);
    assert_true(mock_pushes_by_hand(world.mock->pushes, running, MOCK_PUSH_CDR,
                                    &(struct mock_push_script){0}));
    run_until_pushed(running, 1);
    assert_member(world.last_push, "/finishTime", "");
    assert_member(world.last_push, "/remark", "demo:2");
}

static void note(void *data)
{
    ++*(int *)data;
}

static void forgets_pushes_that_wait_on_reset(void **state)
{
    (void)state;
    int noted = 0;
    struct mock_call *call = end_call_with(1, (struct mock_push_script){.delay_ms = 1000});
    end_call_with(2, (struct mock_push_script){.overtakers = 1});
    mock_push(world.mock, call, note, &noted);
    assert_int_equal(noted, 0);
    mock_reset(world.mock);
    assert_int_equal(noted, 1);
    mock_freeze(world.mock);
    advance(3600 * 1000);
    assert_sent(0);
    run_until_pushed(end_call_with(3, (struct mock_push_script){0}), 1);
}

static void says_at_once_that_there_is_no_push(void **state)
{
    (void)state;
    int noted = 0;
    struct mock_call *call = end_call(1, NULL, 0);
    mock_push(world.mock, call, note, &noted);
    assert_int_equal(noted, 1);
}

static void gives_up_pushes_of_forgotten_calls(void **state)
{
    (void)state;
    int noted = 0;
    struct mock_call *call = end_call_with(1, (struct mock_push_script){.delay_ms = 1000});
    mock_push(world.mock, call, note, &noted);
    mock_calls_reset(world.mock->calls);
    advance(1000);
    assert_sent(0);
    assert_int_equal(noted, 1);
    assert_int_equal(counter(&world, MOCK_COUNT_PUSHES_GIVEN_UP), 2);
}

static void cuts_off_what_is_under_way_on_reset_and_counts_nothing_of_it(void **state)
{
    (void)state;
    int noted = 0;
    world.holds_pushes = true;
    mock_push(world.mock, end_call_with(1, (struct mock_push_script){.delay_ms = 1}), note, &noted);
    advance(1);
    while (world.pushes < 2)
        uv_run(&world.loop, UV_RUN_ONCE);
    mock_reset(world.mock);
    while (noted == 0)
        uv_run(&world.loop, UV_RUN_ONCE);
    for (int i = 0; i < world.pushes; i++)
        http_exchange_abort(world.held[i]);
    control(&world, "GET", "/counters", &answer);
    assert_int_equal(counter(&world, MOCK_COUNT_PUSHES_GIVEN_UP), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(waits_as_long_as_the_script_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tries_again_by_the_clock_of_the_mock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waits_between_tries_as_the_script_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(goes_on_by_itself_once_the_clock_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tries_as_often_as_the_script_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pushes_more_than_once_or_never, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lets_calls_pass_that_ended_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_not_passed_by_a_call_that_ended_before, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(waits_out_its_delay_even_when_it_was_passed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(goes_after_a_minute_when_nobody_passes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lets_the_first_go_when_too_many_wait_to_be_passed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(signs_as_badly_as_the_script_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dates_its_signatures_by_the_clock_of_the_system, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(tells_contradictions_and_unknown_members, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(pushes_by_hand_whatever_the_script_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgets_pushes_that_wait_on_reset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_at_once_that_there_is_no_push, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gives_up_pushes_of_forgotten_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            cuts_off_what_is_under_way_on_reset_and_counts_nothing_of_it, set_up, tear_down),
    };
    log_init(LOG_ERROR, LOG_FORMAT_JSON, false);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
