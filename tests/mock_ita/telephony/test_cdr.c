#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/json.h"
#include "mock_ita/telephony/cdr.h"

#define NOW_MS INT64_C(1893553445000) /* 2030-01-02T03:04:05Z, 11:04:05 in Shanghai */

static struct buf cdr;
static struct json *json;

static int set_up(void **state)
{
    (void)state;
    buf_init(&cdr, MOCK_CDR_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_destroy(json);
    json = NULL;
    buf_finish(&cdr);
    return 0;
}

/* A call that both answer, played for so many steps. */
static struct mock_call call_after(int steps)
{
    struct mock_call call = {
        .call_id = STR("mock-fa4e0001-0000000001"),
        .remark = STR("demo:\"7\""),
        .tel_a = STR("13800000001"),
        .tel_b = STR("13900000001"),
        .tel_x = STR("700000000000001"),
        .accepted_ms = NOW_MS,
        .script = {.a_rings_ms = 2000,
                   .a_answers = true,
                   .b_rings_ms = 5000,
                   .b_answers = true,
                   .talk_ms = 30000,
                   .release_cause = 16},
    };
    mock_call_begin(&call, NOW_MS);
    for (int i = 0; i < steps; i++)
        assert_true(mock_call_next(&call));
    return call;
}

static void write_cdr(const struct mock_call *call, struct mock_push_script push)
{
    struct fault fault;
    json_destroy(json);
    buf_clear(&cdr);
    mock_cdr_write(call, STR("fake-app"), &push, &cdr);
    assert_int_equal(json_parse(buf_str(&cdr), &json, &fault), OK);
}

static void assert_member(const char *name, const char *value)
{
    assert_true(json_is_string(json_get(json, name)));
    assert_true(str_is(json_string(json_get(json, name)), str_of(value)));
}

static void tells_a_call_that_went_well(void **state)
{
    (void)state;
    struct mock_call call = call_after(3);
    write_cdr(&call, (struct mock_push_script){0});
    assert_member("callID", "mock-fa4e0001-0000000001");
    assert_member("remark", "demo:\"7\"");
    assert_member("startTime", "20300102110405");
    assert_member("callerAnswerTime", "20300102110407");
    assert_member("calledAnswerTime", "20300102110412");
    assert_member("finishTime", "20300102110442");
    assert_member("callDuration", "30");
    assert_member("releaseCause", "16");
    assert_member("appKey", "fake-app");
    assert_member("telA", "13800000001");
    assert_member("telB", "13900000001");
    assert_member("telX", "700000000000001");
    assert_member("calledDisplay", "700000000000001");
    assert_null(json_get(json, "fakeMember"));
}

static void leaves_times_empty_that_were_not_reached(void **state)
{
    (void)state;
    struct mock_call call = call_after(0);
    call.script.a_answers = false;
    call.script.release_cause = 18;
    assert_true(mock_call_next(&call));
    write_cdr(&call, (struct mock_push_script){0});
    assert_member("callerAnswerTime", "");
    assert_member("calledAnswerTime", "");
    assert_member("callDuration", "0");
    assert_member("releaseCause", "18");
}

static void tells_a_running_call_as_it_stands(void **state)
{
    (void)state;
    struct mock_call call = call_after(2);
    write_cdr(&call, (struct mock_push_script){.is_contradictory = true});
    assert_member("calledAnswerTime", "20300102110412");
    assert_member("finishTime", "");
    assert_member("callDuration", "0");
    assert_member("releaseCause", "0");
}

static void tells_another_end(void **state)
{
    (void)state;
    struct mock_call call = call_after(3);
    write_cdr(&call, (struct mock_push_script){.is_contradictory = true});
    assert_member("calledAnswerTime", "20300102110412");
    assert_member("finishTime", "20300102110449");
    assert_member("callDuration", "37");
    assert_member("releaseCause", "38");
    call.release_cause = 38;
    write_cdr(&call, (struct mock_push_script){.is_contradictory = true});
    assert_member("releaseCause", "41");
}

static void tells_what_no_document_knows(void **state)
{
    (void)state;
    struct mock_call call = call_after(3);
    write_cdr(&call, (struct mock_push_script){.has_unknown_members = true});
    assert_member("callDuration", "30");
    assert_true(json_is_string(json_get(json, "fakeMember")));
    assert_true(json_is_object(json_get(json, "fakeObject")));
}

static void never_outgrows_its_limit(void **state)
{
    (void)state;
    char remark[256];
    memset(remark, '\1', sizeof(remark)); /* six bytes each in JSON */
    struct mock_call call = call_after(3);
    call.remark = str_from(remark, sizeof(remark));
    write_cdr(&call, (struct mock_push_script){.has_unknown_members = true});
    assert_false(buf_is_over(&cdr));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_a_call_that_went_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_times_empty_that_were_not_reached, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(tells_a_running_call_as_it_stands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_another_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_what_no_document_knows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(never_outgrows_its_limit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
