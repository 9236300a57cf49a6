/* What an AICC is asked, byte for byte. */

#include "tests/test.h"

#include "aicc/message.h"

static const struct aicc_account ACCOUNT = {.domain = {"aicc.example.test:8443", 22},
                                            .app_key = {"ak_fake", 7},
                                            .app_secret = {"fake \"secret\"", 13}};

static struct buf text;

static int clear(void **state)
{
    UNUSED(state);
    buf_finish(&text);
    buf_init(&text, AICC_MESSAGE_MAX);
    return 0;
}

TEST(addresses_every_interface)
{
    UNUSED(state);
    static const char *const urls[AICC_ACTIONS] = {
        [AICC_TOKEN] = "https://aicc.example.test:8443/apigovernance/api/oauth/tokenByAkSk",
        [AICC_PLACE] =
            "https://aicc.example.test:8443/apiaccess/CC-Management/v1/mobileAgent/createCall",
        [AICC_PLACE_V3] =
            "https://aicc.example.test:8443/apiaccess/CC-Management/v3/mobileAgent/createCall",
        [AICC_STATE] =
            "https://aicc.example.test:8443/apiaccess/CC-Management/v1/mobileAgent/queryCallState",
        [AICC_RECORD] = "https://aicc.example.test:8443/apiaccess/CC-Management/v1/mobileAgent/"
                        "queryCallDetailRecord",
        [AICC_RECORDING] = "https://aicc.example.test:8443/apiaccess/CC-Management/v1/mobileAgent/"
                           "getRecordingAddress",
        [AICC_RELEASE] =
            "https://aicc.example.test:8443/apiaccess/CC-Management/v1/mobileAgent/releaseCall",
    };
    for (int action = 0; action < AICC_ACTIONS; action++) {
        buf_clear(&text);
        aicc_write_url(&ACCOUNT, action, &text);
        assert_str(buf_str(&text), urls[action]);
    }
}

TEST(is_plain_only_where_the_account_says_so)
{
    UNUSED(state);
    struct aicc_account account = ACCOUNT;
    account.is_plain = true;
    aicc_write_url(&account, AICC_TOKEN, &text);
    assert_true(str_starts(buf_str(&text), STR("http://aicc.example.test:8443/")));
}

TEST(escapes_the_secret)
{
    UNUSED(state);
    aicc_write_token(&ACCOUNT, &text);
    assert_str(buf_str(&text), "{\"app_key\":\"ak_fake\",\"app_secret\":\"fake \\\"secret\\\"\"}");
}

TEST(leaves_out_what_is_not_given)
{
    UNUSED(state);
    aicc_write_place(&(struct aicc_place){.caller = STR("13800000001"),
                                          .called = STR("057100000002"),
                                          .agent_work_no = -1},
                     &text);
    assert_str(buf_str(&text), "{\"caller\":\"13800000001\",\"called\":\"057100000002\"}");
}

TEST(passes_everything_on_in_version_1)
{
    UNUSED(state);
    aicc_write_place(&(struct aicc_place){.caller = STR("13800000001"),
                                          .called = STR("057100000002"),
                                          .call_data = STR("a \"b\""),
                                          .caller_present = STR("057100000003"),
                                          .agent_present = STR("057100000004"),
                                          .agent_work_no = 0},
                     &text);
    assert_str(buf_str(&text),
               "{\"caller\":\"13800000001\",\"called\":\"057100000002\",\"agentWorkNo\":0,"
               "\"callData\":\"a \\\"b\\\"\",\"callerPresent\":\"057100000003\","
               "\"agentPresent\":\"057100000004\"}");
}

TEST(version_3_has_a_softphone_and_neither_agent_number_nor_agent_present)
{
    UNUSED(state);
    aicc_write_place(&(struct aicc_place){.caller = STR("13800000001"),
                                          .soft_phone = STR("13800000005"),
                                          .called = STR("057100000002"),
                                          .agent_present = STR("057100000004"),
                                          .agent_work_no = 101},
                     &text);
    assert_str(buf_str(&text), "{\"caller\":\"13800000001\",\"softPhone\":\"13800000005\","
                               "\"called\":\"057100000002\"}");
}

TEST(asks_for_a_state_and_for_records)
{
    UNUSED(state);
    aicc_write_serial(STR("900001"), &text);
    assert_str(buf_str(&text), "{\"callSerialNo\":\"900001\"}");
    buf_clear(&text);
    aicc_write_record(
        &(struct aicc_span){.caller = STR("13800000001"), .from_ms = 1000, .to_ms = 2000}, &text);
    assert_str(buf_str(&text), "{\"startTime\":\"1000\",\"endTime\":\"2000\","
                               "\"caller\":\"13800000001\",\"offset\":\"0\",\"limit\":\"100\"}");
}

TEST(the_longest_call_data_fits)
{
    UNUSED(state);
    enum { CHARACTERS = 1024 };
    static char data[CHARACTERS];
    memset(data, 1, sizeof(data)); /* six bytes each, escaped */
    aicc_write_place(&(struct aicc_place){.call_data = str_from(data, sizeof(data))}, &text);
    assert_false(buf_is_over(&text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(addresses_every_interface, clear),
        cmocka_unit_test_setup(is_plain_only_where_the_account_says_so, clear),
        cmocka_unit_test_setup(escapes_the_secret, clear),
        cmocka_unit_test_setup(leaves_out_what_is_not_given, clear),
        cmocka_unit_test_setup(passes_everything_on_in_version_1, clear),
        cmocka_unit_test_setup(version_3_has_a_softphone_and_neither_agent_number_nor_agent_present,
                               clear),
        cmocka_unit_test_setup(asks_for_a_state_and_for_records, clear),
        cmocka_unit_test_setup(the_longest_call_data_fits, clear),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_finish(&text);
    return failed;
}
