#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "mock_ita/telephony/call.h"

enum { EVENTS = MOCK_EVENT_RELEASED + 1, STATES = MOCK_CALL_ENDED + 1 };

static const struct mock_call_script SCRIPT = {
    .a_rings_ms = 2000,
    .a_answers = true,
    .b_rings_ms = 5000,
    .b_answers = true,
    .talk_ms = 30000,
    .release_cause = 16,
};

/* A call that came into this state by its script; it began at 1000. */
static struct mock_call call_in(enum mock_call_state state)
{
    struct mock_call call = {.script = SCRIPT};
    mock_call_begin(&call, 1000);
    while (call.state != state)
        assert_true(mock_call_next(&call));
    return call;
}

static const struct leg_case {
    enum mock_leg_state state;
    int cause;
} IDLE = {MOCK_LEG_IDLE, 0}, RINGING = {MOCK_LEG_RINGING, 0}, ANSWERED = {MOCK_LEG_ANSWERED, 0},
  NEVER = {MOCK_LEG_ENDED, 0};

static void assert_leg(const struct mock_leg *leg, const struct leg_case *expected)
{
    assert_int_equal(leg->state, expected->state);
    assert_int_equal(leg->cause, expected->cause);
}

static void plays_its_script_leg_by_leg(void **state)
{
    (void)state;
    struct mock_call call = call_in(MOCK_CALL_RINGING_A);
    const struct mock_leg *a = &call.legs[MOCK_SIDE_A], *b = &call.legs[MOCK_SIDE_B];
    assert_leg(a, &RINGING);
    assert_leg(b, &IDLE);
    assert_int_equal(a->rang_ms, 1000);
    assert_int_equal(mock_call_due_ms(&call), 3000);
    assert_true(mock_call_next(&call));
    assert_leg(a, &ANSWERED);
    assert_leg(b, &RINGING);
    assert_int_equal(a->answered_ms, 3000);
    assert_int_equal(b->rang_ms, 3000);
    assert_int_equal(mock_call_due_ms(&call), 8000);
    assert_true(mock_call_next(&call));
    assert_leg(b, &ANSWERED);
    assert_int_equal(b->answered_ms, 8000);
    assert_int_equal(call.ended_by, MOCK_END_NONE);
    assert_int_equal(mock_call_due_ms(&call), 38000);
    assert_true(mock_call_next(&call));
    assert_int_equal(call.state, MOCK_CALL_ENDED);
    assert_int_equal(call.ended_by, MOCK_END_B);
    assert_int_equal(a->ended_ms, 38000);
    assert_int_equal(b->ended_ms, 38000);
    assert_int_equal(mock_call_due_ms(&call), INT64_MAX);
    assert_false(mock_call_next(&call));
}

static void hangs_up_on_the_side_that_the_script_names(void **state)
{
    (void)state;
    struct mock_call call = call_in(MOCK_CALL_TALKING);
    call.script.a_hangs_up = true;
    call.script.release_cause = 41;
    assert_true(mock_call_next(&call));
    assert_int_equal(call.ended_by, MOCK_END_A);
    assert_int_equal(call.release_cause, 41);
    assert_leg(&call.legs[MOCK_SIDE_A], &(struct leg_case){MOCK_LEG_ENDED, 41});
    assert_leg(&call.legs[MOCK_SIDE_B], &(struct leg_case){MOCK_LEG_ENDED, 16});
}

static void ends_the_leg_that_does_not_answer(void **state)
{
    (void)state;
    struct mock_call call = call_in(MOCK_CALL_RINGING_A);
    call.script.a_answers = false;
    call.script.release_cause = 18;
    assert_true(mock_call_next(&call));
    assert_int_equal(call.ended_by, MOCK_END_A);
    assert_leg(&call.legs[MOCK_SIDE_A], &(struct leg_case){MOCK_LEG_ENDED, 18});
    assert_leg(&call.legs[MOCK_SIDE_B], &NEVER);
    assert_int_equal(call.legs[MOCK_SIDE_B].ended_ms, 0);
    call = call_in(MOCK_CALL_RINGING_B);
    call.script.b_answers = false;
    call.script.release_cause = 17;
    assert_true(mock_call_next(&call));
    assert_int_equal(call.ended_by, MOCK_END_B);
    assert_int_equal(call.release_cause, 17);
    assert_leg(&call.legs[MOCK_SIDE_A], &(struct leg_case){MOCK_LEG_ENDED, 16});
    assert_leg(&call.legs[MOCK_SIDE_B], &(struct leg_case){MOCK_LEG_ENDED, 17});
}

