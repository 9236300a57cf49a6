#include "tests/mock_ita/aicc/played.h"

#include "base/json.h"
#include "mock_ita/aicc/callback.h"

static struct buf body;
static struct json *json;

static int set_up(void **state)
{
    UNUSED(state);
    buf_init(&body, MOCK_AICC_CALLBACK_MAX);
    return 0;
}

static int tear_down(void **state)
{
    UNUSED(state);
    json_destroy(json);
    json = NULL;
    buf_finish(&body);
    return 0;
}

static void write(const struct mock_call *call, enum mock_push_kind kind,
                  struct mock_push_script script, const char *key)
{
    const struct mock_aicc_callback callback = {.call = call,
                                                .serial = 42,
                                                .kind = kind,
                                                .script = &script,
                                                .shared_key = str_of(key),
                                                .signed_ms = 1645495469004,
                                                .nonce = STR("abc123")};
    json_destroy(json);
    buf_clear(&body);
    mock_aicc_callback_write(&callback, &body);
    assert_status(json_parse(buf_str(&body), &json, NULL), OK);
}

static void assert_member(const char *name, const char *value)
{
    assert_str(json_string(json_get(json, name)), value);
}

TEST(a_connection_callback_says_which_call)
{
    UNUSED(state);
    const struct mock_call call = call_after(2);
    write(&call, MOCK_PUSH_CONNECTION, (struct mock_push_script){0}, "");
    assert_str(buf_str(&body), "{\"callSerialNo\":\"42\",\"serviceNo\":\"101\","
                               "\"called\":\"13900000001\",\"callData\":\"a b\"}");
}

TEST(a_hang_up_callback_tells_times_in_shanghai)
{
    UNUSED(state);
    const struct mock_call call = call_after(3);
    write(&call, MOCK_PUSH_HANG_UP, (struct mock_push_script){0}, "");
    assert_member("caller", "13800000001");
    assert_member("callerPresent", "057100000001");
    assert_member("createCallTime", "2030/01/02,11:04:05:000");
    assert_member("agentTalkingTime", "2030/01/02,11:04:07:000");
    assert_member("talkingTime", "2030/01/02,11:04:12:000");
    assert_member("releaseTime", "2030/01/02,11:04:42:000");
    assert_member("talkDuration", "30");
    assert_member("agentTalkDuration", "35");
    assert_member("releaseReason", "0");
    assert_null(json_get(json, "signature"));
}

TEST(what_did_not_happen_is_left_out)
{
    UNUSED(state);
    const struct mock_call silent = call_with(mock_call_script_of(MOCK_OUTCOME_A_NO_ANSWER), 1);
    write(&silent, MOCK_PUSH_HANG_UP, (struct mock_push_script){0}, "");
    assert_null(json_get(json, "talkingTime"));
    assert_null(json_get(json, "talkDuration"));
    assert_null(json_get(json, "agentTalkingTime"));
    assert_member("releaseReason", "4");
    const struct mock_call running = call_after(1);
    write(&running, MOCK_PUSH_HANG_UP, (struct mock_push_script){0}, "");
    assert_null(json_get(json, "releaseTime"));
    assert_null(json_get(json, "releaseReason"));
}

/* The signature was computed by Python's hmac over
 * "0123456789abcdef_1645495469004_abc123_callData=ab,callSerialNo=42,called=13900000001,"
 * "serviceNo=101". */
TEST(is_signed_with_the_shared_key)
{
    UNUSED(state);
    const struct mock_call call = call_after(2);
    write(&call, MOCK_PUSH_CONNECTION, (struct mock_push_script){0}, "0123456789abcdef");
    assert_member("timestamp", "1645495469004");
    assert_member("nonce", "abc123");
    assert_member("signature", "8MLkj5fB6umYXlTibCxOo2sVHNip7ipL/H6jiQLEmh4=");
}

TEST(contradicts_and_adds_when_asked_to)
{
    UNUSED(state);
    const struct mock_call call = call_after(3);
    write(&call, MOCK_PUSH_HANG_UP,
          (struct mock_push_script){.is_contradictory = true, .has_unknown_members = true}, "");
    assert_member("releaseReason", "1");
    assert_non_null(json_get(json, "fakeMember"));
}

int main(void)
{
#define CLEANING(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLEANING(a_connection_callback_says_which_call),
        CLEANING(a_hang_up_callback_tells_times_in_shanghai),
        CLEANING(what_did_not_happen_is_left_out),
        CLEANING(is_signed_with_the_shared_key),
        CLEANING(contradicts_and_adds_when_asked_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
