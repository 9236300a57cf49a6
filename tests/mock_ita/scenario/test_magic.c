#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "mock_ita/scenario/magic.h"

static void tells_the_exact_texts_of_codes(void **state)
{
    (void)state;
    assert_string_equal(mock_code_text(MOCK_NOT_FOUND), "Not found");
    assert_string_equal(mock_code_digits(MOCK_CALLEE_FORBID), "90106012");
    assert_string_equal(mock_code_text(MOCK_CALLEE_FORBID), "Callee forbid");
    assert_string_equal(mock_code_digits(MOCK_OK), "0");
}

static void finds_every_code_by_its_last_four_digits(void **state)
{
    (void)state;
    int count = 0;
    for (enum mock_code code = MOCK_OK + 1; code <= MOCK_CALLEE_FORBID; code++, count++) {
        struct str digits = str_of(mock_code_digits(code));
        assert_int_equal(mock_code_of_last_four(str_slice(digits, 4, 4)), code);
    }
    assert_int_equal(count, 21);
    assert_int_equal(mock_code_of_last_four(STR("0017")), MOCK_OK);
    assert_int_equal(mock_code_of_last_four(STR("100")), MOCK_OK);
    assert_int_equal(mock_code_of_last_four(STR("")), MOCK_OK);
}

static void refuses_by_the_digits_behind_a_nine(void **state)
{
    (void)state;
    assert_int_equal(mock_magic_script(STR("13800096003")).answer.refusal, MOCK_NUMBERS_EXHAUSTED);
    assert_int_equal(mock_magic_script(STR("13800090100")).answer.refusal, MOCK_INVALID_PARAMETER);
    assert_int_equal(mock_magic_script(STR("92001")).answer.refusal, MOCK_INSUFFICIENT_BALANCE);
    assert_int_equal(mock_magic_script(STR("13800086003")).answer.refusal, MOCK_OK);
    assert_int_equal(mock_magic_script(STR("6003")).answer.refusal, MOCK_OK);
}

static void plays_an_answered_call_to_any_other_number(void **state)
{
    (void)state;
    static const char *const numbers[] = {"13800000001", "1", "", "057100000002", "13800099999"};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct mock_script script = mock_magic_script(str_of(numbers[i]));
        assert_int_equal(script.answer.refusal, MOCK_OK);
        assert_int_equal(script.answer.fault, MOCK_FAULT_NONE);
        assert_false(script.answer.is_after_cdr || script.answer.status != 0);
        assert_true(script.call.a_answers && script.call.b_answers);
        assert_int_equal(script.call.a_rings_ms, 2000);
        assert_int_equal(script.call.b_rings_ms, 5000);
        assert_int_equal(script.call.talk_ms, 30000);
        assert_int_equal(script.call.release_cause, 16);
        assert_int_equal(script.call.push_count, 1);
    }
}

static void plays_calls_that_fail(void **state)
{
    (void)state;
    static const int causes[] = {17, 19, 21};
    for (size_t i = 0; i < 3; i++) {
        char number[] = "13800000000";
        number[9] = (char)('0' + causes[i] / 10);
        number[10] = (char)('0' + causes[i] % 10);
        struct mock_script script = mock_magic_script(str_of(number));
        assert_int_equal(script.call.release_cause, causes[i]);
        assert_true(script.call.a_answers && !script.call.b_answers);
        assert_int_equal(script.call.push_count, 1);
    }
    struct mock_script script = mock_magic_script(STR("13800000018"));
    assert_int_equal(script.call.release_cause, 18);
    assert_false(script.call.a_answers || script.call.b_answers);
}

static void plays_the_faults_of_the_platform(void **state)
{
    (void)state;
    assert_int_equal(mock_magic_script(STR("13800080001")).call.push_count, 0);
    assert_int_equal(mock_magic_script(STR("13800080002")).call.push_count, 2);
    assert_true(mock_magic_script(STR("13800080003")).answer.is_after_cdr);
    assert_int_equal(mock_magic_script(STR("13800080004")).answer.fault, MOCK_FAULT_STALLED);
    assert_int_equal(mock_magic_script(STR("13800080005")).answer.status, 500);
    assert_int_equal(mock_magic_script(STR("13800080006")).answer.fault, MOCK_FAULT_CLOSED);
    assert_int_equal(mock_magic_script(STR("13800080006")).call.release_cause, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_exact_texts_of_codes),
        cmocka_unit_test(finds_every_code_by_its_last_four_digits),
        cmocka_unit_test(refuses_by_the_digits_behind_a_nine),
        cmocka_unit_test(plays_an_answered_call_to_any_other_number),
        cmocka_unit_test(plays_calls_that_fail),
        cmocka_unit_test(plays_the_faults_of_the_platform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
