#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "mock_ita/telephony/xpool.h"

static char X1[] = "700000000000001", X2[] = "700000000000002";
static char *const TWO[] = {X1, X2, X1};

static enum mock_code claim_x(struct mock_xpool *pool, const char *x, const char *a, const char *b,
                              struct mock_claim **out)
{
    return mock_xpool_claim(pool, str_of(x), str_of(a), str_of(b), out);
}

static bool stands_on(const struct mock_claim *claim, const char *x)
{
    return str_is(mock_claim_tel_x(claim), str_of(x));
}

static void lets_a_user_stand_once_on_an_x_in_either_role(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 3);
    struct mock_claim *first, *second;
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000002", &first), MOCK_OK);
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000003", &second), MOCK_BINDING_EXISTS);
    assert_int_equal(claim_x(pool, X1, "13800000002", "13800000003", &second), MOCK_BINDING_EXISTS);
    assert_int_equal(claim_x(pool, X1, "13800000003", "13800000001", &second), MOCK_BINDING_EXISTS);
    assert_int_equal(claim_x(pool, X2, "13800000001", "13800000002", &second), MOCK_OK);
    mock_claim_release(second);
    assert_int_equal(claim_x(pool, X1, "13800000003", "13800000004", &second), MOCK_OK);
    mock_claim_release(second);
    mock_claim_release(first);
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000002", &first), MOCK_OK);
    mock_claim_release(first);
    mock_xpool_destroy(pool);
}

static void refuses_an_x_that_is_not_its_own(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 3);
    struct mock_claim *claim;
    assert_int_equal(claim_x(pool, "700000000000003", "13800000001", "13800000002", &claim),
                     MOCK_NUMBER_NOT_FOUND);
    assert_int_equal(claim_x(pool, "70000000000000", "13800000001", "13800000002", &claim),
                     MOCK_NUMBER_NOT_FOUND);
    mock_xpool_destroy(pool);
}

static void allocates_the_least_recently_used_x_on_which_both_are_free(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 3);
    struct mock_claim *first, *second, *third;
    assert_int_equal(claim_x(pool, "", "13800000001", "13800000002", &first), MOCK_OK);
    assert_true(stands_on(first, X1));
    assert_int_equal(claim_x(pool, "", "13800000003", "13800000004", &second), MOCK_OK);
    assert_true(stands_on(second, X2));
    /* X1 would be next, but A stands there. */
    assert_int_equal(claim_x(pool, "", "13800000002", "13800000005", &third), MOCK_OK);
    assert_true(stands_on(third, X2));
    mock_claim_release(first);
    mock_claim_release(second);
    mock_claim_release(third);
    mock_xpool_destroy(pool);
}

static void is_exhausted_when_a_user_stands_on_every_x(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 3);
    struct mock_claim *first, *second, *third;
    assert_int_equal(claim_x(pool, "", "13800000001", "13800000002", &first), MOCK_OK);
    assert_int_equal(claim_x(pool, "", "13800000001", "13800000003", &second), MOCK_OK);
    assert_int_equal(claim_x(pool, "", "13800000004", "13800000001", &third),
                     MOCK_NUMBERS_EXHAUSTED);
    assert_int_equal(claim_x(pool, "", "13800000004", "13800000005", &third), MOCK_OK);
    mock_claim_release(first);
    mock_claim_release(second);
    mock_claim_release(third);
    mock_xpool_destroy(pool);
}

static void is_exhausted_when_it_has_no_number(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 0);
    struct mock_claim *claim;
    assert_int_equal(claim_x(pool, "", "13800000001", "13800000002", &claim),
                     MOCK_NUMBERS_EXHAUSTED);
    mock_claim_release(NULL);
    mock_xpool_destroy(pool);
    mock_xpool_destroy(NULL);
}

/* The numbers in their order, one after the other. */
static void assert_numbers(const struct mock_xpool *pool, const char *expected)
{
    char text[128] = "";
    for (const struct mock_xnumber *x = mock_xpool_first(pool); x != NULL;
         x = mock_xpool_next(pool, x)) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len, "%.*s%s ", STR_ARGS(x->text),
                 x->is_blocked ? "!" : "");
    }
    assert_string_equal(text, expected);
}

