/* CSV as RFC 4180 has it, and nothing in it that a spreadsheet would run. */

#include "tests/test.h"

#include <stdio.h>

#include "base/csv.h"
#include "base/mem.h"

static void assert_cell(const char *text, const char *expected)
{
    char storage[128];
    struct buf out;
    struct csv_writer w;
    buf_init_fixed(&out, storage, sizeof(storage));
    csv_write_init(&w, &out);
    csv_write_text(&w, text);
    assert_str(buf_str(&out), expected);
}

TEST(lines_end_with_cr_lf_and_cells_are_parted_by_commas)
{
    UNUSED(state);
    char storage[128];
    struct buf out;
    struct csv_writer w;
    buf_init_fixed(&out, storage, sizeof(storage));
    csv_write_init(&w, &out);
    csv_write_text(&w, "serial");
    csv_write_text(&w, NULL);
    csv_write_u64(&w, UINT64_MAX);
    csv_end_line(&w);
    csv_write_text(&w, "");
    csv_write_str(&w, STR("b"));
    csv_end_line(&w);
    assert_str(buf_str(&out), "serial,,18446744073709551615\r\n,b\r\n");
}

TEST(quotes_what_would_end_a_cell)
{
    UNUSED(state);
    assert_cell("plain text", "plain text");
    assert_cell("a,b", "\"a,b\"");
    assert_cell("a\nb", "\"a\nb\"");
    assert_cell("a\rb", "\"a\rb\"");
    assert_cell("\"", "\"\"\"\"");
    assert_cell("say \"x\"", "\"say \"\"x\"\"\"");
}

TEST(what_looks_like_a_formula_is_text)
{
    UNUSED(state);
    static const char *const formulas[] = {"=1+1",    "+8613800000001", "-2",      "@SUM",
                                           "\t=1",    "  =1",           "\uFF1D1", "\uFF0B1",
                                           "\uFF0D1", "\uFF201"};
    for (size_t i = 0; i < COUNT_OF(formulas); i++) {
        char expected[64];
        snprintf(expected, sizeof(expected), "'%s", formulas[i]);
        assert_cell(formulas[i], expected);
    }
    assert_cell("=\"a,b\"", "\"'=\"\"a,b\"\"\"");
    assert_cell("\r\n=1", "\"'\r\n=1\"");
    assert_cell("13800000001", "13800000001");
    assert_cell("1-1", "1-1");
    assert_cell("\u4E2D\u6587", "\u4E2D\u6587");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_with_cr_lf_and_cells_are_parted_by_commas),
        cmocka_unit_test(quotes_what_would_end_a_cell),
        cmocka_unit_test(what_looks_like_a_formula_is_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
