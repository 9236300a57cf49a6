#include "tests/test.h"

#include "base/latency.h"

TEST(a_bound_belongs_to_its_bucket)
{
    UNUSED(state);
    for (size_t i = 0; i < LATENCY_BUCKETS - 1; i++) {
        struct latency latency = {0};
        latency_add(&latency, latency_bound_us(i));
        latency_add(&latency, latency_bound_us(i) + 1);
        assert_int_equal(latency.counts[i], 1);
        assert_int_equal(latency.counts[i + 1], 1);
    }
}

TEST(bounds_rise_and_the_last_bucket_has_none)
{
    UNUSED(state);
    for (size_t i = 1; i < LATENCY_BUCKETS - 1; i++)
        assert_true(latency_bound_us(i) > latency_bound_us(i - 1));
    assert_int_equal(latency_bound_us(LATENCY_BUCKETS - 1), 0);
}

TEST(counts_and_adds_up)
{
    UNUSED(state);
    struct latency latency = {0};
    latency_add(&latency, 1);
    latency_add(&latency, 1500);
    latency_add(&latency, INT64_C(3600) * 1000000);
    assert_int_equal(latency_count(&latency), 3);
    assert_int_equal(latency.sum_us, 1501 + INT64_C(3600) * 1000000);
    assert_int_equal(latency.counts[LATENCY_BUCKETS - 1], 1);
}

TEST(a_time_before_the_beginning_is_none)
{
    UNUSED(state);
    struct latency latency = {0};
    latency_add(&latency, -5);
    assert_int_equal(latency.counts[0], 1);
    assert_int_equal(latency.sum_us, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_belongs_to_its_bucket),
        cmocka_unit_test(bounds_rise_and_the_last_bucket_has_none),
        cmocka_unit_test(counts_and_adds_up),
        cmocka_unit_test(a_time_before_the_beginning_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
