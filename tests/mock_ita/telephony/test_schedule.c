#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "mock_ita/telephony/schedule.h"

enum { MANY = 1000 };

/* A fixed sequence that looks random (Knuth's MMIX multiplier), the same at every run. */
static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static void gives_nothing_when_empty(void **state)
{
    (void)state;
    struct mock_schedule schedule;
    struct mock_due due = {0};
    mock_schedule_init(&schedule);
    assert_null(mock_schedule_first(&schedule));
    mock_schedule_remove(&schedule, &due);
    mock_schedule_finish(&schedule);
}

static void gives_the_earliest_first(void **state)
{
    (void)state;
    struct mock_schedule schedule;
    struct mock_due *dues = mem_alloc(MANY * sizeof(*dues));
    uint64_t seed = 1;
    mock_schedule_init(&schedule);
    for (size_t i = 0; i < MANY; i++)
        mock_schedule_add(&schedule, &dues[i], (int64_t)(next_random(&seed) % 500));
    int64_t before_ms = 0;
    for (size_t i = 0; i < MANY; i++) {
        struct mock_due *first = mock_schedule_first(&schedule);
        assert_true(first->at_ms >= before_ms);
        before_ms = first->at_ms;
        mock_schedule_remove(&schedule, first);
        assert_int_equal(first->place, 0);
    }
    assert_null(mock_schedule_first(&schedule));
    mock_schedule_finish(&schedule);
    mem_free(dues);
}

static void keeps_its_order_when_entries_leave_the_middle(void **state)
{
    (void)state;
    struct mock_schedule schedule;
    struct mock_due *dues = mem_alloc(MANY * sizeof(*dues));
    uint64_t seed = 2;
    size_t left = MANY;
    mock_schedule_init(&schedule);
    for (size_t i = 0; i < MANY; i++)
        mock_schedule_add(&schedule, &dues[i], (int64_t)(next_random(&seed) % MANY));
    for (size_t i = 0; i < MANY; i += 1 + next_random(&seed) % 3, left--)
        mock_schedule_remove(&schedule, &dues[i]);
    assert_int_equal(schedule.count, left);
    for (int64_t before_ms = 0; left > 0; left--) {
        struct mock_due *first = mock_schedule_first(&schedule);
        assert_true(first->at_ms >= before_ms);
        before_ms = first->at_ms;
        mock_schedule_remove(&schedule, first);
    }
    mock_schedule_finish(&schedule);
    mem_free(dues);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_nothing_when_empty),
        cmocka_unit_test(gives_the_earliest_first),
        cmocka_unit_test(keeps_its_order_when_entries_leave_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
