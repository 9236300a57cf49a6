/* The Q.850 release causes. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "profile/q850.h"

static void names_release_causes(void **state)
{
    (void)state;
    assert_string_equal(q850_text(0), "n/a");
    assert_string_equal(q850_text(16), "normal clearing");
    assert_string_equal(q850_text(19), "no user answer");
    assert_string_equal(q850_text(102), "timer expired");
    assert_string_equal(q850_text(127), "unspecified");
    assert_string_equal(q850_text_zh(17), "用户忙");
}

static void has_words_in_both_languages_or_none(void **state)
{
    (void)state;
    for (int64_t cause = -1; cause <= 128; cause++)
        assert_int_equal(q850_text(cause) == NULL, q850_text_zh(cause) == NULL);
}

static void names_no_cause_that_the_table_lacks(void **state)
{
    (void)state;
    assert_null(q850_text(-1));
    assert_null(q850_text(10));
    assert_null(q850_text(126));
    assert_null(q850_text(128));
    assert_null(q850_text(INT64_MAX));
    assert_null(q850_text(INT64_MIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_release_causes),
        cmocka_unit_test(has_words_in_both_languages_or_none),
        cmocka_unit_test(names_no_cause_that_the_table_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