static void adds_and_removes_numbers(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 3);
    struct mock_claim *claim;
    struct fault fault;
    assert_numbers(pool, "700000000000001 700000000000002 ");
    assert_int_equal(mock_xpool_add(pool, STR("057100000002"), &fault), OK);
    assert_int_equal(mock_xpool_remove(pool, str_of(X1), &fault), OK);
    assert_int_equal(mock_xpool_remove(pool, str_of(X1), &fault), ERR_NOT_FOUND);
    assert_numbers(pool, "700000000000002 057100000002 ");
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000002", &claim),
                     MOCK_NUMBER_NOT_FOUND);
    assert_int_equal(claim_x(pool, "057100000002", "13800000001", "13800000002", &claim), MOCK_OK);
    assert_int_equal(mock_xpool_find(pool, STR("057100000002"))->claims, 1);
    assert_int_equal(mock_xpool_find(pool, STR("057100000002"))->uses, 1);
    mock_claim_release(claim);
    assert_int_equal(mock_xpool_find(pool, STR("057100000002"))->claims, 0);
    mock_xpool_reset(pool);
    assert_numbers(pool, "700000000000001 700000000000002 ");
    mock_xpool_destroy(pool);
}

static void refuses_numbers_that_are_none(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 1);
    struct fault fault;
    static const char *const bad[] = {"",          "12", "+8657100000002",
                                      "0571 0000", "x",  "1234567890123456789012345"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(mock_xpool_add(pool, str_of(bad[i]), &fault), ERR_INVALID);
    assert_int_equal(mock_xpool_add(pool, str_of(X1), &fault), ERR_EXISTS);
    for (int i = 1; i < MOCK_X_NUMBERS_MAX; i++) {
        char number[24];
        snprintf(number, sizeof(number), "700%012d", 500000 + i);
        assert_int_equal(mock_xpool_add(pool, str_of(number), &fault), OK);
    }
    assert_int_equal(mock_xpool_add(pool, str_of(X2), &fault), ERR_EXHAUSTED);
    mock_xpool_destroy(pool);
}

static void passes_over_a_blocked_number(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 3);
    struct mock_claim *first, *second;
    struct fault fault;
    assert_int_equal(mock_xpool_set_blocked(pool, str_of(X1), true, &fault), OK);
    assert_int_equal(mock_xpool_set_blocked(pool, STR("700000000000009"), true, &fault),
                     ERR_NOT_FOUND);
    assert_numbers(pool, "700000000000001! 700000000000002 ");
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000002", &first),
                     MOCK_NUMBER_NOT_FOUND);
    assert_int_equal(claim_x(pool, "", "13800000001", "13800000002", &first), MOCK_OK);
    assert_true(stands_on(first, X2));
    assert_int_equal(claim_x(pool, "", "13800000001", "13800000003", &second),
                     MOCK_NUMBERS_EXHAUSTED);
    assert_int_equal(mock_xpool_set_blocked(pool, str_of(X1), false, &fault), OK);
    assert_int_equal(claim_x(pool, "", "13800000001", "13800000003", &second), MOCK_OK);
    /* Who stands on a number that is blocked now stays there. */
    assert_int_equal(mock_xpool_set_blocked(pool, str_of(X1), true, &fault), OK);
    assert_true(stands_on(second, X1));
    mock_claim_release(second);
    mock_claim_release(first);
    mock_xpool_destroy(pool);
}

static void lets_a_removed_number_go_with_its_last_claim(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 3);
    struct mock_claim *old, *new;
    struct fault fault;
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000002", &old), MOCK_OK);
    assert_int_equal(mock_xpool_remove(pool, str_of(X1), &fault), OK);
    assert_true(stands_on(old, X1));
    /* The same digits, bought again, are another number. */
    assert_int_equal(mock_xpool_add(pool, str_of(X1), &fault), OK);
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000002", &new), MOCK_OK);
    mock_claim_release(old);
    mock_claim_release(new);
    mock_xpool_destroy(pool);
}

static void keeps_a_claim_as_long_as_somebody_holds_it(void **state)
{
    (void)state;
    struct mock_xpool *pool = mock_xpool_create(TWO, 3);
    struct mock_claim *claim, *other;
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000002", &claim), MOCK_OK);
    assert_ptr_equal(mock_claim_hold(claim), claim);
    mock_claim_release(claim);
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000002", &other), MOCK_BINDING_EXISTS);
    mock_claim_release(claim);
    assert_int_equal(claim_x(pool, X1, "13800000001", "13800000002", &other), MOCK_OK);
    mock_claim_release(other);
    mock_xpool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_a_user_stand_once_on_an_x_in_either_role),
        cmocka_unit_test(refuses_an_x_that_is_not_its_own),
        cmocka_unit_test(allocates_the_least_recently_used_x_on_which_both_are_free),
        cmocka_unit_test(is_exhausted_when_a_user_stands_on_every_x),
        cmocka_unit_test(is_exhausted_when_it_has_no_number),
        cmocka_unit_test(adds_and_removes_numbers),
        cmocka_unit_test(refuses_numbers_that_are_none),
        cmocka_unit_test(passes_over_a_blocked_number),
        cmocka_unit_test(lets_a_removed_number_go_with_its_last_claim),
        cmocka_unit_test(keeps_a_claim_as_long_as_somebody_holds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
