/* Counting by the minute and by the hour. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/statistics.h"

/* 2026-11-22T12:00:00Z */
#define NOON INT64_C(1795348800000)
#define MINUTE INT64_C(60000)
#define HOUR INT64_C(3600000)

enum { SALES = 1, SUPPORT = 2 };

/* What was told, added up. */
struct sum {
    uint64_t events[STATISTIC_EVENTS], latencies, codes, causes[STATISTIC_CAUSES];
    size_t parts;
    uint32_t newest, oldest;
    struct statistic_x x;
};

static void add_minute(void *data, const struct statistic_minute *minute)
{
    struct sum *sum = data;
    for (size_t i = 0; i < STATISTIC_EVENTS; i++)
        sum->events[i] += minute->events[i];
    for (size_t i = 0; i < STATISTIC_LATENCIES; i++)
        sum->latencies += minute->latencies[i];
    if (sum->parts++ == 0)
        sum->newest = minute->minute;
    sum->oldest = minute->minute;
    if (minute->x.total > 0 && sum->x.total == 0)
        sum->x = minute->x;
}

static void add_hour(void *data, const struct statistic_hour *hour)
{
    struct sum *sum = data;
    sum->parts++;
    for (size_t i = 0; i < STATISTIC_EVENTS; i++)
        sum->events[i] += hour->counts[i];
    for (size_t i = 0; i < STATISTIC_CODES; i++)
        sum->codes += hour->counts[STATISTIC_CODE + i];
    for (size_t i = 0; i < STATISTIC_CAUSES; i++)
        sum->causes[i] += hour->counts[STATISTIC_CAUSE + i];
    if (hour->x.total > 0)
        sum->x = hour->x;
}

static struct sum minutes(const struct statistics *statistics, int64_t tenant_id, int64_t now_ms)
{
    struct sum sum = {0};
    statistics_minutes(statistics, tenant_id, now_ms, add_minute, &sum);
    return sum;
}

static struct sum hours(const struct statistics *statistics, int64_t tenant_id)
{
    struct sum sum = {0};
    statistics_hours(statistics, tenant_id, add_hour, &sum);
    return sum;
}

static size_t take_all(struct statistics *statistics, struct statistic_row *rows, size_t max)
{
    size_t all = 0, count;
    while ((count = statistics_take(statistics, rows + all, max - all)) > 0)
        all += count;
    return all;
}

static void one_call(struct statistics *statistics, int64_t tenant_id, int64_t at_ms)
{
    const struct statistics_outcome accepted = {CALL_OUTCOME_ACCEPTED, STR("0"), 5000};
    statistics_placed(statistics, tenant_id, at_ms);
    statistics_outcome(statistics, tenant_id, at_ms, &accepted);
    statistics_ended(statistics, tenant_id, at_ms, true, 16);
}

TEST(a_call_is_counted_for_its_tenant_and_for_all)
{
    UNUSED(state);
    struct statistics *statistics = statistics_create(NOON);
    one_call(statistics, SALES, NOON);
    one_call(statistics, SUPPORT, NOON);
    struct sum sales = minutes(statistics, SALES, NOON);
    struct sum all = minutes(statistics, STATISTIC_ALL_TENANTS, NOON);
    static const enum statistic counted[] = {STATISTIC_PLACED, STATISTIC_ACCEPTED, STATISTIC_ENDED,
                                             STATISTIC_ANSWERED};
    for (size_t i = 0; i < COUNT_OF(counted); i++) {
        assert_int_equal(sales.events[counted[i]], 1);
        assert_int_equal(all.events[counted[i]], 2);
    }
    assert_int_equal(sales.latencies, 1);
    assert_int_equal(hours(statistics, SALES).causes[16], 1);
    assert_int_equal(hours(statistics, SALES).codes, 0);
    assert_int_equal(minutes(statistics, 3, NOON).parts, 0);
    assert_int_equal(statistics_totals(statistics)[STATISTIC_PLACED], 2);
    statistics_destroy(statistics);
}

