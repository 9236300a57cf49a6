#include "tests/test.h"

#include "base/failures.h"

static struct failures *create(size_t entries)
{
    return failures_create(&(struct failures_options){
        .allowed = 3, .slow_ms = 1000, .slowest_ms = 8000, .entries_max = entries});
}

TEST(slows_after_the_allowed_failures_and_doubles)
{
    UNUSED(state);
    struct failures *f = create(10);
    struct str name = STR("ak"), source = STR("192.0.2.1");
    for (int i = 0; i < 2; i++) {
        failures_add(f, name, source, 0);
        assert_int_equal(failures_slowed_ms(f, name, source, 0), 0);
    }
    const int64_t expected[] = {1000, 2000, 4000, 8000, 8000};
    for (int i = 0; i < 5; i++) {
        failures_add(f, name, source, 0);
        assert_int_equal(failures_slowed_ms(f, name, source, 0), expected[i]);
    }
    assert_int_equal(failures_slowed_ms(f, name, source, 7999), 1);
    assert_int_equal(failures_slowed_ms(f, name, source, 8000), 0);
    failures_destroy(f);
}

TEST(another_source_or_name_is_not_slowed)
{
    UNUSED(state);
    struct failures *f = create(10);
    for (int i = 0; i < 5; i++)
        failures_add(f, STR("ak"), STR("192.0.2.1"), 0);
    assert_true(failures_slowed_ms(f, STR("ak"), STR("192.0.2.1"), 0) > 0);
    assert_int_equal(failures_slowed_ms(f, STR("ak"), STR("192.0.2.2"), 0), 0);
    assert_int_equal(failures_slowed_ms(f, STR("al"), STR("192.0.2.1"), 0), 0);
    failures_destroy(f);
}

TEST(success_and_time_forgive)
{
    UNUSED(state);
    struct failures *f = create(10);
    struct str name = STR("ak"), source = STR("192.0.2.1");
    for (int i = 0; i < 3; i++)
        failures_add(f, name, source, 0);
    failures_clear(f, name, source);
    assert_int_equal(failures_slowed_ms(f, name, source, 0), 0);
    failures_add(f, name, source, 0);
    failures_add(f, name, source, 0);
    failures_add(f, name, source, 8001); /* the first two are forgotten */
    assert_int_equal(failures_slowed_ms(f, name, source, 8001), 0);
    failures_destroy(f);
}

TEST(the_oldest_entry_makes_room)
{
    UNUSED(state);
    struct failures *f = create(2);
    for (int i = 0; i < 3; i++) {
        failures_add(f, STR("a"), STR("s"), 0);
        failures_add(f, STR("b"), STR("s"), 0);
    }
    failures_add(f, STR("c"), STR("s"), 1);
    assert_int_equal(failures_total(f), 7);
    assert_int_equal(failures_slowed_ms(f, STR("a"), STR("s"), 1), 0);
    assert_true(failures_slowed_ms(f, STR("b"), STR("s"), 1) > 0);
    failures_destroy(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slows_after_the_allowed_failures_and_doubles),
        cmocka_unit_test(another_source_or_name_is_not_slowed),
        cmocka_unit_test(success_and_time_forgive),
        cmocka_unit_test(the_oldest_entry_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
