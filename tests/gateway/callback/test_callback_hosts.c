#include "tests/test.h"

#include "gateway/callback/callback_hosts.h"

enum { SECOND_US = 1000 * 1000, UNDER_WAY_MAX = 4, PER_SECOND_MAX = 100 };

static const struct callback_hosts_options options = {UNDER_WAY_MAX, PER_SECOND_MAX};

struct rig {
    struct callback_hosts *hosts;
    struct callback_host *host;
    int64_t now_us;
};

static int setup(void **state)
{
    static struct rig rig;
    rig.hosts = callback_hosts_create(&options);
    rig.host = callback_hosts_find(rig.hosts, "crm.example.com:443");
    rig.now_us = 1000 * SECOND_US;
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    callback_hosts_destroy(rig->hosts);
    return 0;
}

static enum callback_host_answer begin(struct rig *rig)
{
    return callback_host_begin(rig->hosts, rig->host, rig->now_us);
}

/* As many as may be under way now; they end at once. */
static int count_room(struct rig *rig)
{
    int room = 0;
    rig->now_us += SECOND_US;
    while (begin(rig) == CALLBACK_HOST_BEGUN)
        room++;
    for (int i = 0; i < room; i++)
        callback_host_end(rig->host, i < room - 1); /* the last one says nothing */
    return room;
}

TEST(so_many_are_under_way_and_no_more)
{
    struct rig *rig = *state;
    for (int i = 0; i < UNDER_WAY_MAX; i++)
        assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    assert_int_equal(begin(rig), CALLBACK_HOST_FULL);
    callback_host_end(rig->host, true);
    assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    assert_int_equal(begin(rig), CALLBACK_HOST_FULL);
}

TEST(receivers_do_not_count_together)
{
    struct rig *rig = *state;
    for (int i = 0; i < UNDER_WAY_MAX; i++)
        assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    struct callback_host *other = callback_hosts_find(rig->hosts, "crm.example.com:444");
    assert_ptr_not_equal(other, rig->host);
    assert_int_equal(callback_host_begin(rig->hosts, other, rig->now_us), CALLBACK_HOST_BEGUN);
    assert_ptr_equal(callback_hosts_find(rig->hosts, "crm.example.com:443"), rig->host);
}

TEST(so_many_are_begun_in_a_second_and_no_more)
{
    struct rig *rig = *state;
    int begun = 0;
    int64_t end_us = rig->now_us + 10 * SECOND_US;
    for (; rig->now_us < end_us; rig->now_us += 1000)
        while (begin(rig) == CALLBACK_HOST_BEGUN) {
            callback_host_end(rig->host, true);
            begun++;
        }
    /* And a tenth of a second's, saved up at first. */
    assert_in_range(begun, 10 * PER_SECOND_MAX, 10 * PER_SECOND_MAX + PER_SECOND_MAX / 10 + 1);
}

TEST(too_fast_is_told_from_full)
{
    struct rig *rig = *state;
    enum callback_host_answer answer = CALLBACK_HOST_BEGUN;
    while ((answer = begin(rig)) == CALLBACK_HOST_BEGUN)
        callback_host_end(rig->host, true);
    assert_int_equal(answer, CALLBACK_HOST_FAST);
    rig->now_us += SECOND_US / PER_SECOND_MAX;
    assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
}

TEST(a_silent_receiver_gets_few_until_it_answers)
{
    struct rig *rig = *state;
    for (int i = 0; i < 7; i++) {
        rig->now_us += SECOND_US;
        assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
        callback_host_end(rig->host, false);
    }
    assert_int_equal(count_room(rig), UNDER_WAY_MAX); /* not silent yet; one silence after it */
    for (int i = 0; i < 7; i++) {
        rig->now_us += SECOND_US;
        assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
        callback_host_end(rig->host, false);
    }
    rig->now_us += SECOND_US;
    assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    assert_int_equal(begin(rig), CALLBACK_HOST_FULL);
    callback_host_end(rig->host, true);
    rig->now_us += SECOND_US;
    assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    assert_int_equal(begin(rig), CALLBACK_HOST_FULL);
}

TEST(a_silent_receiver_is_asked_a_tenth_as_often)
{
    struct rig *rig = *state;
    int begun = 0;
    for (int i = 0; i < 8; i++) {
        rig->now_us += SECOND_US;
        assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
        callback_host_end(rig->host, false);
    }
    int64_t end_us = rig->now_us + 10 * SECOND_US;
    for (; rig->now_us < end_us; rig->now_us += 1000)
        while (begin(rig) == CALLBACK_HOST_BEGUN) {
            callback_host_end(rig->host, false);
            begun++;
        }
    assert_in_range(begun, PER_SECOND_MAX, PER_SECOND_MAX + 2);
}

TEST(only_idle_receivers_are_forgotten)
{
    struct rig *rig = *state;
    struct list waiting;
    struct callback_host *waited_for = callback_hosts_find(rig->hosts, "a.example:80");
    list_append(callback_host_waiting(waited_for), &waiting);
    assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    callback_hosts_tidy(rig->hosts, rig->now_us + SECOND_US);
    assert_ptr_equal(callback_hosts_find(rig->hosts, "a.example:80"), waited_for);
    assert_int_equal(begin(rig), CALLBACK_HOST_BEGUN);
    callback_host_end(rig->host, true);
    callback_host_end(rig->host, true);
    list_remove(&waiting);
    callback_hosts_tidy(rig->hosts, rig->now_us + SECOND_US);
    /* A new one has nothing behind it. */
    assert_int_equal(
        callback_host_begin(rig->hosts, callback_hosts_find(rig->hosts, "crm.example.com:443"), 0),
        CALLBACK_HOST_BEGUN);
}

#define HOST_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOST_TEST(so_many_are_under_way_and_no_more),
        HOST_TEST(receivers_do_not_count_together),
        HOST_TEST(so_many_are_begun_in_a_second_and_no_more),
        HOST_TEST(too_fast_is_told_from_full),
        HOST_TEST(a_silent_receiver_gets_few_until_it_answers),
        HOST_TEST(a_silent_receiver_is_asked_a_tenth_as_often),
        HOST_TEST(only_idle_receivers_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
