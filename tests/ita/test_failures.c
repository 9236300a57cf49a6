/* Counting failed signatures per AccessKey and source. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/buf.h"
#include "ita/failures.h"

enum { LIMIT = 5, SLOW_MS = 300000, NOW_MS = 2000000000, PAIRS = 8 };

static struct ita_failures *failures;

static int set_up(void **state)
{
    (void)state;
    failures = ita_failures_create(PAIRS, LIMIT, SLOW_MS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ita_failures_destroy(failures);
    ita_failures_destroy(NULL);
    return 0;
}

/* Fails so often that the next failure is slowed. */
static void fail_to_limit(struct str access_key, struct str source, int64_t now_ms)
{
    for (int i = 0; i < LIMIT; i++)
        assert_false(ita_failures_add(failures, access_key, source, now_ms));
}

static void slows_after_the_limit(void **state)
{
    (void)state;
    fail_to_limit(STR("A"), STR("192.0.2.1"), NOW_MS);
    for (int i = 0; i < 100; i++)
        assert_true(ita_failures_add(failures, STR("A"), STR("192.0.2.1"), NOW_MS));
    assert_int_equal(ita_failures_count(failures), 1);
}

static void other_sources_and_keys_are_not_slowed(void **state)
{
    (void)state;
    fail_to_limit(STR("A"), STR("192.0.2.1"), NOW_MS);
    assert_true(ita_failures_add(failures, STR("A"), STR("192.0.2.1"), NOW_MS));
    assert_false(ita_failures_add(failures, STR("A"), STR("192.0.2.2"), NOW_MS));
    assert_false(ita_failures_add(failures, STR("B"), STR("192.0.2.1"), NOW_MS));
    assert_false(ita_failures_add(failures, STR(""), STR("192.0.2.1"), NOW_MS));
}

static void a_good_signature_starts_anew(void **state)
{
    (void)state;
    fail_to_limit(STR("A"), STR("192.0.2.1"), NOW_MS);
    ita_failures_clear(failures, STR("A"), STR("192.0.2.2"));
    ita_failures_clear(failures, STR("B"), STR("192.0.2.1"));
    assert_true(ita_failures_add(failures, STR("A"), STR("192.0.2.1"), NOW_MS));
    ita_failures_clear(failures, STR("A"), STR("192.0.2.1"));
    assert_int_equal(ita_failures_count(failures), 0);
    fail_to_limit(STR("A"), STR("192.0.2.1"), NOW_MS);
}

static void time_without_a_failure_starts_anew(void **state)
{
    (void)state;
    fail_to_limit(STR("A"), STR("192.0.2.1"), NOW_MS);
    assert_true(ita_failures_add(failures, STR("A"), STR("192.0.2.1"), NOW_MS + SLOW_MS - 1));
    assert_false(ita_failures_add(failures, STR("A"), STR("192.0.2.1"), NOW_MS + 2 * SLOW_MS - 1));
}

static void is_bounded_and_drops_the_pair_that_failed_longest_ago(void **state)
{
    (void)state;
    char text[32];
    struct buf source;
    fail_to_limit(STR("A"), STR("first"), NOW_MS);
    fail_to_limit(STR("A"), STR("second"), NOW_MS);
    assert_true(ita_failures_add(failures, STR("A"), STR("first"), NOW_MS));
    for (int i = 0; i < PAIRS - 1; i++) {
        buf_init_fixed(&source, text, sizeof(text));
        buf_format(&source, "192.0.2.%d", i);
        assert_false(ita_failures_add(failures, STR("A"), buf_str(&source), NOW_MS));
    }
    assert_int_equal(ita_failures_count(failures), PAIRS);
    assert_true(ita_failures_add(failures, STR("A"), STR("first"), NOW_MS));
    assert_false(ita_failures_add(failures, STR("A"), STR("second"), NOW_MS));
}

static void cuts_long_sources(void **state)
{
    (void)state;
    char source[ITA_SOURCE_MAX + 1];
    memset(source, 'a', sizeof(source));
    fail_to_limit(STR("A"), str_from(source, ITA_SOURCE_MAX), NOW_MS);
    assert_true(ita_failures_add(failures, STR("A"), str_from(source, sizeof(source)), NOW_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slows_after_the_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_sources_and_keys_are_not_slowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_good_signature_starts_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_without_a_failure_starts_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_bounded_and_drops_the_pair_that_failed_longest_ago,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(cuts_long_sources, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