TEST(failures_and_refusals_have_their_codes)
{
    UNUSED(state);
    struct statistics *statistics = statistics_create(NOON);
    const struct statistics_outcome refused = {CALL_OUTCOME_REFUSED, STR("90106012"), -1};
    const struct statistics_outcome unknown = {CALL_OUTCOME_UNKNOWN, STR("90104008"), 7};
    statistics_failed(statistics, SALES, NOON, STR("5"));
    statistics_outcome(statistics, SALES, NOON, &refused);
    statistics_outcome(statistics, SALES, NOON, &unknown);
    struct sum sum = hours(statistics, SALES);
    assert_int_equal(sum.events[STATISTIC_FAILED], 1);
    assert_int_equal(sum.events[STATISTIC_REFUSED], 1);
    assert_int_equal(sum.events[STATISTIC_UNKNOWN], 1);
    assert_int_equal(sum.codes, 3);
    assert_int_equal(minutes(statistics, SALES, NOON).latencies, 1); /* one was not asked */
    statistics_destroy(statistics);
}

TEST(a_cause_that_is_none_is_not_counted)
{
    UNUSED(state);
    struct statistics *statistics = statistics_create(NOON);
    statistics_ended(statistics, SALES, NOON, false, -1);
    statistics_ended(statistics, SALES, NOON, false, STATISTIC_CAUSES);
    struct sum sum = hours(statistics, SALES);
    assert_int_equal(sum.events[STATISTIC_ENDED], 2);
    for (size_t i = 0; i < STATISTIC_CAUSES; i++)
        assert_int_equal(sum.causes[i], 0);
    statistics_destroy(statistics);
}

TEST(minutes_older_than_a_day_are_not_told)
{
    UNUSED(state);
    struct statistics *statistics = statistics_create(NOON);
    one_call(statistics, SALES, NOON);
    one_call(statistics, SALES, NOON + MINUTE);
    int64_t later = NOON + 24 * HOUR;
    struct sum sum = minutes(statistics, SALES, later);
    assert_int_equal(sum.parts, 1);
    assert_int_equal(sum.newest, (NOON + MINUTE) / MINUTE);
    assert_int_equal(statistics_minutes_since(statistics, later), (NOON + MINUTE) / MINUTE);
    assert_int_equal(statistics_minutes_since(statistics, NOON + HOUR), NOON / MINUTE);
    statistics_destroy(statistics);
}

TEST(a_step_back_of_the_clock_counts_into_the_time_that_was_reached)
{
    UNUSED(state);
    struct statistics *statistics = statistics_create(NOON);
    one_call(statistics, SALES, NOON);
    one_call(statistics, SALES, NOON - 5 * HOUR);
    struct sum sum = minutes(statistics, SALES, NOON);
    assert_int_equal(sum.parts, 1);
    assert_int_equal(sum.events[STATISTIC_PLACED], 2);
    statistics_destroy(statistics);
}

TEST(a_minute_with_more_than_it_can_hold_goes_on_in_another)
{
    UNUSED(state);
    struct statistics *statistics = statistics_create(NOON);
    for (int i = 0; i < 70000; i++)
        statistics_placed(statistics, SALES, NOON);
    one_call(statistics, SALES, NOON);
    struct sum sum = minutes(statistics, SALES, NOON);
    assert_int_equal(sum.events[STATISTIC_PLACED], 70001);
    assert_int_equal(sum.events[STATISTIC_ENDED], 1);
    assert_int_equal(sum.parts, 2);
    assert_int_equal(hours(statistics, SALES).events[STATISTIC_PLACED], 70001);
    statistics_destroy(statistics);
}

