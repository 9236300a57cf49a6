/* The 21 codes. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/buf.h"
#include "profile/code.h"

static void knows_the_texts_of_the_codes(void **state)
{
    (void)state;
    assert_string_equal(ita_code_text(STR("90100100")), "Invalid Input Parameter");
    assert_string_equal(ita_code_text(STR("90106003")), "Insufficient Number resources");
    assert_string_equal(ita_code_text(STR("90106012")), "Callee forbid");
    assert_string_equal(ita_code_text_zh(STR("90106012")), "被叫禁止");
}

static void knows_exactly_21_codes(void **state)
{
    (void)state;
    int known = 0;
    for (int code = 90100000; code < 90110000; code++) {
        char text[16];
        struct buf buf;
        buf_init_fixed(&buf, text, sizeof(text));
        buf_append_i64(&buf, code);
        known += ita_code_text(buf_str(&buf)) != NULL;
        assert_int_equal(ita_code_text(buf_str(&buf)) == NULL,
                         ita_code_text_zh(buf_str(&buf)) == NULL);
    }
    assert_int_equal(known, 21);
}

static void knows_no_text_of_other_codes(void **state)
{
    (void)state;
    assert_null(ita_code_text(STR("")));
    assert_null(ita_code_text(STR("0")));
    assert_null(ita_code_text(STR("9010600")));
    assert_null(ita_code_text(STR("901060033")));
    assert_null(ita_code_text(STR("APIGW.0301")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_texts_of_the_codes),
        cmocka_unit_test(knows_exactly_21_codes),
        cmocka_unit_test(knows_no_text_of_other_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
