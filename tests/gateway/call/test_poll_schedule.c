/* When what can only be asked for is asked next. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/call/poll_schedule.h"

enum { FIRST_MS = 1000, LONGEST_MS = 4000, MANY = 1000 };

static struct poll_schedule schedule;

static int init(void **state)
{
    UNUSED(state);
    poll_schedule_init(&schedule, FIRST_MS, LONGEST_MS, 0);
    return 0;
}

TEST(intervals_grow_by_half_up_to_the_longest)
{
    UNUSED(state);
    static const int64_t expected_ms[] = {1000, 1500, 2250, 3375, 4000, 4000};
    struct poll_entry entry;
    int64_t now_ms = 0;
    poll_schedule_begin(&schedule, &entry, now_ms);
    for (size_t i = 0; i < COUNT_OF(expected_ms); i++) {
        now_ms += expected_ms[i];
        assert_int_equal(poll_schedule_next_ms(&schedule), now_ms);
        assert_null(poll_schedule_take(&schedule, now_ms - 1));
        assert_ptr_equal(poll_schedule_take(&schedule, now_ms), &entry);
        poll_schedule_again(&schedule, &entry, now_ms);
    }
    for (int i = 0; i < 100; i++) {
        now_ms = poll_schedule_next_ms(&schedule);
        assert_ptr_equal(poll_schedule_take(&schedule, now_ms), &entry);
        poll_schedule_again(&schedule, &entry, now_ms);
        assert_int_equal(poll_schedule_next_ms(&schedule), now_ms + LONGEST_MS);
    }
}

TEST(who_is_being_asked_for_is_not_asked_for_twice)
{
    UNUSED(state);
    struct poll_entry entry;
    poll_schedule_begin(&schedule, &entry, 0);
    assert_non_null(poll_schedule_take(&schedule, FIRST_MS));
    assert_null(poll_schedule_take(&schedule, 100 * FIRST_MS));
    assert_int_equal(poll_schedule_next_ms(&schedule), INT64_MAX);
    poll_schedule_end(&entry);
}

TEST(news_bring_the_next_time_near_and_many_are_one)
{
    UNUSED(state);
    struct poll_entry entry;
    poll_schedule_begin(&schedule, &entry, 0);
    poll_schedule_hurry(&schedule, &entry, 100);
    poll_schedule_hurry(&schedule, &entry, 200);
    assert_null(poll_schedule_take(&schedule, 100 + POLL_HURRY_MS - 1));
    assert_ptr_equal(poll_schedule_take(&schedule, 100 + POLL_HURRY_MS), &entry);
    poll_schedule_again(&schedule, &entry, 1000);
    assert_int_equal(poll_schedule_next_ms(&schedule), 1000 + FIRST_MS * 3 / 2);
}

TEST(news_while_it_is_being_asked_for_are_asked_for_again)
{
    UNUSED(state);
    struct poll_entry entry;
    poll_schedule_begin(&schedule, &entry, 0);
    assert_non_null(poll_schedule_take(&schedule, FIRST_MS));
    poll_schedule_hurry(&schedule, &entry, 1100);
    assert_null(poll_schedule_take(&schedule, 5000));
    poll_schedule_again(&schedule, &entry, 1200);
    assert_ptr_equal(poll_schedule_take(&schedule, 1200 + POLL_HURRY_MS), &entry);
}

TEST(what_has_ended_is_not_asked_for)
{
    UNUSED(state);
    struct poll_entry entry;
    poll_schedule_begin(&schedule, &entry, 0);
    poll_schedule_end(&entry);
    poll_schedule_end(&entry);
    assert_null(poll_schedule_take(&schedule, 100 * FIRST_MS));
}

TEST(many_are_asked_for_at_the_rate_and_in_their_order)
{
    UNUSED(state);
    enum { RATE = 50 };
    static struct poll_entry entries[MANY];
    size_t taken = 0;
    poll_schedule_init(&schedule, FIRST_MS, LONGEST_MS, RATE);
    for (size_t i = 0; i < MANY; i++)
        poll_schedule_begin(&schedule, &entries[i], 0);
    for (int64_t now_ms = FIRST_MS; now_ms < FIRST_MS + 2000; now_ms += 10) {
        struct poll_entry *entry;
        while ((entry = poll_schedule_take(&schedule, now_ms)) != NULL)
            assert_ptr_equal(entry, &entries[taken++]);
    }
    assert_in_range(taken, 2 * RATE, 3 * RATE); /* a second's worth may come at once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(intervals_grow_by_half_up_to_the_longest, init),
        cmocka_unit_test_setup(who_is_being_asked_for_is_not_asked_for_twice, init),
        cmocka_unit_test_setup(news_bring_the_next_time_near_and_many_are_one, init),
        cmocka_unit_test_setup(news_while_it_is_being_asked_for_are_asked_for_again, init),
        cmocka_unit_test_setup(what_has_ended_is_not_asked_for, init),
        cmocka_unit_test_setup(many_are_asked_for_at_the_rate_and_in_their_order, init),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
