#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "mock_ita/range.h"

enum { SIZE = 1000 };

static const struct range_case {
    const char *value;
    enum mock_range_kind kind;
    uint64_t from, to;
} cases[] = {
    {"bytes=0-0", MOCK_RANGE_PART, 0, 1},
    {"bytes=0-499", MOCK_RANGE_PART, 0, 500},
    {"bytes=999-", MOCK_RANGE_PART, 999, 1000},
    {"bytes=0-", MOCK_RANGE_PART, 0, 1000},
    {"BYTES= 10-20 ", MOCK_RANGE_PART, 10, 21},
    {"bytes=10-5000", MOCK_RANGE_PART, 10, 1000},
    {"bytes=10-99999999999999999999999", MOCK_RANGE_PART, 10, 1000},
    {"bytes=-1", MOCK_RANGE_PART, 999, 1000},
    {"bytes=-5000", MOCK_RANGE_PART, 0, 1000},
    {"bytes=-99999999999999999999999", MOCK_RANGE_PART, 0, 1000},
    {"bytes=1000-", MOCK_RANGE_OUTSIDE, 1000, 1000},
    {"bytes=1000-2000", MOCK_RANGE_OUTSIDE, 1000, 1000},
    {"bytes=99999999999999999999999-", MOCK_RANGE_OUTSIDE, 1000, 1000},
    {"bytes=-0", MOCK_RANGE_OUTSIDE, 1000, 1000},
    /* malformed, or not served: all of it (RFC 9110, 14.2) */
    {"", MOCK_RANGE_WHOLE, 0, 1000},
    {"bytes", MOCK_RANGE_WHOLE, 0, 1000},
    {"bytes=", MOCK_RANGE_WHOLE, 0, 1000},
    {"bytes=-", MOCK_RANGE_WHOLE, 0, 1000},
    {"bytes=5", MOCK_RANGE_WHOLE, 0, 1000},
    {"bytes=20-10", MOCK_RANGE_WHOLE, 0, 1000},
    {"bytes=0-1,5-6", MOCK_RANGE_WHOLE, 0, 1000},
    {"bytes=+1-2", MOCK_RANGE_WHOLE, 0, 1000},
    {"bytes=1-2x", MOCK_RANGE_WHOLE, 0, 1000},
    {"bytes=--1", MOCK_RANGE_WHOLE, 0, 1000},
    {"seconds=0-1", MOCK_RANGE_WHOLE, 0, 1000},
};

static void reads_one_range_and_passes_over_what_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mock_range range = mock_range_read(str_of(cases[i].value), SIZE);
        if (range.kind != cases[i].kind || range.from != cases[i].from || range.to != cases[i].to)
            fail_msg("\"%s\": kind %d, %d to %d", cases[i].value, (int)range.kind, (int)range.from,
                     (int)range.to);
    }
}

static void finds_nothing_in_an_empty_file(void **state)
{
    (void)state;
    assert_int_equal(mock_range_read(STR("bytes=0-"), 0).kind, MOCK_RANGE_OUTSIDE);
    assert_int_equal(mock_range_read(STR("bytes=-5"), 0).kind, MOCK_RANGE_OUTSIDE);
    assert_int_equal(mock_range_read((struct str){0}, 0).kind, MOCK_RANGE_WHOLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_one_range_and_passes_over_what_is_none),
        cmocka_unit_test(finds_nothing_in_an_empty_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
