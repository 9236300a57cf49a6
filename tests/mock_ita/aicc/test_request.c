#include "tests/test.h"

#include "base/mem.h"
#include "mock_ita/aicc/request.h"

static struct mock_aicc_request request;
static struct json *json;
static struct fault fault;

static int tear_down(void **state)
{
    UNUSED(state);
    json_destroy(json);
    json = NULL;
    return 0;
}

/* Apostrophes stand for quotation marks. */
static const char *read(enum mock_aicc_interface which, const char *text)
{
    char *body = str_copy(str_of(text));
    for (char *c = body; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    json_destroy(json);
    fault = (struct fault){0};
    assert_status(json_parse(str_of(body), &json, NULL), OK);
    mem_free(body);
    return mock_aicc_request_read(which, json, &request, &fault);
}

TEST(reads_all_of_create_call_v1)
{
    UNUSED(state);
    assert_null(
        read(MOCK_AICC_CREATE_CALL_V1,
             "{'caller':'13800000001','called':57100000002,'agentWorkNo':101,'callData':'x',"
             "'callerPresent':'+8657100000001','agentPresent':95588,"
             "'callBackUrl':'aHR0cDovL2EuZXhhbXBsZS9y','unknown':[1]}"));
    assert_str(request.caller, "13800000001");
    assert_str(request.called, "57100000002");
    assert_str(request.work_no, "101");
    assert_str(request.call_data, "x");
    assert_str(request.caller_present, "+8657100000001");
    assert_str(request.agent_present, "95588");
    assert_str(request.callback_url, "http://a.example/r");
}

TEST(takes_null_and_empty_text_for_absent)
{
    UNUSED(state);
    assert_null(
        read(MOCK_AICC_CREATE_CALL_V1,
             "{'caller':'13800000001','called':'057100000002','agentWorkNo':'','callData':null}"));
    assert_int_equal(request.work_no.len + request.call_data.len + request.callback_url.len, 0);
}

TEST(v3_calls_the_softphone_unless_there_is_a_caller)
{
    UNUSED(state);
    assert_null(read(MOCK_AICC_CREATE_CALL_V3, "{'softPhone':'8001','called':'057100000002'}"));
    assert_str(request.caller, "8001");
    assert_null(read(MOCK_AICC_CREATE_CALL_V3,
                     "{'softPhone':'8001','caller':'13800000001','called':'057100000002'}"));
    assert_str(request.caller, "13800000001");
}

TEST(names_the_member_and_the_code_of_what_is_wrong)
{
    UNUSED(state);
    static const struct {
        enum mock_aicc_interface which;
        const char *body, *code, *fault;
    } cases[] = {
        {MOCK_AICC_TOKEN, "{'app_key':'a'}", "", "app_secret: must be given"},
        {MOCK_AICC_TOKEN, "{'app_key':1,'app_secret':'b'}", "", "app_key: must be a string"},
        {MOCK_AICC_CREATE_CALL_V1, "{'called':'13900000001'}", "5", "caller: must be given"},
        {MOCK_AICC_CREATE_CALL_V1, "{'caller':'138x','called':'13900000001'}", "5",
         "caller: must be 3 to 24 digits"},
        {MOCK_AICC_CREATE_CALL_V1, "{'caller':'1380000000113800000001138','called':'13900000001'}",
         "5", "caller: must be"},
        {MOCK_AICC_CREATE_CALL_V1, "{'caller':[],'called':'13900000001'}", "5",
         "caller: must be a string or a number"},
        {MOCK_AICC_CREATE_CALL_V1, "{'caller':'13800000001','called':'13800000001'}", "5",
         "called: must be another number"},
        {MOCK_AICC_CREATE_CALL_V1,
         "{'caller':'13800000001','called':'13900000001','agentWorkNo':123456}", "5",
         "agentWorkNo: must be a number of at most 5 digits"},
        {MOCK_AICC_CREATE_CALL_V1, "{'caller':'13800000001','called':'13900000001','callData':1}",
         "2", "callData: must be a string"},
        {MOCK_AICC_CREATE_CALL_V1,
         "{'caller':'13800000001','called':'13900000001','agentPresent':'a'}", "5",
         "agentPresent: must be 3 to 32 digits"},
        {MOCK_AICC_CREATE_CALL_V1,
         "{'caller':'13800000001','called':'13900000001','callBackUrl':'?'}", "5",
         "callBackUrl: must be BASE64"},
        {MOCK_AICC_CREATE_CALL_V1,
         "{'caller':'13800000001','called':'13900000001','callBackUrl':'aHR0cDovL2EvJQ=='}", "5",
         "callBackUrl: the URL may hold"},
        {MOCK_AICC_CREATE_CALL_V3, "{'caller':'13800000001','called':'13900000001'}", "5",
         "softPhone: must be given"},
        {MOCK_AICC_STATE, "{}", "3", "callSerialNo: must be given"},
        {MOCK_AICC_RELEASE, "{'callSerialNo':{}}", "3", "callSerialNo: must be a string"},
        {MOCK_AICC_RECORDING,
         "{'callSerialNo':'123456789012345678901234567890123456789012345678901'}", "12",
         "callSerialNo: must have at most 50"},
        {MOCK_AICC_RECORDS, "{'endTime':'1'}", "2", "startTime: must be given"},
        {MOCK_AICC_RECORDS, "{'startTime':'x','endTime':'1'}", "2", "startTime: must be a whole"},
        {MOCK_AICC_RECORDS, "{'startTime':'2','endTime':'1'}", "2", "in order"},
        {MOCK_AICC_RECORDS, "{'startTime':0,'endTime':604800001}", "2", "at most 7 days apart"},
        {MOCK_AICC_RECORDS, "{'startTime':'99999999999999999999','endTime':'99999999999999999999'}",
         "2", "startTime, endTime"},
        {MOCK_AICC_RECORDS, "{'startTime':1,'endTime':2,'limit':0}", "4", "limit 1 or more"},
        {MOCK_AICC_RECORDS, "{'startTime':1,'endTime':2,'offset':-1}", "4", "offset: must be"},
        {MOCK_AICC_RECORDS, "{'startTime':1,'endTime':2,'caller':'x'}", "12", "caller: must be"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *code = read(cases[i].which, cases[i].body);
        if (code == NULL || strcmp(code, cases[i].code) != 0)
            fail_msg("%s: %s", cases[i].body, code);
        assert_fault(fault, cases[i].fault);
    }
}

TEST(counts_call_data_in_characters)
{
    UNUSED(state);
    struct buf body;
    for (int count = 1024; count <= 1025; count++) {
        buf_init(&body, 8192);
        buf_append(&body, STR("{'caller':'13800000001','called':'13900000001','callData':'"));
        for (int i = 0; i < count; i++)
            buf_append(&body, STR("\xe4\xbd\xa0"));
        buf_append(&body, STR("'}"));
        const char *code = read(MOCK_AICC_CREATE_CALL_V1, buf_text(&body));
        buf_finish(&body);
        if (count == 1024)
            assert_null(code);
        else
            assert_string_equal(code, "2");
    }
}

TEST(reads_which_records_are_asked_for)
{
    UNUSED(state);
    assert_null(read(MOCK_AICC_RECORDS, "{'startTime':'1000','endTime':604801000}"));
    assert_int_equal(request.start_ms, 1000);
    assert_int_equal(request.end_ms, 604801000);
    assert_int_equal(request.offset, 0);
    assert_int_equal(request.limit, 100);
    assert_null(read(MOCK_AICC_RECORDS,
                     "{'startTime':1,'endTime':2,'offset':'7','limit':5000,'taskType':'1',"
                     "'caller':'13800000001'}"));
    assert_int_equal(request.offset, 7);
    assert_int_equal(request.limit, MOCK_AICC_RECORDS_MAX);
    assert_str(request.task_type, "1");
}

int main(void)
{
#define CLEANING(test) cmocka_unit_test_teardown(test, tear_down)
    const struct CMUnitTest tests[] = {
        CLEANING(reads_all_of_create_call_v1),
        CLEANING(takes_null_and_empty_text_for_absent),
        CLEANING(v3_calls_the_softphone_unless_there_is_a_caller),
        CLEANING(names_the_member_and_the_code_of_what_is_wrong),
        CLEANING(counts_call_data_in_characters),
        CLEANING(reads_which_records_are_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
