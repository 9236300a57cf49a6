/* The two types number the reasons of an end each in its own way. */

#include "tests/test.h"

#include "gateway/model/call_cause.h"

static const char *words(enum call_type type, int64_t reason)
{
    return call_cause_text(&(struct call_record){.type = type, .reason_code = reason}).en;
}

TEST(the_same_number_means_another_thing)
{
    UNUSED(state);
    assert_string_equal(words(CALL_TYPE_CEC, 1), "caller hung up");
    assert_string_not_equal(words(CALL_TYPE_ITA, 1), "caller hung up");
    assert_string_equal(words(CALL_TYPE_CEC, 6), "failed to start");
}

TEST(what_is_not_known_has_no_words)
{
    UNUSED(state);
    assert_null(words(CALL_TYPE_CEC, -1));
    assert_null(words(CALL_TYPE_CEC, 7));
    assert_null(words(CALL_TYPE_CEC, 16));
    assert_non_null(words(CALL_TYPE_CEC, CALL_CAUSE_TIMER_EXPIRED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_number_means_another_thing),
        cmocka_unit_test(what_is_not_known_has_no_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
