#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/callback_body.h"

/* 2026-11-22T12:00:00.123Z */
#define CREATED INT64_C(1795348800123)

static const struct call_record answered = {
    .serial = 374800000000001,
    .tenant_id = 1,
    .type = CALL_TYPE_ITA,
    .agent_work_no = 1001,
    .caller = {"+8613800000001", 14},
    .called = {"+8657100000002", 14},
    .call_data = {"order 42", 8},
    .tel_x = {"+8657100000099", 14},
    .created_ms = CREATED,
    .caller_answer_ms = CREATED - 123 + 3000,
    .called_answer_ms = CREATED - 123 + 9000,
    .finish_ms = CREATED - 123 + 69000,
    .duration_s = 60,
    .reason_code = 16,
};

static void assert_body(enum callback_kind kind, const struct call_record *call, int32_t offset_s,
                        const char *expected)
{
    struct callback_body body;
    struct buf out;
    buf_init(&out, CALLBACK_BODY_MAX);
    callback_body_init(&body, kind, call, offset_s);
    callback_body_write(&body, &out);
    assert_str(buf_str(&out), expected);
    buf_finish(&out);
}

TEST(a_connection_callback_says_who_was_reached)
{
    UNUSED(state);
    struct call_record bare = {.serial = 5, .agent_work_no = -1, .called = STR("+8657100000002")};
    assert_body(CALLBACK_CONNECTION, &answered, 0,
                "{\"callSerialNo\":\"374800000000001\",\"serviceNo\":\"1001\","
                "\"called\":\"+8657100000002\",\"callData\":\"order 42\"}");
    assert_body(CALLBACK_CONNECTION, &bare, 0,
                "{\"callSerialNo\":\"5\",\"serviceNo\":\"\",\"called\":\"+8657100000002\","
                "\"callData\":\"\"}");
}

TEST(a_hangup_callback_tells_the_call_in_the_tenants_zone)
{
    UNUSED(state);
    assert_body(CALLBACK_HANGUP, &answered, 8 * 3600,
                "{\"callSerialNo\":\"374800000000001\",\"serviceNo\":\"1001\","
                "\"called\":\"+8657100000002\",\"caller\":\"+8613800000001\","
                "\"callerPresent\":\"+8657100000099\",\"callData\":\"order 42\","
                "\"createCallTime\":\"2026/11/22,20:00:00:123\","
                "\"agentTalkingTime\":\"2026/11/22,20:00:03:000\","
                "\"talkingTime\":\"2026/11/22,20:00:09:000\","
                "\"agentReleaseTime\":\"2026/11/22,20:01:09:000\","
                "\"releaseTime\":\"2026/11/22,20:01:09:000\",\"agentTalkDuration\":\"66\","
                "\"talkDuration\":\"60\"}");
}

TEST(a_hangup_callback_tells_since_when_phones_rang)
{
    UNUSED(state);
    const struct call_record call = {
        .serial = 5,
        .type = CALL_TYPE_CEC,
        .agent_work_no = -1,
        .caller = STR("+8613800000001"),
        .called = STR("+8657100000002"),
        .created_ms = CREATED,
        .caller_alerting_ms = CREATED + 1000,
        .called_alerting_ms = CREATED + 2001,
        .duration_s = -1,
        .reason_code = 5,
    };
    assert_body(CALLBACK_HANGUP, &call, 0,
                "{\"callSerialNo\":\"5\",\"serviceNo\":\"\",\"called\":\"+8657100000002\","
                "\"caller\":\"+8613800000001\",\"createCallTime\":\"2026/11/22,12:00:00:123\","
                "\"agentAlertingTime\":\"2026/11/22,12:00:01:123\","
                "\"alertingTime\":\"2026/11/22,12:00:02:124\",\"releaseReason\":\"5\"}");
}

TEST(what_is_not_known_is_left_out)
{
    UNUSED(state);
    struct call_record expired = {
        .serial = 5,
        .agent_work_no = -1,
        .caller = STR("+8613800000001"),
        .called = STR("+8657100000002"),
        .created_ms = CREATED,
        .duration_s = -1,
        .reason_code = CALL_CAUSE_TIMER_EXPIRED,
    };
    assert_body(CALLBACK_HANGUP, &expired, -(3 * 3600 + 1800),
                "{\"callSerialNo\":\"5\",\"serviceNo\":\"\",\"called\":\"+8657100000002\","
                "\"caller\":\"+8613800000001\",\"createCallTime\":\"2026/11/22,08:30:00:123\"}");
}