/* By the usual causes; ended_by MOCK_END_NONE: the event is not allowed, or ends nothing. */
static const struct expected {
    bool is_allowed;
    enum mock_call_state to;
    enum mock_end ended_by;
    int cause, cause_a, cause_b;
} table[STATES][EVENTS] = {
    [MOCK_CALL_RINGING_A] = {[MOCK_EVENT_A_ANSWERS] = {true, MOCK_CALL_RINGING_B, 0, 0, 0, 0},
                             [MOCK_EVENT_A_ENDS] = {true, MOCK_CALL_ENDED, MOCK_END_A, 21, 21, 0},
                             [MOCK_EVENT_RELEASED] = {true, MOCK_CALL_ENDED, MOCK_END_PLATFORM, 31,
                                                      31, 0}},
    [MOCK_CALL_RINGING_B] = {[MOCK_EVENT_B_ANSWERS] = {true, MOCK_CALL_TALKING, 0, 0, 0, 0},
                             [MOCK_EVENT_A_ENDS] = {true, MOCK_CALL_ENDED, MOCK_END_A, 31, 31, 31},
                             [MOCK_EVENT_B_ENDS] = {true, MOCK_CALL_ENDED, MOCK_END_B, 21, 16, 21},
                             [MOCK_EVENT_RELEASED] = {true, MOCK_CALL_ENDED, MOCK_END_PLATFORM, 31,
                                                      16, 31}},
    [MOCK_CALL_TALKING] = {[MOCK_EVENT_A_ENDS] = {true, MOCK_CALL_ENDED, MOCK_END_A, 16, 16, 16},
                           [MOCK_EVENT_B_ENDS] = {true, MOCK_CALL_ENDED, MOCK_END_B, 16, 16, 16},
                           [MOCK_EVENT_RELEASED] = {true, MOCK_CALL_ENDED, MOCK_END_PLATFORM, 16,
                                                    16, 16}},
};

static void lets_happen_what_can_in_each_state_and_nothing_else(void **state)
{
    (void)state;
    for (int from = 0; from < STATES; from++)
        for (int event = 0; event < EVENTS; event++) {
            const struct expected *expected = &table[from][event];
            struct mock_call call = call_in((enum mock_call_state)from), before = call;
            assert_int_equal(mock_call_apply(&call, (enum mock_event)event, 0, 90000),
                             expected->is_allowed);
            if (!expected->is_allowed) {
                assert_memory_equal(&call, &before, sizeof(call));
                continue;
            }
            assert_int_equal(call.state, expected->to);
            assert_int_equal(call.state_since_ms, 90000);
            assert_int_equal(call.ended_by, expected->ended_by);
            assert_int_equal(call.release_cause, expected->cause);
            assert_int_equal(call.legs[MOCK_SIDE_A].cause, expected->cause_a);
            assert_int_equal(call.legs[MOCK_SIDE_B].cause, expected->cause_b);
        }
}

static void takes_another_cause_than_the_usual_one(void **state)
{
    (void)state;
    struct mock_call call = call_in(MOCK_CALL_RINGING_B);
    assert_true(mock_call_apply(&call, MOCK_EVENT_B_ENDS, 20, 4000));
    assert_int_equal(call.release_cause, 20);
    assert_int_equal(call.legs[MOCK_SIDE_B].cause, 20);
    assert_int_equal(call.legs[MOCK_SIDE_A].cause, 16);
}

static void never_goes_back_in_time(void **state)
{
    (void)state;
    struct mock_call call = call_in(MOCK_CALL_TALKING);
    assert_true(mock_call_apply(&call, MOCK_EVENT_A_ENDS, 0, 0));
    assert_int_equal(call.ended_ms, 8000);
}

static void has_a_text_for_every_state(void **state)
{
    (void)state;
    assert_string_equal(mock_call_state_text(MOCK_CALL_RINGING_A), "ringing_a");
    assert_string_equal(mock_call_state_text(MOCK_CALL_ENDED), "ended");
    assert_string_equal(mock_leg_state_text(MOCK_LEG_IDLE), "idle");
    assert_string_equal(mock_leg_state_text(MOCK_LEG_ENDED), "ended");
    assert_string_equal(mock_end_text(MOCK_END_NONE), "");
    assert_string_equal(mock_end_text(MOCK_END_PLATFORM), "platform");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_its_script_leg_by_leg),
        cmocka_unit_test(hangs_up_on_the_side_that_the_script_names),
        cmocka_unit_test(ends_the_leg_that_does_not_answer),
        cmocka_unit_test(lets_happen_what_can_in_each_state_and_nothing_else),
        cmocka_unit_test(takes_another_cause_than_the_usual_one),
        cmocka_unit_test(never_goes_back_in_time),
        cmocka_unit_test(has_a_text_for_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
