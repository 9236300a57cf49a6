#include "tests/mock_ita/aicc/played.h"

#include "base/mem.h"
#include "mock_ita/aicc/answer.h"

static struct buf body;
static struct json *json;

static int set_up(void **state)
{
    UNUSED(state);
    buf_init(&body, MOCK_AICC_ANSWER_MAX);
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

static void parse(void)
{
    json_destroy(json);
    assert_status(json_parse(buf_str(&body), &json, NULL), OK);
}

static void assert_at(const char *path, const char *value)
{
    assert_str(json_string(json_at(json, path)), value);
}

TEST(codes_are_strings_but_those_of_recordings)
{
    UNUSED(state);
    mock_aicc_write_code("5", false, "no", &body);
    assert_str(buf_str(&body), "{\"retCode\":\"5\",\"retMsg\":\"no\"}");
    buf_clear(&body);
    mock_aicc_write_code("5", true, "no", &body);
    assert_str(buf_str(&body), "{\"retCode\":5,\"retMsg\":\"no\"}");
    buf_clear(&body);
    mock_aicc_write_error(401, STR("no"), &body);
    assert_str(buf_str(&body), "{\"errorCode\":\"401\",\"exceptionInfo\":\"no\"}");
}

TEST(serials_are_numbers_in_v1_only)
{
    UNUSED(state);
    mock_aicc_write_placed(42, true, &body);
    assert_non_null(strstr(buf_text(&body), "{\"callSerialNo\":42}"));
    buf_clear(&body);
    mock_aicc_write_placed(42, false, &body);
    assert_non_null(strstr(buf_text(&body), "{\"callSerialNo\":\"42\"}"));
}

TEST(the_state_is_that_of_the_time_that_is_told)
{
    UNUSED(state);
    const struct mock_call call = call_after(3);
    static const struct {
        int64_t at_ms;
        const char *state;
    } cases[] = {
        {0, "1"},    {1999, "1"},  {2000, "1"},  {6999, "1"},
        {7000, "2"}, {36999, "2"}, {37000, "3"}, {1000000, "3"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buf_clear(&body);
        mock_aicc_write_state(&call, NOW_MS + cases[i].at_ms, &body);
        parse();
        assert_at("/result/state", cases[i].state);
        bool has_ended = strcmp(cases[i].state, "3") == 0;
        assert_int_equal(json_at(json, "/result/reasonCode") != NULL, has_ended);
        assert_int_equal(json_at(json, "/result/endTime") != NULL, has_ended);
    }
    assert_at("/result/callData", "a b");
    assert_at("/result/callerPresent", "057100000001");
    assert_at("/result/agentPresent", "");
}

TEST(a_record_leaves_out_what_did_not_happen)
{
    UNUSED(state);
    const struct mock_call call = call_with(mock_call_script_of(MOCK_OUTCOME_B_BUSY), 2);
    struct json_writer w;
    int64_t value;
    json_write_init(&w, &body);
    mock_aicc_write_record(&w, &call, 42);
    parse();
    assert_at("/callSerialNo", "42");
    assert_at("/reasonCode", "3");
    assert_status(json_i64(json_get(json, "agentTalkDuration"), &value), OK);
    assert_int_equal(value, 1);
    assert_status(json_i64(json_get(json, "alertingTime"), &value), OK);
    assert_int_equal(value, NOW_MS + 2000);
    assert_null(json_get(json, "talkingTime"));
    assert_null(json_get(json, "talkDuration"));
    assert_null(json_get(json, "agentPresent"));
}

int main(void)
{
#define CLEANING(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLEANING(codes_are_strings_but_those_of_recordings),
        CLEANING(serials_are_numbers_in_v1_only),
        CLEANING(the_state_is_that_of_the_time_that_is_told),
        CLEANING(a_record_leaves_out_what_did_not_happen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
