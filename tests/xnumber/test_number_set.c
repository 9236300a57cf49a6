/* Finding a number however it is written. */

#include "tests/test.h"

#include "xnumber/number_set.h"

static struct number parse(const char *text)
{
    struct number number;
    struct fault fault = {""};
    if (number_parse(str_of(text), STR("86"), &number, &fault) != OK)
        fail_msg("%s", fault.text);
    return number;
}

TEST(a_subscriber_is_in_it_once)
{
    UNUSED(state);
    struct number_set *set = number_set_create();
    struct number given = parse("13800000001"), again = parse("+8613800000001");
    assert_null(number_set_find(set, &given));
    assert_true(number_set_add(set, &given));
    assert_false(number_set_add(set, &again));
    assert_string_equal(number_set_find(set, &again), "13800000001");
    number_set_destroy(set);
}

TEST(a_stored_number_that_no_longer_parses_stays)
{
    UNUSED(state);
    struct number_set *set = number_set_create();
    struct number other = parse("13800000001");
    number_set_add_stored(set, STR("not a number, and too long for one"), STR("86"));
    number_set_add_stored(set, STR("13800000001"), STR("86"));
    assert_non_null(number_set_find(set, &other));
    number_set_destroy(set);
    number_set_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscriber_is_in_it_once),
        cmocka_unit_test(a_stored_number_that_no_longer_parses_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
