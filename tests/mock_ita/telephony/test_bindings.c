#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/mem.h"
#include "mock_ita/telephony/bindings.h"

#define NOW_MS INT64_C(1893553445000)

static char X1[] = "700000000000001", X2[] = "700000000000002";
static char *const X_NUMBERS[] = {X1, X2};

static struct mock_xpool *pool;
static struct mock_policy *policy;
static struct mock_bindings *bindings;

static void create(size_t kept_max)
{
    pool = mock_xpool_create(X_NUMBERS, COUNT_OF(X_NUMBERS));
    policy = mock_policy_create();
    bindings = mock_bindings_create(&(struct mock_bindings_options){
        .pool = pool, .policy = policy, .kept_max = kept_max, .run = 0xfa4e0001});
}

static int set_up(void **state)
{
    (void)state;
    create(10);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_bindings_destroy(bindings);
    mock_xpool_destroy(pool); /* which finds out whether every claim was released */
    mock_policy_destroy(policy);
    return 0;
}

static enum mock_code try_bind(const char *request_id, const char *tel_x, const char *tel_a,
                               const char *tel_b, int64_t expiration_s,
                               const struct mock_binding **out)
{
    struct mock_binding_order order = {
        .access_key = STR("FAKEAK0001"),
        .request_id = str_of(request_id),
        .tel_a = str_of(tel_a),
        .tel_b = str_of(tel_b),
        .tel_x = str_of(tel_x),
        .remark = STR("demo:7"),
        .expiration_s = expiration_s,
        .is_recorded = true,
    };
    return mock_bindings_bind(bindings, &order, NOW_MS, out);
}

static const struct mock_binding *bind(const char *tel_x, const char *tel_a, const char *tel_b,
                                       int64_t expiration_s)
{
    const struct mock_binding *binding;
    assert_int_equal(try_bind("", tel_x, tel_a, tel_b, expiration_s, &binding), MOCK_OK);
    return binding;
}

static enum mock_code unbind(const struct mock_binding *binding, const char *tel_x)
{
    return mock_bindings_unbind(bindings, binding->sub_id, str_of(tel_x), NOW_MS + 1);
}

static void binds_and_unbinds(void **state)
{
    (void)state;
    const struct mock_binding *binding = bind(X1, "13800000001", "13800000002", 0);
    assert_int_equal(binding->state, MOCK_BINDING_BOUND);
    assert_true(str_is(binding->sub_id, STR("bind-fa4e0001-0000000001")));
    assert_true(str_is(binding->tel_x, STR("700000000000001")));
    assert_true(str_is(binding->access_key, STR("FAKEAK0001")));
    assert_true(str_is(binding->remark, STR("demo:7")));
    assert_true(binding->expires_ms == INT64_MAX);
    assert_int_equal(mock_bindings_bound(bindings), 1);
    assert_int_equal(unbind(binding, X1), MOCK_OK);
    assert_int_equal(binding->state, MOCK_BINDING_UNBOUND);
    assert_int_equal(binding->ended_ms, NOW_MS + 1);
    assert_int_equal(mock_bindings_bound(bindings), 0);
    assert_int_equal(mock_xpool_first(pool)->claims, 0);
}

static void refuses_a_user_who_stands_on_the_x(void **state)
{
    (void)state;
    const struct mock_binding *second;
    bind(X1, "13800000001", "13800000002", 0);
    assert_int_equal(try_bind("", X1, "13800000002", "13800000003", 0, &second),
                     MOCK_BINDING_EXISTS);
    assert_int_equal(try_bind("", X1, "13800000001", "13800000002", 0, &second),
                     MOCK_BINDING_EXISTS);
    assert_int_equal(try_bind("", "700000000000009", "13800000003", "13800000004", 0, &second),
                     MOCK_NUMBER_NOT_FOUND);
    assert_true(str_is(bind("", "13800000001", "13800000003", 0)->tel_x, str_of(X2)));
    assert_int_equal(try_bind("", "", "13800000001", "13800000004", 0, &second),
                     MOCK_NUMBERS_EXHAUSTED);
    assert_int_equal(mock_bindings_last(bindings), 2);
}

static void refuses_forbidden_numbers(void **state)
{
    (void)state;
    struct fault fault;
    const struct mock_binding *binding;
    assert_int_equal(mock_policy_forbid(policy, MOCK_FORBIDDEN_CALLEE, STR("139*"), &fault), OK);
    assert_int_equal(try_bind("", X1, "13800000001", "13900000001", 0, &binding),
                     MOCK_CALLEE_FORBID);
    assert_int_equal(mock_xpool_first(pool)->claims, 0);
}

