/* All that breaks a rule, at once. */

#include "tests/test.h"

#include "gateway/model/violation.h"

TEST(the_first_is_the_fault_named_as_the_option_is)
{
    UNUSED(state);
    struct violations all = {0};
    struct fault fault = {""};
    assert_status(violations_end(&all, &fault), OK);
    violations_add(&all, "required", "must be set", "必须填写", "accessKey");
    violations_add(&all, "number", "no number", "不是号码", "numbers/%d", 3);
    assert_status(violations_end(&all, &fault), ERR_INVALID);
    assert_string_equal(fault.text, "access-key: must be set");
    assert_string_equal(all.items[1].field, "numbers/3");
}

TEST(too_many_are_only_counted)
{
    UNUSED(state);
    struct violations all = {0};
    for (int i = 0; i < VIOLATIONS_MAX + 5; i++)
        violations_add(&all, "x", "x", "x", "numbers/%d", i);
    assert_int_equal(all.count, VIOLATIONS_MAX + 5);
    assert_int_equal(violations_kept(&all), VIOLATIONS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_the_fault_named_as_the_option_is),
        cmocka_unit_test(too_many_are_only_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
