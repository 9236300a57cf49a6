#include "tests/test.h"

#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

TEST(sdk_dates_go_both_ways)
{
    UNUSED(state);
    char text[SDK_DATE_LEN];
    int64_t ms = 0;
    assert_status(clock_parse_sdk_date(STR("20300102T030405Z"), &ms), OK);
    assert_int_equal(ms, 1893553445000);
    clock_format_sdk_date(ms + 999, text);
    assert_str(str_from(text, sizeof(text)), "20300102T030405Z");
    assert_status(clock_parse_sdk_date(STR("20240229T235959Z"), &ms), OK);
}

TEST(sdk_dates_must_be_real_times_in_exactly_that_form)
{
    UNUSED(state);
    const char *bad[] = {
        "20230229T000000Z", "20241301T000000Z", "20240132T000000Z",  "20240101T240000Z",
        "20240101T006000Z", "20240101T000060Z", "20240101 000000Z",  "20240101T000000",
        "20240101T000000z", "20240101t000000Z", "20240101T000000Z ", "2024010T0000000Z",
        "+0240101T000000Z", "19691231T235959Z", "2024-101T000000Z",  "",
        "20240100T000000Z", "20240001T000000Z", "21000229T000000Z"};
    int64_t ms;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (clock_parse_sdk_date(str_of(bad[i]), &ms) == OK)
            fail_msg("accepted: %s", bad[i]);
}

TEST(compact_times_are_read_in_their_zone)
{
    UNUSED(state);
    int64_t ms = 0;
    struct buf out;
    buf_init(&out, 100);
    assert_status(clock_parse_compact(STR("20261122080000"), 8 * 3600, &ms), OK);
    assert_int_equal(ms, 1795305600000);
    clock_append_compact(&out, ms, 8 * 3600);
    assert_str(buf_str(&out), "20261122080000");
    buf_clear(&out);
    clock_append_rfc3339(&out, ms + 7);
    assert_str(buf_str(&out), "2026-11-22T00:00:00.007Z");
    assert_status(clock_parse_compact(STR("2026112208000"), 0, &ms), ERR_SYNTAX);
    assert_status(clock_parse_compact(STR("20261122250000"), 0, &ms), ERR_INVALID);
    buf_finish(&out);
}

/* Against the C library, over more than the 400 years after which the calendar repeats. */
TEST(every_day_is_where_the_c_library_has_it)
{
    UNUSED(state);
    char text[SDK_DATE_LEN];
    int64_t ms = 0;
    for (int64_t day = 0; day < INT64_C(430) * 366; day++) {
        time_t seconds = (time_t)(day * 86400 + day % 86400);
        struct tm tm;
        gmtime_r(&seconds, &tm);
        assert_int_equal(strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm), 14);
        assert_status(clock_parse_compact(str_from(text, 14), 0, &ms), OK);
        assert_int_equal(ms, (int64_t)seconds * 1000);
    }
}

TEST(http_dates_are_those_of_rfc_9110)
{
    UNUSED(state);
    char text[HTTP_DATE_LEN];
    int64_t ms = 0;
    clock_format_http_date(784111777000, text);
    assert_str(str_from(text, sizeof(text)), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_status(clock_parse_http_date(STR("Sun, 06 Nov 1994 08:49:37 GMT"), &ms), OK);
    assert_int_equal(ms, 784111777000);
    const char *bad[] = {"Sun, 06 Nov 1994 08:49:37 UTC", "Sunday, 06-Nov-94 08:49:37 GMT",
                         "Sun, 06 Xxx 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", ""};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_not_equal(clock_parse_http_date(str_of(bad[i]), &ms), OK);
}

TEST(zones_have_one_offset)
{
    UNUSED(state);
    int32_t offset = 0;
    assert_status(clock_parse_zone(STR("Asia/Shanghai"), &offset), OK);
    assert_int_equal(offset, 28800);
    assert_status(clock_parse_zone(STR("-03:30"), &offset), OK);
    assert_int_equal(offset, -12600);
    assert_status(clock_parse_zone(STR("UTC"), &offset), OK);
    assert_int_equal(offset, 0);
    const char *bad[] = {"", "08:00", "+8:00", "+15:00", "+08:60", "Europe/Berlin", "+08-00"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_not_equal(clock_parse_zone(str_of(bad[i]), &offset), OK);
}

TEST(durations_have_a_unit)
{
    UNUSED(state);
    const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"250ms", 250},   {"10s", 10000}, {"5m", 300000}, {"2h", 7200000},
                {"1d", 86400000}, {"0s", 0},      {"-3s", -3000}};
    const char *bad[] = {"", "5", "s", "ms", "1.5s", "5 s", "5S", "+5s", "s5", "0x5s", "5sec"};
    int64_t ms;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_status(clock_parse_duration(str_of(good[i].text), &ms), OK);
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_status(clock_parse_duration(str_of(bad[i]), &ms), ERR_SYNTAX);
    assert_status(clock_parse_duration(STR("9223372036854775807d"), &ms), ERR_TOO_BIG);
}

TEST(rfc_3339_times_are_read_in_utc_with_or_without_milliseconds)
{
    UNUSED(state);
    static const char *const bad[] = {
        "",
        "2030-01-02T03:04:05",
        "2030-01-02T03:04:05+00:00",
        "2030-01-02 03:04:05Z",
        "2030-01-02T03:04:05.6Z",
        "2030-01-02T03:04:05,678Z",
        "2030-01-02T03:04:05.67xZ",
        "2030/01/02T03:04:05Z",
        " 030-01-02T03:04:05Z",
    };
    int64_t ms = 0;
    assert_status(clock_parse_rfc3339(STR("2030-01-02T03:04:05Z"), &ms), OK);
    assert_true(ms == INT64_C(1893553445000));
    assert_status(clock_parse_rfc3339(STR("2030-01-02T03:04:05.678Z"), &ms), OK);
    assert_true(ms == INT64_C(1893553445678));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (clock_parse_rfc3339(str_of(bad[i]), &ms) == OK)
            fail_msg("%s is taken", bad[i]);
    assert_status(clock_parse_rfc3339(STR("2030-02-30T00:00:00Z"), &ms), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdk_dates_go_both_ways),
        cmocka_unit_test(durations_have_a_unit),
        cmocka_unit_test(every_day_is_where_the_c_library_has_it),
        cmocka_unit_test(sdk_dates_must_be_real_times_in_exactly_that_form),
        cmocka_unit_test(compact_times_are_read_in_their_zone),
        cmocka_unit_test(http_dates_are_those_of_rfc_9110),
        cmocka_unit_test(zones_have_one_offset),
        cmocka_unit_test(rfc_3339_times_are_read_in_utc_with_or_without_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
