/* What an AICC's answer means: above all, whether a call may have been placed. */

#include "tests/test.h"

#include <stdio.h>

#include "aicc/answer.h"
#include "base/mem.h"

static struct aicc_answer answer;

static int finish(void **state)
{
    UNUSED(state);
    aicc_answer_finish(&answer);
    return 0;
}

static void read_with(enum aicc_action action, int status, const char *body,
                      const struct http_header *header)
{
    aicc_answer_finish(&answer);
    aicc_answer_read(action,
                     &(struct http_fetch_result){.outcome = HTTP_ANSWERED,
                                                 .why = "",
                                                 .status = status,
                                                 .body = str_of(body),
                                                 .headers = header,
                                                 .header_count = header != NULL},
                     0, &answer);
}

static void read_place(int status, const char *body)
{
    read_with(AICC_PLACE, status, body, NULL);
}

#define SUCCESS(serial)                                                                            \
    "{\"retCode\":\"0\",\"retMsg\":\"s\",\"result\":{\"callSerialNo\":" serial "}}"

TEST(takes_a_serial_as_number_and_as_text)
{
    UNUSED(state);
    read_place(200, SUCCESS("900001"));
    assert_int_equal(answer.outcome, AICC_ACCEPTED);
    assert_str(answer.serial, "900001");
    read_place(200, SUCCESS("\"abc-1\""));
    assert_int_equal(answer.outcome, AICC_ACCEPTED);
    assert_str(answer.serial, "abc-1");
    read_place(200, "{\"retCode\":0,\"result\":{\"callSerialNo\":1}}");
    assert_int_equal(answer.outcome, AICC_ACCEPTED);
}

