#include "base/mem.h"
#include "mock_ita/wire_answer.h"
#include "tests/test.h"

static void assert_answer(const char *profile_text, enum mock_code code,
                          const struct mock_told *told, const char *expected)
{
    static const struct mock_told nothing = {0};
    struct profile *profile = NULL;
    struct fault fault;
    struct buf out;
    if (profile_parse(str_of(profile_text), &profile, &fault) != OK ||
        mock_answer_check(profile, &fault) != OK)
        fail_msg("%s", fault.text);
    buf_init(&out, MOCK_ANSWER_MAX);
    mock_answer_write(profile, code, told == NULL ? &nothing : told, &out);
    assert_str(buf_str(&out), expected);
    buf_finish(&out);
    profile_release(profile);
}

static void answers_by_the_default_profile(void **state)
{
    (void)state;
    const struct mock_told call = {.call_id = STR("c-1"), .tel_x = STR("700")};
    const struct mock_told binding = {.sub_id = STR("s-1"), .tel_x = STR("700")};
    const struct mock_told recording = {.url = STR("https://h/\"")};
    assert_answer("{}", MOCK_OK, NULL, "{\"code\":\"0\",\"message\":\"Success\"}");
    assert_answer("{}", MOCK_OK, &call,
                  "{\"code\":\"0\",\"message\":\"Success\",\"data\":{\"callID\":\"c-1\","
                  "\"telX\":\"700\"}}");
    assert_answer("{}", MOCK_OK, &binding,
                  "{\"code\":\"0\",\"message\":\"Success\",\"data\":{\"telX\":\"700\","
                  "\"subId\":\"s-1\"}}");
    assert_answer("{}", MOCK_OK, &recording,
                  "{\"code\":\"0\",\"message\":\"Success\",\"data\":{\"url\":\"https://h/\\\"\"}}");
    assert_answer("{}", MOCK_NOT_FOUND, NULL, "{\"code\":\"90100400\",\"message\":\"Not found\"}");
}

static void puts_things_where_the_profile_has_them(void **state)
{
    (void)state;
    const struct mock_told call = {.call_id = STR("c-1"), .tel_x = STR("700")};
    assert_answer("{\"answer\":{\"code\":[\"/r/st/c\",\"/code\"],\"message\":\"/m\","
                  "\"callID\":\"/r/id\",\"telX\":\"/r/st/x\",\"success\":[\"OK\",\"0\"]}}",
                  MOCK_OK, &call,
                  "{\"r\":{\"st\":{\"c\":\"OK\",\"x\":\"700\"},\"id\":\"c-1\"},"
                  "\"m\":\"Success\"}");
}

static void refuses_with_the_native_code(void **state)
{
    (void)state;
    static const char codes[] = "{\"codes\":{\"APIG.9\":\"90106003\",\"E3\":\"90106003\","
                                "\"E4\":\"90106003\",\"APIC.8\":\"90106001\"}}";
    assert_answer(codes, MOCK_NUMBERS_EXHAUSTED, NULL,
                  "{\"code\":\"E3\",\"message\":\"Insufficient Number resources\"}");
    assert_answer(codes, MOCK_BINDING_EXISTS, NULL,
                  "{\"code\":\"90106001\",\"message\":\"Binding relationship already exists\"}");
}

static void lists_violations(void **state)
{
    (void)state;
    struct mock_violations violations = {0};
    const struct mock_told told = {.violations = &violations};
    assert_answer("{}", MOCK_BAD_REQUEST, &told,
                  "{\"code\":\"90100300\",\"message\":\"Bad Request\"}");
    mock_violations_add(&violations, STR("/telA"), STR("must be there"));
    mock_violations_add(&violations, STR(""), STR("must have \"no\" body"));
    assert_answer("{}", MOCK_INVALID_PARAMETER, &told,
                  "{\"code\":\"90100100\",\"message\":\"Invalid Input Parameter\",\"violations\":["
                  "{\"path\":\"/telA\",\"rule\":\"must be there\"},"
                  "{\"path\":\"\",\"rule\":\"must have \\\"no\\\" body\"}]}");
    mock_violations_finish(&violations);
}

static void tells_a_call_beside_its_id(void **state)
{
    (void)state;
    struct mock_call call = {.call_id = STR("c-1"),
                             .request_id = STR("r-1"),
                             .tel_a = STR("13800000001"),
                             .tel_b = STR("13800000002"),
                             .tel_x = STR("700"),
                             .state = MOCK_CALL_TALKING};
    const struct mock_told told = {.call_id = call.call_id, .tel_x = call.tel_x, .call = &call};
    assert_answer("{}", MOCK_OK, &told,
                  "{\"code\":\"0\",\"message\":\"Success\",\"data\":{\"callID\":\"c-1\","
                  "\"telX\":\"700\",\"requestId\":\"r-1\",\"telA\":\"13800000001\","
                  "\"telB\":\"13800000002\",\"state\":\"talking\"}}");
    call.state = MOCK_CALL_ENDED;
    call.release_cause = 16;
    call.request_id = STR("");
    assert_answer("{\"answer\":{\"callID\":\"/id\"}}", MOCK_OK, &told,
                  "{\"code\":\"0\",\"message\":\"Success\",\"id\":\"c-1\",\"data\":{\"telX\":"
                  "\"700\"},\"telA\":\"13800000001\",\"telB\":\"13800000002\",\"state\":\"ended\","
                  "\"releaseCause\":\"16\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_by_the_default_profile),
        cmocka_unit_test(puts_things_where_the_profile_has_them),
        cmocka_unit_test(refuses_with_the_native_code),
        cmocka_unit_test(lists_violations),
        cmocka_unit_test(tells_a_call_beside_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
