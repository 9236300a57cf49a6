#include "tests/test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mock_ita/scenario/spread.h"

enum { DRAWS = 20000 };

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Sorted; each draw from another event, as in a run. */
static int64_t *draws(const struct mock_spread *spread)
{
    int64_t *ms = mem_alloc(DRAWS * sizeof(*ms));
    for (uint64_t i = 0; i < DRAWS; i++) {
        struct mock_random random = mock_random_of(7, STR("a rule"), i);
        ms[i] = mock_spread_draw_ms(spread, &random);
    }
    qsort(ms, DRAWS, sizeof(*ms), compare);
    return ms;
}

/* The first outputs of SplitMix64 from state 1234567, as its authors' reference code gives them. */
TEST(is_split_mix_64)
{
    UNUSED(state);
    struct mock_random random = {1234567};
    assert_true(mock_random_next(&random) == 6457827717110365317u);
    assert_true(mock_random_next(&random) == 3203168211198807973u);
    assert_true(mock_random_next(&random) == 9817491932198370423u);
    assert_true(mock_random_next(&random) == 4593380528125082431u);
    assert_true(mock_random_next(&random) == 16408922859458223821u);
}

TEST(every_event_has_a_sequence_of_its_own)
{
    UNUSED(state);
    struct mock_random same = mock_random_of(1, STR("rule"), 1);
    uint64_t first = mock_random_next(&same);
    const struct mock_random others[] = {
        mock_random_of(2, STR("rule"), 1), mock_random_of(1, STR("rule"), 2),
        mock_random_of(1, STR("rulf"), 1), mock_random_of(1, STR("rul"), 1),
        mock_random_of(1, STR(""), 1),     mock_random_of(1, STR("elur"), 1)};
    same = mock_random_of(1, STR("rule"), 1);
    assert_true(mock_random_next(&same) == first);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct mock_random other = others[i];
        assert_true(mock_random_next(&other) != first);
    }
}

TEST(units_are_even_over_events)
{
    UNUSED(state);
    int counts[10] = {0};
    for (uint64_t i = 0; i < DRAWS; i++) {
        struct mock_random random = mock_random_of(1, STR("rule"), i);
        double unit = mock_random_unit(&random);
        assert_true(unit >= 0 && unit < 1);
        counts[(int)(unit * 10)]++;
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++) /* six standard deviations of 42 */
        assert_in_range(counts[i], DRAWS / 10 - 254, DRAWS / 10 + 254);
}

TEST(a_fixed_duration_is_always_the_same)
{
    UNUSED(state);
    struct mock_spread spread = mock_spread_fixed(250);
    int64_t *ms = draws(&spread);
    assert_int_equal(ms[0], 250);
    assert_int_equal(ms[DRAWS - 1], 250);
    mem_free(ms);
}

TEST(a_uniform_one_takes_every_value_between_its_bounds)
{
    UNUSED(state);
    struct mock_spread spread = {.kind = MOCK_SPREAD_UNIFORM, .min_ms = 100, .max_ms = 300};
    int64_t *ms = draws(&spread);
    assert_int_equal(ms[0], 100);
    assert_int_equal(ms[DRAWS - 1], 300);
    assert_in_range(ms[DRAWS / 2], 195, 205);
    mem_free(ms);
}

TEST(a_log_normal_one_has_its_median_and_its_tail)
{
    UNUSED(state);
    struct mock_spread spread = {.kind = MOCK_SPREAD_LOG_NORMAL, .median_ms = 1000, .sigma = 0.5};
    int64_t *ms = draws(&spread);
    assert_in_range(ms[DRAWS / 2], 975, 1025);
    /* One standard deviation either way: e^-0.5 and e^0.5 times the median. */
    assert_in_range(ms[(int)(DRAWS * 0.1587)], 590, 624);
    assert_in_range(ms[(int)(DRAWS * 0.8413)], 1600, 1700);
    assert_true(ms[0] > 0);
    mem_free(ms);
}

TEST(a_log_normal_one_never_passes_a_day)
{
    UNUSED(state);
    struct mock_spread spread = {
        .kind = MOCK_SPREAD_LOG_NORMAL, .median_ms = MOCK_SPREAD_MAX_MS, .sigma = 3};
    int64_t *ms = draws(&spread);
    assert_int_equal(ms[DRAWS - 1], MOCK_SPREAD_MAX_MS);
    mem_free(ms);
}

TEST(every_kind_takes_as_much_from_the_sequence)
{
    UNUSED(state);
    const struct mock_spread spreads[] = {
        mock_spread_fixed(1),
        {.kind = MOCK_SPREAD_UNIFORM, .max_ms = 9},
        {.kind = MOCK_SPREAD_LOG_NORMAL, .median_ms = 9, .sigma = 1}};
    uint64_t after[COUNT_OF(spreads)];
    for (size_t i = 0; i < COUNT_OF(spreads); i++) {
        struct mock_random random = {42};
        (void)mock_spread_draw_ms(&spreads[i], &random);
        after[i] = random.state;
    }
    assert_true(after[0] == after[1] && after[1] == after[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_split_mix_64),
        cmocka_unit_test(every_event_has_a_sequence_of_its_own),
        cmocka_unit_test(units_are_even_over_events),
        cmocka_unit_test(a_fixed_duration_is_always_the_same),
        cmocka_unit_test(a_uniform_one_takes_every_value_between_its_bounds),
        cmocka_unit_test(a_log_normal_one_has_its_median_and_its_tail),
        cmocka_unit_test(a_log_normal_one_never_passes_a_day),
        cmocka_unit_test(every_kind_takes_as_much_from_the_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
