#include "tests/test.h"

#include "mock_ita/scenario/template.h"

static void assert_filled_as(bool is_json, const char *text, const char *expected)
{
    const struct str values[MOCK_VARIABLES] = {
        [MOCK_VARIABLE_CALL_ID] = STR("mock-1"),
        [MOCK_VARIABLE_REQUEST_ID] = STR("a\"b\\"),
        [MOCK_VARIABLE_TEL_B] = STR("13800000001"),
        [MOCK_VARIABLE_SERVER_TIME] = STR("20300102T030405Z"),
    };
    struct buf out;
    buf_init(&out, 1000);
    mock_template_fill(str_of(text), is_json, values, &out);
    assert_str(buf_str(&out), expected);
    buf_finish(&out);
}

static void assert_filled(const char *text, const char *expected)
{
    assert_filled_as(false, text, expected);
}

TEST(fills_in_what_is_known)
{
    UNUSED(state);
    assert_filled("{callID}", "mock-1");
    assert_filled("{\"callID\":\"{callID}\",\"telB\":\"{telB}\"}",
                  "{\"callID\":\"mock-1\",\"telB\":\"13800000001\"}");
    assert_filled("at {serverTime}.", "at 20300102T030405Z.");
    assert_filled("{callID}{callID}", "mock-1mock-1");
    assert_filled("", "");
}

TEST(escapes_values_in_json_only)
{
    UNUSED(state);
    assert_filled("{requestId}", "a\"b\\");
    assert_filled_as(true, "{\"id\":\"{requestId}\",\"x\":\"{telX}\"}",
                     "{\"id\":\"a\\\"b\\\\\",\"x\":\"\"}");
}

TEST(leaves_nothing_where_a_value_is_empty)
{
    UNUSED(state);
    assert_filled("[{telX}]", "[]");
}

TEST(leaves_braces_that_hold_no_name)
{
    UNUSED(state);
    assert_filled("{}", "{}");
    assert_filled("{", "{");
    assert_filled("{callID", "{callID");
    assert_filled("{ callID}", "{ callID}");
    assert_filled("{{callID}}", "{mock-1}");
    assert_filled("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}");
    assert_filled("{1}", "{1}");
}

TEST(refuses_a_name_that_nobody_knows)
{
    UNUSED(state);
    struct fault fault = {0};
    assert_status(mock_template_check(STR("{callID} {telA} {\"a\":1}"), &fault), OK);
    assert_status(mock_template_check(STR("{callID} {callId}"), &fault), ERR_INVALID);
    assert_fault(fault, "{callId}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_what_is_known),
        cmocka_unit_test(escapes_values_in_json_only),
        cmocka_unit_test(leaves_nothing_where_a_value_is_empty),
        cmocka_unit_test(leaves_braces_that_hold_no_name),
        cmocka_unit_test(refuses_a_name_that_nobody_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
