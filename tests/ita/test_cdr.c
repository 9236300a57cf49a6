/* Decoding of the CDR push. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "ita/cdr.h"

enum { SHANGHAI_S = 8 * 3600 };

static const char FULL[] =
    "{\"callID\":\"c-1\",\"remark\":\"t1:42\",\"startTime\":\"20261122140521\","
    "\"finishTime\":\"20261122140700\",\"callDuration\":\"60\","
    "\"callerAnswerTime\":\"20261122140530\",\"calledAnswerTime\":\"20261122140600\","
    "\"releaseCause\":\"16\",\"appKey\":\"fake-app-key\",\"telA\":\"13800000001\","
    "\"telX\":\"057100000002\",\"telB\":\"13800000003\",\"calledDisplay\":\"057100000002\","
    "\"somethingNew\":{\"a\":[1]}}";

static enum status decode(const char *body, struct ita_cdr *cdr, struct fault *fault)
{
    return ita_cdr_decode(str_of(body), SHANGHAI_S, cdr, fault);
}

static void assert_str(struct str actual, const char *expected)
{
    assert_int_equal(actual.len, strlen(expected));
    assert_memory_equal(actual.ptr, expected, actual.len);
}

static void refuses(const char *body, enum status expected, const char *text)
{
    struct ita_cdr cdr = {0};
    struct fault fault = {0};
    assert_int_equal(decode(body, &cdr, &fault), expected);
    assert_string_equal(fault.text, text);
    assert_null(cdr.json);
}

static void reads_every_member(void **state)
{
    (void)state;
    struct ita_cdr cdr;
    assert_int_equal(decode(FULL, &cdr, NULL), OK);
    assert_str(cdr.call_id, "c-1");
    assert_str(cdr.remark, "t1:42");
    assert_str(cdr.tel_a, "13800000001");
    assert_str(cdr.tel_b, "13800000003");
    assert_str(cdr.tel_x, "057100000002");
    assert_str(cdr.called_display, "057100000002");
    assert_str(cdr.app_key, "fake-app-key");
    assert_int_equal(cdr.start_ms, INT64_C(1795327521000)); /* 2026-11-22T06:05:21Z */
    assert_int_equal(cdr.caller_answer_ms - cdr.start_ms, 9000);
    assert_int_equal(cdr.called_answer_ms - cdr.start_ms, 39000);
    assert_int_equal(cdr.finish_ms - cdr.start_ms, 99000);
    assert_int_equal(cdr.duration_s, 60);
    assert_int_equal(cdr.release_cause, 16);
    assert_str(cdr.release_cause_text, "16");
    ita_cdr_finish(&cdr);
}

static void reads_numbers_as_text(void **state)
{
    (void)state;
    struct ita_cdr cdr;
    const char *body = "{\"callID\":7,\"remark\":\"r\",\"startTime\":20261122140521,"
                       "\"callDuration\":60,\"releaseCause\":17,\"telA\":13800000001}";
    assert_int_equal(decode(body, &cdr, NULL), OK);
    struct ita_cdr moved = cdr; /* text does not point into the struct */
    cdr = (struct ita_cdr){0};
    assert_str(moved.call_id, "7");
    assert_str(moved.tel_a, "13800000001");
    assert_int_equal(moved.start_ms, INT64_C(1795327521000));
    assert_int_equal(moved.duration_s, 60);
    assert_int_equal(moved.release_cause, 17);
    ita_cdr_finish(&moved);
}

static void takes_empty_and_null_for_absent(void **state)
{
    (void)state;
    struct ita_cdr cdr;
    const char *body = "{\"callID\":\"c\",\"remark\":\"r\",\"startTime\":\"\",\"finishTime\":null,"
                       "\"callDuration\":\"\",\"releaseCause\":\"\",\"telX\":null}";
    assert_int_equal(decode(body, &cdr, NULL), OK);
    assert_int_equal(cdr.start_ms, 0);
    assert_int_equal(cdr.finish_ms, 0);
    assert_int_equal(cdr.called_answer_ms, 0);
    assert_int_equal(cdr.duration_s, -1);
    assert_int_equal(cdr.release_cause, -1);
    assert_int_equal(cdr.tel_x.len, 0);
    assert_int_equal(cdr.tel_a.len, 0);
    ita_cdr_finish(&cdr);
}