TEST(tells_the_reason_where_cause_and_times_do)
{
    UNUSED(state);
    static const struct {
        int64_t cause;
        bool has_caller, has_called;
        int reason;
    } cases[] = {
        {16, false, false, 4},  {31, false, false, 4},  {18, false, false, 4},
        {19, false, false, 4},  {17, false, false, 2},  {20, false, false, 2},
        {21, false, false, 2},  {38, false, false, 2},  {1, false, false, 2},
        {0, false, false, 2},   {16, true, false, 1},   {31, true, false, 1},
        {18, true, false, 5},   {19, true, false, 5},   {17, true, false, 3},
        {21, true, false, 3},   {27, true, false, 3},   {16, true, true, -1},
        {31, true, true, -1},   {41, true, true, -1},   {102, false, false, -1},
        {102, true, false, -1}, {-1, false, false, -1}, {-1, true, false, -1},
        {17, false, true, -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct call_record call = {
            .reason_code = cases[i].cause,
            .caller_answer_ms = cases[i].has_caller ? CREATED : 0,
            .called_answer_ms = cases[i].has_called ? CREATED : 0,
        };
        if (callback_release_reason(&call) != cases[i].reason)
            fail_msg("case %zu: %d", i, callback_release_reason(&call));
    }
}

/* --- Shared Key --- */

static struct str member(const struct callback_body *body, const char *name)
{
    for (size_t i = 0; i < body->count; i++)
        if (strcmp(body->members[i].name, name) == 0)
            return body->members[i].value;
    fail_msg("no member %s", name);
    return (struct str){0};
}

static void begin(struct callback_body *body)
{
    body->count = 0;
    buf_init_fixed(&body->text, body->storage, sizeof(body->storage));
}

/* agent-api.md, section 10: the known answer. */
TEST(signs_as_the_contracts_known_answer)
{
    UNUSED(state);
    struct callback_body body;
    char storage[64];
    struct buf text;
    begin(&body);
    callback_body_add(&body, "b", STR("2"));
    callback_body_add(&body, "d", STR("null"));
    callback_body_add(&body, "a", STR("1"));
    callback_body_add(&body, "c", STR(""));
    buf_init_fixed(&text, storage, sizeof(storage));
    callback_body_append_signed(&body, &text);
    assert_str(buf_str(&text), "a=1,b=2,c=,d=null");
    callback_body_sign(&body, STR("0123456789abcdef"), 1645495469004, STR("abc123"));
    assert_str(member(&body, "timestamp"), "1645495469004");
    assert_str(member(&body, "nonce"), "abc123");
    assert_str(member(&body, "signature"), "U+Ei4zmceHLT6NzzUFnSY3Vj2QDs3lA1I6RoR3VqEr0=");
}

TEST(what_is_signed_is_sorted_by_bytes_and_without_spaces)
{
    UNUSED(state);
    struct callback_body body;
    char storage[128];
    struct buf text;
    begin(&body);
    callback_body_add(&body, "called", STR(" +86 571 "));
    callback_body_add(&body, "callData", STR("a b\tc"));
    callback_body_add(&body, "Z", (struct str){NULL, 0});
    buf_init_fixed(&text, storage, sizeof(storage));
    callback_body_append_signed(&body, &text);
    assert_str(buf_str(&text), "Z=null,callData=ab\tc,called=+86571");
}

TEST(the_longest_body_can_be_signed_and_written)
{
    UNUSED(state);
    struct call_record call = answered;
    struct callback_body body;
    struct buf out;
    char data[4 * CALL_DATA_MAX];
    memset(data, '\x01', sizeof(data)); /* six bytes each when it is escaped */
    call.call_data = str_from(data, sizeof(data));
    call.serial = JSON_WHOLE_MAX;
    call.duration_s = INT64_MAX;
    callback_body_init(&body, CALLBACK_HANGUP, &call, 0);
    callback_body_sign(&body, STR("not-a-real-shared-key"), INT64_MAX,
                       STR("0123456789abcdef0123456789abcdef"));
    buf_init(&out, CALLBACK_BODY_MAX);
    callback_body_write(&body, &out);
    assert_false(buf_is_over(&out));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_callback_says_who_was_reached),
        cmocka_unit_test(a_hangup_callback_tells_the_call_in_the_tenants_zone),
        cmocka_unit_test(a_hangup_callback_tells_since_when_phones_rang),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(tells_the_reason_where_cause_and_times_do),
        cmocka_unit_test(signs_as_the_contracts_known_answer),
        cmocka_unit_test(what_is_signed_is_sorted_by_bytes_and_without_spaces),
        cmocka_unit_test(the_longest_body_can_be_signed_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