static void unbinds_only_what_is_bound_there(void **state)
{
    (void)state;
    const struct mock_binding *binding = bind(X1, "13800000001", "13800000002", 0);
    static const char *const strangers[] = {"", "bind-fa4e0001-0000000002",
                                            "bind-fa4e0002-0000000001", "bind-fa4e0001-000000000x",
                                            "mock-fa4e0001-0000000001"};
    for (size_t i = 0; i < COUNT_OF(strangers); i++)
        assert_int_equal(mock_bindings_unbind(bindings, str_of(strangers[i]), str_of(X1), NOW_MS),
                         MOCK_BINDING_NOT_EXISTS);
    assert_int_equal(unbind(binding, X2), MOCK_BINDING_INCONSISTENT);
    assert_int_equal(unbind(binding, ""), MOCK_BINDING_INCONSISTENT);
    assert_int_equal(binding->state, MOCK_BINDING_BOUND);
    assert_int_equal(unbind(binding, X1), MOCK_OK);
    assert_int_equal(unbind(binding, X1), MOCK_BINDING_NOT_EXISTS);
}

static void expires_in_order_and_frees_the_x(void **state)
{
    (void)state;
    const struct mock_binding *later = bind(X1, "13800000001", "13800000002", 60);
    const struct mock_binding *sooner = bind(X1, "13800000003", "13800000004", 30);
    const struct mock_binding *never = bind(X1, "13800000005", "13800000006", 0);
    assert_true(mock_bindings_due_ms(bindings) == NOW_MS + 30000);
    assert_null(mock_bindings_expire(bindings, NOW_MS + 29999));
    assert_ptr_equal(mock_bindings_expire(bindings, NOW_MS + 30000), sooner);
    assert_null(mock_bindings_expire(bindings, NOW_MS + 30000));
    assert_int_equal(sooner->state, MOCK_BINDING_EXPIRED);
    assert_ptr_equal(mock_bindings_expire(bindings, NOW_MS + 90000), later);
    assert_true(later->ended_ms == NOW_MS + 60000);
    assert_true(mock_bindings_due_ms(bindings) == INT64_MAX);
    assert_int_equal(never->state, MOCK_BINDING_BOUND);
    assert_int_equal(unbind(sooner, X1), MOCK_BINDING_NOT_EXISTS);
    bind(X1, "13800000001", "13800000003", MOCK_EXPIRATION_MAX_S);
}

static void no_longer_expires_once_unbound(void **state)
{
    (void)state;
    const struct mock_binding *binding = bind(X1, "13800000001", "13800000002", 60);
    assert_int_equal(unbind(binding, X1), MOCK_OK);
    assert_null(mock_bindings_expire(bindings, NOW_MS + 60000));
    assert_int_equal(binding->state, MOCK_BINDING_UNBOUND);
}

static void finds_a_binding_by_its_ids(void **state)
{
    (void)state;
    const struct mock_binding *first, *second = bind("", "13800000003", "13800000004", 0);
    assert_int_equal(try_bind("r-1", "", "13800000001", "13800000002", 0, &first), MOCK_OK);
    assert_ptr_equal(mock_bindings_find(bindings, second->sub_id), second);
    assert_ptr_equal(mock_bindings_of_request(bindings, STR("r-1")), first);
    assert_null(mock_bindings_of_request(bindings, STR("")));
    assert_null(mock_bindings_of_request(bindings, STR("r-2")));
    assert_ptr_equal(mock_bindings_of_number(bindings, 2), first);
    assert_null(mock_bindings_of_number(bindings, 3));
    mock_bindings_note_recording(bindings, first->sub_id, 42);
    mock_bindings_note_recording(bindings, STR("bind-fa4e0001-0000000009"), 43);
    assert_int_equal(first->recorded_call, 42);
}

static void forgets_the_oldest_that_has_ended_only(void **state)
{
    (void)state;
    tear_down(NULL);
    create(2);
    const struct mock_binding *first = bind("", "13800000001", "13800000002", 0), *third;
    const struct mock_binding *second = bind("", "13800000003", "13800000004", 0);
    assert_int_equal(unbind(second, X2), MOCK_OK);
    assert_int_equal(try_bind("", "", "13800000005", "13800000006", 0, &third),
                     MOCK_TOO_MANY_REQUESTS);
    assert_int_equal(unbind(first, X1), MOCK_OK);
    assert_int_equal(try_bind("r-3", "", "13800000005", "13800000006", 0, &third), MOCK_OK);
    assert_int_equal(mock_bindings_first(bindings), 2);
    assert_int_equal(mock_bindings_last(bindings), 3);
    mock_bindings_reset(bindings);
    assert_true(mock_bindings_last(bindings) < mock_bindings_first(bindings));
    assert_null(mock_bindings_of_request(bindings, STR("r-3")));
    assert_int_equal(mock_bindings_bound(bindings), 0);
    assert_int_equal(bind("", "13800000005", "13800000006", 0)->number, 4);
    mock_bindings_destroy(NULL);
}

static void has_a_text_for_every_state(void **state)
{
    (void)state;
    assert_string_equal(mock_binding_state_text(MOCK_BINDING_BOUND), "bound");
    assert_string_equal(mock_binding_state_text(MOCK_BINDING_EXPIRED), "expired");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(binds_and_unbinds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_user_who_stands_on_the_x, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_forbidden_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unbinds_only_what_is_bound_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(expires_in_order_and_frees_the_x, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_longer_expires_once_unbound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_a_binding_by_its_ids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgets_the_oldest_that_has_ended_only, set_up, tear_down),
        cmocka_unit_test(has_a_text_for_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
