/* CSV files of phone numbers. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/number_lines.h"

static void assert_lines(const char *csv, size_t first, size_t count, const char *const *expected)
{
    struct number_lines lines = {0};
    struct fault fault = {""};
    if (number_lines_read(str_of(csv), &lines, &fault) != OK)
        fail_msg("%s", fault.text);
    assert_int_equal(lines.first, first);
    assert_int_equal(lines.count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(lines.items[i], expected[i]);
    number_lines_finish(&lines);
}

TEST(reads_a_number_of_each_line)
{
    UNUSED(state);
    static const char *const both[] = {"057100000001", "057100000002"};
    static const char *const csvs[] = {
        "057100000001\n057100000002",
        "057100000001\r\n057100000002\r\n\r\n",
        "\xEF\xBB\xBF"
        "057100000001,Hangzhou\n \"057100000002\" ,\n",
    };
    for (size_t i = 0; i < COUNT_OF(csvs); i++)
        assert_lines(csvs[i], 1, 2, both);
    assert_lines("Number,city\n057100000001\n057100000002\n", 2, 2, both);
}

TEST(keeps_the_count_of_lines)
{
    UNUSED(state);
    static const char *const expected[] = {"057100000001", "", "x"};
    assert_lines("057100000001\n\nx", 1, 3, expected);
}

TEST(refuses_what_holds_no_number_or_is_no_text)
{
    UNUSED(state);
    static const char *const csvs[] = {"", "\n\r\n", "number\n", "\xFF"};
    for (size_t i = 0; i < COUNT_OF(csvs); i++) {
        struct number_lines lines = {0};
        struct fault fault = {""};
        assert_true(number_lines_read(str_of(csvs[i]), &lines, &fault) != OK);
        assert_fault(fault, "CSV: ");
        number_lines_finish(&lines);
    }
    struct number_lines lines = {0};
    struct fault fault = {""};
    assert_status(number_lines_read(STR("1\0002"), &lines, &fault), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_number_of_each_line),
        cmocka_unit_test(keeps_the_count_of_lines),
        cmocka_unit_test(refuses_what_holds_no_number_or_is_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
