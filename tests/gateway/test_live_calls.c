#include "tests/test.h"

#include "gateway/live_calls.h"

enum { REST = 1000, LEASE = 100000, GUARD = 5000, TENANT = 7 };

static struct number number(const char *text)
{
    struct number out;
    struct fault fault;
    assert_status(number_parse(str_of(text), STR("86"), &out, &fault), OK);
    return out;
}

static struct live_calls *create(void)
{
    return live_calls_create(&(struct live_calls_options){
        .rest_ms = REST, .lease_ms = LEASE, .unknown_guard_ms = GUARD});
}

static enum status begin(struct live_calls *live, int64_t serial, const char *caller,
                         const char *called, bool needs_x, int64_t now_ms, struct number *x)
{
    struct number a = number(caller), b = number(called);
    struct live_call_request request = {TENANT, serial, &a, &b, needs_x};
    return live_calls_begin(live, &request, now_ms, x);
}

TEST(one_pair_has_one_call_at_a_time)
{
    UNUSED(state);
    struct live_calls *live = create();
    assert_status(begin(live, 1, "13800000001", "13800000002", false, 0, NULL), OK);
    assert_status(begin(live, 2, "+8613800000001", "13800000002", false, 0, NULL), ERR_EXISTS);
    assert_status(begin(live, 3, "13800000002", "13800000001", false, 0, NULL), OK);
    assert_int_equal(live_calls_count(live), 2);
    assert_true(live_calls_end(live, 1, 10, true));
    assert_false(live_calls_end(live, 1, 10, true));
    assert_status(begin(live, 4, "13800000001", "13800000002", false, 10, NULL), OK);
    live_calls_destroy(live);
}

TEST(another_tenant_may_have_the_same_pair)
{
    UNUSED(state);
    struct live_calls *live = create();
    struct number a = number("13800000001"), b = number("13800000002");
    assert_status(live_calls_begin(live, &(struct live_call_request){1, 1, &a, &b, false}, 0, NULL),
                  OK);
    assert_status(live_calls_begin(live, &(struct live_call_request){2, 2, &a, &b, false}, 0, NULL),
                  OK);
    live_calls_destroy(live);
}

TEST(a_call_of_unknown_outcome_guards_its_pair_for_a_while_only)
{
    UNUSED(state);
    struct live_calls *live = create();
    assert_status(begin(live, 1, "13800000001", "13800000002", false, 0, NULL), OK);
    live_calls_set_unknown(live, 1, 100);
    assert_status(begin(live, 2, "13800000001", "13800000002", false, 100 + GUARD - 1, NULL),
                  ERR_EXISTS);
    assert_status(begin(live, 3, "13800000001", "13800000002", false, 100 + GUARD, NULL), OK);
    assert_int_equal(live_calls_count(live), 2); /* the unknown one still waits for its CDR */
    assert_status(begin(live, 4, "13800000001", "13800000002", false, 200 + GUARD, NULL),
                  ERR_EXISTS);
    assert_true(live_calls_end(live, 1, 300 + GUARD, true));
    assert_status(begin(live, 5, "13800000001", "13800000002", false, 300 + GUARD, NULL),
                  ERR_EXISTS);
    live_calls_destroy(live);
}

TEST(x_numbers_are_claimed_and_given_back)
{
    UNUSED(state);
    struct live_calls *live = create();
    struct number xs[2] = {number("057100000001"), number("057100000002")}, x;
    live_calls_set_x_numbers(live, TENANT, xs, NULL, 2);
    assert_status(begin(live, 1, "13800000001", "13800000002", true, 0, &x), OK);
    assert_status(begin(live, 2, "13800000001", "13800000003", true, 0, &x), OK);
    assert_status(begin(live, 3, "13800000001", "13800000004", true, 0, &x), ERR_EXHAUSTED);
    assert_int_equal(live_calls_count(live), 2); /* what got no X is not live */
    assert_true(live_calls_end(live, 1, 10, true));
    assert_status(begin(live, 4, "13800000001", "13800000004", true, 10 + REST - 1, &x),
                  ERR_EXHAUSTED);
    assert_status(begin(live, 5, "13800000001", "13800000004", true, 10 + REST, &x), OK);
    assert_true(live_calls_end(live, 2, 2000, false)); /* refused: never stood there */
    assert_status(begin(live, 6, "13800000001", "13800000005", true, 2000, &x), OK);
    live_calls_destroy(live);
}

TEST(claims_and_guards_survive_a_restart)
{
    UNUSED(state);
    struct live_calls *live = create();
    struct number xs[2] = {number("057100000001"), number("057100000002")}, x;
    struct number a = number("13800000001"), b = number("13800000002"), c = number("13800000003");
    struct call_record accepted = {
        .serial = 1, .tenant_id = TENANT, .outcome = CALL_OUTCOME_ACCEPTED, .created_ms = 0};
    struct call_record unknown = {
        .serial = 2, .tenant_id = TENANT, .outcome = CALL_OUTCOME_NONE, .created_ms = 0};
    live_calls_set_x_numbers(live, TENANT, xs, NULL, 2);
    assert_status(live_calls_restore(live, &accepted, &a, &b, &xs[0]), OK);
    assert_status(live_calls_restore(live, &unknown, &a, &c, &xs[1]), OK);
    assert_status(begin(live, 3, "13800000001", "13800000009", true, 0, &x), ERR_EXHAUSTED);
    assert_status(begin(live, 4, "13800000001", "13800000002", false, GUARD, NULL), ERR_EXISTS);
    assert_status(begin(live, 5, "13800000001", "13800000003", false, GUARD - 1, NULL), ERR_EXISTS);
    assert_status(begin(live, 6, "13800000001", "13800000003", false, GUARD, NULL), OK);
    live_calls_destroy(live);
}

