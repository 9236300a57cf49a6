#include "tests/test.h"

#include "base/mem.h"
#include "base/str.h"

TEST(slices_never_leave_the_text)
{
    UNUSED(state);
    assert_str(str_slice(STR("abc"), 1, 1), "b");
    assert_str(str_slice(STR("abc"), 1, SIZE_MAX), "bc");
    assert_str(str_slice(STR("abc"), 3, 1), "");
    assert_str(str_slice(STR("abc"), 99, 1), "");
}

TEST(splits_keep_empty_pieces)
{
    UNUSED(state);
    struct str rest = STR("a,,b,"), piece;
    const char *expected[] = {"a", "", "b", ""};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_true(str_next(&rest, ',', &piece));
        assert_str(piece, expected[i]);
    }
    assert_false(str_next(&rest, ',', &piece));
}

TEST(parses_unsigned_numbers_strictly)
{
    UNUSED(state);
    uint64_t value = 0;
    assert_status(str_parse_u64(STR("18446744073709551615"), &value), OK);
    assert_int_equal(value, UINT64_MAX);
    assert_status(str_parse_u64(STR("18446744073709551616"), &value), ERR_TOO_BIG);
    const char *bad[] = {"", "+1", "-1", " 1", "1 ", "0x1", "1.0", "a"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_status(str_parse_u64(str_of(bad[i]), &value), ERR_SYNTAX);
}

TEST(parses_signed_numbers_within_their_range)
{
    UNUSED(state);
    int64_t value = 0;
    assert_status(str_parse_i64(STR("-9223372036854775807"), &value), OK);
    assert_int_equal(value, -INT64_MAX);
    assert_status(str_parse_i64(STR("9223372036854775808"), &value), ERR_TOO_BIG);
    assert_status(str_parse_i64(STR("--1"), &value), ERR_SYNTAX);
    assert_status(str_parse_i64(STR("-"), &value), ERR_SYNTAX);
}

TEST(knows_utf8_from_what_only_looks_like_it)
{
    UNUSED(state);
    const char *good[] = {
        "", "abc", "\xC2\x80", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"};
    const char *bad[] = {"\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x80\x80",
                         "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                         "\xC2",         "\xE4\xB8",         "\xF0\x9F\x98",     "a\xFF"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(str_is_utf8(str_of(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(str_is_utf8(str_of(bad[i])));
}

TEST(compares_by_bytes_shorter_first)
{
    UNUSED(state);
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("B"), STR("a")) < 0);
    assert_true(str_compare(STR("\xC3"), STR("z")) > 0);
    assert_int_equal(str_compare(STR("x"), STR("x")), 0);
    assert_true(str_is_nocase(STR("X-Sdk-Date"), STR("x-sdk-DATE")));
    assert_false(str_is_nocase(STR("x-sdk-date"), STR("x_sdk-date")));
}

TEST(trims_spaces_and_tabs_only)
{
    UNUSED(state);
    assert_str(str_trim(STR(" \t a b \t")), "a b");
    assert_str(str_trim(STR("\n a")), "\n a");
    assert_str(str_trim(STR("  ")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_never_leave_the_text),
        cmocka_unit_test(splits_keep_empty_pieces),
        cmocka_unit_test(parses_unsigned_numbers_strictly),
        cmocka_unit_test(parses_signed_numbers_within_their_range),
        cmocka_unit_test(knows_utf8_from_what_only_looks_like_it),
        cmocka_unit_test(compares_by_bytes_shorter_first),
        cmocka_unit_test(trims_spaces_and_tabs_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
