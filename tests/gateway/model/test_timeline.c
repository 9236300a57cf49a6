/* What a call's timeline tells, and what it leaves out. */

#include "tests/test.h"

#include "gateway/model/timeline.h"

/* 2026-11-22T12:00:00.900Z */
#define CREATED INT64_C(1795348800900)
#define SECOND(n) (INT64_C(1795348800000) + (n)*1000)

static struct call_record call_of(enum call_outcome outcome)
{
    return (struct call_record){.outcome = outcome,
                                .state = CALL_CALLING,
                                .created_ms = CREATED,
                                .outcome_ms = CREATED + 150,
                                .duration_s = -1,
                                .reason_code = -1};
}

static struct call_record talked(void)
{
    struct call_record call = call_of(CALL_OUTCOME_ACCEPTED);
    call.state = CALL_ENDED;
    call.start_ms = SECOND(1);
    call.caller_answer_ms = SECOND(5);
    call.called_answer_ms = SECOND(9);
    call.finish_ms = SECOND(40);
    call.ended_ms = SECOND(41);
    call.reason_code = 16;
    return call;
}

/* "created accepted answer/a ..." */
static void assert_events(const struct timeline *timeline, const char *expected)
{
    char storage[512];
    struct buf names;
    buf_init_fixed(&names, storage, sizeof(storage));
    for (size_t i = 0; i < timeline->count; i++) {
        const struct timeline_event *event = &timeline->events[i];
        buf_format(&names, "%s%s%s%s", i > 0 ? " " : "", event->name, event->leg == NULL ? "" : "/",
                   event->leg == NULL ? "" : event->leg);
        assert_true(event->en[0] != '\0' && event->zh[0] != '\0' && event->at_ms > 0);
    }
    assert_str(buf_str(&names), expected);
}

TEST(a_call_that_talked_has_each_step_in_order)
{
    UNUSED(state);
    const struct call_record call = talked();
    const int64_t received_ms[] = {SECOND(41)};
    struct timeline timeline;
    timeline_make(&call, received_ms, 1, &timeline);
    assert_events(&timeline, "created accepted start answer/a answer/b talk end cdr");
    assert_string_equal(timeline.events[6].en, "ended: normal clearing (16)");
    assert_string_equal(timeline.events[6].zh, "通话结束: 正常清除 (16)");
    assert_int_equal(timeline.events[5].at_ms, SECOND(9));
}

TEST(a_cdr_that_came_before_the_answer_stands_before_it)
{
    UNUSED(state);
    struct call_record call = talked();
    const int64_t received_ms[] = {SECOND(41), SECOND(60)};
    struct timeline timeline;
    call.outcome_ms = SECOND(50);
    timeline_make(&call, received_ms, 2, &timeline);
    assert_events(&timeline, "created start answer/a answer/b talk end cdr accepted cdr");
}

TEST(who_answers_first_stands_first)
{
    UNUSED(state);
    struct call_record call = talked();
    struct timeline timeline;
    call.called_answer_ms = SECOND(3);
    timeline_make(&call, NULL, 0, &timeline);
    assert_events(&timeline, "created accepted start answer/b answer/a talk end");
    assert_int_equal(timeline.events[5].at_ms, SECOND(5));
}

TEST(ringing_that_an_aicc_tells_of_stands_before_the_answer)
{
    UNUSED(state);
    struct call_record call = talked();
    struct timeline timeline;
    call.type = CALL_TYPE_CEC;
    call.caller_alerting_ms = SECOND(2);
    call.called_alerting_ms = SECOND(5); /* rung when the caller answered, within that second */
    timeline_make(&call, NULL, 0, &timeline);
    assert_events(&timeline, "created accepted start ring/a answer/a ring/b answer/b talk end");
    assert_string_equal(timeline.events[5].zh, "被叫振铃");
    call.called_answer_ms = 0;
    timeline_make(&call, NULL, 0, &timeline);
    assert_events(&timeline, "created accepted start ring/a answer/a ring/b end");
}

