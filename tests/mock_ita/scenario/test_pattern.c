#include "tests/test.h"

#include "base/mem.h"
#include "mock_ita/scenario/pattern.h"

static bool fits(const char *pattern, const char *number)
{
    return mock_pattern_fits(str_of(pattern), str_of(number));
}

TEST(a_number_fits_itself_only)
{
    UNUSED(state);
    assert_true(fits("13800000001", "13800000001"));
    assert_false(fits("13800000001", "13800000002"));
    assert_false(fits("13800000001", "1380000000"));
    assert_false(fits("1380000000", "13800000001"));
    assert_false(fits("13800000001", ""));
    assert_true(fits("", ""));
    assert_false(fits("", "1"));
}

TEST(a_question_mark_is_one_character)
{
    UNUSED(state);
    assert_true(fits("138????0001", "13800000001"));
    assert_true(fits("?", "1"));
    assert_false(fits("?", ""));
    assert_false(fits("??", "1"));
    assert_false(fits("1?", "111"));
}

TEST(a_star_is_any_characters_and_none)
{
    UNUSED(state);
    static const char *const good[][2] = {
        {"*", ""},       {"*", "1"},         {"*0001", "13800000001"}, {"138*", "13800000001"},
        {"138*", "138"}, {"1*8*1", "1381"},  {"*0*0*", "13800000001"}, {"**", "12"},
        {"*12", "1112"}, {"*121", "112121"}, {"1*?1", "1381"},         {"+86*", "+8613800000001"},
    };
    static const char *const bad[][2] = {
        {"*0001", "13800000002"},
        {"138*", "1390"},
        {"138*", "13"},
        {"1*8*1", "1391"},
        {"*?", ""},
        {"*12", "121"},
        {"1*1*1", "11"},
        {"+86*", "8613800000001"},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (!fits(good[i][0], good[i][1]))
            fail_msg("%s should fit %s", good[i][0], good[i][1]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (fits(bad[i][0], bad[i][1]))
            fail_msg("%s should not fit %s", bad[i][0], bad[i][1]);
}

/* By trying everything: every pattern of four characters against every number of up to five. */
static bool fits_slowly(const char *pattern, const char *number)
{
    if (*pattern == '\0')
        return *number == '\0';
    if (*pattern == '*')
        return fits_slowly(pattern + 1, number) ||
               (*number != '\0' && fits_slowly(pattern, number + 1));
    return *number != '\0' && (*pattern == '?' || *pattern == *number) &&
           fits_slowly(pattern + 1, number + 1);
}

TEST(agrees_with_trying_everything)
{
    UNUSED(state);
    static const char letters[] = "12?*";
    for (unsigned p = 0; p < 4 * 4 * 4 * 4; p++) {
        char pattern[] = {letters[p & 3], letters[p >> 2 & 3], letters[p >> 4 & 3],
                          letters[p >> 6 & 3], '\0'};
        for (unsigned n = 1; n < 1u << 6; n++) { /* a leading one bit, then the digits */
            char number[8] = "";
            size_t len = 0;
            for (unsigned bit = 31u - (unsigned)__builtin_clz(n); bit-- > 0;)
                number[len++] = (n >> bit & 1) != 0 ? '2' : '1';
            if (fits(pattern, number) != fits_slowly(pattern, number))
                fail_msg("%s and %s", pattern, number);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_fits_itself_only),
        cmocka_unit_test(a_question_mark_is_one_character),
        cmocka_unit_test(a_star_is_any_characters_and_none),
        cmocka_unit_test(agrees_with_trying_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