TEST(rests_survive_a_restart)
{
    UNUSED(state);
    struct live_calls *live = create();
    struct number xs[2] = {number("057100000001"), number("057100000002")}, x;
    struct number a = number("13800000001"), b = number("13800000002"), c = number("13800000003");
    struct call_record ended = {.serial = 1, .tenant_id = TENANT, .ended_ms = 500};
    struct call_record going_on = {
        .serial = 2, .tenant_id = TENANT, .outcome = CALL_OUTCOME_ACCEPTED, .created_ms = 100};
    live_calls_set_x_numbers(live, TENANT, xs, NULL, 2);
    assert_status(live_calls_restore(live, &going_on, &a, &c, &xs[1]), OK);
    live_calls_restore_rest(live, &ended, &a, &b, &xs[0]);
    assert_int_equal(live_calls_count(live), 1);
    assert_status(begin(live, 3, "13800000001", "13800000009", true, 500 + REST - 1, &x),
                  ERR_EXHAUSTED);
    assert_status(begin(live, 4, "13800000001", "13800000009", true, 500 + REST, &x), OK);
    assert_string_equal(x.text, "057100000001");
    live_calls_destroy(live);
}

TEST(an_x_that_is_held_gets_no_call)
{
    UNUSED(state);
    struct live_calls *live = create();
    struct number xs[1] = {number("057100000001")}, x;
    live_calls_set_x_numbers(live, TENANT, xs, NULL, 1);
    live_calls_hold_x(live, TENANT, &xs[0], 1000);
    assert_status(begin(live, 1, "13800000001", "13800000009", true, 999, &x), ERR_EXHAUSTED);
    assert_status(begin(live, 2, "13800000001", "13800000009", false, 999, NULL), OK);
    assert_status(begin(live, 3, "13800000002", "13800000008", true, 1000, &x), OK);
    live_calls_destroy(live);
}

TEST(an_overdue_call_keeps_its_x_until_its_end_is_stored)
{
    UNUSED(state);
    struct live_calls *live = create();
    struct number xs[1] = {number("057100000001")}, x;
    int64_t tenant, serial;
    live_calls_set_x_numbers(live, TENANT, xs, NULL, 1);
    assert_status(begin(live, 1, "13800000001", "13800000002", true, 0, &x), OK);
    assert_true(live_calls_overdue(live, LEASE + 1, &tenant, &serial));
    assert_status(begin(live, 2, "13800000001", "13800000003", true, LEASE + 1, &x), ERR_EXHAUSTED);
    assert_true(live_calls_end(live, 1, LEASE + 2, true));
    assert_status(begin(live, 3, "13800000001", "13800000003", true, LEASE + 2, &x), OK);
    live_calls_destroy(live);
}

TEST(a_clock_that_steps_back_keeps_no_later_call_waiting)
{
    UNUSED(state);
    struct live_calls *live = create();
    int64_t tenant, serial;
    assert_status(begin(live, 1, "13800000001", "13800000002", false, 9000000, NULL), OK);
    assert_status(begin(live, 2, "13800000003", "13800000004", false, 0, NULL), OK);
    assert_status(begin(live, 3, "13800000005", "13800000006", false, 10, NULL), OK);
    assert_true(live_calls_overdue(live, LEASE, &tenant, &serial));
    assert_int_equal(serial, 2);
    live_calls_postpone(live, 2, 2 * LEASE);
    assert_true(live_calls_overdue(live, LEASE + 10, &tenant, &serial));
    assert_int_equal(serial, 3);
    live_calls_destroy(live);
}

TEST(overdue_calls_come_oldest_first_and_can_be_postponed)
{
    UNUSED(state);
    struct live_calls *live = create();
    int64_t tenant, serial;
    assert_status(begin(live, 1, "13800000001", "13800000002", false, 0, NULL), OK);
    assert_status(begin(live, 2, "13800000001", "13800000003", false, 10, NULL), OK);
    assert_false(live_calls_overdue(live, LEASE - 1, &tenant, &serial));
    assert_true(live_calls_overdue(live, LEASE, &tenant, &serial));
    assert_int_equal(serial, 1);
    assert_int_equal(tenant, TENANT);
    live_calls_postpone(live, 1, 2 * LEASE);
    assert_false(live_calls_overdue(live, LEASE, &tenant, &serial));
    assert_true(live_calls_overdue(live, LEASE + 10, &tenant, &serial));
    assert_int_equal(serial, 2);
    live_calls_destroy(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_pair_has_one_call_at_a_time),
        cmocka_unit_test(another_tenant_may_have_the_same_pair),
        cmocka_unit_test(a_call_of_unknown_outcome_guards_its_pair_for_a_while_only),
        cmocka_unit_test(x_numbers_are_claimed_and_given_back),
        cmocka_unit_test(claims_and_guards_survive_a_restart),
        cmocka_unit_test(rests_survive_a_restart),
        cmocka_unit_test(an_x_that_is_held_gets_no_call),
        cmocka_unit_test(an_overdue_call_keeps_its_x_until_its_end_is_stored),
        cmocka_unit_test(overdue_calls_come_oldest_first_and_can_be_postponed),
        cmocka_unit_test(a_clock_that_steps_back_keeps_no_later_call_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
