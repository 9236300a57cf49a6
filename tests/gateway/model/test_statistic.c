/* What can be worked out from counters, and how an hour of them is stored. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/statistic.h"

TEST(a_latency_belongs_to_the_lowest_bound_that_holds_it)
{
    UNUSED(state);
    assert_int_equal(statistic_latency_index(0), 0);
    assert_int_equal(statistic_latency_index(1000), 0);
    assert_int_equal(statistic_latency_index(1001), 1);
    assert_int_equal(statistic_latency_bound_ms(statistic_latency_index(99999)), 100);
    assert_int_equal(statistic_latency_index(10000 * 1000), STATISTIC_LATENCIES - 2);
    assert_int_equal(statistic_latency_index(INT64_MAX), STATISTIC_LATENCIES - 1);
    assert_int_equal(statistic_latency_bound_ms(STATISTIC_LATENCIES - 1), 0);
}

TEST(percentiles_lie_within_their_bounds)
{
    UNUSED(state);
    uint64_t counts[STATISTIC_LATENCIES] = {0};
    assert_int_equal(statistic_percentile_ms(counts, 50), 0);
    counts[statistic_latency_index(150 * 1000)] = 100;
    assert_int_equal(statistic_percentile_ms(counts, 1), 101);
    assert_int_equal(statistic_percentile_ms(counts, 50), 150);
    assert_int_equal(statistic_percentile_ms(counts, 100), 200);
    counts[statistic_latency_index(900 * 1000)] = 100;
    assert_int_equal(statistic_percentile_ms(counts, 50), 200);
    assert_int_equal(statistic_percentile_ms(counts, 75), 750);
}

TEST(one_answer_is_every_percentile)
{
    UNUSED(state);
    uint64_t counts[STATISTIC_LATENCIES] = {1};
    assert_int_equal(statistic_percentile_ms(counts, 50), 1);
    assert_int_equal(statistic_percentile_ms(counts, 99), 1);
}

TEST(what_has_no_bound_is_at_least_the_last_one)
{
    UNUSED(state);
    uint64_t counts[STATISTIC_LATENCIES] = {0};
    counts[STATISTIC_LATENCIES - 1] = 3;
    assert_int_equal(statistic_percentile_ms(counts, 50), 10000);
}

TEST(every_code_is_found_and_others_are_one)
{
    UNUSED(state);
    for (size_t i = 0; i < STATISTIC_CODES - 1; i++)
        assert_int_equal(statistic_code_index(str_of(statistic_code(i))), i);
    assert_int_equal(statistic_code_index(STR("90109999")), STATISTIC_CODES - 1);
    assert_int_equal(statistic_code_index(STR("")), STATISTIC_CODES - 1);
    assert_null(statistic_code(STATISTIC_CODES - 1));
}

TEST(an_hour_comes_back_from_its_rows)
{
    UNUSED(state);
    struct statistic_hour hour = {.hour = 500000, .x = {10, 3, 2, 1, 0}}, back = {.hour = 500000};
    struct statistic_row rows[STATISTIC_ROWS_MAX];
    for (size_t i = 0; i < STATISTIC_COUNTERS; i++)
        hour.counts[i] = (uint32_t)i + 1;
    size_t count = statistic_hour_rows(7, &hour, rows);
    assert_int_equal(count, STATISTIC_ROWS_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].tenant_id, 7);
        for (size_t j = 0; j < i; j++)
            assert_false(rows[i].kind == rows[j].kind && rows[i].key == rows[j].key);
        statistic_hour_add_row(&back, &rows[i]);
    }
    assert_memory_equal(&back, &hour, sizeof(hour));
}

TEST(what_is_zero_has_no_row)
{
    UNUSED(state);
    struct statistic_hour hour = {.hour = 1};
    struct statistic_row rows[STATISTIC_ROWS_MAX];
    assert_int_equal(statistic_hour_rows(7, &hour, rows), 0);
    hour.counts[STATISTIC_ENDED] = 2;
    assert_int_equal(statistic_hour_rows(7, &hour, rows), 1);
    assert_int_equal(rows[0].count, 2);
}

TEST(rows_of_another_version_are_passed_over)
{
    UNUSED(state);
    struct statistic_hour hour = {.hour = 1}, empty = {.hour = 1};
    const struct statistic_row rows[] = {
        {7, 1, 1, STATISTIC_EVENTS, 5},    {7, 1, 1, -1, 5}, {7, 1, 4, STATISTIC_CAUSES, 5},
        {7, 1, 5, STATISTIC_X_MEMBERS, 5}, {7, 1, 5, -1, 5}, {7, 1, 99, 0, 5},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        statistic_hour_add_row(&hour, &rows[i]);
    assert_memory_equal(&hour, &empty, sizeof(hour));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_latency_belongs_to_the_lowest_bound_that_holds_it),
        cmocka_unit_test(percentiles_lie_within_their_bounds),
        cmocka_unit_test(one_answer_is_every_percentile),
        cmocka_unit_test(what_has_no_bound_is_at_least_the_last_one),
        cmocka_unit_test(every_code_is_found_and_others_are_one),
        cmocka_unit_test(an_hour_comes_back_from_its_rows),
        cmocka_unit_test(what_is_zero_has_no_row),
        cmocka_unit_test(rows_of_another_version_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