static void keeps_a_cause_that_is_no_number(void **state)
{
    (void)state;
    struct ita_cdr cdr;
    assert_int_equal(
        decode("{\"callID\":\"c\",\"remark\":\"r\",\"releaseCause\":\"SIP 486\"}", &cdr, NULL), OK);
    assert_int_equal(cdr.release_cause, -1);
    assert_str(cdr.release_cause_text, "SIP 486");
    ita_cdr_finish(&cdr);
}

static void reads_times_in_the_zone_given(void **state)
{
    (void)state;
    struct ita_cdr cdr;
    assert_int_equal(ita_cdr_decode(str_of(FULL), 0, &cdr, NULL), OK);
    assert_int_equal(cdr.start_ms, INT64_C(1795327521000) + SHANGHAI_S * 1000);
    ita_cdr_finish(&cdr);
}

/* The record tells of a call all the same: only that member is lost. */
static void leaves_out(const char *member, const char *value)
{
    struct ita_cdr cdr;
    struct fault fault = {0};
    char body[1024];
    struct buf buf;
    buf_init_fixed(&buf, body, sizeof(body));
    buf_format(&buf, "{\"callID\":\"c\",\"remark\":\"r\",\"releaseCause\":\"17\",\"%s\":%s}",
               member, value);
    assert_int_equal(decode(buf_text(&buf), &cdr, &fault), OK);
    assert_string_equal(fault.text, "");
    assert_string_equal(cdr.unread, member);
    assert_str(cdr.call_id, "c");
    assert_str(cdr.tel_a, "");
    assert_int_equal(cdr.release_cause, 17);
    assert_int_equal(cdr.finish_ms, 0);
    assert_int_equal(cdr.duration_s, -1);
    ita_cdr_finish(&cdr);
}

static void refuses_without_call_id_or_remark(void **state)
{
    (void)state;
    refuses("{\"remark\":\"r\"}", ERR_INVALID, "callID: must be given");
    refuses("{\"callID\":\"\",\"remark\":\"r\"}", ERR_INVALID, "callID: must be given");
    refuses("{\"callID\":\"c\"}", ERR_INVALID, "remark: must be given");
    refuses("{\"callID\":\"c\",\"remark\":null}", ERR_INVALID, "remark: must be given");
    refuses("{\"callid\":\"c\",\"remark\":\"r\"}", ERR_INVALID, "callID: must be given");
}

static void refuses_other_types(void **state)
{
    (void)state;
    refuses("{\"callID\":true,\"remark\":\"r\"}", ERR_INVALID,
            "callID: must be a string or a whole number");
    refuses("{\"callID\":\"c\",\"remark\":[\"r\"]}", ERR_INVALID,
            "remark: must be a string or a whole number");
    refuses("{\"callID\":1.5,\"remark\":\"r\"}", ERR_INVALID,
            "callID: must be a string or a whole number");
    refuses("[]", ERR_INVALID, "must be a JSON object");
    refuses("\"callID\"", ERR_INVALID, "must be a JSON object");
}

static void leaves_out_times_that_do_not_exist(void **state)
{
    (void)state;
    static const char *const times[] = {
        "\"2026112214052\"",  "\"20261122140521 \"", "\"2026-11-22 14:05\"", "\"20260230000000\"",
        "\"20261122240000\"", "\"00000000000000\"",  "1795327521000",        "true"};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        leaves_out("finishTime", times[i]);
}

static void leaves_out_durations_that_are_no_seconds(void **state)
{
    (void)state;
    static const char *const durations[] = {"\"-1\"", "\"1m\"", "\"2147483648\"",
                                            "-5",     "30.5",   "{}"};
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++)
        leaves_out("callDuration", durations[i]);
}