/* With so many tenants the ring goes round: each has the newest minutes, none another's. */
TEST(beyond_the_memory_the_oldest_minutes_go)
{
    UNUSED(state);
    enum { TENANTS = 1000, MINUTES = 1100 };
    struct statistics *statistics = statistics_create(NOON);
    int64_t now_ms = NOON;
    for (int i = 0; i < MINUTES; i++, now_ms += MINUTE)
        for (int64_t tenant = 1; tenant <= TENANTS; tenant++)
            statistics_placed(statistics, tenant, now_ms);
    now_ms -= MINUTE;
    int64_t since = statistics_minutes_since(statistics, now_ms);
    assert_true(since > NOON / MINUTE);
    static const int64_t asked[] = {1, 500, TENANTS, STATISTIC_ALL_TENANTS};
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        struct sum sum = minutes(statistics, asked[i], now_ms);
        assert_int_equal(sum.newest, now_ms / MINUTE);
        assert_true(sum.oldest <= since);
        uint64_t each = asked[i] == STATISTIC_ALL_TENANTS ? TENANTS : 1;
        assert_int_equal(sum.events[STATISTIC_PLACED], each * (sum.newest - sum.oldest + 1));
    }
    statistics_destroy(statistics);
}

TEST(only_what_has_changed_of_x_numbers_is_kept_and_of_an_hour_the_busiest)
{
    UNUSED(state);
    struct statistics *statistics = statistics_create(NOON);
    const struct statistic_x idle = {10, 0, 0, 0, 0}, busy = {10, 7, 1, 0, 0},
                             less = {10, 2, 5, 0, 0};
    statistics_sample_x(statistics, SALES, NOON, &idle);
    statistics_sample_x(statistics, SALES, NOON + MINUTE, &idle);
    assert_int_equal(minutes(statistics, SALES, NOON + MINUTE).parts, 1);
    statistics_sample_x(statistics, SALES, NOON + 2 * MINUTE, &busy);
    statistics_sample_x(statistics, SALES, NOON + 3 * MINUTE, &less);
    assert_int_equal(minutes(statistics, SALES, NOON + 3 * MINUTE).x.busy, 2);
    assert_int_equal(hours(statistics, SALES).x.busy, 7);
    assert_int_equal(minutes(statistics, STATISTIC_ALL_TENANTS, NOON + HOUR).parts, 0);
    statistics_destroy(statistics);
}

TEST(each_changed_hour_is_taken_once)
{
    UNUSED(state);
    static struct statistic_row rows[4 * STATISTIC_ROWS_MAX];
    struct statistics *statistics = statistics_create(NOON);
    assert_int_equal(statistics_take(statistics, rows, COUNT_OF(rows)), 0);
    statistics_placed(statistics, SALES, NOON);
    assert_int_equal(take_all(statistics, rows, COUNT_OF(rows)), 2); /* its and that of all */
    assert_int_equal(take_all(statistics, rows, COUNT_OF(rows)), 0);
    statistics_placed(statistics, SALES, NOON);
    assert_int_equal(take_all(statistics, rows, COUNT_OF(rows)), 2);
    assert_int_equal(rows[0].count, 2); /* in all */
    statistics_destroy(statistics);
}

TEST(what_could_not_be_stored_is_taken_again)
{
    UNUSED(state);
    static struct statistic_row rows[4 * STATISTIC_ROWS_MAX];
    struct statistics *statistics = statistics_create(NOON);
    one_call(statistics, SALES, NOON);
    size_t count = take_all(statistics, rows, COUNT_OF(rows));
    statistics_give_back(statistics, rows, count);
    assert_int_equal(take_all(statistics, rows, COUNT_OF(rows)), count);
    statistics_destroy(statistics);
}

TEST(an_hour_goes_on_after_a_restart)
{
    UNUSED(state);
    static struct statistic_row rows[4 * STATISTIC_ROWS_MAX];
    struct statistics *statistics = statistics_create(NOON);
    one_call(statistics, SALES, NOON);
    size_t count = take_all(statistics, rows, COUNT_OF(rows));
    statistics_destroy(statistics);
    statistics = statistics_create(NOON + MINUTE);
    for (size_t i = 0; i < count; i++)
        statistics_restore(statistics, &rows[i]);
    assert_int_equal(statistics_take(statistics, rows, COUNT_OF(rows)), 0);
    one_call(statistics, SALES, NOON + 2 * MINUTE);
    assert_int_equal(hours(statistics, SALES).events[STATISTIC_PLACED], 2);
    assert_int_equal(hours(statistics, STATISTIC_ALL_TENANTS).causes[16], 2);
    assert_int_equal(hours(statistics, SALES).parts, 1);
    statistics_destroy(statistics);
}

