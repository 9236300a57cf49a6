/* Values out of the page of /metrics. */

#include "tests/test.h"

#include "gateway/cli/metric_text.h"

#define PAGE                                                                                       \
    STR("# HELP calls x\n# TYPE calls counter\ncalls 12\ncalls_live 3\n"                           \
        "x{state=\"free\"} 5\nx{state=\"busy\"} 1e2\nbroken x\n"                                   \
        "turns_bucket{le=\"0.001\"} 90\nturns_bucket{le=\"0.01\"} 99\nturns_bucket{le=\"+Inf\"} "  \
        "100\nturns_sum 1\nturns_count 100\n")

TEST(a_series_is_found_by_its_whole_name)
{
    UNUSED(state);
    double value = 0;
    assert_true(metric_text_find(PAGE, "calls", &value));
    assert_float_equal(value, 12, 0);
    assert_true(metric_text_find(PAGE, "calls_live", &value));
    assert_float_equal(value, 3, 0);
    assert_true(metric_text_find(PAGE, "x{state=\"busy\"}", &value));
    assert_float_equal(value, 100, 0);
}

TEST(what_is_not_there_or_no_number_is_not_found)
{
    UNUSED(state);
    double value;
    static const char *const none[] = {"call", "x", "x{state=\"lost\"}", "broken", "# HELP", ""};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_false(metric_text_find(PAGE, none[i], &value));
    assert_false(metric_text_find(STR(""), "calls", &value));
}

TEST(a_quantile_is_of_what_came_between_two_looks)
{
    UNUSED(state);
    struct metric_buckets before, after, none = {.count = 0};
    metric_text_buckets(PAGE, "turns", &after);
    assert_int_equal(after.count, 3);
    assert_float_equal(metric_buckets_quantile(NULL, &after, 0.9), 0.001, 0);
    assert_float_equal(metric_buckets_quantile(NULL, &after, 0.99), 0.01, 0);
    assert_float_equal(metric_buckets_quantile(NULL, &after, 1), -1, 0); /* above all bounds */
    before = after;
    assert_float_equal(metric_buckets_quantile(&before, &after, 0.5), -1, 0); /* nothing came */
    before.counts[0] = 90, before.counts[1] = 90, before.counts[2] = 90;
    assert_float_equal(metric_buckets_quantile(&before, &after, 0.5), 0.01, 0);
    before.counts[2] = 500; /* the gateway was started again */
    assert_float_equal(metric_buckets_quantile(&before, &after, 0.5), 0.001, 0);
    assert_float_equal(metric_buckets_quantile(NULL, &none, 0.5), -1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_series_is_found_by_its_whole_name),
        cmocka_unit_test(what_is_not_there_or_no_number_is_not_found),
        cmocka_unit_test(a_quantile_is_of_what_came_between_two_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
