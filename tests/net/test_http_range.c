#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "net/http_range.h"

enum { SIZE = 1000 };

static const struct range_case {
    const char *value;
    enum http_range_kind kind;
    uint64_t from, to;
} cases[] = {
    {"bytes=0-0", HTTP_RANGE_PART, 0, 1},
    {"bytes=0-499", HTTP_RANGE_PART, 0, 500},
    {"bytes=999-", HTTP_RANGE_PART, 999, 1000},
    {"bytes=0-", HTTP_RANGE_PART, 0, 1000},
    {"BYTES= 10-20 ", HTTP_RANGE_PART, 10, 21},
    {"bytes=10-5000", HTTP_RANGE_PART, 10, 1000},
    {"bytes=10-99999999999999999999999", HTTP_RANGE_PART, 10, 1000},
    {"bytes=-1", HTTP_RANGE_PART, 999, 1000},
    {"bytes=-5000", HTTP_RANGE_PART, 0, 1000},
    {"bytes=-99999999999999999999999", HTTP_RANGE_PART, 0, 1000},
    {"bytes=1000-", HTTP_RANGE_OUTSIDE, 1000, 1000},
    {"bytes=1000-2000", HTTP_RANGE_OUTSIDE, 1000, 1000},
    {"bytes=99999999999999999999999-", HTTP_RANGE_OUTSIDE, 1000, 1000},
    {"bytes=-0", HTTP_RANGE_OUTSIDE, 1000, 1000},
    /* malformed, or not served: all of it (RFC 9110, 14.2) */
    {"", HTTP_RANGE_WHOLE, 0, 1000},
    {"bytes", HTTP_RANGE_WHOLE, 0, 1000},
    {"bytes=", HTTP_RANGE_WHOLE, 0, 1000},
    {"bytes=-", HTTP_RANGE_WHOLE, 0, 1000},
    {"bytes=5", HTTP_RANGE_WHOLE, 0, 1000},
    {"bytes=20-10", HTTP_RANGE_WHOLE, 0, 1000},
    {"bytes=0-1,5-6", HTTP_RANGE_WHOLE, 0, 1000},
    {"bytes=+1-2", HTTP_RANGE_WHOLE, 0, 1000},
    {"bytes=1-2x", HTTP_RANGE_WHOLE, 0, 1000},
    {"bytes=--1", HTTP_RANGE_WHOLE, 0, 1000},
    {"seconds=0-1", HTTP_RANGE_WHOLE, 0, 1000},
};

static void reads_one_range_and_passes_over_what_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_range range = http_range_read(str_of(cases[i].value), SIZE);
        if (range.kind != cases[i].kind || range.from != cases[i].from || range.to != cases[i].to)
            fail_msg("\"%s\": kind %d, %d to %d", cases[i].value, (int)range.kind, (int)range.from,
                     (int)range.to);
    }
}

static void finds_nothing_in_an_empty_file(void **state)
{
    (void)state;
    assert_int_equal(http_range_read(STR("bytes=0-"), 0).kind, HTTP_RANGE_OUTSIDE);
    assert_int_equal(http_range_read(STR("bytes=-5"), 0).kind, HTTP_RANGE_OUTSIDE);
    assert_int_equal(http_range_read((struct str){0}, 0).kind, HTTP_RANGE_WHOLE);
}

static void reads_the_content_ranges_of_206_and_416(void **state)
{
    static const struct {
        const char *value;
        struct http_range range;
        uint64_t size;
    } good[] = {
        {"bytes 0-9/100", {HTTP_RANGE_PART, 0, 10}, 100},
        {"bytes 99-99/100", {HTTP_RANGE_PART, 99, 100}, 100},
        {"Bytes 5-6/*", {HTTP_RANGE_PART, 5, 7}, HTTP_SIZE_UNKNOWN},
        {"bytes */100", {HTTP_RANGE_OUTSIDE, 100, 100}, 100},
    };
    static const char *const bad[] = {
        "",
        "bytes",
        "bytes ",
        "bytes 0-9",
        "bytes 9-0/100",
        "bytes */*",
        "bytes 0-9/9",
        "bytes 0-100/100",
        "bytes=0-9/100",
        "bytes -9/100",
        "bytes 0-/9",
        "bytes 0-9/-1",
        "bytes 0-9/1e3",
        "items 0-9/100",
        "bytes 0-9,11-12/100",
        "bytes /9",
        "bytes 0-9/ 100",
        "bytes 0-18446744073709551615/*",
        "bytes 0-99999999999999999999999/*",
    };
    struct http_range range;
    uint64_t size;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(http_content_range_read(str_of(good[i].value), &range, &size), OK);
        assert_int_equal(range.kind, good[i].range.kind);
        assert_int_equal(range.from, good[i].range.from);
        assert_int_equal(range.to, good[i].range.to);
        assert_int_equal(size, good[i].size);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (http_content_range_read(str_of(bad[i]), &range, &size) == OK)
            fail_msg("taken: \"%s\"", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_one_range_and_passes_over_what_is_none),
        cmocka_unit_test(finds_nothing_in_an_empty_file),
        cmocka_unit_test(reads_the_content_ranges_of_206_and_416),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
