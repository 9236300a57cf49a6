/* Points in time as operators give them. */

#include "tests/test.h"

#include "gateway/cli/when.h"

/* 2026-11-22T12:00:00Z */
#define NOON INT64_C(1795348800000)
#define HOUR INT64_C(3600000)

static int64_t when(const char *text)
{
    int64_t ms = 0;
    struct fault fault = {""};
    assert_int_equal(when_read(str_of(text), NOON, &ms, &fault), OK);
    return ms;
}

TEST(a_length_of_time_is_so_long_ago)
{
    UNUSED(state);
    assert_int_equal(when("2h"), NOON - 2 * HOUR);
    assert_int_equal(when("90s"), NOON - 90000);
    assert_int_equal(when("3d"), NOON - 72 * HOUR);
    assert_int_equal(when("0s"), NOON);
}

TEST(now_and_times_are_themselves)
{
    UNUSED(state);
    assert_int_equal(when("now"), NOON);
    assert_int_equal(when("2026-11-22T11:00:00Z"), NOON - HOUR);
    assert_int_equal(when("2026-11-22T11:00:00.250Z"), NOON - HOUR + 250);
}

TEST(other_words_are_refused_with_the_rule)
{
    UNUSED(state);
    static const char *const wrong[] = {"",
                                        "2",
                                        "-2h",
                                        "2 h",
                                        "yesterday",
                                        "2026-11-22",
                                        "2026-11-22T11:00:00",
                                        "1h30m",
                                        "99999999999999d",
                                        "3000000d"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int64_t ms;
        struct fault fault = {""};
        assert_int_equal(when_read(str_of(wrong[i]), NOON, &ms, &fault), ERR_INVALID);
        assert_non_null(strstr(fault.text, "how long ago"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_length_of_time_is_so_long_ago),
        cmocka_unit_test(now_and_times_are_themselves),
        cmocka_unit_test(other_words_are_refused_with_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
