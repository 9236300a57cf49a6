#include "tests/test.h"

#include <stdio.h>

#include "gateway/refusal_log.h"

enum { SECOND = 1000, DAY_S = 24 * 3600 };

/* Warnings among so many refusals of one source in each of so many seconds. */
static int warnings(struct refusal_log *log, const char *source, int64_t *now_ms, int seconds,
                    int per_second)
{
    int count = 0;
    for (int i = 0; i < seconds; i++, *now_ms += SECOND)
        for (int k = 0; k < per_second; k++)
            count += refusal_log_level(log, str_of(source), *now_ms) == LOG_WARN;
    return count;
}

TEST(the_first_are_warnings)
{
    UNUSED(state);
    struct refusal_log *log = refusal_log_create();
    int64_t now_ms = SECOND;
    assert_int_equal(warnings(log, "192.0.2.1", &now_ms, 10, 1), 10);
    refusal_log_destroy(log);
}

TEST(a_source_that_goes_on_is_heard_now_and_then)
{
    UNUSED(state);
    struct refusal_log *log = refusal_log_create();
    int64_t now_ms = SECOND;
    int of_a_day = warnings(log, "192.0.2.1", &now_ms, DAY_S, 3);
    assert_in_range(of_a_day, 100, 5000);
    refusal_log_destroy(log);
}

TEST(one_source_does_not_hide_another)
{
    UNUSED(state);
    struct refusal_log *log = refusal_log_create();
    int64_t now_ms = SECOND;
    (void)warnings(log, "192.0.2.1", &now_ms, 60, 100);
    assert_int_equal(warnings(log, "192.0.2.2", &now_ms, 1, 1), 1);
    refusal_log_destroy(log);
}

/* Who has an IPv6 prefix has an address for each attempt. */
TEST(many_sources_together_are_limited)
{
    UNUSED(state);
    struct refusal_log *log = refusal_log_create();
    int count = 0;
    for (int i = 0; i < 100 * 1000; i++) {
        char source[32];
        (void)snprintf(source, sizeof(source), "2001:db8::%x:%x", i >> 16, i & 0xFFFF);
        count += refusal_log_level(log, str_of(source), SECOND + i / 10) == LOG_WARN;
    }
    assert_in_range(count, 10, 2 * (10 + 1)); /* in ten seconds */
    refusal_log_destroy(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_are_warnings),
        cmocka_unit_test(a_source_that_goes_on_is_heard_now_and_then),
        cmocka_unit_test(one_source_does_not_hide_another),
        cmocka_unit_test(many_sources_together_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
