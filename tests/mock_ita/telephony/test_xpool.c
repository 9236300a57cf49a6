#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_a_user_stand_once_on_an_x_in_either_role),
        cmocka_unit_test(refuses_an_x_that_is_not_its_own),
        cmocka_unit_test(allocates_the_least_recently_used_x_on_which_both_are_free),
        cmocka_unit_test(is_exhausted_when_a_user_stands_on_every_x),
        cmocka_unit_test(is_exhausted_when_it_has_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