TEST(what_may_have_been_placed_is_unknown_and_not_tried_again)
{
    UNUSED(state);
    static const struct {
        int status;
        const char *body;
    } rows[] = {
        {200, SUCCESS("\"\"")},
        {200, SUCCESS("\"a b\"")},
        {200, SUCCESS("null")},
        {200, SUCCESS("\"012345678901234567890123456789012345678901234567890\"")},
        {200, "{\"retCode\":\"0\"}"},
        {200, "{\"retCode\":null}"},
        {200, "{}"},
        {200, "[]"},
        {200, ""},
        {200, "<html>"},
        {204, ""},
        {200, "{\"retCode\":\"90104008\",\"retMsg\":\"Service Process Failure\"}"},
        {500, "{\"errorCode\":\"500\"}"},
        {502, ""},
        {503, ""},
        {504, SUCCESS("1")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        read_place(rows[i].status, rows[i].body);
        if (answer.outcome != AICC_UNKNOWN || answer.is_safe || answer.is_token_denied)
            fail_msg("%d %s: %s", rows[i].status, rows[i].body, answer.why);
        assert_string_equal(answer.code, "90104008");
    }
}

TEST(refusals_are_passed_on_with_their_code_and_masked_words)
{
    UNUSED(state);
    read_place(200, "{\"retCode\":\"8\",\"retMsg\":\"caller 13800000001 not known\"}");
    assert_int_equal(answer.outcome, AICC_REFUSED);
    assert_string_equal(answer.code, "8");
    assert_string_equal(answer.message, "caller 138******** not known");
    read_place(200, "{\"retCode\":21}");
    assert_string_equal(answer.code, "21");
    read_place(200, "{\"retCode\":\"\\u0001\"}");
    assert_int_equal(answer.outcome, AICC_REFUSED);
    assert_string_equal(answer.code, "90106006");
    read_place(200, "{\"retCode\":\"1234567890123456\"}");
    assert_string_equal(answer.code, "90106006");
}

TEST(http_statuses_that_refuse)
{
    UNUSED(state);
    static const struct {
        int status;
        const char *code;
    } rows[] = {{400, "90100300"}, {401, "90100200"}, {403, "90100200"},
                {404, "90100400"}, {429, "90104029"}, {302, "90104004"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        read_place(rows[i].status, SUCCESS("1"));
        assert_int_equal(answer.outcome, AICC_REFUSED);
        assert_string_equal(answer.code, rows[i].code);
        assert_int_equal(answer.is_token_denied, rows[i].status == 401 || rows[i].status == 403);
        assert_false(answer.is_safe);
    }
}

TEST(who_says_when_to_come_back_did_nothing)
{
    UNUSED(state);
    const struct http_header header = {STR("Retry-After"), STR("2")};
    read_with(AICC_PLACE, 503, "", &header);
    assert_int_equal(answer.outcome, AICC_REFUSED);
    assert_true(answer.is_safe && answer.is_failing);
    assert_int_equal(answer.wait_ms, 2000);
    read_with(AICC_PLACE, 429, "", &header);
    assert_true(answer.is_safe && !answer.is_failing);
}

TEST(what_was_not_sent_may_be_sent_again)
{
    UNUSED(state);
    struct http_fetch_result fetched = {.outcome = HTTP_NOT_SENT, .why = "no route"};
    aicc_answer_finish(&answer);
    aicc_answer_read(AICC_PLACE, &fetched, 0, &answer);
    assert_int_equal(answer.outcome, AICC_REFUSED);
    assert_true(answer.is_safe && !answer.is_answered);
    assert_non_null(strstr(answer.why, "no route"));
    fetched.outcome = HTTP_UNKNOWN;
    aicc_answer_read(AICC_PLACE, &fetched, 0, &answer);
    assert_int_equal(answer.outcome, AICC_UNKNOWN);
    assert_false(answer.is_safe);
}

TEST(reads_where_a_recording_is)
{
    UNUSED(state);
    read_with(AICC_RECORDING, 200,
              "{\"retCode\":0,\"result\":{\"url\":\"https://aicc.example.test/r/1?a=b\"}}", NULL);
    assert_int_equal(answer.outcome, AICC_ACCEPTED);
    assert_str(answer.url, "https://aicc.example.test/r/1?a=b");
    read_with(AICC_RECORDING, 200, "{\"retCode\":5,\"retMsg\":\"no matching record\"}", NULL);
    assert_int_equal(answer.outcome, AICC_REFUSED);
    assert_string_equal(answer.code, "5");
}

TEST(an_address_that_is_none_is_no_recording)
{
    UNUSED(state);
    static const char *const urls[] = {"null",
                                       "7",
                                       "\"\"",
                                       "\"/r/1\"",
                                       "\"ftp://a/b\"",
                                       "\"https://a/b c\"",
                                       "\"https://a/\\r\\nX: y\""};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        char body[128];
        (void)snprintf(body, sizeof(body), "{\"retCode\":0,\"result\":{\"url\":%s}}", urls[i]);
        read_with(AICC_RECORDING, 200, body, NULL);
        assert_int_equal(answer.outcome, AICC_UNKNOWN);
        assert_string_equal(answer.code, "90104008");
        assert_int_equal(answer.url.len, 0);
    }
}

TEST(an_address_may_be_long_but_not_for_ever)
{
    UNUSED(state);
    static char url[AICC_URL_MAX + 1], body[sizeof(url) + 64];
    for (int len = AICC_URL_MAX; len <= AICC_URL_MAX + 1; len++) {
        memset(url, 'a', sizeof(url));
        memcpy(url, "https://", strlen("https://"));
        (void)snprintf(body, sizeof(body), "{\"retCode\":0,\"result\":{\"url\":\"%.*s\"}}", len,
                       url);
        read_with(AICC_RECORDING, 200, body, NULL);
        assert_int_equal(answer.outcome, len > AICC_URL_MAX ? AICC_UNKNOWN : AICC_ACCEPTED);
    }
}

TEST(tells_an_interface_that_the_aicc_does_not_have)
{
    UNUSED(state);
    static const struct {
        int status;
        bool is_not_offered;
    } rows[] = {{200, false}, {400, false}, {404, true}, {405, true}, {500, false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        read_with(AICC_RELEASE, rows[i].status, "{\"retCode\":\"90100400\"}", NULL);
        assert_int_equal(answer.is_not_offered, rows[i].is_not_offered);
    }
}

TEST(what_does_no_harm_twice_may_be_asked_again)
{
    UNUSED(state);
    const struct http_fetch_result fetched = {.outcome = HTTP_UNKNOWN, .why = "reset"};
    for (int action = 0; action < AICC_ACTIONS; action++) {
        aicc_answer_finish(&answer);
        aicc_answer_read(action, &fetched, 0, &answer);
        assert_int_equal(answer.outcome, AICC_UNKNOWN);
        assert_int_equal(answer.is_safe, action == AICC_RECORDING || action == AICC_RELEASE);
    }
}

static int64_t read_token(const char *body, const char *expected)
{
    struct buf token;
    int64_t good_ms = -1;
    buf_init(&token, AICC_TOKEN_MAX);
    read_with(AICC_TOKEN, 200, body, NULL);
    assert_int_equal(answer.outcome, AICC_ACCEPTED);
    aicc_answer_read_token(&answer, &token, &good_ms);
    if (expected == NULL)
        assert_int_equal(answer.outcome, AICC_REFUSED);
    else
        assert_str(buf_str(&token), expected);
    buf_finish(&token);
    return good_ms;
}

TEST(reads_a_token_and_how_long_it_is_good)
{
    UNUSED(state);
    assert_int_equal(read_token("{\"AccessToken\":\"t1\",\"Expires\":\"600\"}", "t1"), 600000);
    assert_int_equal(read_token("{\"AccessToken\":\"t1\",\"Expires\":30}", "t1"), 30000);
    assert_int_equal(read_token("{\"AccessToken\":\"t1\"}", "t1"), 60000);
    assert_int_equal(read_token("{\"AccessToken\":\"t1\",\"Expires\":\"-5\"}", "t1"), 60000);
    assert_int_equal(read_token("{\"AccessToken\":\"t1\",\"Expires\":\"99999999\"}", "t1"), 60000);
    read_token("{\"AccessToken\":\"\"}", NULL);
    read_token("{\"AccessToken\":\"a\\r\\nb\"}", NULL);
    read_token("{\"AccessToken\":7}", NULL);
    read_token("[]", NULL);
}

static bool read_state(const char *body, struct aicc_call *call)
{
    read_with(AICC_STATE, 200, body, NULL);
    assert_int_equal(answer.outcome, AICC_ACCEPTED);
    return aicc_state_read(answer.json, call);
}

TEST(reads_a_state)
{
    UNUSED(state);
    struct aicc_call call;
    assert_true(read_state("{\"retCode\":\"0\",\"result\":{\"state\":\"3\",\"reasonCode\":\"16\","
                           "\"startTime\":\"1700000000000\",\"endTime\":1700000009000}}",
                           &call));
    assert_int_equal(call.state, 3);
    assert_int_equal(call.reason, 16);
    assert_int_equal(call.start_ms, 1700000000000);
    assert_int_equal(call.end_ms, 1700000009000);
    assert_int_equal(call.duration_s, -1);
    assert_true(read_state("{\"retCode\":\"0\",\"result\":{\"state\":2}}", &call));
    assert_int_equal(call.reason, -1);
    static const char *const bad[] = {"{\"retCode\":\"0\"}", "{\"retCode\":\"0\",\"result\":[]}",
                                      "{\"retCode\":\"0\",\"result\":{\"state\":\"4\"}}",
                                      "{\"retCode\":\"0\",\"result\":{\"state\":-1}}",
                                      "{\"retCode\":\"0\",\"result\":{\"state\":\"x\"}}"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(read_state(bad[i], &call));
}

TEST(finds_a_record_by_its_serial_only)
{
    UNUSED(state);
    struct aicc_call call;
    read_with(AICC_RECORD, 200,
              "{\"retCode\":\"0\",\"result\":{\"total\":2,\"callInfo\":["
              "{\"callSerialNo\":\"1\",\"state\":\"3\"},"
              "{\"callSerialNo\":2,\"state\":\"3\",\"reasonCode\":\"0\",\"startTime\":10,"
              "\"releaseTime\":90,\"agentAlertingTime\":15,\"alertingTime\":\"25\",\"talkingTime\":"
              "30,\"agentTalkingTime\":20,\"talkDuration\":6,"
              "\"callerPresent\":\"057100000001\",\"agentPresent\":\"has space in it\"}]}}",
              NULL);
    assert_true(aicc_record_find(answer.json, STR("2"), &call));
    assert_int_equal(call.end_ms, 90);
    assert_int_equal(call.called_answer_ms, 30);
    assert_int_equal(call.caller_alerting_ms, 15);
    assert_int_equal(call.called_alerting_ms, 25);
    assert_int_equal(call.caller_answer_ms, 20);
    assert_int_equal(call.duration_s, 6);
    assert_str(call.caller_present, "057100000001");
    assert_str(call.agent_present, "");
    assert_false(aicc_record_find(answer.json, STR("3"), &call));
    assert_false(aicc_record_find(NULL, STR("3"), &call));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(takes_a_serial_as_number_and_as_text, finish),
        cmocka_unit_test_teardown(what_may_have_been_placed_is_unknown_and_not_tried_again, finish),
        cmocka_unit_test_teardown(refusals_are_passed_on_with_their_code_and_masked_words, finish),
        cmocka_unit_test_teardown(http_statuses_that_refuse, finish),
        cmocka_unit_test_teardown(who_says_when_to_come_back_did_nothing, finish),
        cmocka_unit_test_teardown(what_was_not_sent_may_be_sent_again, finish),
        cmocka_unit_test_teardown(reads_a_token_and_how_long_it_is_good, finish),
        cmocka_unit_test_teardown(reads_a_state, finish),
        cmocka_unit_test_teardown(finds_a_record_by_its_serial_only, finish),
        cmocka_unit_test_teardown(reads_where_a_recording_is, finish),
        cmocka_unit_test_teardown(an_address_that_is_none_is_no_recording, finish),
        cmocka_unit_test_teardown(an_address_may_be_long_but_not_for_ever, finish),
        cmocka_unit_test_teardown(tells_an_interface_that_the_aicc_does_not_have, finish),
        cmocka_unit_test_teardown(what_does_no_harm_twice_may_be_asked_again, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