/* The ITA's seconds are cut: its 12:00:00 may be after our 12:00:00.900. */
TEST(events_of_one_second_stand_in_their_natural_order)
{
    UNUSED(state);
    struct call_record call = talked();
    struct timeline timeline;
    call.outcome_ms = CREATED + 50;
    call.start_ms = SECOND(0);
    timeline_make(&call, NULL, 0, &timeline);
    assert_events(&timeline, "created accepted start answer/a answer/b talk end");
}

TEST(what_was_not_told_is_not_there)
{
    UNUSED(state);
    struct call_record call = call_of(CALL_OUTCOME_NONE);
    struct timeline timeline;
    call.outcome_ms = 0;
    timeline_make(&call, NULL, 0, &timeline);
    assert_events(&timeline, "created");

    call = call_of(CALL_OUTCOME_UNKNOWN); /* found after a crash: nobody knows when */
    call.outcome_ms = 0;
    timeline_make(&call, NULL, 0, &timeline);
    assert_events(&timeline, "created");

    call = talked();
    call.called_answer_ms = 0;
    call.reason_code = 200;
    timeline_make(&call, NULL, 0, &timeline);
    assert_events(&timeline, "created accepted start answer/a end");
    assert_string_equal(timeline.events[4].en, "ended (200)");
    call.reason_code = -1;
    timeline_make(&call, NULL, 0, &timeline);
    assert_string_equal(timeline.events[4].en, "ended");
}

TEST(a_refusal_is_told_in_words)
{
    UNUSED(state);
    struct call_record call = call_of(CALL_OUTCOME_REFUSED);
    struct timeline timeline;
    call.state = CALL_ENDED;
    call.ended_ms = call.outcome_ms;
    call.code = STR("90106003");
    timeline_make(&call, NULL, 0, &timeline);
    assert_events(&timeline, "created refused");
    assert_string_equal(timeline.events[1].en, "refused: Insufficient Number resources (90106003)");
    assert_string_equal(timeline.events[1].zh, "被拒绝: 号码资源不足 (90106003)");
    call.code = STR("4711");
    timeline_make(&call, NULL, 0, &timeline);
    assert_string_equal(timeline.events[1].en, "refused (4711)");
}

TEST(a_call_whose_cdr_never_came_has_expired)
{
    UNUSED(state);
    struct call_record call = call_of(CALL_OUTCOME_UNKNOWN);
    const int64_t received_ms[] = {SECOND(7200)};
    struct timeline timeline;
    call.state = CALL_ENDED;
    call.ended_ms = SECOND(3600);
    call.reason_code = CALL_CAUSE_TIMER_EXPIRED;
    timeline_make(&call, NULL, 0, &timeline);
    assert_events(&timeline, "created unknown expired");
    timeline_make(&call, received_ms, 1, &timeline); /* its CDR says 102 as well */
    assert_events(&timeline, "created unknown cdr");
}

TEST(a_long_text_is_cut)
{
    UNUSED(state);
    struct call_record call = call_of(CALL_OUTCOME_REFUSED);
    struct timeline timeline;
    char code[300];
    memset(code, '9', sizeof(code));
    call.code = str_from(code, sizeof(code));
    timeline_make(&call, NULL, 0, &timeline);
    assert_string_equal(timeline.events[1].en, "refused");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_talked_has_each_step_in_order),
        cmocka_unit_test(a_cdr_that_came_before_the_answer_stands_before_it),
        cmocka_unit_test(who_answers_first_stands_first),
        cmocka_unit_test(ringing_that_an_aicc_tells_of_stands_before_the_answer),
        cmocka_unit_test(events_of_one_second_stand_in_their_natural_order),
        cmocka_unit_test(what_was_not_told_is_not_there),
        cmocka_unit_test(a_refusal_is_told_in_words),
        cmocka_unit_test(a_call_whose_cdr_never_came_has_expired),
        cmocka_unit_test(a_long_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
