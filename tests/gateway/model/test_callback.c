#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/callback.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static struct callback_schedule read_schedule(const char *text)
{
    struct callback_schedule schedule;
    struct fault fault = {""};
    if (callback_schedule_read(str_of(text), &schedule, &fault) != OK)
        fail_msg("%s: %s", text, fault.text);
    return schedule;
}

TEST(tries_when_the_contract_says)
{
    UNUSED(state);
    /* agent-api.md, section 10 */
    struct callback_schedule schedule = read_schedule("0s,5s,30s,1m,4m,9m,106m,203m,300m");
    static const int64_t expected[] = {0,           5 * SECOND, 30 * SECOND,  MINUTE,
                                       4 * MINUTE,  9 * MINUTE, 106 * MINUTE, 203 * MINUTE,
                                       300 * MINUTE};
    int64_t at_ms = 1000000;
    assert_int_equal(schedule.count, COUNT_OF(expected));
    for (size_t tries = 1; tries < COUNT_OF(expected); tries++) {
        assert_true(callback_schedule_next(&schedule, (int64_t)tries, at_ms, &at_ms));
        assert_int_equal(at_ms, 1000000 + expected[tries]);
    }
    assert_false(callback_schedule_next(&schedule, COUNT_OF(expected), at_ms, &at_ms));
    assert_false(callback_schedule_next(&schedule, 0, at_ms, &at_ms));
}

TEST(a_late_try_keeps_its_distance_to_the_next)
{
    UNUSED(state);
    struct callback_schedule schedule = read_schedule("0s, 5s, 30s");
    int64_t next_ms;
    assert_true(callback_schedule_next(&schedule, 2, 10 * MINUTE, &next_ms));
    assert_int_equal(next_ms, 10 * MINUTE + 25 * SECOND);
}

TEST(refuses_schedules_that_do_not_ascend_from_zero)
{
    UNUSED(state);
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"", "no length of time"},
        {"0s,", "no length of time"},
        {"0s,soon", "no length of time"},
        {"0s,-5s", "each time must be longer"},
        {"5s", "must begin with 0s"},
        {"0s,5s,5s", "each time must be longer"},
        {"0s,1s,2s,3s,4s,5s,6s,7s,8s,9s,10s,11s,12s,13s,14s,15s,16s,17s,18s,19s,20s", "at most 20"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct callback_schedule schedule;
        struct fault fault = {""};
        assert_true(callback_schedule_read(str_of(cases[i].text), &schedule, &fault) != OK);
        assert_fault(fault, cases[i].fault);
    }
}

TEST(names_an_event_by_call_and_number)
{
    UNUSED(state);
    const struct callback_key key = {.tenant_id = 7, .serial = 9007199254740991, .number = 2};
    char text[CALLBACK_EVENT_ID_SIZE];
    struct callback_key read = {.tenant_id = 3};
    callback_event_id(&key, text);
    assert_string_equal(text, "9007199254740991-2");
    assert_status(callback_event_id_read(str_of(text), &read), OK);
    assert_int_equal(read.tenant_id, 3);
    assert_int_equal(read.serial, key.serial);
    assert_int_equal(read.number, 2);
}

TEST(refuses_what_names_no_event)
{
    UNUSED(state);
    static const char *const texts[] = {"",
                                        "1",
                                        "1-",
                                        "-1",
                                        "1-2-3",
                                        "a-1",
                                        "1-b",
                                        "1 -2",
                                        "1--2",
                                        "+1-2",
                                        "99999999999999999999-1"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct callback_key key = {.serial = -5, .number = -6};
        assert_true(callback_event_id_read(str_of(texts[i]), &key) != OK);
        assert_int_equal(key.serial, -5);
        assert_int_equal(key.number, -6);
    }
}

TEST(queues_keep_receivers_apart)
{
    UNUSED(state);
    const int64_t queues[] = {
        callback_queue_of_console(1, CALLBACK_CONNECTION),
        callback_queue_of_console(1, CALLBACK_HANGUP),
        callback_queue_of_console(2, CALLBACK_CONNECTION),
        callback_queue_of_host(1, "a.example", 443),
        callback_queue_of_host(1, "a.example", 444),
        callback_queue_of_host(1, "b.example", 443),
        callback_queue_of_host(2, "a.example", 443),
    };
    for (size_t i = 0; i < COUNT_OF(queues); i++)
        for (size_t j = 0; j < i; j++)
            assert_true(queues[i] != queues[j]);
    assert_true(callback_queue_of_host(1, "a.example", 443) == queues[3]);
}

TEST(every_failure_has_words_in_both_languages)
{
    UNUSED(state);
    for (int64_t failure = CALLBACK_NO_URL; failure <= CALLBACK_FORBIDDEN; failure++) {
        struct callback_failure_text text = callback_failure_text(failure);
        assert_true(strlen(text.en) > 5 && strlen(text.zh) > 5);
    }
    assert_string_equal(callback_failure_text(99).en, "failed");
    assert_string_equal(callback_failure_text(-1).en, "failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tries_when_the_contract_says),
        cmocka_unit_test(a_late_try_keeps_its_distance_to_the_next),
        cmocka_unit_test(refuses_schedules_that_do_not_ascend_from_zero),
        cmocka_unit_test(names_an_event_by_call_and_number),
        cmocka_unit_test(refuses_what_names_no_event),
        cmocka_unit_test(queues_keep_receivers_apart),
        cmocka_unit_test(every_failure_has_words_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