static void leaves_out_optional_text_of_another_type(void **state)
{
    (void)state;
    leaves_out("telA", "{}");
    leaves_out("telA", "true");
    leaves_out("appKey", "[\"k\"]");
}

static void leaves_out_over_long_optional_text(void **state)
{
    (void)state;
    char value[ITA_CDR_TEXT_MAX + 4];
    memset(value, 'x', sizeof(value));
    value[0] = value[ITA_CDR_TEXT_MAX + 2] = '"';
    value[ITA_CDR_TEXT_MAX + 3] = '\0';
    leaves_out("telA", value);
}

static void names_the_first_member_that_it_leaves_out(void **state)
{
    (void)state;
    struct ita_cdr cdr;
    assert_int_equal(
        decode("{\"callID\":\"c\",\"remark\":\"r\",\"finishTime\":\"x\",\"startTime\":\"y\"}", &cdr,
               NULL),
        OK);
    assert_string_equal(cdr.unread, "startTime");
    ita_cdr_finish(&cdr);
    assert_int_equal(decode(FULL, &cdr, NULL), OK);
    assert_null(cdr.unread);
    ita_cdr_finish(&cdr);
}

static void refuses_an_over_long_call_id_or_remark(void **state)
{
    (void)state;
    char body[512], value[ITA_CDR_TEXT_MAX + 2];
    struct buf buf;
    struct ita_cdr cdr;
    for (size_t len = ITA_CDR_TEXT_MAX; len <= ITA_CDR_TEXT_MAX + 1; len++) {
        memset(value, 'x', len);
        value[len] = '\0';
        buf_init_fixed(&buf, body, sizeof(body));
        buf_format(&buf, "{\"callID\":\"c\",\"remark\":\"%s\"}", value);
        if (len > ITA_CDR_TEXT_MAX) {
            refuses(buf_text(&buf), ERR_TOO_BIG, "remark: longer than 256 bytes");
        } else {
            assert_int_equal(decode(buf_text(&buf), &cdr, NULL), OK);
            ita_cdr_finish(&cdr);
        }
    }
}

static void refuses_what_is_no_strict_json(void **state)
{
    (void)state;
    struct ita_cdr cdr;
    static const char *const bodies[] = {"",
                                         "{",
                                         "{\"callID\":\"c\",\"remark\":\"r\"}x",
                                         "{\"callID\":\"c\",\"callID\":\"d\",\"remark\":\"r\"}",
                                         "{\"callID\":\"c\\u0000\",\"remark\":\"r\"}",
                                         "{\"callID\":\"\xff\",\"remark\":\"r\"}"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_equal(decode(bodies[i], &cdr, NULL), ERR_SYNTAX);
}

static void finishes_twice(void **state)
{
    (void)state;
    struct ita_cdr cdr;
    assert_int_equal(decode(FULL, &cdr, NULL), OK);
    ita_cdr_finish(&cdr);
    ita_cdr_finish(&cdr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_member),
        cmocka_unit_test(reads_numbers_as_text),
        cmocka_unit_test(takes_empty_and_null_for_absent),
        cmocka_unit_test(keeps_a_cause_that_is_no_number),
        cmocka_unit_test(reads_times_in_the_zone_given),
        cmocka_unit_test(refuses_without_call_id_or_remark),
        cmocka_unit_test(refuses_other_types),
        cmocka_unit_test(leaves_out_times_that_do_not_exist),
        cmocka_unit_test(leaves_out_durations_that_are_no_seconds),
        cmocka_unit_test(leaves_out_optional_text_of_another_type),
        cmocka_unit_test(leaves_out_over_long_optional_text),
        cmocka_unit_test(names_the_first_member_that_it_leaves_out),
        cmocka_unit_test(refuses_an_over_long_call_id_or_remark),
        cmocka_unit_test(refuses_what_is_no_strict_json),
        cmocka_unit_test(finishes_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
