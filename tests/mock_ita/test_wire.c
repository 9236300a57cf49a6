#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "mock_ita/wire.h"

#define START "{\"appKey\":\"fake-app\",\"requestId\":\"r-1\",\"telA\":\"13800000001\","
#define WHOLE START "\"telB\":\"057100000002\",\"telXMode\":\"0\""

static void assert_refused(const char *body, enum mock_code code, const char *why)
{
    struct mock_order order;
    struct fault fault;
    assert_int_equal(mock_order_decode(str_of(body), &order, &fault), code);
    if (strstr(fault.text, why) == NULL)
        fail_msg("\"%s\" does not hold \"%s\"", fault.text, why);
}

static void reads_every_member(void **state)
{
    (void)state;
    struct mock_order order;
    struct fault why;
    struct str body =
        STR(START "\"telB\":\"+8613800000002\",\"telXMode\":\"1\",\"telX\":\"700000000000001\","
                  "\"areaCode\":\"0571\",\"remark\":\"demo:7\",\"subTime\":\"20300102T030405Z\","
                  "\"expiration\":\"3600\",\"extra\":{\"callRecording\":\"1\"}}");
    assert_int_equal(mock_order_decode(body, &order, &why), MOCK_OK);
    assert_string_equal(why.text, "");
    assert_true(str_is(order.app_key, STR("fake-app")));
    assert_true(str_is(order.request_id, STR("r-1")));
    assert_true(str_is(order.tel_a, STR("13800000001")));
    assert_true(str_is(order.tel_b, STR("+8613800000002")));
    assert_true(str_is(order.tel_x, STR("700000000000001")));
    assert_true(str_is(order.remark, STR("demo:7")));
    assert_true(order.is_recorded);
    mock_order_finish(&order);
}

static void takes_the_least_there_can_be(void **state)
{
    (void)state;
    struct mock_order order;
    struct fault why;
    assert_int_equal(mock_order_decode(STR(WHOLE "}"), &order, &why), MOCK_OK);
    assert_int_equal(order.tel_x.len, 0);
    assert_int_equal(order.remark.len, 0);
    assert_false(order.is_recorded);
    mock_order_finish(&order);
}

static void lets_an_unknown_member_pass_and_names_it(void **state)
{
    (void)state;
    struct mock_order order;
    struct fault why;
    assert_int_equal(mock_order_decode(STR(WHOLE ",\"callData\":1}"), &order, &why), MOCK_OK);
    assert_string_equal(why.text, "unknown member: callData");
    mock_order_finish(&order);
}

static void refuses_what_is_no_object(void **state)
{
    (void)state;
    assert_refused("", MOCK_BAD_REQUEST, "");
    assert_refused("[]", MOCK_BAD_REQUEST, "object");
    assert_refused("{", MOCK_BAD_REQUEST, "");
    assert_refused(WHOLE "}x", MOCK_BAD_REQUEST, "");
    assert_refused(WHOLE ",\"telA\":\"13800000009\"}", MOCK_BAD_REQUEST, "");
}

static void refuses_absent_members(void **state)
{
    (void)state;
    assert_refused("{}", MOCK_INVALID_PARAMETER, "appKey: must be there");
    assert_refused("{\"appKey\":\"k\"}", MOCK_INVALID_PARAMETER, "requestId: must be there");
    assert_refused(START "\"telXMode\":\"0\"}", MOCK_INVALID_PARAMETER, "telB: must be there");
    assert_refused(START "\"telB\":\"13800000002\"}", MOCK_INVALID_PARAMETER,
                   "telXMode: must be there");
}

static void refuses_values_of_the_wrong_kind(void **state)
{
    (void)state;
    static const struct {
        const char *member, *why;
    } cases[] = {
        {"\"telX\":700000000000001", "telX: must be a string"},
        {"\"areaCode\":\"x\"", "areaCode"},
        {"\"remark\":null", "remark: must be a string"},
        {"\"subTime\":\"20300230T030405Z\"", "subTime"},
        {"\"subTime\":\"2030-01-02\"", "subTime"},
        {"\"expiration\":\"-1\"", "expiration"},
        {"\"extra\":\"1\"", "extra"},
        {"\"extra\":{\"callRecording\":1}", "extra"},
        {"\"extra\":{\"callRecording\":\"2\"}", "extra"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char storage[512];
        struct buf body;
        buf_init_fixed(&body, storage, sizeof(storage));
        buf_format(&body, WHOLE ",%s}", cases[i].member);
        assert_refused(buf_text(&body), MOCK_INVALID_PARAMETER, cases[i].why);
    }
}

static void refuses_numbers_that_nobody_can_dial(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "", "12", "+12", "138x0000001", "13800000001 ", "1234567890123456789012345"};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        char storage[512];
        struct buf body;
        buf_init_fixed(&body, storage, sizeof(storage));
        buf_format(&body, START "\"telB\":\"%s\",\"telXMode\":\"0\"}", numbers[i]);
        assert_refused(buf_text(&body), MOCK_INVALID_PARAMETER, "telB");
    }
    assert_refused(START "\"telB\":\"13800000001\",\"telXMode\":\"0\"}", MOCK_INVALID_PARAMETER,
                   "telB: must not be telA");
}

static void refuses_a_mode_that_does_not_fit_tel_x(void **state)
{
    (void)state;
    assert_refused(WHOLE ",\"telX\":\"700000000000001\"}", MOCK_INVALID_PARAMETER,
                   "telX: must not");
    assert_refused(START "\"telB\":\"13800000002\",\"telXMode\":\"1\"}", MOCK_INVALID_PARAMETER,
                   "telX: must be there");
    assert_refused(START "\"telB\":\"13800000002\",\"telXMode\":\"2\"}", MOCK_INVALID_PARAMETER,
                   "telXMode");
}

static void refuses_text_that_is_too_long(void **state)
{
    (void)state;
    char text[MOCK_REMARK_MAX + 2] = {0}, storage[1024];
    memset(text, 'r', MOCK_REMARK_MAX + 1);
    struct buf body;
    buf_init_fixed(&body, storage, sizeof(storage));
    buf_format(&body, WHOLE ",\"remark\":\"%s\"}", text);
    assert_refused(buf_text(&body), MOCK_INVALID_PARAMETER, "remark");
    buf_clear(&body);
    text[MOCK_REQUEST_ID_MAX + 1] = '\0';
    buf_format(&body, "{\"appKey\":\"k\",\"requestId\":\"%s\"}", text);
    assert_refused(buf_text(&body), MOCK_INVALID_PARAMETER, "requestId");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_member),
        cmocka_unit_test(takes_the_least_there_can_be),
        cmocka_unit_test(lets_an_unknown_member_pass_and_names_it),
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(refuses_absent_members),
        cmocka_unit_test(refuses_values_of_the_wrong_kind),
        cmocka_unit_test(refuses_numbers_that_nobody_can_dial),
        cmocka_unit_test(refuses_a_mode_that_does_not_fit_tel_x),
        cmocka_unit_test(refuses_text_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
