/* The cache of accepted signatures: repeats, expiry to the millisecond, bounds. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "ita/replay.h"

enum { WINDOW_MS = 900000, NOW_MS = 2000000000 };

/* A MAC that is different for every number. */
static enum ita_replay_result insert_as(struct ita_replay *replay, struct str access_key,
                                        int number, int64_t date_ms, int64_t now_ms)
{
    uint8_t mac[SHA256_SIZE];
    sha256(str_from(&number, sizeof(number)), mac);
    return ita_replay_insert(replay, access_key, mac, date_ms, now_ms);
}

static enum ita_replay_result insert(struct ita_replay *replay, int number, int64_t date_ms,
                                     int64_t now_ms)
{
    return insert_as(replay, STR("FAKEAKEXAMPLE0001"), number, date_ms, now_ms);
}

static void tells_a_repeat_from_a_new_one(void **state)
{
    (void)state;
    struct ita_replay *replay = ita_replay_create(10, WINDOW_MS);
    assert_int_equal(insert(replay, 1, NOW_MS, NOW_MS), ITA_REPLAY_NEW);
    assert_int_equal(insert(replay, 2, NOW_MS, NOW_MS), ITA_REPLAY_NEW);
    assert_int_equal(insert(replay, 1, NOW_MS, NOW_MS), ITA_REPLAY_SEEN);
    assert_int_equal(insert(replay, 2, NOW_MS, NOW_MS), ITA_REPLAY_SEEN);
    assert_int_equal(ita_replay_count(replay), 2);
    ita_replay_destroy(replay);
}

static void one_mac_of_two_access_keys_is_no_repeat(void **state)
{
    (void)state;
    struct ita_replay *replay = ita_replay_create(10, WINDOW_MS);
    assert_int_equal(insert_as(replay, STR("A"), 1, NOW_MS, NOW_MS), ITA_REPLAY_NEW);
    assert_int_equal(insert_as(replay, STR("B"), 1, NOW_MS, NOW_MS), ITA_REPLAY_NEW);
    assert_int_equal(insert_as(replay, STR("A"), 1, NOW_MS, NOW_MS), ITA_REPLAY_SEEN);
    ita_replay_destroy(replay);
}

static void keeps_a_signature_as_long_as_its_date_is_good(void **state)
{
    (void)state;
    struct ita_replay *replay = ita_replay_create(10, WINDOW_MS);
    int64_t ahead_ms = NOW_MS + WINDOW_MS;
    assert_int_equal(insert(replay, 1, ahead_ms, NOW_MS), ITA_REPLAY_NEW);
    assert_int_equal(insert(replay, 1, ahead_ms, ahead_ms + WINDOW_MS), ITA_REPLAY_SEEN);
    assert_int_equal(ita_replay_count(replay), 1);
    assert_int_equal(insert(replay, 2, ahead_ms + 1, ahead_ms + WINDOW_MS + 1), ITA_REPLAY_NEW);
    assert_int_equal(ita_replay_count(replay), 1);
    ita_replay_destroy(replay);
}

static void refuses_the_forgotten_when_the_clock_steps_back(void **state)
{
    (void)state;
    struct ita_replay *replay = ita_replay_create(10, WINDOW_MS);
    assert_int_equal(insert(replay, 1, NOW_MS, NOW_MS), ITA_REPLAY_NEW);
    assert_int_equal(insert(replay, 2, NOW_MS + WINDOW_MS + 1, NOW_MS + WINDOW_MS + 1),
                     ITA_REPLAY_NEW);
    assert_int_equal(insert(replay, 1, NOW_MS, NOW_MS), ITA_REPLAY_FORGOTTEN);
    assert_int_equal(insert(replay, 3, NOW_MS, NOW_MS), ITA_REPLAY_FORGOTTEN);
    assert_int_equal(insert(replay, 3, NOW_MS + 1, NOW_MS), ITA_REPLAY_NEW);
    ita_replay_destroy(replay);
}

static void refuses_when_full_and_drops_nothing_that_lives(void **state)
{
    (void)state;
    enum { MAX = 5 };
    struct ita_replay *replay = ita_replay_create(MAX, WINDOW_MS);
    for (int i = 0; i < MAX; i++)
        assert_int_equal(insert(replay, i, NOW_MS, NOW_MS), ITA_REPLAY_NEW);
    assert_int_equal(insert(replay, MAX, NOW_MS, NOW_MS), ITA_REPLAY_FULL);
    assert_int_equal(insert(replay, MAX, NOW_MS + WINDOW_MS, NOW_MS + WINDOW_MS), ITA_REPLAY_FULL);
    for (int i = 0; i < MAX; i++)
        assert_int_equal(insert(replay, i, NOW_MS, NOW_MS), ITA_REPLAY_SEEN);
    assert_int_equal(insert(replay, MAX, NOW_MS + WINDOW_MS, NOW_MS + WINDOW_MS + 1),
                     ITA_REPLAY_NEW);
    assert_int_equal(ita_replay_count(replay), 1);
    ita_replay_destroy(replay);
}

static void stays_right_when_the_queue_goes_round(void **state)
{
    (void)state;
    enum { MAX = 7, STEP_MS = WINDOW_MS / 5, ROUNDS = 5000 };
    struct ita_replay *replay = ita_replay_create(MAX, WINDOW_MS);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t now_ms = NOW_MS + (int64_t)i * STEP_MS;
        assert_int_equal(insert(replay, i, now_ms, now_ms), ITA_REPLAY_NEW);
        for (int k = i; k >= 0 && k >= i - 5; k--)
            assert_int_equal(insert(replay, k, NOW_MS + (int64_t)k * STEP_MS, now_ms),
                             ITA_REPLAY_SEEN);
        if (i > 5)
            assert_int_equal(ita_replay_count(replay), 6);
    }
    ita_replay_destroy(replay);
}

static void closes_a_time_that_it_can_not_know(void **state)
{
    (void)state;
    struct ita_replay *replay = ita_replay_create(10, WINDOW_MS);
    assert_int_equal(insert(replay, 1, NOW_MS, NOW_MS), ITA_REPLAY_NEW);
    ita_replay_close(replay, NOW_MS);
    ita_replay_close(replay, NOW_MS - 1);
    assert_int_equal(insert(replay, 1, NOW_MS, NOW_MS), ITA_REPLAY_SEEN);
    assert_int_equal(insert(replay, 2, NOW_MS, NOW_MS), ITA_REPLAY_FORGOTTEN);
    assert_int_equal(insert(replay, 2, NOW_MS + 1, NOW_MS), ITA_REPLAY_NEW);
    ita_replay_destroy(replay);
    ita_replay_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_repeat_from_a_new_one),
        cmocka_unit_test(one_mac_of_two_access_keys_is_no_repeat),
        cmocka_unit_test(keeps_a_signature_as_long_as_its_date_is_good),
        cmocka_unit_test(refuses_the_forgotten_when_the_clock_steps_back),
        cmocka_unit_test(refuses_when_full_and_drops_nothing_that_lives),
        cmocka_unit_test(stays_right_when_the_queue_goes_round),
        cmocka_unit_test(closes_a_time_that_it_can_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