TEST(the_last_hours_are_kept_and_older_ones_go)
{
    UNUSED(state);
    static struct statistic_row rows[16 * STATISTIC_ROWS_MAX];
    struct statistics *statistics = statistics_create(NOON);
    for (int i = 0; i < 5; i++)
        one_call(statistics, SALES, NOON + i * HOUR); /* and the store takes nothing */
    assert_int_equal(hours(statistics, SALES).parts, STATISTICS_HOURS_KEPT);
    size_t count = take_all(statistics, rows, COUNT_OF(rows));
    int64_t oldest = INT64_MAX;
    for (size_t i = 0; i < count; i++)
        oldest = rows[i].hour < oldest ? rows[i].hour : oldest;
    assert_int_equal(oldest, NOON / HOUR + 5 - STATISTICS_HOURS_KEPT);
    statistics_give_back(statistics, &(struct statistic_row){.tenant_id = SALES, .hour = 1}, 1);
    assert_int_equal(statistics_take(statistics, rows, COUNT_OF(rows)), 0);
    statistics_destroy(statistics);
}

TEST(adds_up_the_x_numbers_of_all_tenants)
{
    UNUSED(state);
    struct statistics *statistics = statistics_create(NOON);
    const struct statistic_x busy = {.total = 3, .busy = 1, .resting = 1, .blocked = 1};
    const struct statistic_x mixed = {.total = 10, .busy = 4, .locked = 2};
    const struct statistic_x none = {0};
    const struct statistics_x *sum = statistics_x(statistics);
    statistics_sample_x(statistics, SALES, NOON, &busy);
    statistics_sample_x(statistics, SALES + 1, NOON, &mixed);
    assert_int_equal(sum->free, 4);
    assert_int_equal(sum->busy, 5);
    assert_int_equal(sum->resting, 1);
    assert_int_equal(sum->blocked, 1);
    assert_int_equal(sum->locked, 2);
    assert_int_equal(sum->tenants, 2);
    assert_int_equal(sum->tenants_without_free, 1);
    statistics_sample_x(statistics, SALES, NOON + MINUTE, &mixed);
    assert_int_equal(sum->free, 8);
    assert_int_equal(sum->tenants_without_free, 0);
    statistics_sample_x(statistics, SALES, NOON + MINUTE, &none);
    statistics_sample_x(statistics, SALES + 1, NOON + MINUTE, &none);
    statistics_sample_x(statistics, SALES + 2, NOON + MINUTE, &none);
    assert_memory_equal(sum, &(struct statistics_x){0}, sizeof(*sum));
    statistics_destroy(statistics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_counted_for_its_tenant_and_for_all),
        cmocka_unit_test(failures_and_refusals_have_their_codes),
        cmocka_unit_test(a_cause_that_is_none_is_not_counted),
        cmocka_unit_test(minutes_older_than_a_day_are_not_told),
        cmocka_unit_test(a_step_back_of_the_clock_counts_into_the_time_that_was_reached),
        cmocka_unit_test(a_minute_with_more_than_it_can_hold_goes_on_in_another),
        cmocka_unit_test(beyond_the_memory_the_oldest_minutes_go),
        cmocka_unit_test(only_what_has_changed_of_x_numbers_is_kept_and_of_an_hour_the_busiest),
        cmocka_unit_test(each_changed_hour_is_taken_once),
        cmocka_unit_test(what_could_not_be_stored_is_taken_again),
        cmocka_unit_test(an_hour_goes_on_after_a_restart),
        cmocka_unit_test(the_last_hours_are_kept_and_older_ones_go),
        cmocka_unit_test(adds_up_the_x_numbers_of_all_tenants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
